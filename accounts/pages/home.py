"""The home page: what this server is and where to go.

Other floors add to it with `register`; a section is made anew for every visit.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as _render

from accounts import people
from config import environment, invocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A block on the home page; lines are (label, text, address), the address may be empty."""

    title: str
    text: str = ""
    lines: tuple[tuple[str, str, str], ...] = ()
    badge: str = ""


SECTIONS: list[Callable[[HttpRequest], Section | None]] = []


def register(section: Callable[[HttpRequest], Section | None]) -> None:
    """Add a section to the home page."""
    SECTIONS.append(section)


def home(request: HttpRequest) -> HttpResponse:
    """Show what this server is."""
    issuer = environment.current().issuer
    made = (section(request) for section in SECTIONS)
    context = {
        "issuer": issuer,
        "discovery": f"{issuer}/.well-known/openid-configuration",
        "admin_link": invocation.manage("admin-link"),
        "has_administrator": people.has_administrator(),
        "sections": [section for section in made if section is not None],
    }
    return _render(request, "accounts/home.html", context)
