"""RFC 8725 §3.1 — wherever a token of ours is taken, nothing else is: not in any other form."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import import_key

from tests import jose
from tests.doors import Response
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8725 §3.1")

LONG = 414  # what does not even fit into a query


def _says(answer: Response, *statuses: int) -> bool:
    return answer.status_code in statuses


def _is_dead(rp: RelyingParty, text: str) -> bool:
    answer = rp.introspect(text)
    return answer.status_code == 400 or bool(answer.json() == {"active": False})


def _names_nobody(rp: RelyingParty, text: str) -> bool:
    arrival = rp.ask(prompt="none", id_token_hint=text)
    if arrival.response.status_code == LONG:
        return arrival.outcome == "shown"
    return arrival.outcome in {"login_required", "invalid_request"}


SLOTS: dict[str, Callable[[RelyingParty, str], bool]] = {
    "userinfo": lambda rp, text: _says(rp.userinfo(text), 401, 400),
    "introspection": _is_dead,
    "revocation": lambda rp, text: _says(rp.revoke(text), 200, 400),
    "hint to sign in": _names_nobody,
    "hint to sign out": lambda rp, text: _says(rp.end_session(id_token_hint=text), 400, LONG),
}


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _header(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _under(token: str, mark: str | None = None, **changes: Any) -> str:
    """Return a token under another header; a member given as None is left out."""
    _, body, own = token.split(".")
    whole = {name: value for name, value in (_header(token) | changes).items() if value is not None}
    return f"{jose.segment(whole)}.{body}.{own if mark is None else mark}"


def _none(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    for alg in ("none", "None", "NONE", "nOnE", "", None):
        yield from (_under(token, mark, alg=alg) for mark in ("", "AAAA", None))


def _public_as_secret(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    jwk = next(key for key in jwks["keys"] if key["kid"] == _header(token)["kid"])
    bare = {name: value for name, value in jwk.items() if name not in {"alg", "use", "kid"}}
    public: Any = import_key(bare).public_key
    forms = serialization.Encoding, serialization.PublicFormat
    pem = public.public_bytes(forms[0].PEM, forms[1].SubjectPublicKeyInfo)
    der = public.public_bytes(forms[0].DER, forms[1].SubjectPublicKeyInfo)
    secrets = [pem, pem.strip(), b"\n" + pem, pem.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + pem]
    secrets += [
        der,
        json.dumps(jwk).encode(),
        json.dumps(jwks).encode(),
        base64.b64encode(der),
        b"",
    ]
    for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
        for secret in secrets:
            signing = _under(token, "", alg=alg).rpartition(".")[0]
            yield f"{signing}.{_b64(hmac.digest(secret, signing.encode(), digest))}"


def _own_key(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    """Sign with a key that comes along, or lies at an address, or passes for a known one."""
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    typ, kid = _header(token)["typ"], _header(token)["kid"]
    for alg in ("ES256", "RS256", "Ed25519"):
        key = jose.private_key(alg)
        jwk = jose.public_jwk(key)
        yield jose.signed(claims, key, alg, typ=typ, kid=kid)
        yield jose.signed(claims, key, alg, typ=typ, jwk=jwk)
        yield jose.signed(claims, key, alg, typ=typ, jku="http://127.0.0.1:9/jwks.json", kid="x")
        yield jose.signed(claims, key, alg, typ=typ, x5u="http://127.0.0.1:9/x.pem", kid="x")


def _odd_names(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    names = ["../../dev/null", "' OR 1=1--", "\0", "x" * 12_000, {}, [], 5, "http://127.0.0.1:9/"]
    yield from (_under(token, kid=name) for name in names)


def _extensions(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    yield _under(token, crit=["x"], x=1)
    yield _under(token, crit=[])
    yield _under(token, crit=["b64"], b64=False)
    yield _under(token, zip="DEF")


def _other_forms(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    head, body, mark = token.split(".")
    yield json.dumps({"protected": head, "payload": body, "signature": mark})
    yield json.dumps({"payload": body, "signatures": []})
    yield json.dumps({"payload": body, "signatures": [{"protected": head, "signature": mark}]})
    yield from (f"{head}.{body}", f"{token}.", f"{token}.AA.AA", f".{token}", f"{head}..{mark}")
    yield from (f'"{token}"', f"{token}%0a", f"{token}=", "." * 10_000, "A" * 50_000)
    yield f"{_b64(b'[' * 6000)}.{body}.{mark}"
    yield f"{head}.{_b64(b'[' * 6000)}.{mark}"


def _encrypted(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    for alg in ("PBES2-HS256+A128KW", "RSA1_5", "dir", "RSA-OAEP-256"):
        head = {"alg": alg, "enc": "A128GCM", "zip": "DEF", "p2c": 2**31 - 1, "cty": "JWT"}
        yield f"{jose.segment(head)}.AA.AA.{'A' * 9000}.AA"


def _signatures(token: str, jwks: dict[str, Any]) -> Iterator[str]:
    signing = token.rpartition(".")[0]
    size = len(base64.urlsafe_b64decode(token.split(".")[2] + "=="))
    for mark in (
        bytes(size),
        b"\xff" * size,
        bytes(size - 1),
        bytes(size + 1),
        b"0\x06\x02\1\1\2\1\1",
    ):
        yield f"{signing}.{_b64(mark)}"


FORGERIES = {
    "no algorithm": _none,
    "a public key as a secret": _public_as_secret,
    "a key of one's own": _own_key,
    "odd names": _odd_names,
    "extensions": _extensions,
    "other forms": _other_forms,
    "encrypted": _encrypted,
    "signatures": _signatures,
}


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forgery_is_refused_wherever_a_token_is_taken(
    rp: RelyingParty, slot: str, kind: str
) -> None:
    tokens = rp.tokens()
    jwks = rp.door.get(rp.metadata["jwks_uri"]).json()
    token = tokens["id_token" if "hint" in slot else "access_token"]
    for forged in FORGERIES[kind](token, jwks):
        started = time.perf_counter()
        assert SLOTS[slot](rp, forged), forged[:200]
        assert time.perf_counter() - started < 1, forged[:200]
    assert rp.userinfo(tokens["access_token"]).status_code == 200, "and the genuine one counts"
    assert rp.ask(prompt="none", id_token_hint=tokens["id_token"]).outcome == "code"


@pytest.mark.spec("RFC 8725 §3.12")
@pytest.mark.parametrize("slot", SLOTS)
def test_a_genuine_token_of_another_kind_is_none(rp: RelyingParty, slot: str) -> None:
    tokens = rp.tokens()
    other = tokens["access_token" if "hint" in slot else "id_token"]
    assert SLOTS[slot](rp, other)
    assert SLOTS[slot](rp, _under(other, typ="JWT" if "hint" in slot else "at+jwt"))
    assert rp.userinfo(tokens["access_token"]).status_code == 200
