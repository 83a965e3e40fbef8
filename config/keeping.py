"""What is kept of people, and for how long: the parts of the policy that say so."""

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
