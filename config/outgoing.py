"""Asking addresses that others chose: only public ones, never for long, never for much.

A URL is judged when it is registered (`fault`) and again whenever it is asked. Then its name is
resolved once, every address must be public, and the connection goes to one of these very
addresses: a name that changes its mind in between (DNS rebinding) changes nothing. No redirect is
followed, no compressed answer taken, no proxy of the environment used.
"""

import http.client
import logging
import re
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from config import addresses, environment, exchange, logs, policy, remote_urls
from config.addresses import Address, UnresolvedError
from config.exchange import Asked, Deadline, TooLargeError
from config.remote_urls import Place, UnfitError

log = logging.getLogger("authserver.outgoing")
_PATIENCE: Final = 1.0  # seconds of the deadline that may be spent on waiting for a free line
_MAX_AGE = re.compile(r'max-age="?([0-9]{1,9})"?')
_HEADERS: Final = {
    "User-Agent": "authserver",
    "Connection": "close",
}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class OutgoingError(Exception):
    """The other side was not asked, or gave no usable answer; `reason` is one sentence of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer of status 200; `max_age` is how many seconds it may be kept (None: not said)."""

    status: int
    content_type: str
    body: bytes
    max_age: int | None


def fault(url: str) -> str | None:
    """Tell in one sentence why we would never ask this URL, or None; no name is resolved."""
    try:
        remote_urls.read(url)
    except UnfitError as error:
        return str(error)
    return None


def get(
    url: str,
    *,
    accept: str,
    authorization: str = "",
    max_bytes: int = 65536,
    in_background: bool = False,
) -> Fetched:
    """Fetch a document of at most `max_bytes`.

    In the background (an outbox handler) nobody waits, and those who do are not kept waiting.

    Raises:
        OutgoingError: whatever else than a whole answer of status 200 in time.
    """
    headers, deadline = {"Accept": accept, **_credentials(authorization)}, _deadline()
    asking = _answered("GET", url, headers, deadline, max_bytes=max_bytes)
    line = nullcontext() if in_background else _turn(url, deadline)
    with _told(url), line, asking as response:
        return _fetched(response, max_bytes)


def ask(
    url: str, fields: Mapping[str, str], *, authorization: str = "", max_bytes: int = 65536
) -> Fetched:
    """Post a form and return the answer, as `get` does; what is sent is in nobody's log.

    Raises:
        OutgoingError: whatever else than a whole answer of status 200 in time.
    """
    headers = {**_FORM, "Accept": "application/json", **_credentials(authorization)}
    body, deadline = urlencode(fields).encode("ascii"), _deadline()
    asking = _answered("POST", url, headers, deadline, body=body, max_bytes=max_bytes)
    with _told(url), _turn(url, deadline), asking as response:
        return _fetched(response, max_bytes)


def post_form(url: str, fields: Mapping[str, str]) -> int:
    """Post a form and return the HTTP status, whatever it is; the answer's body is not read.

    For handlers of the outbox, whose threads are counted: it takes no line.

    Raises:
        OutgoingError: when no answer came in time.
    """
    headers = {**_FORM, "Accept": "*/*"}
    body = urlencode(fields).encode("ascii")
    asking = _answered("POST", url, headers, _deadline(), body=body, max_bytes=0)
    with _told(url), asking as response:
        return response.status


def _fetched(response: http.client.HTTPResponse, max_bytes: int) -> Fetched:
    if response.status != HTTPStatus.OK:
        raise OutgoingError("It did not answer with status 200.")
    return Fetched(
        status=response.status,
        content_type=response.headers.get("Content-Type", ""),
        body=_body(response, max_bytes),
        max_age=_max_age(response.headers.get_all("Cache-Control", [])),
    )


def _credentials(authorization: str) -> Mapping[str, str]:
    return {"Authorization": authorization} if authorization else {}


def _deadline() -> Deadline:
    return Deadline(policy.current().outgoing.deadline.total_seconds())


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn whatever goes wrong into one sentence, and log it."""
    try:
        yield
    except OutgoingError as error:
        reason = error.reason
    except UnfitError as error:
        reason = str(error)
    except TooLargeError:
        reason = "Its answer is too large."
    except TimeoutError:
        reason = "It did not answer in time."
    except ssl.SSLCertVerificationError:
        reason = "Its certificate is not one we trust for this host."
    except (OSError, ValueError, http.client.HTTPException):
        reason = "It cannot be reached, or does not speak HTTP as it should."
    else:
        return
    asked = url.partition("?")[0]  # what follows may be somebody's secret
    log.info("outgoing_failed", extra={logs.FIELDS: {"url": asked, "reason": reason}})
    raise OutgoingError(reason)


@contextmanager
def _turn(url: str, deadline: Deadline) -> Iterator[None]:
    """Wait a little for a free line: those who wait for others must never be all our threads.

    One site gets half of the lines, or a slow one that strangers make us ask would have them all.
    Those who wait are counted too: a quarter of our threads is never here at all.
    """
    site = remote_urls.read(url).site
    with _Lines.change:
        if not (_is_free(site) or _is_freed(site, min(_PATIENCE, deadline.left()))):
            raise OutgoingError("Too many requests to others are under way.")
        _Lines.taken[site] += 1
    try:
        yield
    finally:
        with _Lines.change:
            _Lines.taken -= Counter([site])
            _Lines.change.notify_all()


class _Lines:
    """How many requests to others are under way in this process, by site."""

    change = threading.Condition()
    taken: Counter[str] = Counter()
    waiting = 0


def _is_free(site: str) -> bool:
    half = max(1, environment.current().threads // 2)
    lines = min(policy.current().outgoing.at_once, half)
    return _Lines.taken.total() < lines and _Lines.taken[site] < max(1, lines // 2)


def _is_freed(site: str, patience: float) -> bool:
    """Wait for a line, unless too many of our threads do already; tell whether there is one."""
    if _Lines.taken.total() + _Lines.waiting >= environment.current().threads * 3 // 4:
        return False
    _Lines.waiting += 1
    try:
        return _Lines.change.wait_for(lambda: _is_free(site), timeout=patience)
    finally:
        _Lines.waiting -= 1


@contextmanager
def _answered(
    method: str, url: str, headers: Mapping[str, str], deadline: Deadline, **rest: Any
) -> Iterator[http.client.HTTPResponse]:
    place = remote_urls.read(url)
    asked = Asked(
        method=method,
        host=place.host,
        port=place.port,
        is_tls=place.is_tls,
        target=place.target,
        headers={**_HEADERS, **headers},
        body=rest.pop("body", None),
    )
    ca_file = environment.current().extra_ca_file
    found = _checked(place, deadline)
    with exchange.answered(asked, found, ca_file=ca_file, deadline=deadline, **rest) as response:
        yield response


def _checked(place: Place, deadline: Deadline) -> list[Address]:
    """Resolve the name once; every address counts, or a mixed answer would be let through."""
    try:
        found = addresses.resolve(place.host, place.port, within=deadline.left())
    except UnresolvedError:
        deadline.left()
        raise OutgoingError("Its host has no address.") from None
    if not place.is_allowed and not all(addresses.is_public(each[1][0]) for each in found):
        logs.security_event("outgoing_refused", host=place.host, port=place.port)
        raise OutgoingError(remote_urls.NOT_PUBLIC)
    return found


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    is_plain = response.headers.get("Content-Encoding", "identity").strip().lower() == "identity"
    if not is_plain or (not response.chunked and "Transfer-Encoding" in response.headers):
        raise OutgoingError("Its answer is compressed, which was not asked for.")
    if (response.length or 0) > max_bytes:
        raise TooLargeError
    body = response.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise TooLargeError
    if response.length:
        raise OutgoingError("Its answer broke off.")
    return body


def _max_age(values: Sequence[str]) -> int | None:
    """Read how long an answer may be kept (RFC 9111 §5.2.2)."""
    directives = [each.strip().lower() for value in values for each in value.split(",")]
    if {"no-store", "no-cache"} & set(directives):
        return 0
    for each in directives:
        if found := _MAX_AGE.fullmatch(each):
            return int(found[1])
    return None
