"""Client authentication, where Authlib leaves something to be done."""

import base64
import time
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.credentials import ASSERTION, Basic, KeyAssertion, Post, statement
from tests.doors import Response, Value
from tests.edges.world import World
from tests.rp import RelyingParty

GRANT = {"grant_type": "client_credentials"}


def _header(pair: bytes) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _is_refused(answer: Response) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client"


def _secret(rp: RelyingParty) -> str:
    return str(getattr(rp.credentials, "secret"))  # noqa: B009  not every method has one


def a_header_that_is_not_utf_8(here: World) -> None:
    rp = here.enrol()
    for pair in (b"\xff\xfe:\xff", "é:ü".encode("latin-1")):
        _is_refused(rp.door.post(rp.address("token"), GRANT, headers=_header(pair)))


def two_methods_at_once(here: World) -> None:
    rp = here.enrol()
    form = {"client_id": rp.client_id, "client_secret": _secret(rp)}
    answer = rp.client_credentials(**form)
    assert (answer.status_code, answer.json().get("error")) == (400, "invalid_request")


def another_client_id_in_the_body(here: World) -> None:
    rp, other = here.enrol(), here.enrol()
    _is_refused(rp.client_credentials(client_id=other.client_id))


def who_exists(here: World) -> None:
    """Answer an unknown client and a wrong secret alike."""
    rp = here.enrol()
    for kind in (Basic, Post):
        known: Basic | Post = kind(client_id=rp.client_id, secret="wrong-secret")
        unknown: Basic | Post = kind(client_id="nobody-here", secret="wrong-secret")
        answers = [rp.post("token", GRANT, proof) for proof in (known, unknown)]
        assert answers[0].body == answers[1].body
        assert answers[0].status_code == answers[1].status_code


def a_challenge_for_who_used_no_header(here: World) -> None:
    rp = here.enrol(token_endpoint_auth_method="client_secret_post")
    wrong = Post(client_id=rp.client_id, secret="wrong-secret")
    answer = rp.post("token", GRANT, wrong)
    _is_refused(answer)
    assert answer.headers["WWW-Authenticate"] is None


def a_form_encoded_secret(here: World) -> None:
    rp = here.enrol(client_secret="a secret+with: %41 and more")
    assert rp.client_credentials().status_code == 200


def a_raw_secret(here: World) -> None:
    secret = "raw%41secret+12345678901234567890"
    rp = here.enrol(client_secret=secret)
    headers = _header(f"{rp.client_id}:{secret}".encode())
    assert rp.door.post(rp.address("token"), GRANT, headers=headers).status_code == 200


def another_method_away_from_the_token_endpoint(here: World) -> None:
    rp = here.enrol()
    posted = Post(client_id=rp.client_id, secret=_secret(rp))
    for endpoint in ("introspection", "revocation"):
        _is_refused(rp.post(endpoint, {"token": "x"}, posted))


def _asserted(rp: RelyingParty, text: str) -> Response:
    form: Mapping[str, Value] = {"client_assertion_type": ASSERTION, "client_assertion": text}
    return rp.door.post(rp.address("token"), {**GRANT, **form})


def _app(here: World) -> tuple[RelyingParty, KeyAssertion]:
    rp = here.enrol(token_endpoint_auth_method="private_key_jwt")
    proof = rp.credentials
    assert isinstance(proof, KeyAssertion)
    assert rp.client_credentials(scope="profile").status_code == 200
    return rp, proof


def _signed(proof: KeyAssertion, claims: Mapping[str, object], **header: str) -> str:
    head = {"kid": proof.key.kid, **header}
    return jwt.encode(dict(claims), proof.key.private, algorithm="ES256", headers=head)


def an_assertion_until_2200(here: World) -> None:
    rp, proof = _app(here)
    claims = statement(rp.client_id, rp.issuer, exp=int(time.time()) + 170 * 365 * 86_400)
    _is_refused(_asserted(rp, _signed(proof, claims)))


def an_assertion_that_is_an_access_token(here: World) -> None:
    rp, proof = _app(here)
    _is_refused(_asserted(rp, _signed(proof, statement(rp.client_id, rp.issuer), typ="at+jwt")))


def an_assertion_for_the_token_endpoint(here: World) -> None:
    rp, proof = _app(here)
    claims = statement(rp.client_id, rp.address("token"))
    _is_refused(_asserted(rp, _signed(proof, claims)))


def an_assertion_for_several(here: World) -> None:
    rp, proof = _app(here)
    claims = statement(rp.client_id, rp.issuer, aud=[rp.issuer, "https://other.example"])
    _is_refused(_asserted(rp, _signed(proof, claims)))


def another_client_id_beside_an_assertion(here: World) -> None:
    rp, _ = _app(here)
    other = here.enrol()
    _is_refused(rp.client_credentials(client_id=other.client_id))


def an_assertion_signed_with_ps256(here: World) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    rp = here.enrol(
        token_endpoint_auth_method="private_key_jwt", jwks={"keys": [{**jwk, "kid": "k"}]}
    )
    claims = statement(rp.client_id, rp.issuer)
    text = jwt.encode(claims, private, algorithm="PS256", headers={"kid": "k"})
    assert _asserted(rp, text).status_code == 200


def an_assertion_without_kid_among_several_keys(here: World) -> None:
    _, proof = _app(here)
    _, other = _app(here)
    keys = [*proof.key.jwks["keys"], *other.key.jwks["keys"]]
    rp = here.enrol(token_endpoint_auth_method="private_key_jwt", jwks={"keys": keys})
    claims = statement(rp.client_id, rp.issuer)
    text = jwt.encode(claims, other.key.private, algorithm="ES256")
    assert _asserted(rp, text).status_code == 200


EDGES = (
    a_header_that_is_not_utf_8,
    two_methods_at_once,
    another_client_id_in_the_body,
    who_exists,
    a_challenge_for_who_used_no_header,
    a_form_encoded_secret,
    another_method_away_from_the_token_endpoint,
    an_assertion_until_2200,
    an_assertion_that_is_an_access_token,
    an_assertion_for_the_token_endpoint,
    an_assertion_for_several,
    another_client_id_beside_an_assertion,
    an_assertion_signed_with_ps256,
    an_assertion_without_kid_among_several_keys,
    a_raw_secret,
)
