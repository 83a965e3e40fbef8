"""A client's logo: fetched once by the outbox, kept, and shown from our own origin.

Whoever looks at a sign-in page tells nobody else about it, and no picture changes after it was
looked at. The deployment's own logo is served from here as well.
"""

import logging
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from authserver import models
from authserver.clients import Client
from config import environment, logs, outbox, outgoing, pictures, policy
from config.outbox import UndeliveredError

KIND: Final = "logo"
_log: Final = logging.getLogger("authserver.clients")


def address(client: Client) -> str:
    """Return where the client's logo is on our origin, '' when it has none (yet)."""
    if not client.logo_uri:
        return ""
    digest = models.Logo.objects.filter(pk=client.client_id).values_list("digest", flat=True)
    return next(
        (f"{environment.current().issuer_path}/{pictures.PATH}?digest={each}" for each in digest),
        "",
    )


def find(digest: str) -> tuple[str, bytes] | None:
    """Return content type and bytes of a logo that some client has, or the deployment."""
    path = policy.current().branding.logo
    own = pictures.read(Path(path)) if path else None
    if own is not None and own.digest == digest:
        return own.content_type, own.body
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
        body = outgoing.get(
            uri, accept=accept, max_bytes=pictures.MOST_BYTES, in_background=True
        ).body
    except outgoing.OutgoingError as fault:
        raise UndeliveredError(fault.reason) from fault
    kind = pictures.content_type(body)
    if kind is None:  # the client's own mistake, and nothing an operator could try again
        _log.info("not a logo", extra={logs.FIELDS: {"client": client_id}})
        return
    columns = {
        "digest": pictures.digest(body),
        "content_type": kind,
        "body": body,
    }
    with transaction.atomic():
        if models.Client.objects.select_for_update().filter(pk=client_id, logo_uri=uri).exists():
            models.Logo.objects.update_or_create(pk=client_id, defaults=columns)
            return
    if _wanted(client_id):
        raise UndeliveredError("The client names another one by now.")


def _wanted(client_id: str) -> str:
    found = models.Client.objects.filter(pk=client_id).values_list("logo_uri", flat=True)
    return next(iter(found), "")
