"""OIDC RP-Initiated Logout — a client asks to sign its user out."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from tests.browser import Page
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC RP-Initiated Logout §2")

HOME = "https://app.example/bye"


@pytest.fixture
def app(enrol: Enrol) -> RelyingParty:
    """Return a client that has somewhere to go afterwards."""
    return enrol(post_logout_redirect_uris=[HOME, f"{HOME}?x=b%20c"])


def _is_signed_in(app: RelyingParty, person: Person | None = None) -> bool:
    return bool(app.ask(person, prompt="none").parameters.get("code"))


def _asks(answer: Response) -> bool:
    return answer.status_code == 200 and Page(answer).form_with("sign_out") is not None


def test_a_hint_of_this_session_signs_out_at_once(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    answer = app.end_session(id_token_hint=hint, post_logout_redirect_uri=HOME, state="a b&c")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, HOME)
    assert dict(parse_qsl(urlsplit(answer.location).query)) == {"state": "a b&c"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert not _is_signed_in(app)


def test_what_is_bound_to_the_session_ends_with_it(app: RelyingParty) -> None:
    issued = app.tokens(scope="openid")
    kept = app.tokens(scope="openid offline_access")
    app.end_session(id_token_hint=issued["id_token"])
    assert app.refresh(issued["refresh_token"]).status_code == 400
    assert app.userinfo(issued["access_token"]).status_code == 401
    assert app.refresh(kept["refresh_token"]).status_code == 200, "that was for good"


def test_without_an_address_our_own_page_says_so(app: RelyingParty) -> None:
    answer = app.end_session(id_token_hint=app.tokens()["id_token"])
    assert answer.status_code == 200
    assert not answer.location
    assert not _is_signed_in(app)


def test_an_address_keeps_its_own_query_as_it_was_registered(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    uri = f"{HOME}?x=b%20c"
    answer = app.end_session(id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert answer.location == f"{uri}&state=s"


def test_an_expired_hint_of_this_session_is_good(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    with time_machine.travel(app.claims(hint)["exp"] + 60):
        answer = app.end_session(id_token_hint=hint, post_logout_redirect_uri=HOME)
        assert answer.location == HOME
        assert not _is_signed_in(app)


@pytest.mark.parametrize("decision", ["sign_out", "stay"])
def test_without_a_hint_the_person_is_asked(app: RelyingParty, decision: str) -> None:
    assert app.authorize().code
    answer = app.end_session()
    assert _asks(answer)
    assert _is_signed_in(app), "asking is not doing"
    assert app.person
    app.person.decide(answer, decision)
    assert _is_signed_in(app) is (decision == "stay")


def test_a_client_id_alone_asks_and_then_leads_back(app: RelyingParty) -> None:
    assert app.authorize().code
    answer = app.end_session(client_id=app.client_id, post_logout_redirect_uri=HOME, state="s")
    assert _asks(answer)
    assert app.person
    assert app.person.decide(answer, "sign_out").location == f"{HOME}?state=s"
    assert not _is_signed_in(app)


def test_a_hint_of_an_earlier_session_asks(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    assert app.person
    app.person.sign_out()
    assert app.authorize().code
    assert _asks(app.end_session(id_token_hint=hint))
    assert _is_signed_in(app)


def test_a_hint_of_somebody_else_asks(app: RelyingParty, somebody_else: Person) -> None:
    hint = app.tokens(somebody_else)["id_token"]
    assert app.authorize().code
    assert _asks(app.end_session(id_token_hint=hint))
    assert _is_signed_in(app)
    assert _is_signed_in(app, somebody_else)


def _refused(answer: Response) -> None:
    assert answer.status_code == 400, answer.text
    assert not answer.location
    assert Page(answer).heading


BAD_HINTS = {
    "nonsense": "nonsense",
    "unsigned": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ4In0.",
}


@pytest.mark.parametrize("hint", BAD_HINTS)
def test_a_hint_that_is_not_ours_is_refused(app: RelyingParty, hint: str) -> None:
    assert app.authorize().code
    _refused(app.end_session(id_token_hint=BAD_HINTS[hint], post_logout_redirect_uri=HOME))
    assert _is_signed_in(app)


def test_an_access_token_is_no_hint(app: RelyingParty) -> None:
    token = app.tokens()["access_token"]
    _refused(app.end_session(id_token_hint=token))
    assert _is_signed_in(app)


def test_an_altered_hint_is_refused(app: RelyingParty) -> None:
    head, body, mark = app.tokens()["id_token"].split(".")
    _refused(app.end_session(id_token_hint=f"{head}.{body}.{mark[::-1]}"))
    assert _is_signed_in(app)


def test_a_hint_for_another_client_than_named_is_refused(
    app: RelyingParty, other_rp: RelyingParty
) -> None:
    hint = app.tokens()["id_token"]
    _refused(app.end_session(id_token_hint=hint, client_id=other_rp.client_id))
    assert _is_signed_in(app)


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/bye",
        f"{HOME}/",
        f"{HOME}#x",
        f"{HOME}?x=b c",
        "https://app.example/cb",
        "https://app.example@evil.example/bye",
        "javascript:alert(1)",
        "//app.example/bye",
        "/account/",
    ],
)
@pytest.mark.parametrize("known_by", ["hint", "client_id", "nothing"])
def test_an_address_that_is_not_registered_is_a_page_and_never_a_redirect(
    app: RelyingParty, uri: str, known_by: str
) -> None:
    hint = app.tokens()["id_token"]
    named = {
        "id_token_hint": hint if known_by == "hint" else None,
        "client_id": app.client_id if known_by == "client_id" else None,
    }
    _refused(app.end_session(None, post_logout_redirect_uri=uri, **named))
    assert _is_signed_in(app)


def test_an_address_without_a_client_is_refused_even_if_registered(app: RelyingParty) -> None:
    assert app.authorize().code
    _refused(app.end_session(post_logout_redirect_uri=HOME))


def test_an_unknown_client_is_refused(app: RelyingParty) -> None:
    _refused(app.end_session(client_id="nobody", post_logout_redirect_uri=HOME))


def test_it_is_posted_to_as_well(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    assert app.person
    form = {"id_token_hint": hint, "post_logout_redirect_uri": HOME}
    answer = app.person.browser.send("POST", app.address("end_session"), form)
    assert answer.location == HOME
    assert not _is_signed_in(app)


def test_posting_without_a_hint_asks(app: RelyingParty) -> None:
    assert app.authorize().code
    assert app.person
    assert _asks(app.person.browser.send("POST", app.address("end_session"), {}))
    assert _is_signed_in(app)


def test_a_person_who_is_not_signed_in_is_led_back_all_the_same(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    assert app.person
    app.person.sign_out()
    answer = app.end_session(id_token_hint=hint, post_logout_redirect_uri=HOME)
    assert answer.location == HOME


@pytest.mark.spec("RFC 9700 §4.11.2")
@pytest.mark.parametrize("is_own", [True, False], ids=["registered itself", "registered by us"])
def test_an_address_anybody_can_have_registered_is_only_a_link(enrol: Enrol, is_own: bool) -> None:
    app = enrol(is_own=is_own, post_logout_redirect_uris=[HOME])
    answer = app.end_session(client_id=app.client_id, post_logout_redirect_uri=HOME)
    assert (answer.status_code, answer.location) == ((200, "") if is_own else (303, HOME))
    if is_own:
        assert f'href="{HOME}"' in answer.text
        assert "<script" not in answer.text
    hint = app.tokens()["id_token"]
    assert app.person
    app.person.sign_out()
    known = app.end_session(id_token_hint=hint, post_logout_redirect_uri=HOME)
    assert known.location == HOME, "with an ID token of its own it is known"


def test_nobody_else_can_press_the_button(app: RelyingParty) -> None:
    assert app.authorize().code
    assert app.person
    form = Page(app.end_session()).form_with("sign_out")
    assert form
    browser = app.person.browser
    browser.send("POST", form.action, {"decision": "sign_out"})
    assert _is_signed_in(app), "without our token a form is nobody's decision"
