"""A client's logo: fetched once by the outbox, kept, and shown from our own origin.

Whoever looks at a sign-in page tells nobody else about it, and no picture changes after it was
looked at. What a file is, is told by its first bytes; SVG can hold scripts, and is never taken.
"""

import hashlib
import logging
from typing import Any, Final

from django.db import transaction

from authserver import models
from authserver.clients import Client
from config import environment, logs, outbox, outgoing
from config.outbox import UndeliveredError
from tokens import encoding

KIND: Final = "logo"
MOST_BYTES: Final = 256 * 1024
PATH: Final = "client-logo"
_log: Final = logging.getLogger("authserver.clients")
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)


def address(client: Client) -> str:
    """Return where the client's logo is on our origin, '' when it has none (yet)."""
    if not client.logo_uri:
        return ""
    digest = models.Logo.objects.filter(pk=client.client_id).values_list("digest", flat=True)
    return next(
        (f"{environment.current().issuer_path}/{PATH}?digest={each}" for each in digest), ""
    )


def find(digest: str) -> tuple[str, bytes] | None:
    """Return content type and bytes of a logo that some client has."""
    row = models.Logo.objects.filter(digest=digest).first()
    return (row.content_type, bytes(row.body)) if row else None


def renew(row: models.Client) -> None:
    """Forget the logo of a client and, where it names one, have it fetched after the commit.

    A client that names another one every second has one fetch waiting, not thousands.
    """
    models.Logo.objects.filter(pk=row.pk).delete()
    if row.logo_uri and not outbox.hasten(KIND, row.pk):
        outbox.put(KIND, {"client_id": row.pk}, target=row.pk)  # not the host: others may name it


@outbox.handler(KIND)
def _fetch(payload: dict[str, Any]) -> None:
    """Fetch the logo that a client names now, if it still does."""
    client_id = payload["client_id"]
    uri = _wanted(client_id)
    if not uri:
        return
    try:
        accept = "image/png, image/*;q=0.5"
        body = outgoing.get(uri, accept=accept, max_bytes=MOST_BYTES, in_background=True).body
    except outgoing.OutgoingError as fault:
        raise UndeliveredError(fault.reason) from fault
    kind = content_type(body)
    if kind is None:  # the client's own mistake, and nothing an operator could try again
        _log.info("not a logo", extra={logs.FIELDS: {"client": client_id}})
        return
    columns = {
        "digest": encoding.b64(hashlib.sha256(body).digest()),
        "content_type": kind,
        "body": body,
    }
    with transaction.atomic():
        if models.Client.objects.select_for_update().filter(pk=client_id, logo_uri=uri).exists():
            models.Logo.objects.update_or_create(pk=client_id, defaults=columns)
            return
    if _wanted(client_id):
        raise UndeliveredError("The client names another one by now.")


def content_type(body: bytes) -> str | None:
    """Return what a picture is by its first bytes, or None."""
    for magic, at, kind in _MAGIC:
        is_riff = kind != "image/webp" or body.startswith(b"RIFF")
        if body[at : at + len(magic)] == magic and is_riff:
            return kind
    return None


def _wanted(client_id: str) -> str:
    found = models.Client.objects.filter(pk=client_id).values_list("logo_uri", flat=True)
    return next(iter(found), "")
