"""OIDC RP-Initiated Logout §2 — whom the hints mean, and which are believed."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from authserver import registrar
from tests.browser import Page
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tokens import jws, keys, ring

pytestmark = pytest.mark.spec("OIDC RP-Initiated Logout §2")

HOME = "https://app.example/bye"


@pytest.fixture
def app(enrol: Enrol) -> RelyingParty:
    return enrol(post_logout_redirect_uris=[HOME])


def asks(answer: Response) -> bool:
    return answer.status_code == 200 and Page(answer).form_with("sign_out") is not None


def is_signed_in(app: RelyingParty) -> bool:
    return bool(app.ask(prompt="none").parameters.get("code"))


def leave(app: RelyingParty, hint: str, **more: Any) -> Response:
    return app.end_session(id_token_hint=hint, post_logout_redirect_uri=HOME, **more)


def refused(answer: Response) -> bool:
    return answer.status_code == 400 and not answer.location and bool(Page(answer).heading)


@pytest.mark.parametrize("alg", jws.ALGORITHMS)
def test_a_hint_under_any_algorithm_of_ours_is_good(enrol: Enrol, alg: str) -> None:
    app = enrol(id_token_signed_response_alg=alg, post_logout_redirect_uris=[HOME])
    hint = app.tokens()["id_token"]
    assert jwt.get_unverified_header(hint)["alg"] == alg
    assert leave(app, hint).location == HOME
    assert not is_signed_in(app)


def test_a_hint_by_a_retired_key_is_good(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    keys.rotate("RS256", at_once=True)
    ring.forget()
    assert leave(app, hint).location == HOME
    assert not is_signed_in(app)


def test_a_hint_by_a_disowned_key_is_refused(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    keys.retire(jwt.get_unverified_header(hint)["kid"], compromised=True)
    ring.forget()
    assert refused(leave(app, hint))
    assert is_signed_in(app)


def test_a_pairwise_client_hints_in_its_own_terms(enrol: Enrol) -> None:
    app = enrol(subject_type="pairwise", post_logout_redirect_uris=[HOME])
    assert leave(app, app.tokens()["id_token"]).location == HOME
    assert not is_signed_in(app)


def test_an_earlier_session_of_a_pairwise_client_asks(enrol: Enrol, someone: Person) -> None:
    app = enrol(subject_type="pairwise", post_logout_redirect_uris=[HOME])
    hint = app.tokens()["id_token"]
    someone.sign_out()
    app.tokens()
    assert asks(leave(app, hint))
    assert is_signed_in(app)


def altered(hint: str, key: Any, alg: str, **changes: Any) -> str:
    head, claims = jwt.get_unverified_header(hint), jws.unverified_claims(hint)
    return jwt.encode(
        claims | changes, key, algorithm=alg, headers={"kid": head["kid"], "typ": "JWT"}
    )


def unsigned(hint: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{hint.split('.')[1]}."


FORGED: dict[str, Callable[[str], str]] = {
    "unsigned": unsigned,
    "another's key": lambda hint: altered(hint, ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "a secret": lambda hint: altered(hint, "s" * 32, "HS256"),
    "no signature": lambda hint: hint.rpartition(".")[0] + ".",
    "two signatures": lambda hint: f"{hint}.{hint.rpartition('.')[2]}",
    "five parts": lambda hint: f"{hint}..",
    "another payload": lambda hint: ".".join(
        [hint.split(".")[0], hint.split(".")[1][::-1], hint.split(".")[2]]
    ),
    "not ASCII": lambda hint: f"{hint}é",
    "very long": lambda hint: f"{hint}{'A' * 5000}",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_hint_is_shown_and_changes_nothing(app: RelyingParty, how: str) -> None:
    answer = leave(app, FORGED[how](app.tokens()["id_token"]))
    assert 400 <= answer.status_code < 500
    assert not answer.location
    assert HOME not in answer.text
    assert is_signed_in(app)


@pytest.mark.parametrize("by", ["e-mail", "e-mail in capitals", "sub", "sid"])
def test_a_logout_hint_for_the_same_person_agrees(
    app: RelyingParty, someone: Person, by: str
) -> None:
    hint = app.tokens()["id_token"]
    named = {
        "e-mail": someone.email,
        "e-mail in capitals": someone.email.upper(),
        "sub": someone.subject,
        "sid": app.claims(hint)["sid"],
    }
    assert leave(app, hint, logout_hint=named[by]).location == HOME
    assert not is_signed_in(app)


@pytest.mark.parametrize("by", ["another", "nobody", "nonsense"])
def test_a_logout_hint_for_somebody_else_asks(
    app: RelyingParty, someone: Person, somebody_else: Person, by: str
) -> None:
    hint = app.tokens()["id_token"]
    named = {"another": somebody_else.email, "nobody": "x@example.com", "nonsense": "\u202e<b>"}
    answer = leave(app, hint, logout_hint=named[by])
    assert asks(answer)
    assert is_signed_in(app)
    assert someone.email in answer.text
    assert "<b>" not in answer.text
    assert someone.decide(answer, "sign_out").location == HOME
    assert not is_signed_in(app)


def test_a_logout_hint_alone_asks(app: RelyingParty, someone: Person) -> None:
    app.tokens()
    assert asks(app.end_session(logout_hint=someone.email))
    assert is_signed_in(app)


@pytest.mark.parametrize(
    "name",
    ["id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state"],
)
def test_what_is_sent_twice_is_refused(app: RelyingParty, name: str) -> None:
    hint = app.tokens()["id_token"]
    once = {"id_token_hint": hint, "client_id": app.client_id, "post_logout_redirect_uri": HOME}
    twice = [str(once.get(name, "x"))] * 2
    assert refused(app.end_session(**{**once, name: twice}))
    assert is_signed_in(app)


@pytest.mark.parametrize("name", ["id_token_hint", "logout_hint", "client_id", "state"])
@pytest.mark.parametrize("value", ["\0", "a\nb", "x" * 9000], ids=["NUL", "newline", "huge"])
def test_what_nobody_sends_is_no_fault_of_ours(app: RelyingParty, name: str, value: str) -> None:
    hint = app.tokens()["id_token"]
    answer = app.end_session(
        **{"id_token_hint": hint, "post_logout_redirect_uri": HOME, name: value}
    )
    assert answer.status_code in {303, 200, 400, 414}
    if answer.location:
        assert answer.location.startswith(HOME)
        assert "\n" not in answer.location


def test_the_page_keeps_what_was_asked(app: RelyingParty) -> None:
    app.tokens()
    form = Page(
        app.end_session(
            client_id=app.client_id,
            post_logout_redirect_uri=HOME,
            state='"><script>',
            ui_locales="de fr",
            logout_hint="someone",
            unknown="x",
        )
    ).form_with("sign_out")
    assert form
    kept = {name: form.fields.get(name) for name in ("state", "ui_locales", "logout_hint")}
    assert kept == {"state": '"><script>', "ui_locales": "de fr", "logout_hint": "someone"}
    assert "unknown" not in form.fields


@pytest.mark.parametrize(("wanted", "spoken"), [("de", "de"), ("xx de-CH en", "de"), ("xx", "en")])
def test_ui_locales_choose_the_language(app: RelyingParty, wanted: str, spoken: str) -> None:
    app.tokens()
    answer = app.end_session(ui_locales=wanted)
    assert asks(answer)
    assert answer.headers["Content-Language"] == spoken
    assert f'lang="{spoken}"' in answer.text


def test_two_tabs_may_both_ask(app: RelyingParty, someone: Person) -> None:
    app.tokens()
    first, second = (
        app.end_session(client_id=app.client_id, post_logout_redirect_uri=HOME) for _ in range(2)
    )
    assert someone.decide(first, "sign_out").location == HOME
    assert someone.decide(second, "sign_out").location == HOME, "nothing is left to end"


def test_a_hint_of_a_client_that_is_gone_is_refused(app: RelyingParty) -> None:
    hint = app.tokens()["id_token"]
    registrar.remove(app.client_id)
    assert refused(leave(app, hint))


def test_an_address_of_another_client_is_refused(app: RelyingParty, other_rp: RelyingParty) -> None:
    hint = other_rp.tokens()["id_token"]
    assert refused(leave(other_rp, hint))
    assert refused(other_rp.end_session(client_id=app.client_id, id_token_hint=hint))


def test_a_post_from_another_site_is_not_mistaken_for_a_decision(
    app: RelyingParty, someone: Person
) -> None:
    app.tokens()
    form = {"client_id": app.client_id, "post_logout_redirect_uri": HOME, "decision": "sign_out"}
    answer = someone.browser.send(
        "POST", app.address("end_session"), form, origin="https://evil.example"
    )
    answer = someone.browser.follow(answer)
    assert asks(answer)
    assert is_signed_in(app)


def test_a_post_too_long_to_be_repeated_claims_nothing(app: RelyingParty, someone: Person) -> None:
    hint = app.tokens()["id_token"]
    form = {
        "id_token_hint": hint,
        "post_logout_redirect_uri": HOME,
        **{f"x{n}": "x" * 2000 for n in range(9)},
    }
    answer = someone.browser.send(
        "POST", app.address("end_session"), form, origin="https://app.example"
    )
    assert (answer.status_code, answer.location) == (413, "")
    assert is_signed_in(app)
    assert someone.browser.send("POST", app.address("end_session"), form).status_code == 303
