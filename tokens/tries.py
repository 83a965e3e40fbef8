"""NIST SP 800-63B-4 §3.2.2 — how often something was guessed wrong in a row, and the wait for more.

A row decides: neither a lost cache, nor a second process, nor many guesses at one moment give
anybody one more. Who is counted rests as a keyed digest; when the first root key changes, counting
begins anew.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from config.patience import Patience
from tokens import derivation, instants, statements

_PURPOSE: Final = "tries"
_KNOWN = "CASE WHEN tokens_tries.expires_at <= %(now)s THEN 0 ELSE tokens_tries.count END"
_PAUSE = f"""
CASE WHEN {_KNOWN} + 1 < %(free)s THEN 0
     WHEN tokens_tries.pause * 2 < %(first)s THEN CAST(%(first)s AS bigint)
     WHEN tokens_tries.pause * 2 > %(longest)s THEN CAST(%(longest)s AS bigint)
     ELSE tokens_tries.pause * 2 END
"""
_TAKE = f"""
INSERT INTO tokens_tries (digest, count, pause, open_at, expires_at)
VALUES (%(digest)s, 1, 0, %(now)s, %(forgotten_at)s)
ON CONFLICT (digest) DO UPDATE
   SET count = {_KNOWN} + 1,
       pause = {_PAUSE},
       open_at = CAST(%(now)s AS bigint) + {_PAUSE},
       expires_at = CAST(%(forgotten_at)s AS bigint) + {_PAUSE}
 WHERE tokens_tries.open_at <= %(now)s
RETURNING count
"""  # noqa: S608  our own text
_WAIT = "SELECT open_at FROM tokens_tries WHERE digest = %(digest)s"
# What others took meanwhile stays taken, and their wait with it.
_GIVE_BACK = """
UPDATE tokens_tries
   SET count = count - 1, pause = pause / 2,
       open_at = CASE WHEN count = %(count)s THEN CAST(%(now)s AS bigint) ELSE open_at END
 WHERE digest = %(digest)s AND count > 0
RETURNING count
"""
_FORGET = "DELETE FROM tokens_tries WHERE digest IN (%s) RETURNING count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A try that was let through; how many in a row it makes."""

    digest: bytes
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A try that came too early: in how many seconds there is another."""

    retry_after: int


def take(kind: str, subject: str, patience: Patience) -> Taken | Refused:
    """Take one try before anything is looked at, in a statement that commits by itself.

    Raises:
        InsideTransactionError: a rollback would give back what was guessed.
    """
    now, digest = instants.now(), _digest(kind, subject)
    values = {
        "digest": digest,
        "now": now,
        "forgotten_at": instants.after(now, patience.forgotten_after),
        "free": patience.free,
        "first": instants.micros(patience.first_wait),
        "longest": instants.micros(patience.longest_wait),
    }
    row = statements.decide(_TAKE, values)
    if row is None:
        return Refused(retry_after=max(wait(kind, subject), 1))
    return Taken(digest=digest, count=row[0])


def wait(kind: str, subject: str) -> int:
    """Return in how many seconds there is another try; 0: now."""
    row = statements.fetch(_WAIT, {"digest": _digest(kind, subject)})
    return 0 if row is None else max(-(-(row[0] - instants.now()) // instants.SECOND), 0)


def give_back(taken: Taken) -> None:
    """Undo a try that was none."""
    values = {"digest": taken.digest, "count": taken.count, "now": instants.now()}
    statements.write(_GIVE_BACK, values)


def forget(counted: Iterable[tuple[str, str]]) -> None:
    """Begin anew to count these, each a kind and a subject, in one statement."""
    digests = {_digest(kind, subject) for kind, subject in counted}
    values = {f"digest{n}": digest for n, digest in enumerate(sorted(digests))}
    if values:
        statements.write(_FORGET % ", ".join(f"%({name})s" for name in values), values)


def _digest(kind: str, subject: str) -> bytes:
    key = derivation.keys(_PURPOSE)[0][1]
    text = f"{kind}\0{subject}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, text, "sha256")
