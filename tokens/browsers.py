"""The browsers that a person signed in with: so many at most, each at a place of its own.

What is counted by the place stays with the place: whoever signs in with ever new browsers moves
from one to the next, and gains nothing. A browser is known by a random name, of which a digest
rests, for as long as the person's epoch is what it was when they last signed in there; where all
places are taken, a new one gets that of the browser which was not used for the longest.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tokens import encoding, epochs, instants, statements

MOST: Final = 8
KEPT_FOR: Final = timedelta(days=365)
NOTED_EVERY: Final = timedelta(days=1)
"""How often, at most, it is written down that a browser is in use."""
_EPOCH = f"""
COALESCE((SELECT epoch FROM tokens_epoch
           WHERE kind = '{epochs.PERSON}' AND id = CAST(%(subject)s AS text)), 0)
"""  # noqa: S608  no value in it
_FIND = f"""
SELECT place, used_at FROM tokens_browser
 WHERE subject = %(subject)s AND digest = %(digest)s AND expires_at > %(now)s
   AND epoch_person = {_EPOCH}
 ORDER BY place
"""  # noqa: S608  our own text
_PLACES = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(MOST))
# Its own place, else one that nobody has, else that of the longest absence.
_KNOW = f"""
INSERT INTO tokens_browser (subject, place, digest, epoch_person, used_at, expires_at)
SELECT CAST(%(subject)s AS text), places.place, %(digest)s, CAST(%(epoch)s AS bigint),
       CAST(%(now)s AS bigint), CAST(%(expires_at)s AS bigint)
  FROM ({_PLACES}) places
  LEFT JOIN tokens_browser held
    ON held.subject = %(subject)s AND held.place = places.place
 WHERE 1 = 1
 ORDER BY CASE WHEN held.digest = %(digest)s THEN 0
               WHEN held.epoch_person = {_EPOCH} AND held.expires_at > %(now)s THEN 2
               ELSE 1 END,
          COALESCE(held.used_at, 0), places.place
 LIMIT 1
ON CONFLICT (subject, place) DO UPDATE
   SET digest = excluded.digest, epoch_person = excluded.epoch_person,
       used_at = excluded.used_at, expires_at = excluded.expires_at
RETURNING place
"""  # noqa: S608  our own text
_KEEP = """
UPDATE tokens_browser SET epoch_person = %(epoch)s
 WHERE subject = %(subject)s AND digest = %(digest)s AND epoch_person = %(before)s
RETURNING place
"""
_FORGET = """
DELETE FROM tokens_browser WHERE subject = %(subject)s AND digest <> %(digest)s RETURNING place
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A browser that a person signed in with: where it is counted, and when it was noted last."""

    place: int
    used_at: int

    @property
    def is_noted(self) -> bool:
        """Whether this was written down a short while ago."""
        return instants.after(self.used_at, NOTED_EVERY) > instants.now()


def new_name() -> str:
    """Return a name for a browser, which only its own cookie says: 128 random bits."""
    return encoding.token(128)


def find(subject: str, name: str) -> Known | None:
    """Return what is known of a person's browser, in one statement; None: nothing, or no more."""
    row = statements.fetch(_FIND, {**_of(subject, name), "now": instants.now()})
    return None if row is None else Known(place=row[0], used_at=row[1])


def know(subject: str, name: str, epoch: int) -> int:
    """Know a browser from now on, by a sign-in under this epoch of the person; return its place."""
    now = instants.now()
    values = {"epoch": epoch, "now": now, "expires_at": instants.after(now, KEPT_FOR)}
    row = statements.write(_KNOW, {**_of(subject, name), **values})
    return int(row[0]) if row else 0


def keep(subject: str, name: str, *, before: int, epoch: int) -> None:
    """Let a browser outlive the new epoch that it made itself, where it was known before."""
    statements.write(_KEEP, {**_of(subject, name), "before": before, "epoch": epoch})


def forget(subject: str, *, but: str = "") -> None:
    """Know no browser of a person any more, but one."""
    statements.write(_FORGET, _of(subject, but))


def _of(subject: str, name: str) -> dict[str, str | bytes]:
    text = f"{subject}\0{name}".encode("utf-8", "surrogatepass")
    return {"subject": subject, "digest": hashlib.sha256(text).digest()}
