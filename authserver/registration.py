"""RFC 7591 §2 — client metadata: what is assumed where it is silent, what must fit, every fault.

Used by import, by the commands, by the console and by dynamic registration. A member nobody here
knows is a fault: a misspelt switch that is silently ignored would silently not hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from authserver import choices, contradictions, members, resources, sectors
from authserver.members import languages
from tokens import jwe

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
    "native_sso_group",
)
_EMPTY_LISTS: Final = ("contacts", "request_uris", "default_acr_values")
_SWITCHED_OFF: Final = (
    *("require_signed_request_object", "require_auth_time", "danger_token_endpoint_audience"),
    *("frontchannel_logout_session_required", "backchannel_logout_session_required"),
)
_ENCRYPTED: Final = ("id_token", "userinfo")
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


def judged(metadata: object) -> tuple[Registration | None, list[Fault]]:
    """Do as `read`, and ask the sector identifier whether the redirect URIs are its own."""
    entry, faults = read(metadata)
    sentence = sectors.fault(entry.client_id, entry.columns) if entry else None
    return (None, [Fault("sector_identifier_uri", sentence)]) if sentence else (entry, faults)


def read(metadata: object) -> tuple[Registration | None, list[Fault]]:
    """Return the registration, or None and every fault; nobody else is asked."""
    if not isinstance(metadata, Mapping) or not all(isinstance(name, str) for name in metadata):
        return None, [Fault("", "must be an object")]
    present = {str(name): value for name, value in metadata.items() if value is not None}
    given, wrong = choices.picked({_OURS.get(name, name): v for name, v in present.items()})
    faults = [Fault(*each) for each in wrong]
    given, wrong = _with_languages(given)
    faults += [Fault(*each) for each in wrong]
    faults += [
        Fault(name, "is not known here, so it is not ignored")
        for name in given
        if name not in members.READERS and name not in _IGNORED
    ]
    values = _defaults(given)
    for name, reader in members.READERS.items():
        if name in given:
            try:
                values[name] = reader(given[name])
            except members.WrongError as fault:
                faults.append(Fault(_THEIRS.get(name, name), str(fault)))
    if not faults:
        faults = [Fault(*each) for each in contradictions.found(values)]
    if faults:
        return None, faults
    identifier, secret = values.pop("client_id", None), values.pop("client_secret", None)
    return Registration(client_id=identifier, client_secret=secret, columns=values), []


def _with_languages(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the metadata with `client_name#de` among `localized`, and names that are wrong."""
    plain = {name: value for name, value in given.items() if "#" not in name}
    tagged = [name for name in given if "#" in name]
    found = languages.gathered({name: given[name] for name in tagged})
    faults = [
        (name, "is not a member people read, with a language tag")
        for name in tagged
        if name.partition("#")[0] not in members.LOCALIZED
        or languages.tag(name.partition("#")[2]) is None
    ]
    if sum(len(entries) for entries in found.values()) < len(tagged):
        faults.append(("localized", "names a language twice"))
    if found and not faults:
        before = plain.get("localized")
        plain["localized"] = (before if isinstance(before, dict) else {}) | found
    return plain, faults


def _defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return RFC 7591's assumptions about absent members, and ours."""
    scope = given.get("scope")
    own = scope if isinstance(scope, str) else open_scopes()
    grants = given.get("grant_types")
    has_code = "authorization_code" in grants if isinstance(grants, list) else True
    encrypted = [kind for kind in _ENCRYPTED if given.get(f"{kind}_encrypted_response_alg")]
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
        **{f"{kind}_encrypted_response_enc": jwe.USUAL_ENCRYPTION for kind in encrypted},
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
        "branding": {},
    }


def open_scopes() -> str:
    """Return the scopes that are open to every new client."""
    return " ".join(scope.name for scope in resources.scopes() if scope.is_default)
