"""CSP Level 3 — what a page of ours may load, frame and submit to.

`form-action` needs care: Chromium applies it to the redirects that follow a submit, so a login or
consent page must name the one validated address its chain of redirects ends at, and no other.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest

_TARGETS = "_authserver_form_targets"
_SCRIPT = "_authserver_own_script"
_FRAMES = "_authserver_frames"
_DOCUMENTATION = "_authserver_documentation"
_HOST = re.compile(r"[a-z0-9.-]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_LONGEST = 1024  # characters; nginx takes 4096 for all headers together
_WEB = frozenset({"http", "https"})
_NEVER = frozenset({"javascript", "data", "vbscript", "blob", "file", "about"})

PAGE = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
ADMIN = {  # Django's own administration brings scripts, fonts and look-ups from our origin
    **PAGE,
    "script-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
}
DOCUMENTATION = {  # Swagger UI: a script and a style sheet of ours, and requests to ourselves
    **PAGE,
    "script-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",  # the style sheet's own pictures
}


def allow_form_target(request: HttpRequest, uri: str) -> None:
    """Let the forms of this response end at an already validated redirect URI.

    Raises ValueError when the URI cannot be named in a policy: then it was never validated.
    """
    targets: list[str] = getattr(request, _TARGETS, [])
    setattr(request, _TARGETS, [*targets, source_of(uri)])


def allow_own_script(request: HttpRequest) -> None:
    """Let this response load a script from our origin; none is ever inline."""
    setattr(request, _SCRIPT, True)


def allow_frame(request: HttpRequest, uri: str) -> None:
    """Let this response frame the origin of a registered address, and no other."""
    origins: list[str] = getattr(request, _FRAMES, [])
    setattr(request, _FRAMES, [*origins, source_of(uri)])


def allow_documentation(request: HttpRequest) -> None:
    """Let this response be the page that shows the API."""
    setattr(request, _DOCUMENTATION, True)


def is_documentation(request: HttpRequest) -> bool:
    """Tell whether the response is that page."""
    return getattr(request, _DOCUMENTATION, False)


def _named(origins: Iterable[str]) -> str:
    """Return origins as a policy names them; of very many only their schemes.

    A proxy refuses an answer with a head of some kilobytes, and nobody would see the page at all.
    """
    named = " ".join(dict.fromkeys(origins))
    if len(named) <= _LONGEST:
        return named
    return " ".join(sorted({f"{origin.partition(':')[0]}:" for origin in named.split()}))


def source_of(uri: str) -> str:
    """Return the CSP source of a URI: the origin of a web address, else its scheme."""
    parts = urlsplit(uri)
    scheme, name = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _WEB:
        if scheme in _NEVER or not _SCHEME.fullmatch(scheme):
            raise ValueError("This is not a redirect URI.")
        return f"{scheme}:"
    port = f":{parts.port}" if parts.port else ""
    if ":" in name:  # CSP has no words for an IPv6 address; its port is the narrowest that matches
        return f"{scheme}://*{port}"
    if not _HOST.fullmatch(name):
        raise ValueError("This is not a redirect URI.")
    return f"{scheme}://{name}{port}"


def header(request: HttpRequest, policy: Mapping[str, str] = PAGE) -> str:
    """Return the policy of the response to this request."""
    rules = dict(policy)
    targets: list[str] = getattr(request, _TARGETS, [])
    if getattr(request, _SCRIPT, False):
        rules["script-src"] = "'self'"
    if framed := getattr(request, _FRAMES, []):
        rules["frame-src"] = _named(framed)
    rules["form-action"] = " ".join(dict.fromkeys([rules["form-action"], *targets]))
    return "; ".join(f"{name} {value}" for name, value in rules.items())
