"""Client authentication: one method per request, the registered one, and one answer to all else."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from authserver import assertions, client_auth, clients, errors
from authserver.request import ProtocolRequest
from config import environment
from tests.unit.authserver import wire

REGISTRY = client_auth.OneMethod(clients.find)
KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()
STRANGER = ec.generate_private_key(ec.SECP256R1())


def judged(request: ProtocolRequest) -> str | None:
    """Return the client's id, None for invalid_client."""
    try:
        return str(REGISTRY(request, client_auth.METHODS, "token").client_id)
    except errors.InvalidClient:
        return None


def jwks(*keys: str | dict[str, Any]) -> dict[str, Any]:
    return {"keys": [json.loads(key) if isinstance(key, str) else key for key in keys]}


def signer(**metadata: Any) -> str:
    keys = jwks(
        ECAlgorithm.to_jwk(KEY.public_key()),
        RSAAlgorithm.to_jwk(RSA_KEY.public_key()),
        OKPAlgorithm.to_jwk(ED_KEY.public_key()),
    )
    usual = {"token_endpoint_auth_method": "private_key_jwt", "jwks": keys}
    return wire.new_client(**usual | metadata)[0]


def assertion(
    client_id: str,
    key: Any = KEY,
    alg: str = "ES256",
    headers: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    now = time.time()
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": environment.current().issuer,
        "exp": now + 60,
        "iat": now,
        "jti": f"{now}",
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    encoded = json.dumps(claims).encode()
    return jwt.PyJWS().encode(encoded, key, alg, headers)


def shown(text: str, **parameters: str) -> ProtocolRequest:
    return wire.asked(client_assertion=text, client_assertion_type=assertions.TYPE, **parameters)


@pytest.mark.spec("RFC 6749 §2.3.1")
def test_the_registered_way_in() -> None:
    basic, post = (
        wire.new_client(),
        wire.new_client(token_endpoint_auth_method="client_secret_post"),
    )
    assert judged(wire.asked(basic=basic)) == basic[0]
    assert judged(wire.asked(client_id=post[0], client_secret=post[1])) == post[0]
    public = wire.new_client(
        token_endpoint_auth_method="none",
        grant_types=["authorization_code"],
        redirect_uris=["https://app.example/cb"],
    )
    assert judged(wire.asked(client_id=public[0])) == public[0]
    assert judged(wire.asked(basic=(public[0], "x"))) is None


def test_another_way_than_the_registered_one_is_refused() -> None:
    client_id, secret = wire.new_client()
    assert judged(wire.asked(client_id=client_id, client_secret=secret)) is None
    assert judged(wire.asked(client_id=client_id)) is None
    assert judged(wire.asked()) is None


@pytest.mark.spec("RFC 6749 §2.3")
@pytest.mark.parametrize(
    "second", [{"client_secret": "x"}, {"client_assertion": "x"}, {"client_assertion_type": "x"}]
)
def test_two_ways_at_once_are_a_malformed_request(second: dict[str, str]) -> None:
    with pytest.raises(errors.InvalidRequest):
        judged(wire.asked(basic=wire.new_client(), **second))


def test_the_body_must_name_the_authenticated_client() -> None:
    basic, other = wire.new_client(), wire.new_client()
    assert judged(wire.asked(basic=basic, client_id=other[0])) is None
    assert judged(wire.asked(basic=basic, client_id=basic[0])) == basic[0]
    signing = signer()
    assert judged(shown(assertion(signing), client_id=other[0])) is None


@pytest.mark.spec("RFC 6749 §2.3.1")
@pytest.mark.parametrize("secret", ["per%cent:colon+plus", "é and a space", "%41%42%43%44%45"])
def test_basic_is_decoded_and_tolerates_what_came_raw(secret: str) -> None:
    client_id, _ = wire.new_client(client_secret=secret)
    assert judged(wire.asked(basic=(client_id, quote_plus(secret)))) == client_id
    assert judged(wire.asked(basic=(client_id, secret))) == client_id


@pytest.mark.parametrize(
    "value",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic Og==",
        "Basic eA==",
        "Basic eDo=",
        "Basic /w==",
        "Basic a b",
        "Basic eDp5AA==",
        "Basic \xff",
        "Basic " + "A" * 65536,
        "Bearer eDp5",
        "",
    ],
)
def test_no_other_header_gets_in_or_breaks(value: str) -> None:
    with pytest.raises(errors.InvalidClient) as caught:
        REGISTRY(_with_header(value), client_auth.METHODS, "token")
    assert caught.value.used_basic


def _with_header(value: str) -> ProtocolRequest:
    asked = wire.asked()
    asked.environ["HTTP_AUTHORIZATION"] = value
    return asked


def test_unknown_and_wrong_are_answered_alike() -> None:
    faults = []
    for basic in ((wire.new_client()[0], "wrong"), ("nobody", "wrong")):
        with pytest.raises(errors.InvalidClient) as caught:
            judged_or_raise(wire.asked(basic=basic))
        faults.append((caught.value.parameters(), caught.value.extra_headers()))
    assert faults[0] == faults[1]


def judged_or_raise(request: ProtocolRequest) -> object:
    return REGISTRY(request, client_auth.METHODS, "token")


@pytest.mark.spec("RFC 7523 §2.2")
@pytest.mark.parametrize(
    ("key", "alg"),
    [(KEY, "ES256"), (RSA_KEY, "RS256"), (RSA_KEY, "PS256"), (ED_KEY, "EdDSA")],
    ids=["ES256", "RS256", "PS256", "EdDSA"],
)
def test_a_signed_assertion_works_once(key: Any, alg: str) -> None:
    text = assertion(signer(), key, alg)
    assert judged(shown(text))
    assert judged(shown(text)) is None


@pytest.mark.spec("RFC 7523 §3")
@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": lambda now: now - 300},
        {"exp": lambda now: now + 86400},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": []},
        {"jti": None},
        {"jti": []},
        {"jti": 1},
        {"jti": ""},
        {"jti": "x" * 300},
        {"sub": None},
        {"sub": "somebody-else"},
        {"iss": "somebody-else"},
        {"iss": ["x"]},
        {"iat": lambda now: now + 600},
        {"nbf": lambda now: now + 600},
        {"nbf": "x"},
        {"iat": True},
        {"aud": None},
        {"aud": "https://evil.test"},
        {"aud": lambda _now: f"{environment.current().issuer}/oauth2/token"},
        {"aud": lambda _now: [environment.current().issuer]},
        {"aud": lambda _now: f"{environment.current().issuer}/"},
    ],
    ids=str,
)
def test_an_assertion_with_absurd_claims_proves_nothing(changes: dict[str, Any]) -> None:
    now = time.time()
    said = {name: value(now) if callable(value) else value for name, value in changes.items()}
    assert judged(shown(assertion(signer(), **said))) is None


def test_clocks_may_differ_a_little() -> None:
    now = time.time()
    assert judged(shown(assertion(signer(), iat=now + 10, nbf=now + 10)))
    assert judged(shown(assertion(signer(), exp=now - 10)))


@pytest.mark.parametrize(
    ("headers", "is_fine"),
    [
        ({"typ": "client-authentication+jwt"}, True),
        ({"typ": "JWT"}, True),
        ({"typ": None}, True),
        ({"typ": "at+jwt"}, False),
        ({"typ": "dpop+jwt"}, False),
        ({"crit": ["x"], "x": 1}, False),
    ],
)
def test_the_type_of_an_assertion_is_judged(headers: dict[str, Any], is_fine: bool) -> None:
    assert bool(judged(shown(assertion(signer(), headers=headers)))) is is_fine


def _with_public_key_as_secret(client_id: str) -> str:
    """Sign by hand: PyJWT would not take a public key for a secret."""
    payload = assertion(client_id).split(".")[1]
    head = _b64(b'{"alg":"HS256","typ":"JWT"}')
    public = json.dumps(ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)).encode()
    mark = hmac.digest(public, f"{head}.{payload}".encode(), "sha256")
    return f"{head}.{payload}.{_b64(mark)}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda name: assertion(name, STRANGER), id="another key"),
        pytest.param(lambda name: assertion(name, "", "none"), id="no signature"),
        pytest.param(lambda name: assertion(name, RSA_KEY, "RS256"), id="another algorithm"),
        pytest.param(_with_public_key_as_secret, id="public key as secret"),
        pytest.param(lambda name: assertion(name)[:-4], id="cut"),
        pytest.param(lambda _name: "x.y.z", id="no JWS"),
        pytest.param(lambda _name: "ü", id="not ASCII"),
    ],
)
def test_only_the_registered_key_and_algorithm_prove(forge: Callable[[str], str]) -> None:
    client_id = signer(token_endpoint_auth_signing_alg="ES256")
    assert judged(shown(assertion(client_id)))
    with pytest.raises((errors.InvalidClient, errors.InvalidRequest)):
        judged_or_raise(shown(forge(client_id)))


def test_a_key_of_one_client_proves_no_other() -> None:
    mine = signer(jwks=jwks(ECAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True) | {"kid": "1"}))
    theirs = signer(jwks=jwks(ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "1"}))
    assert judged(shown(assertion(theirs, STRANGER, headers={"kid": "1"}))) is None
    assert judged(shown(assertion(mine, STRANGER, headers={"kid": "1"}))) == mine


@pytest.mark.spec("OIDC Core §9")
def test_a_shared_secret_signs_too() -> None:
    client_id, secret = wire.new_client(token_endpoint_auth_method="client_secret_jwt")
    key = secret.encode()
    assert judged(shown(assertion(client_id, key, "HS256"))) == client_id
    assert judged(shown(assertion(client_id, key + b"x", "HS256"))) is None
    assert judged(shown(assertion(client_id, KEY))) is None
    assert judged(wire.asked(basic=(client_id, secret))) is None


@pytest.mark.parametrize(
    "kind", ["", "x", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"]
)
def test_the_type_parameter_is_required(kind: str) -> None:
    request = wire.asked(client_assertion=assertion(signer()), client_assertion_type=kind)
    assert judged(request) is None
