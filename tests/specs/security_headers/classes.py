"""What each class of answers tells browsers, in full; whoever changes it looks here."""

from collections.abc import Mapping

from config.headers import Route
from tests.doors import Response

HSTS = {"Strict-Transport-Security": "max-age=31536000"}
_NO_DEVICES = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(),"
    " gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
)
_DOCUMENT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": (
        f"{_NO_DEVICES}, publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
    "Cache-Control": "no-store",
}
_DATA = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
}
_PAGE = (
    "default-src 'none'; style-src 'self'; img-src {}; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
_OURS = "'self'"
SNAPSHOTS: Mapping[Route, Mapping[str, str]] = {
    Route.PAGE: {**_DOCUMENT, "Content-Security-Policy": _PAGE.format(_OURS)},
    Route.ADMIN: {
        **_DOCUMENT,
        "Content-Security-Policy": (
            f"{_PAGE.format(_OURS)}; script-src 'self'; font-src 'self'; connect-src 'self'"
        ),
    },
    Route.DOCS: {
        **_DOCUMENT,
        "Content-Security-Policy": (
            _PAGE.format("'self' data:") + "; script-src 'self'; connect-src 'self'"
        ),
    },
    Route.MACHINE: _DATA,
    Route.API: _DATA,
    Route.FRAMED: {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Origin-Agent-Cluster": "?1",
        "Permissions-Policy": _NO_DEVICES,
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'"
        ),
        "Cache-Control": "public, max-age=300",
    },
    Route.FILE: {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cache-Control": "max-age=3600, public",
    },
}
# What says something about the content, the transfer or the caller, and nothing to a browser's
# defences. A header that is in neither place fails the tests.
OTHER = {
    *("accept-ranges", "allow", "content-disposition", "content-encoding", "content-language"),
    *(
        "content-length",
        "content-range",
        "content-type",
        "etag",
        "expires",
        "last-modified",
        "link",
        "location",
    ),
    *("ratelimit", "ratelimit-policy", "retry-after", "set-cookie", "vary", "www-authenticate"),
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"),
}


def told(response: Response) -> dict[str, str]:
    """Return what the answer tells browsers."""
    found = {
        name: value
        for name, value in response.headers.items()
        if name.lower() not in OTHER and not name.lower().startswith("access-control-")
    }
    twice = [name for name, _ in response.headers.items() if name.lower() != "set-cookie"]
    assert len({name.lower() for name in twice}) == len(twice), f"{response.url}: {twice}"
    return found


def expected(route: Route, *, is_production: bool = False, **changes: str) -> dict[str, str]:
    """Return the snapshot of a class; a caching answer names its own Cache-Control."""
    found = {**SNAPSHOTS[route], **(HSTS if is_production else {})}
    found |= {name.replace("_", "-"): value for name, value in changes.items()}
    return found
