"""The clients of the libraries, as they are registered and as their programs know them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey

CALLBACK = "http://127.0.0.1:8765/callback"
SECURE = "https://app.example/callback"  # where a browser may bring tokens
AFTER = "http://127.0.0.1:8765/after"
SCOPE = "openid profile email offline_access"
METHODS = (
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
)
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
ENCRYPTED = {"RSA-OAEP-256": "A256GCM", "ECDH-ES": "A128CBC-HS256"}
_GROWN = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A client: its metadata at the server, and what its program is told."""

    metadata: Mapping[str, Any]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> dict[str, Any]:
        """Return what a program needs to act as this client."""
        known = ("id_token_signed_response_alg", "userinfo_signed_response_alg")
        return {
            "client_id": self.metadata["client_id"],
            "secret": self.metadata.get("client_secret"),
            "method": self.metadata["token_endpoint_auth_method"],
            "metadata": {n: self.metadata[n] for n in known if n in self.metadata},
            "redirect_uri": self.metadata["redirect_uris"][0],
            "scope": SCOPE,
            "after": AFTER,
            **self.more,
        }


def made(sites: Mapping[str, str]) -> dict[str, Registered]:
    """Return all of them, by name; those in `sites` have an address of their own."""
    found = {method: client(method, **_proof(method)) for method in METHODS}
    found |= {alg: client(alg, id_token_signed_response_alg=alg) for alg in ALGORITHMS}
    found |= {alg: _encrypted(alg, enc) for alg, enc in ENCRYPTED.items()}
    key = private_key("PS256")
    return found | {
        "pairwise": client("pairwise", subject_type="pairwise"),
        "signed-userinfo": client("signed-userinfo", userinfo_signed_response_alg="ES256"),
        "request-object": client(
            "request-object",
            jwks=public(key),
            request_object_signing_alg="PS256",
            require_signed_request_object=True,
            more={"request_object_key": key},
        ),
        "request-reference": client(
            "request-reference",
            jwks=public(key),
            request_object_signing_alg="PS256",
            request_uris=[f"{sites['documents']}/request"],
            more={"request_object_key": key, "by_reference": True},
        ),
        "jwks-uri": client(
            "jwks-uri",
            token_endpoint_auth_method="private_key_jwt",
            jwks_uri=f"{sites['documents']}/keys",
        ),
        "back-channel": client(
            "back-channel",
            backchannel_logout_uri=f"{sites['documents']}/back-channel",
            backchannel_logout_session_required=True,
        ),
        "code id_token": client(
            "hybrid",
            redirect_uris=[SECURE],
            response_types=["code id_token"],
            grant_types=["authorization_code", "refresh_token", "implicit"],
            more={"response_type": "code id_token"},
        ),
        "id_token": client(
            "implicit",
            redirect_uris=[SECURE],
            response_types=["id_token"],
            grant_types=["implicit"],
            more={"response_type": "id_token"},
        ),
        "authlib": client(
            "authlib",
            redirect_uris=[f"{sites['authlib']}/callback"],
            post_logout_redirect_uris=[f"{sites['authlib']}/left"],
        ),
        "mozilla": client(
            "mozilla",
            token_endpoint_auth_method="client_secret_post",
            redirect_uris=[f"{sites['mozilla']}/oidc/callback/"],
            post_logout_redirect_uris=[f"{sites['mozilla']}/"],
        ),
        "spa": client(
            "spa",
            token_endpoint_auth_method="none",
            redirect_uris=[f"{sites['spa']}/callback"],
            post_logout_redirect_uris=[f"{sites['spa']}/"],
            cors_origins=[sites["spa"]],
        ),
    }


def client(name: str, *, more: Mapping[str, Any] | None = None, **metadata: Any) -> Registered:
    """Return one client; it is confidential unless `metadata` says otherwise."""
    usual: dict[str, Any] = {
        "client_id": f"rp-{name}",
        "client_name": f"Application {name}",
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AFTER],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": SCOPE,
    }
    whole = {**usual, **metadata}
    if whole["token_endpoint_auth_method"].startswith("client_secret"):
        whole |= {"client_secret": secrets.token_urlsafe(32), "may_introspect": True}
    is_confidential = whole["token_endpoint_auth_method"] != "none"
    told = {"revokes": True, "introspects": is_confidential, **(more or {})}
    return Registered(metadata=whole, more=told)


def _proof(method: str) -> dict[str, Any]:
    proof: dict[str, Any] = {"token_endpoint_auth_method": method}
    if method == "private_key_jwt":
        key = private_key("ES256")
        proof |= {"jwks": public(key), "may_introspect": True, "more": {"key": key}}
    if method == "none":
        proof["application_type"] = "native"
    return proof


def _encrypted(alg: str, enc: str) -> Registered:
    key = private_key(alg, use="enc")
    kinds = ("id_token", "userinfo")
    return client(
        alg,
        jwks=public(key),
        **{f"{kind}_encrypted_response_alg": alg for kind in kinds},
        **{f"{kind}_encrypted_response_enc": enc for kind in kinds},
        userinfo_signed_response_alg="RS256",
        more={"decryption_key": key},
    )


def private_key(alg: str, *, use: str = "sig") -> dict[str, Any]:
    """Return a new private key as a JWK for one algorithm."""
    about: Any = {"alg": alg, "use": use, "kid": secrets.token_hex(8)}
    key: ECKey | RSAKey | OKPKey
    if alg in _GROWN or alg.startswith("ECDH"):
        key = ECKey.generate_key(_GROWN.get(alg, "P-256"), about)
    elif alg in {"EdDSA", "Ed25519"}:
        key = OKPKey.generate_key("Ed25519", about)
    else:
        key = RSAKey.generate_key(2048, about)
    return dict(key.as_dict(private=True))


def public(*keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public halves as a JWK set."""
    secret = {"d", "p", "q", "dp", "dq", "qi"}
    return {"keys": [{n: v for n, v in key.items() if n not in secret} for key in keys]}
