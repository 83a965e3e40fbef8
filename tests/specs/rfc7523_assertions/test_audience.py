"""RFC 7523 §3 (3) — the audience of an assertion: the issuer, and what an operator may allow."""

from typing import Any

import pytest

from tests import jose
from tests.credentials import ASSERTION, statement
from tests.doors import Response
from tests.parties import MACHINE, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 7523 §3 (3)")

AUDIENCES: dict[str, list[Any]] = {
    "taken always": ["ISSUER"],
    "taken where allowed": ["TOKEN", ["TOKEN"], ["ISSUER"], ["ISSUER", "TOKEN"]],
    "never taken": [
        "https://other.example/oauth2/token",
        "TOKEN/",
        "REVOCATION",
        ["TOKEN", "https://other.example"],
        [],
        {},
        None,
        5,
        [["TOKEN"]],
    ],
}


def _allowed(enrol: Enrol, key: jose.Key, *, is_let_off: bool) -> RelyingParty:
    return enrol(
        **MACHINE,
        token_endpoint_auth_method="private_key_jwt",
        jwks=jose.jwks_of({"k": key}),
        danger_token_endpoint_audience=is_let_off,
    )


def _ask(app: RelyingParty, key: jose.Key, audience: Any) -> Response:
    known = {
        "ISSUER": app.issuer,
        "TOKEN": app.address("token"),
        "TOKEN/": f"{app.address('token')}/",
        "REVOCATION": app.address("revocation"),
    }
    named = [known.get(each, each) if isinstance(each, str) else each for each in _listed(audience)]
    value = named if isinstance(audience, list) else named[0]
    text = jose.signed(statement(app.client_id, app.issuer, aud=value), key, "ES256", kid="k")
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": text,
    }
    return app.door.post(app.address("token"), form)


def _listed(audience: Any) -> list[Any]:
    return audience if isinstance(audience, list) else [audience]


@pytest.mark.parametrize("is_let_off", [False, True], ids=["usual", "let off"])
def test_who_is_let_off_may_name_the_token_endpoint(enrol: Enrol, is_let_off: bool) -> None:
    key = jose.private_key("ES256")
    app = _allowed(enrol, key, is_let_off=is_let_off)
    answers = {
        kind: {_ask(app, key, audience).status_code for audience in audiences}
        for kind, audiences in AUDIENCES.items()
    }
    assert answers == {
        "taken always": {200},
        "taken where allowed": {200} if is_let_off else {401},
        "never taken": {401},
    }
