"""Epochs: how a person, a session, a client, a consent or one access token is cut off.

An epoch is a counter, not an instant: never reset, and compared for equality, so whatever was in
flight when it changed dies with the change, whoever committed first, and no clock is asked. Absent
means 0. The instance's own epoch lives beside the root key, outside the database
(`config.environment`).
"""

from collections.abc import Iterable
from enum import StrEnum

from tokens import statements


class Kind(StrEnum):
    """What an epoch is of; the value rests in the row."""

    PERSON = "person"
    SESSION = "session"
    CLIENT = "client"
    CONSENT = "consent"
    ACCESS = "access"  # one access token, by its jti


PERSON, SESSION, CLIENT, CONSENT, ACCESS = Kind

_BUMP = """
INSERT INTO tokens_epoch (kind, id, epoch, expires_at)
VALUES (%(kind)s, %(id)s, 1, %(expires_at)s)
ON CONFLICT (kind, id) DO UPDATE
   SET epoch = tokens_epoch.epoch + 1, expires_at = excluded.expires_at
RETURNING epoch
"""


def consent_id(subject: str, client_id: str) -> str:
    """Return the identifier of what one person agreed with one client."""
    return f"{subject} {client_id}"


def read(kind: Kind, id_: str) -> int:
    """Return one epoch."""
    return read_many([(kind, id_)])[0]


def read_many(wanted: Iterable[tuple[Kind, str]]) -> list[int]:
    """Return the epochs in the order asked, in one statement."""
    pairs = list(wanted)
    columns = ", ".join(
        "COALESCE((SELECT epoch FROM tokens_epoch"  # noqa: S608  numbered names only
        f" WHERE kind = CAST(%(kind{n})s AS varchar) AND id = CAST(%(id{n})s AS text)), 0)"
        for n in range(len(pairs))
    )
    values = {f"kind{n}": str(kind) for n, (kind, _) in enumerate(pairs)}
    values |= {f"id{n}": id_ for n, (_, id_) in enumerate(pairs)}
    return list(statements.fetch(f"SELECT {columns}", values) or ())


def bump(kind: Kind, id_: str, *, expires_at: int | None = None) -> int:
    """Cut off whatever was born under this epoch, in the caller's transaction; return the new one.

    `expires_at` (an instant) is for epochs of one event, swept when nothing can carry them any
    more.
    """
    row = statements.write(_BUMP, {"kind": str(kind), "id": id_, "expires_at": expires_at})
    return int(row[0]) if row else 0
