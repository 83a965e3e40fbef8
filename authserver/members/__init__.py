"""What one member of client metadata may hold, alone: its type, its alphabet, its bounds."""

from collections.abc import Mapping
from typing import Final

from authserver import client_auth, client_secrets, resources, response_types
from authserver.grants import native_sso
from authserver.members import addresses, brands, keys, languages, shapes
from authserver.members.shapes import Reader, WrongError
from tokens import jwe, pairwise
from tokens import keys as signing_keys

__all__ = ["GRANT_TYPES", "LOCALIZED", "READERS", "Reader", "WrongError"]
GRANT_TYPES: Final = (
    *("authorization_code", "refresh_token", "client_credentials", response_types.IMPLICIT),
    native_sso.TOKEN_EXCHANGE,
)
_LIFETIMES: Final = frozenset({"access_token", "refresh_token", "family", "id_token"})
_LONGEST_ID: Final = 255
_LONGEST_NAME: Final = 120
_TEN_YEARS: Final = 315_360_000
_TOO_WEAK: Final = 8
_NOT_DECRYPTED: Final = "request objects are taken signed, never encrypted"


def _response_type(value: object) -> str:
    """Read a response type; the order of its words means nothing (Multiple Response Types §2)."""
    canonical = response_types.canonical(value) if isinstance(value, str) else ""
    if canonical not in response_types.supported():
        raise WrongError("must be some of " + ", ".join(response_types.supported()))
    return canonical


def _scope(value: object) -> str:
    text = shapes.text(10_000, r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*|")(value)
    unknown = [name for name in text.split() if resources.scope(name) is None]
    if unknown:
        raise WrongError("names unknown scopes: " + ", ".join(unknown))
    return str(text)


def _resource(value: object) -> str:
    if not isinstance(value, str) or resources.find(value) is None:
        raise WrongError("names a resource that is not registered")
    return value


def _introspection(value: object) -> bool | list[str]:
    if isinstance(value, bool):
        return value or []
    return list(shapes.list_of(_resource)(value))


def _lifetimes(value: object) -> Mapping[str, int]:
    if not isinstance(value, dict) or not set(value) <= _LIFETIMES:
        raise WrongError("must be an object with some of " + ", ".join(sorted(_LIFETIMES)))
    for seconds in value.values():
        shapes.whole(1, _TEN_YEARS)(seconds)
    return value


def _secret(value: object) -> str:
    text = str(shapes.text(1024)(value))
    if len(text) < _TOO_WEAK:
        raise WrongError(f"must have at least {_TOO_WEAK} characters")
    if client_secrets.is_unknown_hash(text):
        raise WrongError("is a hash that cannot be checked here")
    return text


_NAME: Final = shapes.name(_LONGEST_NAME)
_REDIRECTS: Final = shapes.list_of(shapes.text(2000))
_LOGO: Final = addresses.asked
LOCALIZED: Final[Mapping[str, Reader]] = {
    "client_name": _NAME,
    "client_uri": addresses.page,
    "logo_uri": _LOGO,
    "policy_uri": addresses.page,
    "tos_uri": addresses.page,
}
"""What people read or open, and so may be there in several languages (OIDC Registration §2.1)."""
_SIGNED: Final = shapes.one_of(*signing_keys.ALGORITHMS)
_ENCRYPTED: Final = shapes.optional(shapes.one_of(*jwe.ALGORITHMS))
_CONTENT: Final = shapes.optional(shapes.one_of(*jwe.ENCRYPTIONS))
_WHO: Final[Mapping[str, Reader]] = {
    "client_id": shapes.text(_LONGEST_ID, r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?"),
    "client_secret": _secret,
    "name": _NAME,
    "application_type": shapes.one_of("web", "native"),
    **dict.fromkeys(("client_uri", "policy_uri", "tos_uri"), addresses.page),
    "logo_uri": _LOGO,
    "contacts": shapes.list_of(shapes.text(500), 20),
    "software_id": shapes.text(200),
    "software_version": shapes.text(100),
    "localized": languages.reader(LOCALIZED),
    "cors_origins": shapes.list_of(addresses.origin),
}
_WHAT: Final[Mapping[str, Reader]] = {
    "redirect_uris": _REDIRECTS,
    "grant_types": shapes.list_of(shapes.one_of(*GRANT_TYPES)),
    "response_types": shapes.list_of(_response_type),
    "scope": _scope,
    "default_scope": _scope,
    "resources": shapes.list_of(_resource),
    "may_introspect": _introspection,
    "initiate_login_uri": addresses.secure_page,
    "default_max_age": shapes.whole(0, _TEN_YEARS),
    "require_auth_time": shapes.boolean,
    "default_acr_values": shapes.list_of(shapes.text(200, r"[\x21-\x7e]+"), 20),
    "request_uris": shapes.list_of(addresses.request_object, 20),
    "require_signed_request_object": shapes.boolean,
    "request_object_signing_alg": shapes.optional(
        shapes.one_of(*sorted(client_auth.KEY_ALGORITHMS))
    ),
    "request_object_encryption_alg": shapes.never(_NOT_DECRYPTED),
    "request_object_encryption_enc": shapes.never(_NOT_DECRYPTED),
}
_HOW: Final[Mapping[str, Reader]] = {
    "token_endpoint_auth_method": shapes.one_of(*client_auth.METHODS),
    "token_endpoint_auth_signing_alg": shapes.optional(
        shapes.one_of(*client_auth.SIGNING_ALGORITHMS)
    ),
    "jwks": keys.jwks,
    "jwks_uri": addresses.asked,
    "subject_type": shapes.one_of(*pairwise.SUBJECT_TYPES),
    "sector_identifier_uri": addresses.asked,
    "id_token_signed_response_alg": _SIGNED,
    "id_token_encrypted_response_alg": _ENCRYPTED,
    "id_token_encrypted_response_enc": _CONTENT,
    "userinfo_signed_response_alg": shapes.optional(_SIGNED),
    "userinfo_encrypted_response_alg": _ENCRYPTED,
    "userinfo_encrypted_response_enc": _CONTENT,
}
_LOGOUT: Final[Mapping[str, Reader]] = {
    "post_logout_redirect_uris": _REDIRECTS,
    "frontchannel_logout_uri": addresses.page,
    "frontchannel_logout_session_required": shapes.boolean,
    "backchannel_logout_uri": addresses.asked,
    "backchannel_logout_session_required": shapes.boolean,
}
_OURS: Final[Mapping[str, Reader]] = {
    "pkce_required": shapes.boolean,
    "rotation": shapes.boolean,
    "skip_consent": shapes.boolean,
    "native_sso_group": shapes.text(100),
    "branding": brands.brand,
    "token_lifetimes": _lifetimes,
    "danger_token_endpoint_audience": shapes.boolean,
}
READERS: Final[Mapping[str, Reader]] = {**_WHO, **_WHAT, **_HOW, **_LOGOUT, **_OURS}
