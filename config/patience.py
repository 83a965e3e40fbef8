"""What can be guessed: how many wrong tries are free, and how long one waits after more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from config.bounds import DAY, HOUR, MINUTE, SECOND, ranged


class Patience(Protocol):
    """After `free` wrong tries in a row the wait doubles from the first to the longest.

    Counting begins anew once nobody tried for `forgotten_after`.
    """

    @property
    def free(self) -> int:
        """How many tries nobody waits for."""

    @property
    def first_wait(self) -> timedelta:
        """How long one waits after these."""

    @property
    def longest_wait(self) -> timedelta:
        """How long one waits at most."""

    @property
    def forgotten_after(self) -> timedelta:
        """How long the count is kept when nobody tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """NIST SP 800-63B-4 §3.2.2: wrong codes in a row, of all second factors of a person together.

    After `free` of them the wait doubles from `first_wait` to `longest_wait`; a right one ends it.
    """

    free: int = ranged(5, 2, 20)
    first_wait: timedelta = ranged(30 * SECOND, SECOND, HOUR)
    longest_wait: timedelta = ranged(DAY, MINUTE, 7 * DAY)
    forgotten_after: timedelta = ranged(30 * DAY, HOUR, 365 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """NIST SP 800-63B-4 §3.2.2: wrong passwords of an account in a row; the wait is as for codes.

    The table `throttle` limits them besides; this outlives a restart and a lost Redis.
    """

    free: int = ranged(10, 2, 100)
    first_wait: timedelta = ranged(30 * SECOND, SECOND, HOUR)
    longest_wait: timedelta = ranged(HOUR, MINUTE, 7 * DAY)
    forgotten_after: timedelta = ranged(DAY, HOUR, 365 * DAY)
