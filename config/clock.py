"""Whether this machine's clock can be right: every lifetime and every `exp` hangs on it."""

import time
from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now

MOST_APART = 60.0  # seconds between us and the database server
HOW = "Set the clock (for example with `timedatectl set-ntp true`) and start again."


def fault() -> str | None:
    """Return one sentence when the clock is evidently wrong; needs no database."""
    now = time.time()
    built = max(path.stat().st_mtime for path in Path(__file__).parent.glob("*.py"))
    if now + MOST_APART < built:
        return (
            f"The clock says {_text(now)}, but this software was installed on {_text(built)}. {HOW}"
        )
    return None


def fault_beside_database() -> str | None:
    """Return one sentence when a database server's clock differs from ours."""
    if connection.vendor != "postgresql":
        return None
    known = MigrationRecorder(connection).migration_qs.annotate(now=Now())
    try:
        theirs = known.values_list("now", flat=True).first()
    except DatabaseError:
        return None  # that it cannot be reached, or is empty, is told elsewhere
    apart = time.time() - theirs.timestamp() if theirs else 0.0
    if abs(apart) < MOST_APART:
        return None
    word = "ahead of" if apart > 0 else "behind"
    return f"This machine's clock is {abs(apart):.0f} s {word} the database server's. {HOW}"


def _text(instant: float) -> str:
    return datetime.fromtimestamp(instant, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
