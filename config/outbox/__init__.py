"""Durable outbound work: `put` it in the transaction that causes it, and it is delivered later."""

from config.outbox.delivery import deliver_due
from config.outbox.kinds import UndeliveredError, handler
from config.outbox.rows import hasten, put

__all__ = ["UndeliveredError", "deliver_due", "handler", "hasten", "put"]
