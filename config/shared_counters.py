"""The counters of all processes: the same windows in Redis, one script a subject, Redis's clock.

A subject is one key, so the script is atomic wherever it runs, and its text is constant. What does
not answer within a twentieth of a second is let alone for a second and more (a circuit breaker):
`AwayError` says so at once, and whoever asks counts by itself meanwhile.
"""

import logging
import threading
import time
from collections.abc import Sequence
from hashlib import sha1
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import logs
from config.counters import BUCKETS, Ask, Seen, Verdict, bucket

SCRIPT: Final = """
-- KEYS[1] one subject's counters, packed: per window the index of the running bucket, then the
--         counts from the oldest bucket to the running one.
-- ARGV[1] cost, [2] 'take', 'look' or the instant of a charge to give back, [3] buckets a window,
--         then per window its limit and the length of one bucket in microseconds.
-- Returns admitted, now, then per window what is left, when more is free, when the cost fits.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost, act, n = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local windows, slots = (#ARGV - 3) / 2, n + 2
local held = redis.call('GET', KEYS[1])
local fine, state = pcall(cmsgpack.unpack, held or '')
if not held or not fine or type(state) ~= 'table' or #state ~= windows * slots then
  if act ~= 'take' and act ~= 'look' then return {0, now} end
  state = {}
end
local given_back = act ~= 'take' and act ~= 'look' and tonumber(act) or nil
local admitted, went_back, life, total, answer = 1, false, 0, 0, {1, now}
for k = 0, windows - 1 do
  local limit, width = tonumber(ARGV[4 + 2 * k]), tonumber(ARGV[5 + 2 * k])
  local base, index = k * slots + 1, math.floor(now / width)
  local passed = index - (state[base] or 0)
  if state[base] == nil or passed > n then
    for i = 1, n + 1 do state[base + i] = 0 end
  elseif passed > 0 then
    for i = 1, n + 1 do
      state[base + i] = i + passed <= n + 1 and state[base + i + passed] or 0
    end
  end
  if passed < 0 then went_back = true end
  state[base] = index  -- a clock that went back leaves every count its age
  local used, first = 0, n + 1
  for i = n + 1, 1, -1 do
    used = used + state[base + i]
    if state[base + i] > 0 then first = i end
  end
  local wait = 0
  if cost > limit then
    wait = -1
  elseif used + cost > limit then
    local over, gone = used + cost - limit, 0
    for i = 1, n + 1 do
      gone = gone + state[base + i]
      if gone >= over then wait = (index + i) * width - now break end
    end
  end
  if wait ~= 0 then admitted = 0 end
  local left = limit - used
  if left < 0 then left = 0 end
  answer[#answer + 1] = left
  answer[#answer + 1] = (index + first) * width - now
  answer[#answer + 1] = wait
  if (n + 1) * width > life then life = (n + 1) * width end
  total = total + used
  if given_back then
    local age = index - math.floor(given_back / width)
    if age >= 0 and age <= n then
      local slot = base + n + 1 - age
      local less = math.min(cost, state[slot])
      state[slot] = state[slot] - less
      total = total - less
    end
  end
end
answer[1] = admitted
if admitted == 1 and act == 'take' then
  for k = 0, windows - 1 do
    local running = k * slots + 1 + n + 1
    state[running] = state[running] + cost
    answer[3 + 3 * k] = answer[3 + 3 * k] - cost
  end
end
if given_back and total == 0 then
  redis.call('DEL', KEYS[1])  -- whoever is refused elsewhere leaves nothing behind
elseif given_back or went_back or (admitted == 1 and act == 'take') then
  redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', math.ceil(life / 1000))
end
return answer
"""
_DIGEST: Final = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()  # Redis names it so
_TIMEOUT: Final = 0.05  # seconds, of connecting and of each answer
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0  # seconds that Redis is let alone after a failure
_log: Final = logging.getLogger("authserver.throttle")


class AwayError(Exception):
    """Redis does not answer, or did not a moment ago."""


class SharedCounters:
    """Counters in Redis, behind a circuit breaker."""

    def __init__(self, url: str, *, timeout: float | None = None) -> None:
        patience = _TIMEOUT if timeout is None else timeout
        self._redis: Any = redis.Redis.from_url(
            url,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )
        self._lock = threading.Lock()
        self._closed_until, self._pause, self._failed_at = 0.0, _FIRST_PAUSE, 0.0

    @property
    def is_away(self) -> bool:
        """Whether Redis was last seen not to answer."""
        return self._closed_until > 0.0

    def decide(self, asks: Sequence[Ask]) -> tuple[Verdict, ...]:
        """Judge every ask in one round trip; where one is refused, the others get theirs back.

        Raises:
            AwayError: nothing was decided.
        """
        calls = [(ask, "take" if ask.takes else "look") for ask in asks]
        found = tuple(_verdict(answer) for answer in self._asked(calls))
        if len(found) > 1 and not all(one.is_admitted for one in found):
            pairs = zip(asks, found, strict=True)
            taken = [(ask, one.at) for ask, one in pairs if one.is_admitted and ask.takes]
            if taken:
                self.give_back(taken)
        return found

    def give_back(self, charges: Sequence[tuple[Ask, int]]) -> None:
        """Take charges back out of the buckets they went into; what is lost meanwhile is spent."""
        try:
            self._asked([(ask, str(at)) for ask, at in charges])
        except AwayError:
            return

    def _asked(self, calls: Sequence[tuple[Ask, str]]) -> list[Any]:
        self._may_try()
        started = time.monotonic()
        try:
            answers = self._sent(calls)
        except (redis.RedisError, OSError) as fault:
            self._failed(fault, started)
            raise AwayError from fault
        self._succeeded()
        return answers

    def _sent(self, calls: Sequence[tuple[Ask, str]]) -> list[Any]:
        commands = [_command(ask, act) for ask, act in calls]
        try:
            return self._together(commands)
        except redis.exceptions.NoScriptError:  # Redis is new: none of them was carried out
            self._redis.script_load(SCRIPT)
            return self._together(commands)

    def _together(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        if len(commands) == 1:
            return [self._redis.execute_command(*commands[0])]
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        found: list[Any] = pipeline.execute()
        return found

    def _may_try(self) -> None:
        """Raise AwayError while the breaker is open; after its pause let one at a time try."""
        if not self._closed_until:
            return
        with self._lock:
            now = time.monotonic()
            if now < self._closed_until:
                raise AwayError
            self._closed_until = now + 4 * _TIMEOUT

    def _failed(self, fault: Exception, started: float) -> None:
        with self._lock:
            if self._failed_at > started:
                return  # another thread met the same failure
            is_first = not self._closed_until
            self._failed_at = time.monotonic()
            self._closed_until = self._failed_at + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        if is_first:
            fields = {"fault": type(fault).__name__}
            _log.error("throttle_degraded", extra={logs.FIELDS: fields})

    def _succeeded(self) -> None:
        if not self._closed_until:
            return
        with self._lock:
            was_away = self._closed_until > 0.0
            self._closed_until, self._pause = 0.0, _FIRST_PAUSE
        if was_away:
            _log.warning("throttle_recovered")


def _command(ask: Ask, act: str) -> tuple[Any, ...]:
    spans = ".".join(map(str, ask.spans))
    # One hash tag: the whole of a subject lives in one slot of a cluster.
    key = f"authserver:throttle:{{{ask.rule}:{spans}:{ask.subject}}}"
    pairs = zip(ask.limits, ask.spans, strict=True)
    windows = [number for limit, span in pairs for number in (limit, bucket(span))]
    return ("EVALSHA", _DIGEST, 1, key, ask.cost, act, BUCKETS, *windows)


def _verdict(answer: Sequence[int]) -> Verdict:
    rows = zip(answer[2::3], answer[3::3], answer[4::3], strict=True)
    return Verdict(
        is_admitted=bool(answer[0]),
        at=int(answer[1]),
        windows=tuple(Seen(remaining=left, more_in=more, wait=wait) for left, more, wait in rows),
    )
