"""OIDC Core §10.1.1 — a client's keys, by value (`jwks`) or published (`jwks_uri`).

A published set is fetched aside and kept as long as its server says, within bounds. Whoever needs
it waits a little, all for the same fetch; a set that has grown old serves on while it is fetched
anew, and when that fails. A signature that no key verifies has the set fetched again, but seldom:
strangers can make one up for every request.
"""

import functools
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from authserver import errors
from authserver.clients import Client
from config import json_text, logs, outgoing
from tokens import jwe, jws

_SHORTEST: Final = 60.0
_LONGEST: Final = 3600.0
_USUAL: Final = 600.0
_STALE_FOR: Final = 24 * 3600.0
_FETCHES: Final = 2
_PER_SECONDS: Final = 10.0
_WAITED: Final = 3.0
_WAITED_IN_A_CROWD: Final = 0.5
_MOST_HELD: Final = 1024
_MOST_BYTES: Final = 65_536
_DEEPEST: Final = 12
_ACCEPTED: Final = "application/jwk-set+json, application/json"
_log: Final = logging.getLogger("authserver.clients")
_threads: Final = threading.BoundedSemaphore(8)
_patience: Final = threading.BoundedSemaphore(4)
"""A server that answers slowly, and many requests that need it, must not hold every thread."""


Verified = tuple[dict[str, Any], dict[str, Any]]
"""Header and claims of a JWS whose signature was checked, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """A key set as it was fetched at an instant, and for how many seconds it is new."""

    jwks: Mapping[str, Any]
    signatures: tuple[jws.ForeignKey, ...]
    read_at: float
    new_for: float

    def is_within(self, seconds: float) -> bool:
        """Tell whether it was fetched in the last seconds; a clock set back does not renew it."""
        return self.read_at <= time.time() < self.read_at + seconds


class _Published:
    """What one client publishes, and when it was last asked for it."""

    def __init__(self, client: Client) -> None:
        self._client_id, self._uri = client.client_id, client.jwks_uri
        self._lock = threading.Lock()
        self._asked: deque[float] = deque(maxlen=_FETCHES)
        self._running: threading.Event | None = None
        self._set: _Set | None = None

    def now(self) -> _Set | None:
        """Return what was fetched last; when that is old, a fetch begins that nobody waits for."""
        held = self._set
        if held is not None and not held.is_within(held.new_for):
            self._begin()
        return held if held is not None and held.is_within(_STALE_FOR) else None

    def anew(self) -> _Set | None:
        """Return what a fetch brings, this one or one that is on its way, waiting for it a little.

        Asked too often, or when nothing came: what was fetched last.
        """
        running = self._begin()
        if running is not None:
            _wait(running, began_at=self._asked[-1])
        return self.now()

    def _begin(self) -> threading.Event | None:
        with self._lock:
            if self._running is not None:
                return self._running
            moment = time.monotonic()
            is_soon = len(self._asked) == _FETCHES and moment - self._asked[0] < _PER_SECONDS
            if is_soon or not _threads.acquire(blocking=False):
                return None
            self._asked.append(moment)
            done = self._running = threading.Event()
        threading.Thread(target=self._fetch, args=(done,), name="client keys", daemon=True).start()
        return done

    def _fetch(self, done: threading.Event) -> None:
        try:
            self._set = self._read()
        except outgoing.OutgoingError as fault:
            self._warn("the keys of a client were not fetched", fault.reason)
        except Exception:  # noqa: BLE001  a stranger's document must not end what waits for it
            _log.exception("the keys of a client were not understood")
        finally:
            with self._lock:
                self._running = None
            _threads.release()
            done.set()

    def _read(self) -> _Set:
        fetched = outgoing.get(self._uri, accept=_ACCEPTED, max_bytes=_MOST_BYTES)
        jwks = _document(fetched.body)
        signatures, faults = jws.read_public_jwks(jwks)
        for fault in faults:
            self._warn("a key of a client cannot be read", fault)
        usual = _USUAL if fetched.max_age is None else fetched.max_age
        return _Set(
            jwks=jwks,
            signatures=tuple(signatures),
            read_at=time.time(),
            new_for=min(max(usual, _SHORTEST), _LONGEST),
        )

    def _warn(self, event: str, reason: str) -> None:
        fields = {"client": self._client_id, "uri": self._uri, "reason": reason}
        _log.warning(event, extra={logs.FIELDS: fields})


def verified(client: Client, text: str, algorithms: Collection[str]) -> Verified | None:
    """Return header and claims of a JWS that a client signed, or None.

    A published key set that does not verify it is fetched again: the client may have a new key.
    """
    if not client.jwks_uri:
        return jws.verify_foreign(text, _registered(client), algorithms)
    if not jws.is_signed_with(text, algorithms):
        return None
    published = _published(client)
    held = published.now()
    found = jws.verify_foreign(text, held.signatures, algorithms) if held is not None else None
    if found is not None:
        return found
    fresh = published.anew()
    is_news = fresh is not None and fresh is not held
    return jws.verify_foreign(text, fresh.signatures, algorithms) if fresh and is_news else None


def _registered(client: Client) -> Sequence[jws.ForeignKey]:
    return _loaded(json.dumps(client.jwks, sort_keys=True)) if client.jwks else ()


def encryption_jwks(client: Client, alg: str = "") -> Mapping[str, Any]:
    """Return the key set a client reads with, fetched again when it has no key that fits `alg`.

    Empty when there is none at hand.
    """
    if not client.jwks_uri:
        return client.jwks or {}
    published = _published(client)
    held = published.now()
    if held is None or (alg and not jwe.has_key(held.jwks, alg)):
        held = published.anew()
    return held.jwks if held is not None else {}


def encrypt(client: Client, text: str, *, alg: str, enc: str, is_nested: bool = True) -> str:
    """Return a text encrypted for a client (RFC 7516), a JWS if `is_nested`.

    Raises:
        UnauthorizedClient: when the client has no key that fits.
    """
    try:
        jwks = encryption_jwks(client, alg)
        return jwe.encrypt(text, jwks, alg=alg, enc=enc, is_nested=is_nested)
    except jwe.NoKeyError:
        raise _unreadable(client, alg) from None


def check_can_read(client: Client) -> None:
    """Raise UnauthorizedClient for a client that no ID token could be encrypted for.

    To be asked before a code or a refresh token is used up.
    """
    alg = client.id_token_encrypted_response_alg
    if alg and not jwe.has_key(encryption_jwks(client, alg), alg):
        raise _unreadable(client, alg)


def _unreadable(client: Client, alg: str) -> errors.UnauthorizedClient:
    fields = {"client": client.client_id, "alg": alg}
    _log.error("a client has no key to encrypt for", extra={logs.FIELDS: fields})
    return errors.UnauthorizedClient("The client's key set holds no key that fits its encryption.")


def forget() -> None:
    """Forget everything fetched."""
    with _lock:
        _held.clear()


def _wait(running: threading.Event, *, began_at: float) -> None:
    if not _patience.acquire(blocking=False):
        # Who comes when it has taken long already does not wait, or soon every thread would.
        running.wait(max(0.0, began_at + _WAITED_IN_A_CROWD - time.monotonic()))
        return
    try:
        running.wait(_WAITED)
    finally:
        _patience.release()


_lock: Final = threading.Lock()
_held: Final[dict[tuple[str, str], _Published]] = {}


def _published(client: Client) -> _Published:
    name = client.client_id, client.jwks_uri
    with _lock:
        found = _held.pop(name, None) or _Published(client)
        _held[name] = found  # the last to go
        while len(_held) > _MOST_HELD:
            del _held[next(iter(_held))]
    return found


def _document(body: bytes) -> Mapping[str, Any]:
    """Read a key set; a deeper one could be read here, and not be written where it is used."""
    try:
        jwks = json_text.read(
            body.decode(), longest=_MOST_BYTES, deepest=_DEEPEST, are_texts_judged=False
        )
    except ValueError:
        raise outgoing.OutgoingError("It is not JSON that says one thing.") from None
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise outgoing.OutgoingError("It is not a JWKS.")
    return jwks


@functools.lru_cache(maxsize=1024)
def _loaded(jwks: str) -> Sequence[jws.ForeignKey]:
    signatures, faults = jws.read_public_jwks(json.loads(jwks))
    for fault in faults:  # registration refuses it, so the row was edited by hand
        _log.error("a registered key cannot be read", extra={logs.FIELDS: {"reason": fault}})
    return tuple(signatures)
