"""What is measured: each row, who takes part, and the scripts that its connections play."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.contestants import Contestant
from bench.wire import Script

Play = Callable[[Contestant, int], list[Script]]
OURS, OPAQUE, PLAIN, DEFAULT = "ours", "ours, opaque", "DOT, plain", "DOT, default"
BARE = "bare"
REDEMPTION = "code redemption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that is asked; `play` returns a script for each of `c` connections."""

    name: str
    who: tuple[str, ...]
    play: Play


def _again(request: bytes) -> Script:
    while True:
        yield request


def _repeating(request: Callable[[Contestant], bytes]) -> Play:
    return lambda who, c: [_again(request(who)) for _ in range(c)]


def _token(who: Contestant) -> str:
    return who.families[-1].access_token  # the last family is never refreshed


ROWS = (
    Row(
        name="client_credentials",
        who=(OURS, OPAQUE, PLAIN, DEFAULT),
        play=_repeating(Contestant.client_credentials),
    ),
    Row(
        name="introspection",
        who=(OURS, PLAIN, DEFAULT),
        play=_repeating(lambda who: who.introspection(_token(who))),
    ),
    Row(
        name="refresh",
        who=(OURS, PLAIN, DEFAULT),
        play=lambda who, c: [who.turning(family) for family in who.families[:c]],
    ),
    Row(
        name="authorize",
        who=(OURS, PLAIN),
        play=lambda who, c: [who.collecting() for _ in range(c)],
    ),
    Row(
        name=REDEMPTION,
        who=(OURS, PLAIN, DEFAULT),
        play=lambda who, c: [who.redeeming() for _ in range(c)],
    ),
    Row(name="userinfo", who=(OURS, PLAIN), play=_repeating(lambda who: who.userinfo(_token(who)))),
    Row(
        name="JWKS",
        who=(OURS, PLAIN),
        play=_repeating(lambda who: who.document(who.paths.jwks)),
    ),
    Row(
        name="discovery",
        who=(OURS, PLAIN),
        play=_repeating(lambda who: who.document(who.paths.discovery)),
    ),
    Row(
        name="nothing (driver and server alone)",
        who=(BARE,),
        play=_repeating(Contestant.client_credentials),
    ),
)
