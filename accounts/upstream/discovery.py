"""OIDC Discovery §4.3 — what a provider says of itself: its endpoints and its keys, kept a while.

Fetched when they are needed, by one thread for all who wait; kept as long as the provider says,
within bounds; used on when they cannot be fetched anew. A signature that no key verifies has the
keys fetched again, but seldom.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from accounts.upstream.account import RefusedError
from config import json_text, outgoing
from config.outgoing import Fetched, OutgoingError
from config.upstream import Provider
from tokens import jws

T = TypeVar("T")
_SHORTEST: Final = 60.0
_LONGEST: Final = 3600.0
_USUAL: Final = 600.0
_STALE_FOR: Final = 24 * 3600.0
_PAUSE: Final = 5.0
_WAITED: Final = 2.0
_MOST_BYTES: Final = 65_536
_MOST_HELD: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The part of a provider's metadata that we use."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    is_iss_sent: bool


class _Document(Generic[T]):
    """A document of a provider, as it was read last."""

    def __init__(self, url: str, read: Callable[[Fetched], T]) -> None:
        self._url, self._read = url, read
        self._fetching = threading.Lock()
        self._held: T | None = None
        self._read_at = self._asked_at = self._new_for = 0.0

    def now(self) -> T:
        """Return what is known, fetched if there is nothing or it has grown old."""
        held = self._held
        return held if held is not None and self._is_within(self._new_for) else self.anew()

    def anew(self) -> T:
        """Return what a fetch brings; what was known where it brings nothing, or came just now."""
        before = self._read_at
        if self._fetching.acquire(timeout=_WAITED):
            try:
                if self._read_at == before and not 0 <= time.time() - self._asked_at < _PAUSE:
                    self._fetch()
            except OutgoingError as error:
                if self._held is None:
                    raise RefusedError(f"The provider: {error.reason}") from error
            finally:
                self._fetching.release()
        if self._held is None or not self._is_within(_STALE_FOR):
            raise RefusedError("The provider could not be asked a moment ago.")
        return self._held

    def _fetch(self) -> None:
        self._asked_at = time.time()
        fetched = outgoing.get(self._url, accept="application/json", max_bytes=_MOST_BYTES)
        self._held = self._read(fetched)
        usual = _USUAL if fetched.max_age is None else fetched.max_age
        self._new_for = min(max(usual, _SHORTEST), _LONGEST)
        self._read_at = time.time()

    def _is_within(self, seconds: float) -> bool:
        return self._read_at <= time.time() < self._read_at + seconds


def metadata(provider: Provider) -> Metadata:
    """Return what a provider says of itself.

    Raises:
        RefusedError: when it says nothing, or what cannot be.
    """
    url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    return _kept((provider.issuer, url), lambda fetched: _metadata(provider.issuer, fetched)).now()


def verified(
    provider: Provider, text: str, told: Metadata
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return header and claims of what a provider signed with a key it publishes, or None."""
    if not jws.is_signed_with(text, told.algorithms):
        return None
    keys = _kept((provider.issuer, told.jwks_uri), _keys)
    held = keys.now()
    found = jws.verify_foreign(text, held, told.algorithms)
    if found is not None:
        return found
    fresh = keys.anew()
    return jws.verify_foreign(text, fresh, told.algorithms) if fresh is not held else None


def members(fetched: Fetched) -> dict[str, Any]:
    """Return the JSON object that a provider answered with; raise RefusedError for all else."""
    try:
        found = json_text.read(
            fetched.body.decode(), longest=_MOST_BYTES, deepest=12, are_texts_judged=False
        )
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError("The provider's answer is not a JSON object.")
    return found


def forget() -> None:
    """Forget everything fetched."""
    with _lock:
        _documents.clear()


_lock: Final = threading.Lock()
_documents: Final[dict[tuple[str, str], _Document[Any]]] = {}


def _kept(name: tuple[str, str], read: Callable[[Fetched], T]) -> _Document[T]:
    with _lock:
        found = _documents.setdefault(name, _Document(name[1], read))
        while len(_documents) > _MOST_HELD:
            del _documents[next(iter(_documents))]
    return found


def _metadata(issuer: str, fetched: Fetched) -> Metadata:
    told = members(fetched)
    if told.get("issuer") != issuer:  # to the letter: a copy of somebody else's metadata is no use
        raise RefusedError("The provider's metadata names another issuer.")
    return Metadata(
        authorization_endpoint=_endpoint(told, "authorization_endpoint"),
        token_endpoint=_endpoint(told, "token_endpoint"),
        jwks_uri=_endpoint(told, "jwks_uri"),
        userinfo_endpoint=_endpoint(told, "userinfo_endpoint", is_optional=True),
        algorithms=_algorithms(told),
        is_iss_sent=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(told: Mapping[str, Any], name: str, *, is_optional: bool = False) -> str:
    url = told.get(name, "")
    if is_optional and not url:
        return ""
    if not isinstance(url, str) or outgoing.fault(url):
        raise RefusedError(f"The provider's {name} is no address that we would ask.")
    return url


def _algorithms(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the signatures to expect: none without a key of its own, whatever it announces."""
    named = told.get("id_token_signing_alg_values_supported")
    known = named if isinstance(named, list) else ["RS256"]
    found = tuple(alg for alg in jws.ALGORITHMS if alg in known)
    if not found:
        raise RefusedError("The provider signs with no algorithm that we know.")
    return found


def _keys(fetched: Fetched) -> Sequence[jws.ForeignKey]:
    return jws.read_public_jwks(members(fetched))[0]
