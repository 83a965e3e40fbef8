"""What kinds of outbound work there are, and who carries each out."""

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any]], None]
HANDLERS: dict[str, Handler] = {}


class UndeliveredError(Exception):
    """This try failed; `is_final` says that no other can succeed."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that carries out one kind of work.

    It gets the payload, runs outside any transaction and raises UndeliveredError when the work is
    not done. After a crash it may run again for work that was done, so what it sends should say
    which work it is.
    """

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register
