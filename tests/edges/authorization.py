"""The authorization endpoint, where Authlib leaves something to be done."""

from tests.edges.world import PUBLIC, World
from tests.parties import CALLBACK
from tests.rp import Arrival, challenge_of

VERIFIER = "v" * 43


def _is_refused(arrival: Arrival, error: str = "invalid_request") -> None:
    assert arrival.error == error, (arrival.response.status_code, arrival.pairs)


def quotes_in_a_redirect_uri(here: World) -> None:
    rp = here.enrol()
    for uri in (f'{CALLBACK}"', f"{CALLBACK}\\", f"{CALLBACK}é"):
        assert rp.ask(redirect_uri=uri).response.status_code == 400, uri


def quotes_in_a_response_type(here: World) -> None:
    rp = here.enrol()
    for kind in ('"', "\\"):
        _is_refused(rp.ask(response_type=kind), "unsupported_response_type")
    _is_refused(rp.ask(response_type="é"))


def what_was_sent_in_the_description(here: World) -> None:
    arrival = here.enrol().ask(response_type="tokenish")
    assert "tokenish" not in arrival.parameters["error_description"]


def a_nonce_sent_twice(here: World) -> None:
    _is_refused(here.enrol().ask(nonce=["a", "b"]))


def a_prompt_sent_twice(here: World) -> None:
    _is_refused(here.enrol().ask(prompt=["login", "none"]))


def a_post_with_a_query(here: World) -> None:
    """Query and body are two requests; together they are nobody's."""
    rp = here.enrol()
    asked = rp.asking(client_id=None)
    url = f"{rp.address('authorization')}?client_id={rp.client_id}"
    assert here.ada.browser.send("POST", url, asked.parameters).status_code == 400


def the_issuer_on_errors(here: World) -> None:
    rp = here.enrol()
    for changes in ({"response_type": "token"}, {"scope": "nobody:knows"}):
        arrival = rp.authorize(None, "allow", **changes)
        assert arrival.error
        assert arrival.parameters.get("iss") == rp.issuer


def the_issuer_on_success(here: World) -> None:
    rp = here.enrol()
    assert rp.authorize().parameters.get("iss") == rp.issuer


def a_response_mode_nobody_knows(here: World) -> None:
    _is_refused(here.enrol().authorize(response_mode="junk"))


def form_post_with_special_characters(here: World) -> None:
    state = "a&b=\"c\" <d> 'é' %41 +"
    arrival = here.enrol().authorize(response_mode="form_post", state=state)
    assert (arrival.mode, arrival.parameters["state"]) == ("form_post", state)


def a_prompt_nobody_knows(here: World) -> None:
    _is_refused(here.enrol().authorize(prompt="bogus"))


def a_request_object(here: World) -> None:
    _is_refused(here.enrol().authorize(request="a.b.c"), "invalid_request_object")


def a_request_by_reference(here: World) -> None:
    asked = here.enrol().authorize(request_uri="https://app.example/r")
    _is_refused(asked, "invalid_request_uri")


def max_age_that_is_no_number(here: World) -> None:
    _is_refused(here.enrol().authorize(max_age="soon"))


def the_query_of_a_redirect_uri(here: World) -> None:
    uri = f"{CALLBACK}?x=b%20c;d"
    arrival = here.enrol(redirect_uris=[uri]).authorize()
    assert arrival.response.location.startswith(f"{uri}&")


def a_code_that_may_be_cached(here: World) -> None:
    response = here.enrol().authorize().response
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def a_redirect_after_a_post(here: World) -> None:
    assert here.enrol().authorize().response.status_code == 303


def no_challenge(here: World) -> None:
    """Of a public client and of a confidential one, and at once, not when the code is redeemed."""
    for rp in (here.enrol(**PUBLIC), here.enrol()):
        _is_refused(rp.authorize(code_challenge=None, code_challenge_method=None))


def a_plain_challenge(here: World) -> None:
    _is_refused(here.enrol().authorize(code_challenge=VERIFIER, code_challenge_method="plain"))


def a_challenge_without_method(here: World) -> None:
    """Without a method it would be plain."""
    _is_refused(here.enrol().authorize(code_challenge=VERIFIER, code_challenge_method=None))


def a_challenge_with_a_line_break(here: World) -> None:
    _is_refused(here.enrol().authorize(code_challenge=f"{challenge_of(VERIFIER)}\n"))


def a_scope_nobody_may_ask_for(here: World) -> None:
    """Asked for in vain is said, not silently left out."""
    _is_refused(here.enrol(scope="openid").authorize(scope="openid email"), "invalid_scope")


EDGES = (
    quotes_in_a_redirect_uri,
    quotes_in_a_response_type,
    what_was_sent_in_the_description,
    a_nonce_sent_twice,
    a_prompt_sent_twice,
    a_post_with_a_query,
    the_issuer_on_errors,
    the_issuer_on_success,
    a_response_mode_nobody_knows,
    form_post_with_special_characters,
    a_prompt_nobody_knows,
    a_request_object,
    a_request_by_reference,
    max_age_that_is_no_number,
    the_query_of_a_redirect_uri,
    a_code_that_may_be_cached,
    a_redirect_after_a_post,
    no_challenge,
    a_plain_challenge,
    a_challenge_without_method,
    a_challenge_with_a_line_break,
    a_scope_nobody_may_ask_for,
)
