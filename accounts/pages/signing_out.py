"""Signing out, from whichever page: the session ends, and its applications hear of it.

The floor above knows where they listen: it answers which of them will be told, and with the page
the browser leaves by.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from allauth.account.views import LogoutView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import authentication, history, participation
from accounts.pages import addresses
from accounts.participation import Participant


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A session that has just ended in this browser, and where the browser goes on to ('': stay).

    `next_name` is whose address that is, where it is not our own.
    """

    sid: str
    participants: tuple[Participant, ...]
    next_url: str = ""
    next_name: str = ""


class Teller(Protocol):
    """What the floor above answers."""

    def names(self, participants: Collection[Participant]) -> Sequence[str]:
        """Return the names of those who will be told."""

    def page(self, request: HttpRequest, left: Departure) -> HttpResponse:
        """Return what the browser gets when the session has ended."""


class _Nobody:
    """Before anybody listens."""

    def names(self, participants: Collection[Participant]) -> Sequence[str]:
        """Know none."""
        return ()

    def page(self, request: HttpRequest, left: Departure) -> HttpResponse:
        """Go on at once."""
        return addresses.see_other(left.next_url or reverse("home"))


class _Told:
    """The one mutable place: who answers."""

    teller: Teller = _Nobody()


def told_by(teller: Teller) -> None:
    """Take `teller` for the one that knows."""
    _Told.teller = teller


def names(request: HttpRequest) -> Sequence[str]:
    """Return the names of the applications that will be told if the person signs out now."""
    person = authentication.signed_in(request)
    there = participation.of(person.sid) if person else ()
    return _Told.teller.names(there) if there else ()


def leave(request: HttpRequest, next_url: str = "", *, next_name: str = "") -> HttpResponse:
    """Sign the person out and return the page or the redirect that leads on."""
    person = authentication.signed_in(request)
    participants = authentication.sign_out(request)
    return _Told.teller.page(
        request,
        Departure(
            sid=person.sid if person else "",
            participants=participants,
            next_url=next_url,
            next_name=next_name,
        ),
    )


class SignOut(LogoutView):  # type: ignore[misc]  # allauth carries no types
    """The page that asks, and what its button does."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Add who will be told."""
        return {**super().get_context_data(**more), "told": names(self.request)}

    def post(self, *args: Any, **options: Any) -> HttpResponse:
        """Sign out; a sign-in that was only half done is given up."""
        response: HttpResponse
        person = authentication.signed_in(self.request)
        if person is None:
            response = super().post(*args, **options)
            return response
        history.note(person.subject, "signed_out", self.request)
        response = leave(self.request, self.get_redirect_url())
        if response.status_code == 303:  # else the page itself says so
            messages.success(self.request, _("You are signed out."))
        return response


sign_out = SignOut.as_view()
