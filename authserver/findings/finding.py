"""One line of an explanation, and how what was received is taken down without what is private."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from config import logs
from config.faults import did_you_mean

_LONGEST: Final = 200
_MOST_COMPARED: Final = 50
_QUERY_VALUE: Final = re.compile(r"([?&][^=&#]*=)[^&#]+")
_USERINFO: Final = re.compile(r"(?<=://)[^/?#@]*@")
_JWT: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*(?:\.[\w-]*){0,2}")
_UNSEEN: Final = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one parameter was, should have been, and what to do; `fix` is '' where all is well."""

    parameter: str
    received: str
    expected: str
    verdict: str
    clause: str = ""
    fix: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether this is wrong."""
        return bool(self.fix)


def plain(found: Finding) -> dict[str, Any]:
    """Return a finding as it is kept."""
    return asdict(found) | {"is_fault": found.is_fault}


def shown(value: str | None) -> str:
    """Return what was received, cut and without what looks like a credential; '' for nothing."""
    if value is None:
        return ""
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", value)
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + logs.CUT
    return logs.redacted(text)


def address(value: str | None) -> str:
    """Return an address without user, and without the values of its query."""
    return shown(_QUERY_VALUE.sub(r"\1…", _USERINFO.sub("…@", value)) if value else value)


def hidden(value: str | None) -> str:
    """Return how long a value is and what it looks like, but not the value."""
    if not value:
        return ""
    kind = "a JWT of " if _JWT.fullmatch(value) else ""
    return f"({kind}{len(value)} characters, not kept)"


def one_of(parameter: str, value: str, allowed: tuple[str, ...], clause: str) -> Finding:
    """Return what to say of a value that is one of some, or is not."""
    expected = ", ".join(allowed)
    if value in allowed:
        return Finding(
            parameter=parameter, received=value, expected=expected, verdict="is fine", clause=clause
        )
    return Finding(
        parameter=parameter,
        received=shown(value),
        expected=expected,
        verdict="is not one of them." + did_you_mean(value, allowed),
        clause=clause,
        fix=f"Send one of these as {parameter}.",
    )


def differences(sent: str, known: str) -> list[str]:
    """Return in what an address differs from a registered one, most telling first; [] if equal."""
    if sent == known:
        return []
    if sent.strip() == known:
        return ["a blank before or after it"]
    if "%25" in sent or re.match(r"[a-zA-Z][\w+.-]*%3[aA]", sent):
        return ["percent-encoded twice"]
    try:
        ours, theirs = urlsplit(known), urlsplit(sent)
        found = [
            *_of_scheme(theirs.scheme, ours.scheme),
            *_of_host(theirs.netloc, ours.netloc),
            *_of_path(theirs.path, ours.path),
            *_of_query(theirs.query, ours.query),
            *(["fragment: none is allowed"] if "#" in sent else []),
        ]
    except ValueError:
        return ["not a URI"]
    return found or ["spelling: the same address written otherwise; it has to be the same text"]


def _of_scheme(sent: str, known: str) -> list[str]:
    return [] if sent == known else [f"scheme: {sent or 'none'} instead of {known}"]


def _of_host(sent: str, known: str) -> list[str]:
    if sent == known:
        return []
    if "@" in sent:
        return ["host: names a user"]
    (host, port), (own, own_port) = _parted(sent), _parted(known)
    found = []
    if host != own:
        loopback = {"localhost", "127.0.0.1", "[::1]"}
        if host.lower() == own.lower():
            found.append("host: upper and lower case")
        elif {host, own} <= loopback:
            found.append(f"host: {host} and {own} are not the same")
        elif host.removeprefix("www.") == own.removeprefix("www."):
            found.append("host: with and without www.")
        else:
            found.append(f"host: {host or 'none'} instead of {own}")
    if port != own_port:
        found.append(f"port: {port or 'none'} instead of {own_port or 'none'}")
    return found


def _parted(netloc: str) -> tuple[str, str]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", netloc)
    return (match[1], match[2] or "") if match else (netloc, "")


def _of_path(sent: str, known: str) -> list[str]:
    if sent == known:
        return []
    if sent.rstrip("/") == known.rstrip("/"):
        word = "too many" if len(sent) > len(known) else "missing"
        return [f"path: trailing slash {word}"]
    if sent.lower() == known.lower():
        return ["path: upper and lower case"]
    return [f"path: {shown(sent) or 'none'} instead of {known or 'none'}"]


def _of_query(sent: str, known: str) -> list[str]:
    if sent == known:
        return []
    if not known:
        return ["query: nothing is registered behind a question mark; use state instead"]
    return ["query: missing" if not sent else "query: another than registered"]


def nearest(sent: str, registered: Sequence[str]) -> tuple[str, list[str]]:
    """Return the registered address that comes nearest, and in what the sent one differs."""

    def apart(known: str) -> tuple[int, int]:
        return len(differences(sent, known)), -_alike(sent, known) - _alike(sent[::-1], known[::-1])

    best = min(registered[:_MOST_COMPARED], key=apart)
    return best, differences(sent, best)


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their start."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
