"""How often: rates such as "10/s 100/m", the policy's rules made of them, and their defaults.

A rate is one to four windows, and all of them hold: "10/s 100/m 1000/h 10000/d", or "10/5m". The
longer a window, the more it admits, or it would make the shorter ones idle.
"""

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from config.bounds import ranged

FORM: Final = 'rates such as "10/s 100/m 1000/h 10000/d" or "10/5m"'
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAMES: Final = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}
_ONE: Final = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,3})?([smhd])")
_MOST_WINDOWS: Final = 4
_LONGEST: Final = 31 * 86400  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `limit` in any `seconds` in a row."""

    limit: int
    seconds: int

    @property
    def name(self) -> str:
        """What the window is called on the wire: `minute`, or `300s`."""
        return _NAMES.get(self.seconds, f"{self.seconds}s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The windows of one rule, the shortest first."""

    windows: tuple[Window, ...]

    def __str__(self) -> str:
        return " ".join(f"{one.limit}/{_span(one.seconds)}" for one in self.windows)


def parse(text: str) -> Rates:
    """Return the rates written as `10/s 100/m`; raise ValueError with a sentence otherwise."""
    windows = []
    for word in text.split():
        match = _ONE.fullmatch(word)
        if match is None:
            raise ValueError(f"is not {FORM}.")
        seconds = int(match[2] or 1) * _UNITS[match[3]]
        windows.append(Window(limit=int(match[1]), seconds=seconds))
    if not 1 <= len(windows) <= _MOST_WINDOWS:
        raise ValueError(f"must have one to {_MOST_WINDOWS} windows.")
    if windows[-1].seconds > _LONGEST:
        raise ValueError("has a window of more than 31 days.")
    for short, long in itertools.pairwise(windows):
        if long.seconds <= short.seconds or long.limit <= short.limit:
            raise ValueError("must name shorter windows first, and admit more in longer ones.")
    return Rates(windows=tuple(windows))


def _span(seconds: int) -> str:
    unit = next(name for name in ("d", "h", "m", "s") if seconds % _UNITS[name] == 0)
    count = seconds // _UNITS[unit]
    return unit if count == 1 else f"{count}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Windows that hold together. Without Redis, a closed rule errs to refusing."""

    name: str
    windows: tuple[Window, ...]
    closed: bool
    is_local: bool = False
    spans: tuple[int, ...] = field(init=False)
    limits: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Once for each rule, not for each decision.
        object.__setattr__(self, "spans", tuple(one.seconds for one in self.windows))
        object.__setattr__(self, "limits", tuple(one.limit for one in self.windows))

    def share(self, processes: int) -> "Rule":
        """Return what one of several processes may admit by itself.

        All of them together reach the limits where the rule is open, and stay within them where it
        is closed, as long as each may have one.
        """
        windows = tuple(
            replace(
                one,
                limit=max(one.limit // processes, 1) if self.closed else -(-one.limit // processes),
            )
            for one in self.windows
        )
        return replace(self, windows=windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """RFC 6585 §4: how often each caller may ask, counted in windows that slide.

    `login` counts failures of an account from browsers it was never used in, or from one browser it
    was; `login_global` those from browsers that are new, of everybody together. `token_failures`
    counts wrong credentials of one client from one address. `is_shadow` only logs what would have
    been refused; `danger_off` counts nothing. `subjects` is how many of each rule one process
    remembers where it counts by itself.
    """

    api: Rates = parse("10/s 100/m 1000/h 10000/d")
    api_failures: Rates = parse("20/m 200/h 1000/d")
    token: Rates = parse("200/s 6000/m 200000/h 2000000/d")
    token_failures: Rates = parse("20/m 200/h")
    token_failures_address: Rates = parse("100/m 1000/h")
    introspection: Rates = parse("1000/s 30000/m 1000000/h")
    revocation: Rates = parse("100/s 3000/m 100000/h")
    userinfo: Rates = parse("20/s 300/m 3000/h 30000/d")
    registration: Rates = parse("10/s 60/m 600/h 2000/d")
    documents: Rates = parse("200/s 6000/m")
    login: Rates = parse("10/10m 30/h 100/d")
    login_address: Rates = parse("50/10m 200/h 1000/d")
    login_global: Rates = parse("1000/5m")
    passkeys: Rates = parse("50/10m 200/h 1000/d")
    reauthentication: Rates = parse("10/10m 30/h")
    password_reset: Rates = parse("5/h 20/d")
    password_reset_address: Rates = parse("20/h 100/d")
    sign_up: Rates = parse("20/h 100/d")
    explanations: Rates = parse("30/m 200/h 500/d")
    upstream: Rates = parse("30/10m 200/h")
    subjects: int = ranged(100_000, 1000, 10_000_000)
    is_shadow: bool = False
    danger_off: bool = False

    def rate(self, name: str) -> Rates:
        """Return the rates of a rule."""
        found: Any = getattr(self, name)
        if not isinstance(found, Rates):
            raise KeyError(name)
        return found


CLOSED: Final = frozenset(
    {
        "api_failures",
        "token_failures",
        "token_failures_address",
        "registration",
        "login",
        "login_address",
        "login_global",
        "passkeys",
        "reauthentication",
        "password_reset",
        "password_reset_address",
        "sign_up",
        "upstream",
    }
)
"""Where, without Redis, all processes together stay below the limit rather than reach it."""
LOCAL: Final = frozenset({"documents", "explanations"})
"""What is answered from memory, or only taken down, is counted there: a round trip costs more."""
