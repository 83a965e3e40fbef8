"""What is kept of people and requests, and for how long: the parts of the policy that say so."""

from dataclasses import dataclass
from datetime import timedelta

from config.bounds import DAY, HOUR, ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """ASVS 5.0 §14.2.7: how long a person's history of events is kept, and addresses in it."""

    keep: timedelta = ranged(400 * DAY, DAY, 3650 * DAY)
    keep_addresses: timedelta = ranged(30 * DAY, HOUR, 3650 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """ASVS 5.0 §14.2.7: how long somebody who deletes their account may still change their mind."""

    grace: timedelta = ranged(14 * DAY, timedelta(0), 365 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """RFC 6749 §4.1.2.1: how long it is kept why a request failed, and of how many at most.

    `per_second` is how many one process takes down; of the others only the log tells.
    """

    keep: timedelta = ranged(14 * DAY, HOUR, 365 * DAY)
    most: int = ranged(10_000, 100, 1_000_000)
    per_second: int = ranged(10, 1, 1000)
