"""A long mixed load on our server alone, and what must hold after it.

No request failed, memory did not grow once warm, and the grant table holds live grants only, as
soon as `sweep` has run: a part of the load leaves grants that live for two seconds.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from bench import contestants, machine, stage, wire
from bench.contestants import Contestant
from bench.stage import On, Stage
from bench.wire import Load, Script

POLICY = """\
[lifetimes]
access_token = "2s"
code = "5s"
margin = "0s"
"""
_KEPT = 8.0  # seconds until sweep may remove what this policy lets expire
_WARM = 0.3  # of the time, before memory is looked at
_MOST_GROWTH = 0.1  # of the memory of a warm server
_SLACK = 8 * 1024 * 1024  # bytes: arenas and caches move by this much whatever one does
_GRANTS = """
SELECT count(*),
       count(*) FILTER (WHERE revoked_at IS NULL AND expires_at > %(now)s
                          AND rotated_at + idle > %(now)s)
  FROM tokens_grant
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that had to hold."""

    sentence: str
    holds: bool


def run(seconds: float) -> list[Finding]:
    """Load the server for this long; return what was found."""
    with stage.set_up(On.POSTGRESQL, rival=False, policy=POLICY) as set_:
        who = set_.contestants["ours"]
        who.make_ready(1)
        brief = Contestant(name="brief", port=who.port, pid=who.pid, paths=who.paths)
        brief.web, brief.cookie = "bench-brief", who.cookie
        warm = wire.run(who.port, _mixed(who, brief), seconds=seconds * _WARM)
        before = machine.memory(who.pid)
        load = wire.run(who.port, _mixed(who, brief), seconds=seconds * (1 - _WARM))
        after = machine.memory(who.pid)
        swept = _swept(set_)
    return [_answered(warm, load), _memory(before, after), *swept]


def _mixed(who: Contestant, brief: Contestant) -> list[Script]:
    """Return what eight connections do, all of it again and again."""
    return [
        _again(who.client_credentials),
        _again(who.client_credentials),
        _again(lambda: who.introspection(who.families[0].access_token)),
        _again(lambda: who.document(who.paths.jwks)),
        who.turning(who.families[0]),
        _journey(who),
        _journey(who),
        _brief(brief),
    ]


def _again(request: Callable[[], bytes]) -> Script:
    while True:
        yield request()


def _journey(who: Contestant) -> Script:
    """Get a code, redeem it, look the person up, refresh; revoke every second family."""
    number = 0
    while True:
        answer = yield who.authorization()
        answer = yield who.redemption(contestants.code_of(answer))
        token = json.loads(answer.body)
        yield who.userinfo(token["access_token"])
        answer = yield who.refreshing(token["refresh_token"])
        number += 1
        if number % 2:
            revoked = {"token": json.loads(answer.body)["refresh_token"]}
            yield wire.form("/oauth2/revoke", revoked, who.basic(who.web))


def _brief(who: Contestant) -> Script:
    while True:
        answer = yield who.authorization()
        yield who.redemption(contestants.code_of(answer))


def _answered(warm: Load, load: Load) -> Finding:
    asked = len(warm.latencies) + len(load.latencies)
    failures = warm.failures + load.failures
    first = f", the first: {failures[0].head!r} {failures[0].body!r}" if failures else ""
    sentence = f"{asked} requests, {load.rate:.0f} a second, {len(failures)} failed{first}"
    return Finding(sentence=sentence, holds=not failures)


def _memory(before: int, after: int) -> Finding:
    sentence = f"memory when warm {before / 2**20:.1f} MiB, at the end {after / 2**20:.1f} MiB"
    return Finding(sentence=sentence, holds=after <= before * (1 + _MOST_GROWTH) + _SLACK)


def _swept(set_: Stage) -> list[Finding]:
    """Count grants, let the brief ones expire, sweep, count again."""
    rows, live = _count(set_)
    found = [Finding(sentence=f"before sweep: {rows} grants, {live} of them alive", holds=True)]
    time.sleep(_KEPT)
    set_.manage("sweep")
    rows, live = _count(set_)
    sentence = f"after sweep: {rows} grants, {live} of them alive"
    return [*found, Finding(sentence=sentence, holds=rows == live > 0)]


def _count(set_: Stage) -> tuple[int, int]:
    with psycopg.connect(set_.database_urls["ours"]) as connection:
        row = connection.execute(_GRANTS, {"now": time.time_ns() // 1000}).fetchone()
    assert row is not None
    return row[0], row[1]
