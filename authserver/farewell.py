"""OIDC Front-Channel Logout §4 — the page a browser leaves by, and who will be told of it.

Without a client that wants a frame the browser goes on at once. With one, a small script of ours
goes on as soon as all frames are there, or after some seconds; without scripts there is a link.
"""

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.pages.signing_out import Departure
from accounts.participation import Participant
from authserver import backchannel, frontchannel


def names(participants: Collection[Participant]) -> list[str]:
    """Return the names of those who will be told, by either channel."""
    listening = backchannel.listening(participants) | frontchannel.listening(participants)
    return [one.client_name for one in participants if one.client_id in listening]


def page(request: HttpRequest, left: Departure, *, at_once: bool = True) -> HttpResponse:
    """Return what the browser gets when its session has ended.

    Not `at_once`, it goes on by a link only: nothing shows that the address is where it came from.
    """
    frames = frontchannel.frames(left.participants, left.sid)
    if not frames and left.next_url and at_once:
        return onward(left.next_url)
    frontchannel.admit(request, frames)
    context = {
        "home": reverse("home"),
        "frames": frames,
        "next_url": left.next_url,
        "next_name": left.next_name,
    }
    return render(request, "authserver/signed_out.html", context)


def onward(url: str) -> HttpResponse:
    """Send the browser on: to our own page, or to an address its client registered, as it is."""
    # Not a redirect of Django's, which knows no private-use schemes (RFC 8252 §7.1).
    return HttpResponse(status=303, headers={"Location": url, "Cache-Control": "no-store"})
