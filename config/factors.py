"""How people prove who they are beyond a password: the part of the policy that says so."""

from dataclasses import dataclass
from datetime import timedelta

from config.bounds import DAY, MINUTE, SECOND, ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """RFC 6238 §5.2, ASVS 5.0 §6.5 and §7.5: second factors, and how long a proof is believed.

    Whoever changes how they sign in has to have proved themselves within `fresh_for`.
    `trust_browser_for` 0 trusts no browser. An authenticator app's clock may be `drift` steps of
    30 seconds away from ours.
    """

    fresh_for: timedelta = ranged(15 * MINUTE, 30 * SECOND, DAY)
    trust_browser_for: timedelta = ranged(30 * DAY, timedelta(0), 365 * DAY)
    recovery_codes: int = ranged(10, 5, 20)
    few_recovery_codes: int = ranged(3, 0, 19)
    drift: int = ranged(1, 0, 5)
