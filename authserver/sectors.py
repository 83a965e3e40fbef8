"""OIDC Registration §5 — a sector identifier says itself which redirect URIs are its own."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from authserver import models
from config import json_text, logs, outgoing

_log: Final = logging.getLogger("authserver.clients")
_MOST_BYTES: Final = 65_536


def fault(client_id: str | None, columns: Mapping[str, Any]) -> str | None:
    """Return why a client may not be of its sector, or None; asks only when something is new."""
    address, redirect_uris = columns["sector_identifier_uri"], columns["redirect_uris"]
    if not address or _is_known(client_id, address, redirect_uris):
        return None
    listed = _listed(address)
    if listed is None:
        return "gave no JSON list of redirect URIs when it was asked"
    if not set(redirect_uris) <= set(listed):
        return "does not list every redirect URI of the client"
    return None


def _is_known(client_id: str | None, address: str, redirect_uris: list[str]) -> bool:
    """Tell whether a client that exists was found to be of this sector before."""
    row = models.Client.objects.filter(pk=client_id or "", sector_identifier_uri=address).first()
    return row is not None and set(redirect_uris) <= set(row.redirect_uris)


def _listed(address: str) -> list[str] | None:
    try:
        body = outgoing.get(address, accept="application/json", max_bytes=_MOST_BYTES).body
        listed = json_text.read(body.decode(), longest=_MOST_BYTES, deepest=1)
    except (outgoing.OutgoingError, ValueError) as wrong:
        reason = wrong.reason if isinstance(wrong, outgoing.OutgoingError) else "no JSON"
        _log.info("sector identifier refused", extra={logs.FIELDS: {"reason": reason}})
        return None
    is_list = isinstance(listed, list) and all(isinstance(each, str) for each in listed)
    return listed if is_list else None
