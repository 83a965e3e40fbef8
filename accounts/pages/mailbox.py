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

from accounts import letters
from config import client_ip, environment, mail

_MOST: Final = 50
_NAME: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail of the list, or the one that is read."""

    name: str
    to: str
    subject: str
    at: datetime
    blocks: tuple[letters.Block, ...]


def is_there() -> bool:
    """Tell whether mail stays on this desk."""
    here = environment.current()
    return not here.is_production and here.email_url is None


@never_cache
@require_http_methods(["GET", "HEAD"])
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest mails."""
    _check(request)
    files = list(_folder().glob("*.eml")) if _folder().is_dir() else []
    files.sort(key=lambda file: file.stat().st_mtime_ns, reverse=True)
    mails_there = [_read(file) for file in files[:_MOST]]
    return render(request, "accounts/mailbox.html", {"mails": mails_there})


@never_cache
@require_http_methods(["GET", "HEAD"])
def one(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail, or with `?as=file` hand it out for a mail program to show."""
    _check(request)
    file = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise Http404
    if request.GET.get("as") != "file":
        return render(request, "accounts/mailbox_mail.html", {"mail": _read(file)})
    response = HttpResponse(file.read_bytes(), content_type="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
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
        blocks=tuple(letters.blocks(_text(message).partition(letters.SIGNATURE)[0])),
    )


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
