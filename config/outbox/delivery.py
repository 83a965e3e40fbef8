"""Carrying outbound work out: one piece at a time, whatever becomes of it."""

import logging

from config import policy
from config.outbox import kinds, rows
from config.outbox.kinds import UndeliveredError
from config.outbox.rows import Work

log = logging.getLogger("authserver.outbox")


def deliver_due() -> int:
    """Carry out all that is due, in this thread, and return how much of it was delivered."""
    count = 0
    while works := rows.claim():
        count += sum(carry_out(work) for work in works)
    return count


def carry_out(work: Work) -> bool:
    """Do one piece of work and settle it; tell whether it was delivered."""
    error = _tried(work)
    if error is None:
        rows.delivered(work)
        return True
    rows.failed(work, error)
    return False


def _tried(work: Work) -> UndeliveredError | None:
    if work.attempts > policy.current().outbox.tries:  # each of them ended with its process
        return UndeliveredError("No try came to an end.", is_final=True)
    function = kinds.HANDLERS.get(work.kind)
    if function is None:
        return UndeliveredError("Nobody here knows how to deliver this kind.")
    try:
        function(work.payload)
    except UndeliveredError as error:
        return error
    except Exception as error:  # a handler's fault must not end the worker
        log.exception("outbox_handler_failed: %s", work.kind)
        return UndeliveredError(f"The handler failed: {type(error).__name__}.")
    return None
