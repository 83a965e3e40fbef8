"""Who is counted at a machine endpoint, and when: after what is cheap to refuse, before what costs.

A client is counted once it has proved itself, so nobody can use up what is another's. Wrong
credentials count by the client and the address together, and by the address: never by the client
alone. One round trip in each case: a good secret is charged to its client and, beside that, only
let through where the failures of its address would be; a wrong one is charged to the failures.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from authserver import errors
from authserver.clients import Client
from authserver.request import ProtocolRequest
from config import throttle
from config.answer import Headers
from config.rates import Rule
from config.throttle import Decision

BY_ADDRESS: Final = frozenset({"registration", "documents"})
_LOCKED_FOR: Final = 5.0  # seconds at most that a refusal is believed without asking again
_MOST: Final = 10_000


class TooManyRequests(errors.TemporarilyUnavailable, status=429):
    """Ask again after the number of seconds in Retry-After, and less often."""

    description = "Too many requests; Retry-After says when to ask again."


class _Refused:
    """Whose wrong credentials were refused a moment ago: theirs are not looked at, nor hashed.

    By rule and subject: until when that is believed, and when it ends.
    """

    lock = threading.Lock()
    until: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()


def by_address(request: ProtocolRequest) -> None:
    """Count a request whose rule goes by the caller's address; raises TooManyRequests."""
    if request.limit in BY_ADDRESS:
        count(request, throttle.address(request.environ))


def count(request: ProtocolRequest, subject: str) -> None:
    """Count a request for its subject, by the rule its endpoint declares.

    Raises:
        TooManyRequests: and nothing was counted.
    """
    _judge(request, throttle.decide(throttle.rule(request.limit), subject))


def authenticated(
    request: ProtocolRequest, named: str, authenticate: Callable[[], Client]
) -> Client:
    """Return the client, counted; `named` is who the request says it is.

    Raises:
        TooManyRequests: for the client, or for the wrong credentials of this address.
        InvalidClient: as `authenticate` does.
    """
    if not request.limit:
        return authenticate()
    failures = _failures(request, named)
    _check_refused(failures)
    try:
        client = authenticate()
    except errors.InvalidClient:
        _refuse_where_limited(failures)
        raise
    own = (throttle.rule(request.limit), _subject(request, client))
    # A public client has nothing that could be guessed.
    beside = () if client.is_public else failures
    _judge(request, throttle.decide_all([own], beside=beside))
    return client


def told(request: ProtocolRequest) -> Headers:
    """Return the headers that say where the caller stands."""
    return () if request.standing is None else throttle.standing(request.standing)


def _judge(request: ProtocolRequest, decision: Decision) -> None:
    # What caches may keep is everybody's answer; how often somebody failed is told to nobody.
    if decision.rule == request.limit and request.limit != "documents":
        request.standing = decision
    if not decision.is_allowed:
        raise TooManyRequests(retry_after=decision.retry_after)


def _subject(request: ProtocolRequest, client: Client) -> str:
    """Return the client; of a public one the address too, for anybody can name it."""
    if client.is_public:
        return f"client:{client.client_id} {throttle.address(request.environ)}"
    return f"client:{client.client_id}"


def _failures(request: ProtocolRequest, named: str) -> tuple[tuple[Rule, str], ...]:
    where = throttle.address(request.environ)
    return (
        (throttle.rule("token_failures"), f"client:{named} {where}"),
        (throttle.rule("token_failures_address"), where),
    )


def _refuse_where_limited(failures: tuple[tuple[Rule, str], ...]) -> None:
    """Count a failure, or raise TooManyRequests, which also a right secret is answered by then."""
    decision = throttle.decide_all(failures)
    if decision.is_allowed:
        return
    key = next((one.name, subject) for one, subject in failures if one.name == decision.rule)
    with _Refused.lock:
        now, wait = time.monotonic(), decision.retry_after
        _Refused.until[key] = (now + min(wait, _LOCKED_FOR), now + wait)
        while len(_Refused.until) > _MOST:
            _Refused.until.popitem(last=False)
    raise TooManyRequests(retry_after=decision.retry_after)


def _check_refused(failures: tuple[tuple[Rule, str], ...]) -> None:
    for one, subject in failures:
        until = _Refused.until.get((one.name, subject))
        if until is None:
            continue
        now = time.monotonic()
        if now < until[0]:
            raise TooManyRequests(retry_after=math.ceil(until[1] - now))
        with _Refused.lock:
            _Refused.until.pop((one.name, subject), None)
