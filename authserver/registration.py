"""RFC 7591 §2 — client metadata: what it may say, what is assumed where it is silent, and every fault at once.

Used by import, by the commands, by the console and by dynamic registration. A member nobody here knows is
a fault: a misspelt switch that is silently ignored would be a switch that silently does not hold.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from authserver import client_auth, client_secrets, redirects, resources
from tokens import jws

GRANT_TYPES: Final = ("authorization_code", "refresh_token", "client_credentials")
RESPONSE_TYPES: Final = ("code",)
ID_TOKEN_ALGORITHMS: Final = ("RS256", "ES256")
IDENTITY_SCOPES: Final = frozenset("openid profile email address phone offline_access".split())
_LIFETIMES: Final = frozenset({"access_token", "refresh_token", "family", "id_token"})
_IGNORED: Final = frozenset(
    "client_id_issued_at client_secret_expires_at registration_access_token registration_client_uri "
    "software_id software_version initiate_login_uri default_max_age require_auth_time".split()
)
_LONGEST_ID: Final = 255
_LONGEST_NAME: Final = 120
_LONGEST_URI: Final = 500
_TEN_YEARS: Final = 315_360_000
_TOO_WEAK: Final = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one member."""

    member: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.member}: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Metadata that is in order: the columns of the row, and the identifier and secret if it brought them."""

    client_id: str | None
    client_secret: str | None
    columns: Mapping[str, Any] = field(default_factory=dict)


class _Wrong(Exception):  # noqa: N818  a sentence on its way up, never seen outside
    """A member that is not acceptable; the text says why."""


Reader = Callable[[Any], Any]


def read(metadata: object) -> tuple[Registration | None, list[Fault]]:
    """Return the registration, or None and every fault."""
    if not isinstance(metadata, Mapping) or not all(isinstance(name, str) for name in metadata):
        return None, [Fault("", "must be an object")]
    given = {_OURS.get(name, name): value for name, value in metadata.items() if value is not None}
    faults = [
        Fault(name, "is not known here, so it is not ignored")
        for name in given
        if name not in _READERS and name not in _IGNORED and "#" not in name
    ]
    values = _defaults(given)
    for name, reader in _READERS.items():
        if name in given:
            try:
                values[name] = reader(given[name])
            except _Wrong as wrong:
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
        (has_code and not values["redirect_uris"], "redirect_uris", "must not be empty for this grant type"),
        (has_code != ("code" in values["response_types"]), "response_types", "must fit grant_types"),
        (not grants, "grant_types", "must not be empty; leave it out for authorization_code"),
        ("client_credentials" in grants and is_public, "grant_types", "need a client that can authenticate"),
        (method == "private_key_jwt" and not values["jwks"], "jwks", "is needed for private_key_jwt"),
        (bool(secret) and method in {"none", "private_key_jwt"}, "client_secret", "has no use here"),
        (is_public and not values["rotation"], "rotation", "must be on for a client without a secret"),
        (is_public and bool(values["may_introspect"]), "may_introspect", "needs a client with a secret"),
        (values["skip_consent"] and private_use, "skip_consent", "must be off: any app can claim the scheme"),
        (bool(algorithm) and not _fits(method, algorithm), "token_endpoint_auth_signing_alg", "does not fit"),
        (
            method == "client_secret_jwt" and bool(secret) and not client_secrets.can_be_hmac_key(secret),
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


def _text(longest: int, pattern: str = r".*") -> Reader:
    def read_text(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest:
            message = f"must be a text of at most {longest} characters"
            raise _Wrong(message)
        if not re.fullmatch(pattern, value) or any(unicodedata.category(c) in _UNSEEN for c in value):
            message = "holds a character that is not allowed"
            raise _Wrong(message)
        return value

    return read_text


def _one_of(*allowed: str) -> Reader:
    def read_choice(value: object) -> str:
        if value not in allowed:
            raise _Wrong("must be one of " + ", ".join(allowed))
        return str(value)

    return read_choice


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


def _list_of(reader: Reader) -> Reader:
    def read_list(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise _Wrong("must be a list")
        items = [reader(item) for item in value]
        if len(set(items)) < len(items):
            raise _Wrong("names something twice")
        return items

    return read_list


def _scope(value: object) -> str:
    text = _text(10_000, r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*|")(value)
    unknown = [name for name in text.split() if resources.scope(name) is None]
    if unknown:
        raise _Wrong("names unknown scopes: " + ", ".join(unknown))
    return str(text)


def _page(value: object) -> str:
    text = str(_text(_LONGEST_URI, r"[\x21-\x7e]*")(value))
    sentence = redirects.fault(text.replace("*", ""), is_native=False) if text else None
    if sentence or (text and not urlsplit(text).hostname):
        raise _Wrong(sentence or "must be an address")
    return text


def _origin(value: object) -> str:
    sentence = redirects.origin_fault(value)
    if sentence:
        raise _Wrong(sentence)
    return str(value)


def _resource(value: object) -> str:
    if not isinstance(value, str) or resources.find(value) is None:
        raise _Wrong("names a resource that is not registered")
    return value


def _introspection(value: object) -> bool | list[str]:
    if isinstance(value, bool):
        return value or []
    return list(_list_of(_resource)(value))


def _jwks(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("must be an object with the member keys")
    try:
        keys = jws.load_public_jwks(value)
    except jws.NotAKeyError as fault:
        raise _Wrong(str(fault)) from fault
    kids = [key.kid for key in keys if key.kid is not None]
    if not keys or len(set(kids)) < len(kids):
        raise _Wrong("must hold at least one key, and no kid twice")
    return value


def _lifetimes(value: object) -> Mapping[str, int]:
    if not isinstance(value, dict) or not set(value) <= _LIFETIMES:
        raise _Wrong("must be an object with some of " + ", ".join(sorted(_LIFETIMES)))
    for seconds in value.values():
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= _TEN_YEARS:
            raise _Wrong("must hold whole seconds of at least 1")
    return value


def _secret(value: object) -> str:
    text = str(_text(1024)(value))
    if len(text) < _TOO_WEAK:
        message = f"must have at least {_TOO_WEAK} characters"
        raise _Wrong(message)
    if client_secrets.is_unknown_hash(text):
        raise _Wrong("is a hash that cannot be checked here")
    return text


_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs"})
_ANY_URI = _text(2000)
_READERS: Final[Mapping[str, Reader]] = {
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
_OURS: Final = {"client_name": "name"}
_THEIRS: Final = {"name": "client_name"}
