"""RFC 8725 §3 — what is no plain signed token is refused as an assertion, quickly and quietly."""

import base64
import json
import time
from typing import Any

import pytest

from tests import jose
from tests.credentials import ASSERTION, statement
from tests.doors import Response
from tests.parties import MACHINE, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8725 §3")

KEYS = {alg: jose.private_key(alg) for alg in ("ES256", "RS256", "Ed25519")}


@pytest.fixture
def app(enrol: Enrol) -> RelyingParty:
    """Return a client with three keys."""
    keys = jose.jwks_of(KEYS)
    return enrol(**MACHINE, token_endpoint_auth_method="private_key_jwt", jwks=keys)


def _ask(app: RelyingParty, text: str) -> Response:
    form = {"client_assertion_type": ASSERTION, "client_assertion": text}
    return app.door.post(app.address("token"), {"grant_type": "client_credentials", **form})


def _refused(app: RelyingParty, *texts: str) -> None:
    for text in texts:
        started = time.perf_counter()
        answer = _ask(app, text)
        assert time.perf_counter() - started < 1
        assert answer.status_code in {400, 401, 413}, (answer.status_code, text[:100])
        assert answer.json()["error"] in {"invalid_client", "invalid_request"}
    assert _ask(app, _good(app)).status_code == 200, "and the next good one is taken"


def _good(app: RelyingParty, alg: str = "ES256", **header: Any) -> str:
    return jose.signed(statement(app.client_id, app.issuer), KEYS[alg], alg, kid=alg, **header)


def _signed_raw(head: bytes, body: bytes) -> str:
    """Sign segments as they are, whatever they hold."""
    first, second = (base64.urlsafe_b64encode(part).rstrip(b"=") for part in (head, body))
    mark = KEYS["Ed25519"].private_key.sign(first + b"." + second)  # type: ignore[union-attr, call-arg]
    return b".".join([first, second, base64.urlsafe_b64encode(mark).rstrip(b"=")]).decode()


def test_signed_by_hand_it_would_be_good(app: RelyingParty) -> None:
    head = json.dumps({"alg": "Ed25519", "kid": "Ed25519"}).encode()
    body = json.dumps(statement(app.client_id, app.issuer)).encode()
    assert _ask(app, _signed_raw(head, body)).status_code == 200


@pytest.mark.spec("RFC 9864 §2.2")
def test_both_names_of_edwards_curves_verify_with_either_key(enrol: Enrol) -> None:
    key = jose.private_key("Ed25519")
    for named in ({}, {"alg": "EdDSA"}, {"alg": "Ed25519"}):
        app = enrol(
            **MACHINE,
            token_endpoint_auth_method="private_key_jwt",
            jwks={"keys": [jose.public_jwk(key, kid="k", **named)]},
        )
        for alg in ("EdDSA", "Ed25519"):
            claims = statement(app.client_id, app.issuer)
            assert _ask(app, jose.signed(claims, key, alg, kid="k")).status_code == 200


@pytest.mark.spec("RFC 7515 §4")
def test_a_member_twice_means_nothing(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    inside = json.dumps(claims)[1:-1]
    head = b'{"alg":"Ed25519","kid":"Ed25519"}'
    _refused(
        app,
        _signed_raw(b'{"alg":"none","alg":"Ed25519","kid":"Ed25519"}', json.dumps(claims).encode()),
        _signed_raw(head, f'{{"sub":"mallory",{inside}}}'.encode()),
        _signed_raw(head, f'{{"x":{{"a":1,"a":2}},{inside}}}'.encode()),
        _signed_raw(head, f'{{"x":NaN,{inside}}}'.encode()),
        _signed_raw(head, b"\xef\xbb\xbf" + json.dumps(claims).encode()),
        _signed_raw(head, json.dumps(claims).encode("utf-16")),
    )


@pytest.mark.spec("RFC 7515 §4.1.11")
def test_no_extension_is_understood(app: RelyingParty) -> None:
    body = json.dumps(statement(app.client_id, app.issuer)).encode()
    extensions: list[dict[str, Any]] = [
        {"crit": ["x"], "x": 1},
        {"crit": []},
        {"crit": "exp"},
        {"crit": ["alg"]},
        {"crit": ["b64"], "b64": True},
        {"b64": False},
        {"crit": None},
    ]
    for extension in extensions:
        head = {"alg": "Ed25519", "kid": "Ed25519", **extension}
        _refused(app, _signed_raw(json.dumps(head).encode(), body))


@pytest.mark.spec("RFC 7515 §7")
def test_only_three_parts_are_a_token(app: RelyingParty) -> None:
    good = _good(app)
    head, body, mark = good.split(".")
    flat = {"protected": head, "payload": body, "signature": mark}
    general = {"payload": body, "signatures": [{"protected": head, "signature": mark}]}
    _refused(
        app,
        json.dumps(flat),
        json.dumps(general),
        json.dumps({"payload": body, "signatures": []}),
        f"{head}.{body}",
        f"{good}.",
        f"{good}.x.y",
        f" {good}",
        f"{good}\n",
        f'"{good}"',
        f"{head}.{body}.{mark}=",
        f"{head}..{mark}",
        "...",
        "." * 10_000,
        "A" * 20_000,
    )


@pytest.mark.spec("RFC 8725 §3.6")
def test_nothing_encrypted_is_opened(app: RelyingParty) -> None:
    iterations = jose.segment({"alg": "PBES2-HS256+A128KW", "p2c": 2**31 - 1, "enc": "A128GCM"})
    zipped = jose.segment({"alg": "RSA1_5", "enc": "A128GCM", "zip": "DEF"})
    _refused(app, f"{iterations}.AA.AA.AA.AA", f"{zipped}.AA.AA.{'A' * 8000}.AA")


@pytest.mark.spec("RFC 8725 §3.4")
def test_a_signature_has_one_form(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    head, body = jose.segment({"alg": "ES256", "kid": "ES256"}), jose.segment(claims)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    marks = [b"\0" * 64, b"\xff" * 64, b"\x01" * 63, b"\x01" * 65, order.to_bytes(32, "big") * 2]
    marks += [bytes.fromhex("3006020101020101"), b""]
    _refused(
        app,
        *(
            f"{head}.{body}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"
            for mark in marks
        ),
    )


@pytest.mark.spec("RFC 8725 §3.1")
def test_an_algorithm_is_for_its_own_kind_of_key(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    good = _good(app).split(".")
    for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "ES256K", "RS384", "RS256", "EdDSA"):
        head = jose.segment({"alg": alg, "kid": "ES256"})
        _refused(app, f"{head}.{jose.segment(claims)}.{good[2]}", f"{head}.{good[1]}.")
    heads: list[Any] = [{"kid": "ES256"}, {"alg": None}, {"alg": ["ES256"]}, {"alg": 5}, [], "", 7]
    for wrong in heads:
        _refused(app, f"{jose.segment(wrong)}.{good[1]}.{good[2]}")


@pytest.mark.spec("RFC 7519 §4.1.4")
@pytest.mark.parametrize("value", ["null", '"1"', "true", "NaN", "Infinity", "1e400", "-1", "1e18"])
def test_a_date_is_a_number_that_can_be_one(app: RelyingParty, value: str) -> None:
    claims = statement(app.client_id, app.issuer, exp=None)
    body = json.dumps(claims)[:-1] + f', "exp": {value}}}'
    _refused(app, _signed_raw(b'{"alg":"Ed25519","kid":"Ed25519"}', body.encode()))


def test_depth_and_size_are_bounded(app: RelyingParty) -> None:
    head = b'{"alg":"Ed25519","kid":"Ed25519"}'
    _refused(
        app,
        _signed_raw(head, b"[" * 6000),
        _signed_raw(b"[" * 6000, b"{}"),
        _signed_raw(head, b'{"a":' * 1500 + b"1" + b"}" * 1500),
        _signed_raw(head, b'{"exp":' + b"9" * 6000 + b"}"),
        _good(app, x="y" * 20_000),
    )
