"""What is registered, for operators: everything of a client but its secrets."""

from typing import Any

from authserver import models

_THEIRS = {"name": "client_name"}
_APART = frozenset({"created_at", "unused_until", "registration_token_digest", "localized"})


def every() -> list[dict[str, Any]]:
    """Return every client, by id."""
    return [_metadata(row) for row in models.Client.objects.prefetch_related("secrets")]


def shown(client_id: str) -> dict[str, Any] | None:
    """Return one client, or None."""
    row = models.Client.objects.filter(pk=client_id).first()
    return _metadata(row) if row else None


def _metadata(row: models.Client) -> dict[str, Any]:
    """Return the row in the words of RFC 7591 and of `clients import`."""
    columns = {
        _THEIRS.get(field.name, field.name): getattr(row, field.name)
        for field in row._meta.concrete_fields  # noqa: SLF001  Django's documented API
        if field.name not in _APART
    }
    secrets = [
        {
            "kind": each.kind,
            "created_at": each.created_at.isoformat(),
            "expires_at": each.expires_at and each.expires_at.isoformat(),
        }
        for each in row.secrets.all()
    ]
    texts = {
        f"{member}#{tag}": text
        for member, entries in row.localized.items()
        for tag, text in entries.items()
    }
    moments = {
        "created_at": row.created_at.isoformat(),
        "unused_until": row.unused_until and row.unused_until.isoformat(),
    }
    return columns | texts | moments | {"secrets": secrets}
