"""RFC 7591 §2 — client metadata: what is assumed where it is silent, what must fit, every fault.

Used by import, by the commands, by the console and by dynamic registration. A member nobody here
knows is a fault: a misspelt switch that is silently ignored would silently not hold.
"""

from collections.abc import Iterator, Mapping
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
    }
)  # what other servers write along, and what costs nobody anything when it does not hold
_EMPTY_TEXTS: Final = (
    *("client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri", "sector_identifier_uri"),
    *("id_token_encrypted_response_alg", "id_token_encrypted_response_enc"),
    *("userinfo_signed_response_alg", "userinfo_encrypted_response_alg"),
    *("userinfo_encrypted_response_enc", "request_object_signing_alg", "initiate_login_uri"),
    *("frontchannel_logout_uri", "backchannel_logout_uri", "software_id", "software_version"),
)
_EMPTY_LISTS: Final = ("contacts", "request_uris", "default_acr_values")
_SWITCHED_OFF: Final = (
    *("require_signed_request_object", "require_auth_time", "danger_token_endpoint_audience"),
    *("frontchannel_logout_session_required", "backchannel_logout_session_required"),
)
_OURS: Final = {"client_name": "name"}
_THEIRS: Final = {"name": "client_name"}
Rule = tuple[bool, str, str]  # whether it is broken, by which member, in what words


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
        "subject_type": "public",
        "id_token_signed_response_alg": "RS256",
        "application_type": "web",
        **dict.fromkeys(_EMPTY_TEXTS, ""),
        **{name: [] for name in _EMPTY_LISTS},
        **dict.fromkeys(_SWITCHED_OFF, False),
        "default_max_age": None,
        "localized": {},
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
    rules = (*_of_grants(values), *_of_authentication(values), *_of_switches(values))
    faults = [Fault(member, sentence) for is_wrong, member, sentence in rules if is_wrong]
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for position, uri in enumerate(values[name]):
            sentence = redirects.fault(uri, is_native=values["application_type"] == "native")
            faults += [Fault(f"{name}[{position}]", sentence)] if sentence else []
    return faults


def _of_grants(values: Mapping[str, Any]) -> Iterator[Rule]:
    grants, scope = values["grant_types"], set(values["scope"].split())
    has_code = "authorization_code" in grants
    is_idle = not grants and not values["may_introspect"]
    yield is_idle, "grant_types", "must not be empty, but for a client that only introspects"
    yield has_code and not values["redirect_uris"], "redirect_uris", "must not be empty"
    yield has_code != ("code" in values["response_types"]), "response_types", "must fit grant_types"
    yield (
        not set(values["default_scope"].split()) <= scope,
        "default_scope",
        "must be part of scope",
    )


def _of_authentication(values: Mapping[str, Any]) -> Iterator[Rule]:
    method, secret = values["token_endpoint_auth_method"], values.get("client_secret")
    is_public, is_shared = method == "none", method == "client_secret_jwt"
    algorithm = values["token_endpoint_auth_signing_alg"]
    is_useless = bool(secret) and method in {"none", "private_key_jwt"}
    is_unfit = is_shared and bool(secret) and not client_secrets.can_be_hmac_key(str(secret))
    yield method == "private_key_jwt" and not values["jwks"], "jwks", "is needed for this method"
    yield is_useless, "client_secret", "has no use with this token_endpoint_auth_method"
    yield is_unfit, "client_secret", "must be plain, with at least 32 bytes, for client_secret_jwt"
    yield (
        bool(algorithm) and not _fits(method, algorithm),
        "token_endpoint_auth_signing_alg",
        "must fit token_endpoint_auth_method",
    )
    yield (
        is_public and "client_credentials" in values["grant_types"],
        "grant_types",
        "holds client_credentials, which needs a client that can authenticate",
    )


def _of_switches(values: Mapping[str, Any]) -> Iterator[Rule]:
    is_public = values["token_endpoint_auth_method"] == "none"
    # Anything on the device can claim a private scheme, or listen on a loopback port.
    is_claimable = values["application_type"] == "native"
    yield is_public and not values["rotation"], "rotation", "must be on for a public client"
    yield is_public and bool(values["may_introspect"]), "may_introspect", "needs a secret or a key"
    yield (
        values["skip_consent"] and is_claimable,
        "skip_consent",
        "must be off for a native application: any other on the device can claim its address",
    )


def _fits(method: str, algorithm: str) -> bool:
    if method == "client_secret_jwt":
        return algorithm in client_auth.SHARED_ALGORITHMS
    return method == "private_key_jwt" and algorithm in client_auth.KEY_ALGORITHMS
