"""Why a sign-in on its way could not go on: its page is too old, or of another browser."""

from typing import Final

from authserver.findings.finding import Finding
from config import policy

_CLAUSE: Final = "OIDC Core §3.1.2.3"


def too_old(*, is_readable: bool) -> Finding:
    """Return what to say of an interaction that is over; one that is not readable is no longer."""
    lifetime = policy.current().lifetimes.interaction
    return Finding(
        parameter="interaction",
        received="older than that" if is_readable else "not readable: cut, or sealed long ago",
        expected=f"opened within {lifetime}, as lifetimes.interaction says",
        verdict="has expired",
        clause=_CLAUSE,
        fix="The person starts again at the application; an old page, tab or bookmark was opened.",
    )


def of_another_browser(*, has_cookie: bool) -> Finding:
    """Return what to say of an interaction that began elsewhere, or whose cookie did not come."""
    if has_cookie:
        received, verdict = "another browser's cookie", "belongs to another browser"
        fix = "The person goes on where they started: a link was opened in another browser."
    else:
        received, verdict = "no cookie", "cannot be tied to this browser"
        fix = (
            "Cookies are blocked, or the page was framed or opened by another site (SameSite=Lax),"
            " or this server is reached by two names: only that of the issuer works."
        )
    return Finding(
        parameter="as_browser",
        received=received,
        expected="the cookie of the browser that started",
        verdict=verdict,
        clause=_CLAUSE,
        fix=fix,
    )
