"""ASVS 5.0 §6.1.1 — browsers that an account was used in, and which of them are known.

A sealed cookie names the browser and says which accounts were used there; it proves nothing. Known
is one whose sign-in still counts: no new password, no "this was not me" and no sign-out everywhere
came since, nor other browsers in its place (`tokens.browsers`). A copy of the cookie is the same
browser, and nothing but a sign-in makes another one.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User, email_key
from tokens import browsers, handles
from tokens.browsers import Known

_COOKIE: Final = "as_accounts"
_NAME, _ASKED = "_authserver_browser_name", "_authserver_browser_known"
NEW: Final = "new"
"""Where whatever comes from a browser that is not known is counted."""
WHENCE: Final = (NEW, *(f"known {place}" for place in range(browsers.MOST)))
"""Everything that `whence` may say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An account that was used in this browser."""

    subject: str
    email: str


def cookie_name() -> str:
    """Return the name of the cookie."""
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def of_browser(request: HttpRequest) -> list[Remembered]:
    """Return the accounts as the browser's cookie has them, the last one first."""
    return [
        Remembered(subject=str(uuid.UUID(subject)), email=email)
        for subject, email in _record(request).get("accounts", [])
    ]


def name(request: HttpRequest) -> str:
    """Return what this browser is called: as its cookie says, else a name that is new."""
    found: str = getattr(request, _NAME, "") or _record(request).get("browser", "")
    found = found or browsers.new_name()
    setattr(request, _NAME, found)
    return found


def whence(request: HttpRequest, *, subject: str = "", email: str = "") -> str:
    """Return where this browser is counted for an account, known by its subject or its address."""
    return _in_words(_known(request, subject=subject, email=email))


def whence_of(subject: str, name_: str) -> str:
    """Return the same of a browser that is not here, by its name."""
    return _in_words(browsers.find(subject, name_) if name_ else None)


def is_known(request: HttpRequest, subject: str) -> bool:
    """Tell whether this browser was known to a person when this request came."""
    return _known(request, subject=subject) is not None


def know(request: HttpRequest, subject: str, epoch: int) -> None:
    """Know this browser from now on, by a sign-in under this epoch of the person."""
    known = _known(request, subject=subject)
    if known is None or not known.is_noted:
        browsers.know(subject, name(request), epoch)


def keep(request: HttpRequest, subject: str, *, before: int, epoch: int) -> None:
    """Let this browser stay known after a new password that was chosen here."""
    browsers.keep(subject, name(request), before=before, epoch=epoch)


def forget(subject: str, *, but: HttpRequest | None = None) -> None:
    """Know no browser of a person any more, except perhaps this one."""
    browsers.forget(subject, but=name(but) if but else "")


def _known(request: HttpRequest, *, subject: str = "", email: str = "") -> Known | None:
    """Return what was known of this browser when the request came: asked once for an account."""
    key = email_key(email)
    for one in of_browser(request):
        if (subject and one.subject == subject) or (key and email_key(one.email) == key):
            asked: dict[str, Known | None] = getattr(request, _ASKED, {})
            if one.subject not in asked:
                found = browsers.find(one.subject, name(request))
                setattr(request, _ASKED, asked := {**asked, one.subject: found})
            return asked[one.subject]
    return None


def _in_words(known: Known | None) -> str:
    return NEW if known is None else WHENCE[1 + known.place]


def _record(request: HttpRequest) -> Mapping[str, Any]:
    text = request.COOKIES.get(cookie_name(), "")
    return (handles.open(handles.REMEMBERED, text) if text else None) or {}


@receiver(pre_delete, sender=User, dispatch_uid="accounts.familiar.of_the_deleted")
def _forget_with_the_person(instance: User, **_news: Any) -> None:
    forget(str(instance.pk))
