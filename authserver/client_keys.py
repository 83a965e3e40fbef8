"""RFC 7517 §5 — the keys of a client, by value (`jwks`) or by reference (`jwks_uri`)."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from authserver.clients import Client
from tokens import jws


def signature_keys(client: Client, kid: str | None) -> Sequence[jws.ForeignKey]:
    """Return the keys that may have signed for a client; an unknown `kid` has them read again."""
    del kid
    return _loaded(json.dumps(client.jwks, sort_keys=True)) if client.jwks else ()


def encryption_jwks(client: Client) -> Mapping[str, Any]:
    """Return the key set a client reads with; empty when there is none at hand."""
    return client.jwks or {}


@functools.lru_cache(maxsize=1024)
def _loaded(jwks: str) -> Sequence[jws.ForeignKey]:
    try:
        return tuple(jws.load_public_jwks(json.loads(jwks)))
    except jws.NotAKeyError:
        return ()
