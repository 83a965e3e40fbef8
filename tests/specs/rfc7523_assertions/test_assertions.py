"""RFC 7523 §3 — what a client's assertion must say, how it is signed, and that it works once."""

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from tests.credentials import ASSERTION, Key, statement
from tests.doors import Response
from tests.parties import MACHINE, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 7523 §3")

PRIVATE: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "PS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}
KNOWN = {**get_default_algorithms(), "Ed25519": get_default_algorithms()["EdDSA"]}
WRITER = jwt.PyJWT()
WRITER._jws.register_algorithm("Ed25519", KNOWN["Ed25519"])  # PyJWT does not know RFC 9864 yet


def _jwk(name: str, **more: str) -> dict[str, Any]:
    written = KNOWN[name].to_jwk(PRIVATE[name].public_key(), as_dict=True)
    return {**written, "kid": name, **more}


@pytest.fixture
def app(enrol: Enrol) -> RelyingParty:
    """Return a client with a key of every algorithm, each under its name."""
    keys = [_jwk(alg, alg=alg) for alg in PRIVATE]
    return enrol(**MACHINE, token_endpoint_auth_method="private_key_jwt", jwks={"keys": keys})


def _send(app: RelyingParty, text: str, **more: str) -> Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": text,
        **more,
    }
    return app.door.post(app.address("token"), form)


def _signed(claims: Mapping[str, Any], alg: str = "ES256", **header: Any) -> str:
    head = {"kid": alg, **header}
    return WRITER.encode(
        dict(claims),
        PRIVATE[alg],
        algorithm=alg,
        headers={name: value for name, value in head.items() if value is not None},
    )


def _refused(app: RelyingParty, answer: Response) -> None:
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert answer.headers["WWW-Authenticate"] is None
    good = _signed(statement(app.client_id, app.issuer))
    assert _send(app, good).status_code == 200, "and the next good one is taken"


@pytest.mark.parametrize("alg", PRIVATE)
@pytest.mark.parametrize("kid", ["named", "unnamed"])
def test_each_algorithm_proves_the_client(app: RelyingParty, alg: str, kid: str) -> None:
    claims = statement(app.client_id, app.issuer)
    text = _signed(claims, alg, kid=alg if kid == "named" else None)
    assert _send(app, text).status_code == 200


@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt", "application/jwt"])
def test_types_that_say_what_it_is_are_taken(app: RelyingParty, typ: str) -> None:
    text = _signed(statement(app.client_id, app.issuer), typ=typ)
    assert _send(app, text).status_code == 200


@pytest.mark.parametrize("typ", ["at+jwt", "dpop+jwt", "logout+jwt", "x", "secevent+jwt"])
def test_a_token_of_another_type_is_refused(app: RelyingParty, typ: str) -> None:
    _refused(app, _send(app, _signed(statement(app.client_id, app.issuer), typ=typ)))


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        pytest.param("iss", "somebody", id="another issuer"),
        pytest.param("iss", None, id="no issuer"),
        pytest.param("sub", "somebody", id="another subject"),
        pytest.param("sub", None, id="no subject"),
        pytest.param("aud", None, id="no audience"),
        pytest.param("aud", "https://other.example", id="another audience"),
        pytest.param("aud", "TOKEN", id="the token endpoint"),
        pytest.param("aud", ["ISSUER"], id="the issuer in a list"),
        pytest.param("aud", ["ISSUER", "https://other.example"], id="several audiences"),
        pytest.param("aud", "ISSUER/", id="the issuer with a slash"),
        pytest.param("exp", None, id="no end"),
        pytest.param("exp", NOW - 3_600, id="expired"),
        pytest.param("exp", NOW + 10 * 365 * 86_400, id="ten years"),
        pytest.param("exp", NOW + 86_400, id="a day"),
        pytest.param("exp", str(NOW + 60), id="the end as a text"),
        pytest.param("exp", True, id="the end as true"),
        pytest.param("exp", 10**30, id="the end beyond time"),
        pytest.param("nbf", NOW + 3_600, id="not yet"),
        pytest.param("nbf", "soon", id="a beginning that is no number"),
        pytest.param("iat", NOW + 3_600, id="made in the future"),
        pytest.param("jti", None, id="no identifier"),
        pytest.param("jti", "", id="an empty identifier"),
        pytest.param("jti", 5, id="a number for an identifier"),
        pytest.param("jti", "x" * 300, id="a long identifier"),
    ],
)
def test_any_other_statement_is_refused(app: RelyingParty, claim: str, value: Any) -> None:
    known = {"TOKEN": app.address("token"), "ISSUER": app.issuer, "ISSUER/": f"{app.issuer}/"}

    def filled(text: Any) -> Any:
        return known.get(text, text) if isinstance(text, str) else text

    value = [filled(each) for each in value] if isinstance(value, list) else filled(value)
    claims = statement(app.client_id, app.issuer, **{claim: value})
    _refused(app, _send(app, _signed(claims)))


@pytest.mark.spec("RFC 7523 §3 (7)")
def test_an_assertion_works_once(app: RelyingParty) -> None:
    text = _signed(statement(app.client_id, app.issuer))
    assert _send(app, text).status_code == 200
    _refused(app, _send(app, text))


@pytest.mark.spec("RFC 7523 §3 (7)")
def test_an_identifier_works_once_at_any_endpoint(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    assert _send(app, _signed(claims)).status_code == 200
    form = {"client_assertion_type": ASSERTION, "client_assertion": _signed(claims, "EdDSA")}
    for endpoint in ("introspection", "revocation"):
        answer = app.door.post(app.address(endpoint), {"token": "x", **form})
        assert answer.status_code == 401


def test_two_clients_may_choose_the_same_identifier(app: RelyingParty, enrol: Enrol) -> None:
    other = enrol(
        **MACHINE,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [_jwk("ES256")]},
    )
    jti = secrets.token_hex(8)
    for each in (app, other):
        claims = statement(each.client_id, each.issuer, jti=jti)
        assert _send(each, _signed(claims)).status_code == 200


def test_a_refused_assertion_uses_nothing_up(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    head, body, _ = _signed(claims).split(".")
    assert _send(app, f"{head}.{body}.AAAA").status_code == 401
    assert _send(app, _signed(claims)).status_code == 200


# Signatures


def test_another_key_under_a_known_name_is_refused(app: RelyingParty) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    claims = statement(app.client_id, app.issuer)
    text = jwt.encode(claims, stranger, algorithm="ES256", headers={"kid": "ES256"})
    _refused(app, _send(app, text))


def test_an_unknown_name_is_refused(app: RelyingParty) -> None:
    _refused(app, _send(app, _signed(statement(app.client_id, app.issuer), kid="nobody")))


def test_no_signature_is_none(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    _refused(app, _send(app, jwt.encode(claims, "", algorithm="none")))


def test_a_public_key_is_no_shared_secret(app: RelyingParty) -> None:
    public = PRIVATE["RS256"].public_key()
    for key in (
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        json.dumps(_jwk("RS256", alg="RS256")).encode(),
    ):
        claims = statement(app.client_id, app.issuer)
        signing = jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": "RS256"})
        signed = signing.rpartition(".")[0]
        mark = get_default_algorithms()["HS256"].sign(signed.encode(), key)
        _refused(app, _send(app, f"{signed}.{jwt.utils.base64url_encode(mark).decode()}"))


def test_a_key_that_comes_along_is_not_believed(app: RelyingParty) -> None:
    stranger = Key()
    jwk = stranger.jwks["keys"][0]
    claims = statement(app.client_id, app.issuer)
    for header in (
        {"jwk": jwk, "kid": None},
        {"jku": "https://x.example/jwks"},
        {"x5u": "https://x"},
    ):
        head = {name: value for name, value in header.items() if value is not None}
        _refused(app, _send(app, jwt.encode(claims, stranger.private, "ES256", headers=head)))


def test_what_must_be_understood_and_is_not_is_refused(app: RelyingParty) -> None:
    claims = statement(app.client_id, app.issuer)
    _refused(app, _send(app, _signed(claims, crit=["x"], x=1)))


def test_the_registered_algorithm_is_the_only_one(enrol: Enrol) -> None:
    keys = [_jwk(alg) for alg in PRIVATE]
    app = enrol(
        **MACHINE,
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="PS256",
        jwks={"keys": keys},
    )
    claims = statement(app.client_id, app.issuer)
    assert _send(app, _signed(claims, "ES256")).status_code == 401
    assert _send(app, _signed(claims, "RS256")).status_code == 401
    assert _send(app, _signed(claims, "PS256")).status_code == 200


def test_another_client_s_assertion_proves_another_client(app: RelyingParty, enrol: Enrol) -> None:
    other = enrol(**MACHINE)
    text = _signed(statement(app.client_id, app.issuer))
    assert _send(app, text, client_id=other.client_id).status_code == 401


@pytest.mark.spec("RFC 7521 §4.2")
@pytest.mark.parametrize("kind", ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"])
def test_another_type_of_assertion_is_refused(app: RelyingParty, kind: str) -> None:
    text = _signed(statement(app.client_id, app.issuer))
    _refused(app, _send(app, text, client_assertion_type=kind))


@pytest.mark.spec("OIDC Core §9")
def test_a_shared_secret_signs_with_hs256_only(enrol: Enrol) -> None:
    app = enrol(**MACHINE, token_endpoint_auth_method="client_secret_jwt")
    secret = str(getattr(app.credentials, "secret"))  # noqa: B009  not every method has one
    claims = statement(app.client_id, app.issuer)
    wrong = jwt.encode(claims, "another-secret-of-32-characters!", algorithm="HS256")
    assert _send(app, wrong).status_code == 401
    longer = jwt.encode(claims, secret + "x" * 32, algorithm="HS512")
    assert _send(app, longer).status_code == 401
    good = jwt.encode(claims, secret, algorithm="HS256")
    assert _send(app, good).status_code == 200
    assert _send(app, good).status_code == 401
