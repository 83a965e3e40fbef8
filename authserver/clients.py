"""RFC 6749 §2 — clients as the protocol sees them: frozen values from a bounded in-process cache.

A value is used for `policy.clients.cache_for` without a query, then read again by its key. It
carries the client's epoch, read BEFORE its row, so that what is issued under a value that was cut
off meanwhile is dead. A miss and a wrong secret cost the same: one read, from one allowance.
"""

import dataclasses
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

from authserver import client_secrets, errors, models, redirects
from config import policy
from tokens import epochs
from tokens.names import ClientId

_MISSES_PER_SECOND: Final = 500.0
_MISSES_AT_ONCE: Final = 1000.0
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib carries no types
    """A registered, active client at one moment."""

    client_id: ClientId
    epoch: int
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: frozenset[str]
    response_types: frozenset[str]
    scope: frozenset[str]
    default_scope: frozenset[str]
    token_endpoint_auth_method: str
    token_endpoint_auth_signing_alg: str
    jwks: Mapping[str, Any] | None
    jwks_uri: str
    subject_type: str
    sector_identifier_uri: str
    id_token_signed_response_alg: str
    id_token_encrypted_response_alg: str
    id_token_encrypted_response_enc: str
    userinfo_signed_response_alg: str
    userinfo_encrypted_response_alg: str
    userinfo_encrypted_response_enc: str
    request_object_signing_alg: str
    request_uris: tuple[str, ...]
    require_signed_request_object: bool
    default_max_age: int | None
    require_auth_time: bool
    default_acr_values: tuple[str, ...]
    initiate_login_uri: str
    frontchannel_logout_uri: str
    frontchannel_logout_session_required: bool
    backchannel_logout_uri: str
    backchannel_logout_session_required: bool
    application_type: str
    software_id: str
    software_version: str
    localized: Mapping[str, Mapping[str, str]]
    """Names and links in other languages: by member, then by language tag (BCP 47)."""
    client_uri: str
    logo_uri: str
    policy_uri: str
    tos_uri: str
    pkce_required: bool
    rotation: bool
    resources: tuple[str, ...]
    may_introspect: bool | tuple[str, ...]
    """True: every resource's tokens; else those of the named resources."""
    cors_origins: tuple[str, ...]
    skip_consent: bool
    native_sso_group: str
    token_lifetimes: Mapping[str, int]
    branding: Mapping[str, Any]
    """What an operator says of its looks, as `config.branding.ClientBranding` and its locales."""
    danger_token_endpoint_audience: bool
    unused_until: datetime | None
    """When a client that registered itself and was never used goes; None for every other."""
    is_demo: bool
    is_self_registered: bool
    secrets: tuple[client_secrets.Secret, ...]

    @property
    def is_public(self) -> bool:
        """Whether the client keeps no secret at all."""
        return self.token_endpoint_auth_method == "none"

    @property
    def sector(self) -> str:
        """The host for which this client's pairwise subjects are made, '' for public ones."""
        return sector_of(self)

    @property
    def display_name(self) -> str:
        """The name people are shown."""
        return self.name or self.client_id

    def lifetime(self, kind: str, usual: timedelta) -> timedelta:
        """Return the lifetime of one kind of token (`access_token`, …) for this client."""
        seconds = self.token_lifetimes.get(kind)
        return usual if seconds is None else timedelta(seconds=seconds)

    def get_client_id(self) -> str:
        """Answer Authlib."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Return the only registered redirect URI, if there is exactly one."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return what of `scope` the client may ask for, in the order asked."""
        return " ".join(name for name in dict.fromkeys((scope or "").split()) if name in self.scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether this is one of the client's redirect URIs (RFC 9700 §2.1)."""
        is_native = self.application_type == "native"
        return redirects.matches(self.redirect_uris, redirect_uri, is_native=is_native)

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is one of the client's live secrets."""
        return client_secrets.check(self.secrets, self.client_id, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether this is the registered method; the same for every endpoint."""
        del endpoint
        return method == self.token_endpoint_auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the client may use this response type."""
        return response_type in self.response_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may use this grant type."""
        return grant_type in self.grant_types


def sector_of(client: Client | models.Client) -> str:
    """Return the sector of a client or of its row."""
    if client.subject_type != "pairwise":
        return ""
    if client.sector_identifier_uri:
        return urlsplit(client.sector_identifier_uri).hostname or client.client_id
    address = next(iter(client.redirect_uris), "")
    host = urlsplit(address).hostname
    if host in redirects.LOOPBACK_HOSTS:  # every device has one: those who share it know nobody
        return client.client_id
    # A private-use scheme has no host; it is claimed by one application only (RFC 8252 §7.1).
    return host or address.partition(":")[0] or client.client_id


_lock = threading.Lock()
_cache: dict[str, tuple[Client, float]] = {}
_allowance = [_MISSES_AT_ONCE, time.monotonic()]


def find(client_id: str) -> Client | None:
    """Return the active client, or None; raises TemporarilyUnavailable when misses flood in."""
    return _find(client_id)[0]


def authenticated(client_id: str, secret: str) -> Client | None:
    """Return the client whose secret this is, or None, with the same effort whatever is wrong.

    A secret that does not match is tried once more against the row: it may be new on another node.
    """
    client, was_read = _find(client_id)
    if client is not None and client.check_client_secret(secret):
        return client
    if client is None:
        client_secrets.pretend(secret)
        return None
    if was_read:
        return None
    fresh = _read_within_allowance(client_id)
    if fresh is None or fresh.secrets == client.secrets:
        return None
    return fresh if fresh.check_client_secret(secret) else None


def evict(client_id: str) -> None:
    """Forget one client, so that the next request reads it."""
    with _lock:
        _cache.pop(client_id, None)


def evict_all() -> None:
    """Forget every client and every miss."""
    with _lock:
        _cache.clear()
        _allowance[:] = [_MISSES_AT_ONCE, time.monotonic()]


def _find(client_id: str) -> tuple[Client | None, bool]:
    """Return the client and whether its row was read just now."""
    held = _cache.get(client_id)
    limits = policy.current().clients
    if held and time.monotonic() - held[1] < limits.cache_for.total_seconds():
        return held[0], False
    if held is None:
        return _read_within_allowance(client_id), True
    return _read(client_id), True


def _read_within_allowance(client_id: str) -> Client | None:
    if (
        not client_id
        or len(client_id) > _LONGEST_ID
        or not (client_id.isascii() and client_id.isprintable())
    ):
        return None
    now = time.monotonic()
    with _lock:
        left = min(_MISSES_AT_ONCE, _allowance[0] + (now - _allowance[1]) * _MISSES_PER_SECOND)
        _allowance[:] = [max(left - 1, 0.0), now]
    if left < 1:
        raise errors.TemporarilyUnavailable
    return _read(client_id)


def _read(client_id: str) -> Client | None:
    read_at = time.monotonic()
    epoch = epochs.read(epochs.CLIENT, client_id)
    rows = list(
        models.Client.objects.filter(pk=client_id, is_active=True).values(
            *_COLUMNS, "secrets__kind", "secrets__value", "secrets__expires_at"
        )
    )
    with _lock:
        _cache.pop(client_id, None)
        if not rows:
            return None
        client = _value(rows, epoch)
        _cache[client_id] = (client, read_at)
        while len(_cache) > policy.current().clients.cache_size:
            del _cache[next(iter(_cache))]
    return client


_TUPLES: Final = (
    "redirect_uris",
    "post_logout_redirect_uris",
    "request_uris",
    "default_acr_values",
    "resources",
    "cors_origins",
)
_SETS: Final = ("grant_types", "response_types")
_WORDS: Final = ("scope", "default_scope")
_APART: Final = ("may_introspect", "epoch", "secrets")
_AS_THEY_ARE: Final = [
    field.name
    for field in dataclasses.fields(Client)
    if field.name not in {*_TUPLES, *_SETS, *_WORDS, *_APART}
]
_COLUMNS: Final = (*_AS_THEY_ARE, *_TUPLES, *_SETS, *_WORDS, "may_introspect")


def _value(rows: list[dict[str, Any]], epoch: int) -> Client:
    row = rows[0]
    secrets = tuple(
        client_secrets.Secret(
            kind=models.SecretKind(each["secrets__kind"]),
            value=each["secrets__value"],
            expires_at=each["secrets__expires_at"],
        )
        for each in rows
        if each["secrets__value"]
    )
    introspects = row["may_introspect"]
    columns: dict[str, Any] = {name: row[name] for name in _AS_THEY_ARE}
    columns |= {name: tuple(row[name]) for name in _TUPLES}
    columns |= {name: frozenset(row[name]) for name in _SETS}
    columns |= {name: frozenset(row[name].split()) for name in _WORDS}
    columns["may_introspect"] = introspects is True or tuple(introspects or ())
    return Client(epoch=epoch, secrets=secrets, **columns)
