"""RFC 5322 — the development mailbox: the mails that no mail server takes, to be read in a browser.

In development only, while no mail server is named, and for the machine itself: everywhere else
there is no such page, for it shows every code that signs somebody in.
"""

import email
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy as mails
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from config import client_ip, environment, mail

_MOST: Final = 50
_NAME: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
_FACES: Final = frozenset({"page"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail of the list, or the one that is read."""

    name: str
    to: str
    subject: str
    at: datetime
    text: str
    page: str


def is_there() -> bool:
    """Tell whether mail stays on this desk."""
    here = environment.current()
    return not here.is_production and here.email_url is None


@never_cache
@require_http_methods(["GET"])
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest mails."""
    _check(request)
    files = sorted(_folder().glob("*.eml"), reverse=True)[:_MOST] if _folder().is_dir() else []
    return render(request, "accounts/mailbox.html", {"mails": [_read(file) for file in files]})


@never_cache
@require_http_methods(["GET"])
def one(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail: its text, or with `?as=page` what a mail program makes of it."""
    _check(request)
    file = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise Http404
    found = _read(file)
    if request.GET.get("as") not in _FACES or not found.page:
        return render(request, "accounts/mailbox_mail.html", {"mail": found})
    response = HttpResponse(found.page)
    # A page of its own that may do nothing but look: its style is in it, as mails have it.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation allow-popups"
        " allow-popups-to-escape-sandbox"
    )
    return response


def _check(request: HttpRequest) -> None:
    address = client_ip.parse(client_ip.of(request.META))
    if not is_there() or address is None or not (address.is_loopback or address.is_private):
        raise Http404


def _folder() -> Path:
    return mail.folder()


def _read(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=mails.default)
    at = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)
    return Mail(
        name=file.stem,
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        at=at,
        text=_part(message, "plain"),
        page=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
