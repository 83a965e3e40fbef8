"""What one member of client metadata may hold, alone: its type, its alphabet, its bounds."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from authserver import client_auth, client_secrets, redirects, resources
from tokens import jws

Reader = Callable[[Any], Any]
GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials")
RESPONSE_TYPES: Final = ("code",)
ID_TOKEN_ALGORITHMS: Final = ("RS256", "ES256")
_LIFETIMES: Final = frozenset({"access_token", "refresh_token", "family", "id_token"})
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs"})  # control, bidi, zero width, …
_LONGEST_ID: Final = 255
_LONGEST_NAME: Final = 120
_LONGEST_URI: Final = 500
_TEN_YEARS: Final = 315_360_000
_TOO_WEAK: Final = 8


class WrongError(Exception):
    """A member is not acceptable; the text says why."""


def _text(longest: int, pattern: str = r".*") -> Reader:
    def read_text(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest:
            message = f"must be a text of at most {longest} characters"
            raise WrongError(message)
        if not re.fullmatch(pattern, value) or any(
            unicodedata.category(c) in _UNSEEN for c in value
        ):
            message = "holds a character that is not allowed"
            raise WrongError(message)
        return value

    return read_text


def _one_of(*allowed: str) -> Reader:
    def read_choice(value: object) -> str:
        if value not in allowed:
            raise WrongError("must be one of " + ", ".join(allowed))
        return str(value)

    return read_choice


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongError("must be true or false")
    return value


def _list_of(reader: Reader) -> Reader:
    def read_list(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise WrongError("must be a list")
        items = [reader(item) for item in value]
        if len(set(items)) < len(items):
            raise WrongError("names something twice")
        return items

    return read_list


def _scope(value: object) -> str:
    text = _text(10_000, r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*|")(value)
    unknown = [name for name in text.split() if resources.scope(name) is None]
    if unknown:
        raise WrongError("names unknown scopes: " + ", ".join(unknown))
    return str(text)


def _page(value: object) -> str:
    text = str(_text(_LONGEST_URI, r"[\x21-\x7e]*")(value))
    sentence = redirects.fault(text.replace("*", ""), is_native=False) if text else None
    if sentence or (text and not urlsplit(text).hostname):
        raise WrongError(sentence or "must be an address")
    return text


def _origin(value: object) -> str:
    sentence = redirects.origin_fault(value)
    if sentence:
        raise WrongError(sentence)
    return str(value)


def _resource(value: object) -> str:
    if not isinstance(value, str) or resources.find(value) is None:
        raise WrongError("names a resource that is not registered")
    return value


def _introspection(value: object) -> bool | list[str]:
    if isinstance(value, bool):
        return value or []
    return list(_list_of(_resource)(value))


def _jwks(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WrongError("must be an object with the member keys")
    try:
        keys = jws.load_public_jwks(value)
    except jws.NotAKeyError as fault:
        raise WrongError(str(fault)) from fault
    kids = [key.kid for key in keys if key.kid is not None]
    if not keys or len(set(kids)) < len(kids):
        raise WrongError("must hold at least one key, and no kid twice")
    return value


def _lifetimes(value: object) -> Mapping[str, int]:
    if not isinstance(value, dict) or not set(value) <= _LIFETIMES:
        raise WrongError("must be an object with some of " + ", ".join(sorted(_LIFETIMES)))
    for seconds in value.values():
        if (
            isinstance(seconds, bool)
            or not isinstance(seconds, int)
            or not 1 <= seconds <= _TEN_YEARS
        ):
            raise WrongError("must hold whole seconds of at least 1")
    return value


def _secret(value: object) -> str:
    text = str(_text(1024)(value))
    if len(text) < _TOO_WEAK:
        message = f"must have at least {_TOO_WEAK} characters"
        raise WrongError(message)
    if client_secrets.is_unknown_hash(text):
        raise WrongError("is a hash that cannot be checked here")
    return text


_ANY_URI = _text(2000)
READERS: Final[Mapping[str, Reader]] = {
    "client_id": _text(_LONGEST_ID, r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?"),
    "client_secret": _secret,
    "name": _text(_LONGEST_NAME),
    "redirect_uris": _list_of(_ANY_URI),
    "post_logout_redirect_uris": _list_of(_ANY_URI),
    "grant_types": _list_of(_one_of(*GRANT_TYPES)),
    "response_types": _list_of(_one_of(*RESPONSE_TYPES)),
    "scope": _scope,
    "default_scope": _scope,
    "token_endpoint_auth_method": _one_of(*client_auth.METHODS),
    "token_endpoint_auth_signing_alg": _one_of(*client_auth.SIGNING_ALGORITHMS),
    "jwks": _jwks,
    "id_token_signed_response_alg": _one_of(*ID_TOKEN_ALGORITHMS),
    "application_type": _one_of("web", "native"),
    **dict.fromkeys(("client_uri", "logo_uri", "policy_uri", "tos_uri"), _page),
    "contacts": _list_of(_text(_LONGEST_URI)),
    "pkce_required": _boolean,
    "rotation": _boolean,
    "resources": _list_of(_resource),
    "may_introspect": _introspection,
    "cors_origins": _list_of(_origin),
    "skip_consent": _boolean,
    "token_lifetimes": _lifetimes,
}
