"""What each member of the metadata promises, as a question whose answer the server gives.

A proof returns whether the value works. It is asked of every value that is advertised, where it
must, and of values that are not, where it must not.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from authserver.registrar import RefusedError
from tests import credentials, jose, person, second_factors
from tests.authenticator import Authenticator
from tests.parties import CALLBACK, MACHINE, Enrol
from tests.person import Person
from tests.rp import RelyingParty, challenge_of
from tests.specs.webauthn_passkeys import owner

BACK: Final = "https://app.example/bye"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Who takes part."""

    enrol: Enrol
    rp: RelyingParty
    someone: Person

    def registered(self, **metadata: Any) -> RelyingParty | None:
        """Return a client with this metadata, or None where it is refused."""
        try:
            return self.enrol(**metadata)
        except RefusedError:
            return None


Proof = Callable[[World, str], bool]


def grant_type(world: World, value: str) -> bool:
    """Ask whether a grant type is spoken at its endpoint."""
    if value == "implicit":
        app = world.registered(grant_types=[value], response_types=["id_token"])
        return app is not None and app.authorize(response_type="id_token").outcome == "id_token"
    error = world.rp.post("token", {"grant_type": value}).json().get("error")
    return bool(error != "unsupported_grant_type")


def response_type(world: World, value: str) -> bool:
    """Ask whether a response type is answered with just what it names."""
    grants = (["authorization_code"] if "code" in value.split() else []) + (
        ["implicit"] if value != "code" else []
    )
    app = world.registered(grant_types=grants, response_types=[value])
    if app is None:
        assert world.rp.ask(response_type=value).outcome == "unsupported_response_type"
        return False
    return set(app.authorize(response_type=value).outcome.split()) == set(value.split())


def response_mode(world: World, value: str) -> bool:
    """Ask whether a response mode delivers the answer."""
    arrival = world.rp.authorize(response_mode=value)
    return (arrival.outcome, arrival.mode) == ("code", value)


def challenge_method(world: World, value: str) -> bool:
    """Ask whether a challenge of this method is redeemed by its verifier."""
    verifier = secrets.token_urlsafe(32)
    challenge = challenge_of(verifier) if value == "S256" else verifier
    arrival = world.rp.authorize(code_challenge=challenge, code_challenge_method=value)
    if arrival.error == "invalid_request":
        return False
    return world.rp.redeem(arrival, code_verifier=verifier).status_code == 200


def parameter(name: str) -> Proof:
    """Return the proof that a value of a request parameter is heard."""

    def proof(world: World, value: str) -> bool:
        assert world.rp.authorize().code  # so that `prompt=none` has nobody to ask
        changes: dict[str, Any] = {name: value}
        return world.rp.ask(**changes).error is None

    return proof


def ui_locale(world: World, value: str) -> bool:
    """Ask whether the page that signs people in speaks the language."""
    browser = world.someone.elsewhere().browser
    page = browser.open(world.rp.url(world.rp.asking(ui_locales=value)))
    return f'<html lang="{value}"' in page.text


def acr(world: World, value: str) -> bool:
    """Ask whether a level is reached when it is demanded, by somebody who has all it can take."""
    someone, device = person.registered(world.someone.browser.door), Authenticator()
    owner.add(someone, device)
    someone.app = second_factors.given_app(someone.subject)
    demand = {"id_token": {"acr": {"essential": True, "values": [value]}}}
    asked = world.rp.asking(claims=json.dumps(demand))
    page = someone.browser.open(world.rp.url(asked))
    if value == "phr":
        page = owner.prove(someone, device, page)
    arrival = world.rp.arrival(asked, someone.answer(page))
    if arrival.error == "unmet_authentication_requirements":
        return False
    return bool(world.rp.claims(world.rp.redeem(arrival).json()["id_token"])["acr"] == value)


def auth_method(endpoint: str) -> Proof:
    """Return the proof that a client may authenticate like this at an endpoint."""

    def proof(world: World, value: str) -> bool:
        grants = {} if value == "none" else MACHINE
        app = world.registered(**grants, token_endpoint_auth_method=value)
        if app is None:
            return False
        return app.post(endpoint, {"token": "x", "grant_type": "x"}).status_code != 401

    return proof


def assertion(endpoint: str) -> Proof:
    """Return the proof that a client may sign its assertions like this at an endpoint."""

    def proof(world: World, value: str) -> bool:
        if value == "HS256":
            return auth_method(endpoint)(world, "client_secret_jwt")
        known = value in jose.ALGORITHMS
        key = jose.private_key(value if known else "RS256")
        app = world.registered(
            **MACHINE,
            token_endpoint_auth_method="private_key_jwt",
            token_endpoint_auth_signing_alg=value,
            jwks=jose.jwks_of({"k": key}, use="sig"),
        )
        if app is None or not known:
            return False
        text = jose.signed(credentials.statement(app.client_id, app.issuer), key, value, kid="k")
        form = {"client_assertion_type": credentials.ASSERTION, "client_assertion": text}
        answer = app.door.post(app.address(endpoint), {"token": "x", "grant_type": "x", **form})
        return answer.status_code != 401

    return proof


def subject_type(world: World, value: str) -> bool:
    """Ask whether a client is told of people as it registered."""
    app = world.registered(subject_type=value)
    sub = app and app.claims(app.tokens()["id_token"])["sub"]
    return bool(sub) and (sub == world.someone.subject) is (value == "public")


def claim_type(world: World, value: str) -> bool:
    """Ask whether claims come as themselves, and none by reference to others."""
    told = world.rp.userinfo(world.rp.tokens()["access_token"]).json()
    return value == "normal" and "_claim_names" not in told and "name" in told


def id_token_signature(world: World, value: str) -> bool:
    """Ask whether an ID token is signed as the client registered."""
    app = world.registered(id_token_signed_response_alg=value)
    if app is None:
        return False
    jwks = app.door.get(app.metadata["jwks_uri"]).json()
    return bool(jose.verified(app.tokens()["id_token"], jwks, value).claims["sub"])


def userinfo_signature(world: World, value: str) -> bool:
    """Ask whether userinfo is signed as the client registered."""
    app = world.registered(userinfo_signed_response_alg=value)
    if app is None:
        return False
    jwks = app.door.get(app.metadata["jwks_uri"]).json()
    text = app.userinfo(app.tokens()["access_token"]).text
    return bool(jose.verified(text, jwks, value).claims["name"])


def encryption(kind: str, part: str) -> Proof:
    """Return the proof that an ID token or userinfo comes encrypted like this."""

    def proof(world: World, value: str) -> bool:
        pair = {"alg": "ECDH-ES", "enc": "A256GCM", part: value}
        key = jose.private_key("RSA-OAEP-256" if "RSA" in pair["alg"] else "ECDH-ES")
        app = world.registered(
            jwks={"keys": [jose.public_jwk(key, kid="k", use="enc")]},
            **{f"{kind}_encrypted_response_{name}": each for name, each in pair.items()},
        )
        if app is None:
            return False
        tokens = app.tokens()
        is_id_token = kind == "id_token"
        text = tokens["id_token"] if is_id_token else app.userinfo(tokens["access_token"]).text
        return bool(jose.opened(text, key, pair["alg"], pair["enc"]).text)

    return proof


def request_object(world: World, value: str) -> bool:
    """Ask whether a request signed like this is answered."""
    known = value in jose.ALGORITHMS
    key = jose.private_key(value if known else "RS256")
    app = world.registered(
        request_object_signing_alg=value, jwks=jose.jwks_of({"k": key}, use="sig")
    )
    if app is None or not known:
        return False
    asked, now = app.asking(), int(time.time())
    about = {"iss": app.client_id, "aud": app.issuer, "iat": now, "exp": now + 60}
    text = jose.signed({**asked.parameters, **about}, key, value, kid="k")
    outer = {name: asked.parameters[name] for name in ("client_id", "response_type", "scope")}
    page = world.someone.visit(app.url(app.asking(**_only(outer), request=text)))
    return app.arrival(asked, page).outcome == "code"


def _only(kept: dict[str, Any]) -> dict[str, Any]:
    names = ("redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method")
    return {**dict.fromkeys(names), **kept}


PROOFS: Final[dict[str, tuple[Proof, tuple[str, ...]]]] = {
    "grant_types_supported": (
        grant_type,
        (
            "password",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ),
    ),
    "response_types_supported": (
        response_type,
        ("token", "none", "code token", "id_token token", "code id_token token"),
    ),
    "response_modes_supported": (response_mode, ("web_message", "jwt", "query.jwt")),
    "code_challenge_methods_supported": (challenge_method, ("plain", "s256")),
    "prompt_values_supported": (parameter("prompt"), ("bogus", "Login")),
    "display_values_supported": (parameter("display"), ("wap", "Page")),
    "ui_locales_supported": (ui_locale, ("nl", "x-klingon")),
    "acr_values_supported": (acr, ("phrh", "0")),
    "subject_types_supported": (subject_type, ("ephemeral",)),
    "claim_types_supported": (claim_type, ("aggregated", "distributed")),
    "id_token_signing_alg_values_supported": (id_token_signature, ("none", "HS256", "RS384")),
    "userinfo_signing_alg_values_supported": (userinfo_signature, ("none", "HS256", "ES256K")),
    "request_object_signing_alg_values_supported": (request_object, ("none", "HS256")),
    **{
        f"{endpoint}_endpoint_auth_methods_supported": (
            auth_method(endpoint),
            ("tls_client_auth", "self_signed_tls_client_auth", "attest_jwt_client_auth"),
        )
        for endpoint in ("token", "revocation", "introspection")
    },
    **{
        f"{endpoint}_endpoint_auth_signing_alg_values_supported": (
            assertion(endpoint),
            ("none", "HS512", "RS512"),
        )
        for endpoint in ("token", "revocation", "introspection")
    },
    **{
        f"{kind}_encryption_{part}_values_supported": (encryption(kind, part), others)
        for kind in ("id_token", "userinfo")
        for part, others in (("alg", ("RSA1_5", "RSA-OAEP", "dir")), ("enc", ("A192GCM",)))
    },
}

LOGOUT: Final[dict[str, Any]] = {
    "redirect_uris": [CALLBACK],
    "frontchannel_logout_uri": "https://app.example/front",
    "frontchannel_logout_session_required": True,
    "backchannel_logout_uri": "https://app.example/back",
    "backchannel_logout_session_required": True,
}
