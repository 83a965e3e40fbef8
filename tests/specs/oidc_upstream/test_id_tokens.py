"""OIDC Core §3.1.3.7 — an ID token of somebody else's with one thing wrong signs nobody in."""

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from accounts import people
from accounts.upstream import identities
from accounts.upstream.account import Account
from tests import idp, jose
from tests.browser import Page
from tests.idp import KEY, Idp
from tests.person import Person

pytestmark = pytest.mark.spec("OIDC Core §3.1.3.7")
NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "no nonce": {"nonce": None},
    "another nonce": {"nonce": "x" * 43},
    "a nonce that is a list": {"nonce": ["x"]},
    "another audience": {"aud": "evil"},
    "two audiences": {"aud": ["our client", "evil"]},
    "two audiences and azp": {"aud": ["our client", "evil"], "azp": "our client"},
    "no audience": {"aud": None},
    "an empty audience": {"aud": []},
    "an audience nested": {"aud": [["our client"]]},
    "another authorized party": {"azp": "evil"},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": NOW - 61},
    "no expiry": {"exp": None},
    "an expiry that is a text": {"exp": str(NOW + 86_400)},
    "an expiry that is true": {"exp": True},
    "no time of issue": {"iat": None},
    "old": {"iat": NOW - 700},
    "from the future": {"iat": NOW + 86_400},
    "not yet good": {"nbf": NOW + 86_400},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 42},
    "a long subject": {"sub": "x" * 256},
    "a subject with NUL": {"sub": "a\x00b"},
    "for another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


def is_refused(newcomer: Person, theirs: Idp) -> bool:
    """Tell whether coming back leads to nothing."""
    page = idp.sign_in(newcomer, theirs)
    assert people.find_by_email(theirs.email) is None
    return (page.status_code, Page(page).heading) == (400, "This did not work")


def test_the_right_one_is_believed(newcomer: Person, theirs: Idp) -> None:
    assert not is_refused(newcomer, theirs)


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_claim_that_is_wrong(newcomer: Person, theirs: Idp, claims: dict[str, Any]) -> None:
    theirs.claims = claims
    assert is_refused(newcomer, theirs)


def test_no_signature(newcomer: Person, theirs: Idp) -> None:
    theirs.alg = "none"
    assert is_refused(newcomer, theirs)


@pytest.mark.parametrize("secret", ["public key", "client secret"])
def test_a_signature_with_what_is_known(newcomer: Person, theirs: Idp, secret: str) -> None:
    pem = KEY.get_op_key("verify").public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    theirs.alg = "HS256"
    theirs.key = pem if secret == "public key" else idp.SECRET.encode()
    assert is_refused(newcomer, theirs)


def test_a_signature_of_somebody_else(newcomer: Person, theirs: Idp) -> None:
    theirs.key = jose.private_key("RS256")
    assert is_refused(newcomer, theirs)


def test_a_key_that_the_token_brings_along(newcomer: Person, theirs: Idp) -> None:
    theirs.key = jose.private_key("RS256")
    theirs.header = {"jwk": jose.public_jwk(theirs.key), "kid": None}
    assert is_refused(newcomer, theirs)


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", 7])
def test_a_token_of_another_type(newcomer: Person, theirs: Idp, typ: object) -> None:
    theirs.header = {"typ": typ}
    assert is_refused(newcomer, theirs)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b"<html>",
        b'{"access_token": "at-1", "token_type": "Bearer"}',
        b'{"access_token": "at-1", "token_type": "Bearer", "id_token": 7}',
        b'{"access_token": "at-1", "token_type": "Bearer", "id_token": "a.b.c"}',
        b'{"access_token": "at-1", "token_type": "mac", "id_token": "a.b.c"}',
        b'{"access_token": "a\\r\\nX: y", "token_type": "Bearer", "id_token": "a.b.c"}',
        b'{"access_token": "at-1", "access_token": "at-2", "token_type": "Bearer"}',
        b'{"error": "invalid_grant"}',
        b"x" * 100_000,
    ],
)
def test_an_answer_that_is_none(newcomer: Person, theirs: Idp, answer: bytes) -> None:
    theirs.answers["/token"] = (200, answer)
    assert is_refused(newcomer, theirs)


@pytest.mark.parametrize(
    "tokens",
    [
        {"token_type": "mac"},
        {"token_type": None},
        {"token_type": ["Bearer"]},
        {"access_token": "at-1\r\nX: y"},
        {"access_token": "at-\u00e9"},
        {"access_token": None},
        {"access_token": 7},
        {"id_token": None},
        {"id_token": 7},
    ],
    ids=str,
)
def test_tokens_that_are_none(newcomer: Person, theirs: Idp, tokens: dict[str, Any]) -> None:
    theirs.tokens, theirs.claims = tokens, {"at_hash": None}
    assert is_refused(newcomer, theirs)


@pytest.mark.spec("OIDC Core §5.3.2")
class TestUserinfo:
    def test_fills_in_what_the_id_token_leaves_out(self, newcomer: Person, theirs: Idp) -> None:
        theirs.userinfo = {"email": theirs.email, "email_verified": True, "name": "Ada"}
        theirs.claims = {"email": None, "email_verified": None}
        assert Page(idp.sign_in(newcomer, theirs)).heading == "Create an account"

    @pytest.mark.parametrize("sub", ["somebody else", None, 7, ""])
    def test_about_somebody_else(self, newcomer: Person, theirs: Idp, sub: object) -> None:
        theirs.userinfo = {"sub": sub, "email": theirs.email, "email_verified": True}
        theirs.claims = {"email": None}
        assert is_refused(newcomer, theirs)

    @pytest.mark.parametrize("answer", [b"", b"[]", b"null", b"{", b'{"sub":1,"sub":2}'])
    def test_that_is_none(self, newcomer: Person, theirs: Idp, answer: bytes) -> None:
        theirs.answers["/userinfo"] = (200, answer)
        theirs.claims = {"email": None}
        assert is_refused(newcomer, theirs)


@pytest.mark.parametrize(
    "email",
    ["not an address", "a@b@c", "x" * 300 + "@example.com", "a\x00@example.com", ["a@b.example"]],
)
def test_what_is_no_address_counts_as_none(newcomer: Person, theirs: Idp, email: object) -> None:
    theirs.claims = {"email": email}
    assert Page(idp.sign_in(newcomer, theirs)).heading == "Are you new here?"


@pytest.mark.parametrize("said", ["true", 1, "yes", None, False, [True]])
def test_only_true_means_that_an_address_is_proven(
    newcomer: Person, theirs: Idp, said: object
) -> None:
    theirs.claims = {"email_verified": said}
    assert Page(idp.sign_in(newcomer, theirs)).heading == "Are you new here?"


@pytest.mark.parametrize("name", ["\x00", "\u202eevil", "\ud800", 7, ["x"], "x" * 5000])
def test_a_name_that_is_none_harms_nobody(newcomer: Person, theirs: Idp, name: object) -> None:
    theirs.claims = {"name": name}
    page = idp.sign_in(newcomer, theirs)
    form = Page(page).form_with("create")
    assert form
    assert len(form.fields["name"]) <= 200
    newcomer.browser.submit(form, "create")
    assert people.find_by_email(theirs.email) is not None


def test_nothing_that_was_issued_rests(newcomer: Person, theirs: Idp) -> None:
    """No token of a provider is kept: there is nowhere to keep one."""
    form = Page(idp.sign_in(newcomer, theirs)).form_with("create")
    assert form
    newcomer.browser.submit(form, "create")
    user = identities.owner(Account(provider_id="theirs", issuer=theirs.origin, sub=theirs.sub))
    assert user is not None
    kept = json.dumps([str(one) for one in identities.of(str(user.pk))])
    assert "at-" not in kept
