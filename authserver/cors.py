"""Fetch §3.2 (CORS) — which origins may read an answer: those that any active client registered.

Credentials are never allowed across origins: no machine endpoint looks at a cookie.
"""

import threading
import time

from authserver import models
from config import policy

_lock = threading.Lock()
_held: list[tuple[float, frozenset[str]]] = []


def is_registered(origin: str) -> bool:
    """Tell whether an active client registered this origin."""
    return origin in _origins()


def evict() -> None:
    """Forget what was read."""
    _held.clear()


def _origins() -> frozenset[str]:
    held = _held[:1]
    if held and time.monotonic() - held[0][0] < policy.current().clients.cache_for.total_seconds():
        return held[0][1]
    read_at = time.monotonic()
    rows = models.Client.objects.filter(is_active=True).exclude(cors_origins=[])
    origins = frozenset(
        origin for listed in rows.values_list("cors_origins", flat=True) for origin in listed
    )
    with _lock:
        _held[:] = [(read_at, origins)]
    return origins
