"""RFC 7591 §5 — what a client may say about itself, and what is never its to say.

Members that nobody here knows, and those an operator decides, are ignored (RFC 7591 §2): the answer
holds what is registered, so it proves what was not.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from authserver import choices, contradictions, members, models, registration
from authserver.registration import Fault, Registration
from config import policy

_COLUMNS: Final = {"client_name": "name"}
OWN: Final = (
    *("client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri", "contacts"),
    *("application_type", "software_id", "software_version", "redirect_uris", "grant_types"),
    *("response_types", "scope", "initiate_login_uri", "default_max_age", "require_auth_time"),
    *("default_acr_values", "request_uris", "require_signed_request_object"),
    *("request_object_signing_alg", "token_endpoint_auth_method", "jwks", "jwks_uri"),
    *("token_endpoint_auth_signing_alg", "subject_type", "sector_identifier_uri"),
    *("id_token_signed_response_alg", "id_token_encrypted_response_alg"),
    *("id_token_encrypted_response_enc", "userinfo_signed_response_alg"),
    *("userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc"),
    *("post_logout_redirect_uris", "frontchannel_logout_uri", "backchannel_logout_uri"),
    *("frontchannel_logout_session_required", "backchannel_logout_session_required"),
)
"""The members that are a client's own, by name: a member that comes later is an operator's."""
_DERIVED: Final = ("default_scope", "localized", "pkce_required", "cors_origins")
_DERIVED_BY_POLICY: Final = ("danger_token_endpoint_audience",)
_SENT: Final = frozenset({*OWN, *choices.CHOICES, *choices.NOT_SERVED}) | {
    "request_object_encryption_alg",
    "request_object_encryption_enc",
}
_SWITCHED_BY: Final = (
    ("grant_types", "client_credentials", "danger_client_credentials"),
    ("grant_types", "implicit", "danger_front_channel_tokens"),
)


def column(member: str) -> str:
    """Return the column of a member."""
    return _COLUMNS.get(member, member)


def columns() -> tuple[str, ...]:
    """Return every column that a client's own metadata decides."""
    return (*(column(member) for member in OWN), *_DERIVED, *_DERIVED_BY_POLICY)


def read(
    document: Mapping[str, Any], kept: Mapping[str, Any] | None = None
) -> tuple[Registration | None, list[Fault]]:
    """Return what a client registers of itself, or None and every fault.

    `kept` are columns that stay as they are, whatever the document says.
    """
    given = {name: value for name, value in document.items() if _is_own(name)}
    given |= {"scope": _open_part(given.get("scope"))}
    kept = kept or {}
    whole = {name: value for name, value in given.items() if column(name) not in kept} | {
        name: value for name, value in kept.items() if value is not None
    }
    if "default_scope" in kept and isinstance(whole["scope"], str):
        still = [name for name in kept["default_scope"].split() if name in whole["scope"].split()]
        whole["default_scope"] = " ".join(still)
    whole = {name: value for name, value in whole.items() if not _is_settled_in_words(name, kept)}
    entry, faults = registration.read(whole)
    faults = [*faults, *_not_open(given), *(_of_another_sector(entry.columns) if entry else ())]
    if entry is None or faults:
        return None, faults
    derived = _derived(entry.columns, is_pkce_asked=document.get("pkce_required") is True)
    settled = {name: value for name, value in derived.items() if name not in kept}
    return Registration(
        client_id=None, client_secret=None, columns={**entry.columns, **settled}
    ), []


def shown(row: models.Client) -> dict[str, Any]:
    """Return a row as its client is told: all that is registered and is its own."""
    values = {name: getattr(row, column(name)) for name in OWN}
    texts = {
        f"{member}#{tag}": text
        for member, entries in row.localized.items()
        for tag, text in entries.items()
    }
    told = {name: value for name, value in values.items() if value not in ("", None, [])}
    always = {name: values[name] for name in ("scope", "grant_types", "response_types")}
    return {**told, **always, **texts, "pkce_required": row.pkce_required}


def _is_settled_in_words(name: str, kept: Mapping[str, Any]) -> bool:
    """Tell whether a text in one language would say otherwise what is settled for all."""
    member, is_tagged, _ = name.partition("#")
    return bool(is_tagged) and ("localized" in kept or column(member) in kept)


def _is_own(name: str) -> bool:
    return name in _SENT or name.partition("#")[0] in members.LOCALIZED


def _open_part(scope: Any) -> Any:
    """Return the scopes that are open to everybody, of those asked for (all, if none is)."""
    if not isinstance(scope, str | None):
        return scope
    open_ = registration.open_scopes().split()
    return " ".join(open_ if scope is None else [name for name in scope.split() if name in open_])


def _not_open(given: Mapping[str, Any]) -> list[Fault]:
    rules = policy.current().registration
    sentence = "is not open to clients that register themselves"
    return [
        Fault(member, f"{value} {sentence}")
        for member, value, switch in _SWITCHED_BY
        if not getattr(rules, switch)
        and isinstance(given.get(member), list)
        and value in given[member]
    ]


def _of_another_sector(columns_: Mapping[str, Any]) -> list[Fault]:
    """Refuse to name a sector's people to a host outside of it: logout tokens hold a `sub`."""
    address = urlsplit(columns_["backchannel_logout_uri"]).hostname
    if not address or columns_["subject_type"] != "pairwise":
        return []
    own = {*columns_["redirect_uris"], columns_["sector_identifier_uri"]}
    if address in contradictions.hosts([uri for uri in own if uri]):
        return []
    return [Fault("backchannel_logout_uri", "must be where the pairwise client's own pages are")]


def _derived(columns_: Mapping[str, Any], *, is_pkce_asked: bool) -> dict[str, Any]:
    """Return what this server decides of such a client."""
    rules = policy.current().registration
    is_public = columns_["token_endpoint_auth_method"] == "none"
    # The pages of a public web client are where its redirect URIs are, and call us from there.
    pages = columns_["redirect_uris"] if is_public else []
    origins = {f"{urlsplit(uri).scheme}://{urlsplit(uri).netloc}": None for uri in pages}
    is_web = columns_["application_type"] == "web"
    return {
        "pkce_required": is_pkce_asked or is_public or not rules.danger_pkce_optional,
        "danger_token_endpoint_audience": rules.danger_token_endpoint_audience,
        "cors_origins": list(origins) if is_web else [],
    }
