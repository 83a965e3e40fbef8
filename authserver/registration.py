"""RFC 7591 §2 — client metadata: what is assumed where it is silent, what must fit, every fault.

Used by import, by the commands, by the console and by dynamic registration. A member nobody here
knows is a fault: a misspelt switch that is silently ignored would silently not hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from authserver import client_auth, client_secrets, members, redirects, resources

IDENTITY_SCOPES: Final = frozenset(
    {"openid", "profile", "email", "address", "phone", "offline_access"}
)
_IGNORED: Final = frozenset(
    {
        "client_id_issued_at",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
        "software_id",
        "software_version",
        "initiate_login_uri",
        "default_max_age",
        "require_auth_time",
    }
)  # what other servers write along, and what costs nobody anything when it does not hold
_OURS: Final = {"client_name": "name"}
_THEIRS: Final = {"name": "client_name"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one member."""

    member: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.member}: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Metadata that is in order: the columns of the row, and the id and secret it brought."""

    client_id: str | None
    client_secret: str | None
    columns: Mapping[str, Any] = field(default_factory=dict)


def read(metadata: object) -> tuple[Registration | None, list[Fault]]:
    """Return the registration, or None and every fault."""
    if not isinstance(metadata, Mapping) or not all(isinstance(name, str) for name in metadata):
        return None, [Fault("", "must be an object")]
    present = {str(name): value for name, value in metadata.items() if value is not None}
    given = {_OURS.get(name, name): value for name, value in present.items()}
    faults = [
        Fault(name, "is not known here, so it is not ignored")
        for name in given
        if name not in members.READERS and name not in _IGNORED and "#" not in name
    ]
    values = _defaults(given)
    for name, reader in members.READERS.items():
        if name in given:
            try:
                values[name] = reader(given[name])
            except members.WrongError as wrong:
                faults.append(Fault(_THEIRS.get(name, name), str(wrong)))
    if not faults:
        faults = _contradictions(values)
    if faults:
        return None, faults
    identifier, secret = values.pop("client_id", None), values.pop("client_secret", None)
    return Registration(client_id=identifier, client_secret=secret, columns=values), []


def _defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return RFC 7591's assumptions about absent members, and ours."""
    scope = given.get("scope")
    own = scope if isinstance(scope, str) else _open_scopes()
    grants = given.get("grant_types")
    has_code = "authorization_code" in grants if isinstance(grants, list) else True
    return {
        "name": "",
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "grant_types": ["authorization_code"],
        "response_types": ["code"] if has_code else [],
        "scope": own,
        "default_scope": " ".join(name for name in own.split() if name not in IDENTITY_SCOPES),
        "token_endpoint_auth_method": "client_secret_basic",
        "token_endpoint_auth_signing_alg": "",
        "jwks": None,
        "id_token_signed_response_alg": "RS256",
        "application_type": "web",
        **dict.fromkeys(("client_uri", "logo_uri", "policy_uri", "tos_uri"), ""),
        "contacts": [],
        "pkce_required": True,
        "rotation": True,
        "resources": [],
        "may_introspect": [],
        "cors_origins": [],
        "skip_consent": False,
        "token_lifetimes": {},
    }


def _open_scopes() -> str:
    return " ".join(scope.name for scope in resources.scopes() if scope.is_default)


def _contradictions(values: Mapping[str, Any]) -> list[Fault]:
    """Return what is fine member by member and cannot be together."""
    method, grants = values["token_endpoint_auth_method"], values["grant_types"]
    is_public, is_native = method == "none", values["application_type"] == "native"
    has_code, secret = "authorization_code" in grants, values.get("client_secret")
    algorithm = values["token_endpoint_auth_signing_alg"]
    uris = {name: values[name] for name in ("redirect_uris", "post_logout_redirect_uris")}
    private_use = any(not uri.startswith(("http:", "https:")) for uri in uris["redirect_uris"])
    rules = [
        (
            has_code and not values["redirect_uris"],
            "redirect_uris",
            "must not be empty for this grant type",
        ),
        (
            has_code != ("code" in values["response_types"]),
            "response_types",
            "must fit grant_types",
        ),
        (
            not grants and not values["may_introspect"],
            "grant_types",
            "must not be empty, but for a client that only introspects",
        ),
        (
            "client_credentials" in grants and is_public,
            "grant_types",
            "need a client that can authenticate",
        ),
        (
            method == "private_key_jwt" and not values["jwks"],
            "jwks",
            "is needed for private_key_jwt",
        ),
        (
            bool(secret) and method in {"none", "private_key_jwt"},
            "client_secret",
            "has no use here",
        ),
        (
            is_public and not values["rotation"],
            "rotation",
            "must be on for a client without a secret",
        ),
        (
            is_public and bool(values["may_introspect"]),
            "may_introspect",
            "needs a client with a secret",
        ),
        (
            values["skip_consent"] and private_use,
            "skip_consent",
            "must be off: any app can claim the scheme",
        ),
        (
            bool(algorithm) and not _fits(method, algorithm),
            "token_endpoint_auth_signing_alg",
            "does not fit",
        ),
        (
            method == "client_secret_jwt"
            and secret is not None
            and not client_secrets.can_be_hmac_key(secret),
            "client_secret",
            "must be plain, with at least 32 bytes, for client_secret_jwt",
        ),
        (
            not set(values["default_scope"].split()) <= set(values["scope"].split()),
            "default_scope",
            "must be part of scope",
        ),
    ]
    faults = [Fault(member, sentence) for is_wrong, member, sentence in rules if is_wrong]
    for name, listed in uris.items():
        wrong = ((n, redirects.fault(uri, is_native=is_native)) for n, uri in enumerate(listed))
        faults += [Fault(f"{name}[{n}]", sentence) for n, sentence in wrong if sentence]
    return faults


def _fits(method: str, algorithm: str) -> bool:
    if method == "client_secret_jwt":
        return algorithm in client_auth.SHARED_ALGORITHMS
    return method == "private_key_jwt" and algorithm in client_auth.KEY_ALGORITHMS
