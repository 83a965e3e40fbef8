"""How often each caller may ask each endpoint of the API, whoever they say they are, or nobody."""

from typing import Any

from rest_framework.request import Request

from accounts.api.authentication import Caller
from accounts.api.problems import TooMany
from config import throttle
from config.throttle import Decision


def admit(request: Request, endpoint: str, caller: Caller | None) -> Decision:
    """Count a request under its caller, or its address."""
    subject = caller.name if caller else throttle.address(request.META)
    return throttle.decide(throttle.rule("api"), f"{endpoint} {subject}")


def count_failure(request: Request) -> Decision:
    """Count a credential that was no good, under the address it came from."""
    return throttle.decide(throttle.rule("api_failures"), throttle.address(request.META))


def check(decision: Decision) -> None:
    """Raise TooMany where it was refused."""
    if decision.is_allowed:
        return
    raise refusal(decision.retry_after)


def refusal(wait: int, what: str = "requests") -> TooMany:
    """Return the problem of who came too often, and may again in so many seconds; -1: never."""
    members: dict[str, Any] = {"error": "too_many_requests"}
    if wait < 0:
        return TooMany(f"Too many {what}.", members=members)
    members["retryAfter"] = wait
    headers = {"Retry-After": str(wait)}
    return TooMany(f"Too many {what}: try again in {wait} s.", members=members, headers=headers)
