"""RFC 9470 §1 — the second step: between a first proof and a session.

One of the stages of every sign-in, whichever way it began; `proving.prove` leads on from it.
"""

from typing import Final

from allauth.account.internal import stagekit
from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import authentication, factors, levels, trusted_browsers
from accounts.models import User

KEY: Final = "second_factor"


class SecondFactor(LoginStage):  # type: ignore[misc]  # allauth carries no types
    """Asks for a second factor whoever has one, unless it was used already or is not wanted."""

    key = KEY
    urlname = "second_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Go on, or to the page that asks."""
        if self.login.user is None or not is_missing(self.request, self.login.user):
            return None, True
        return HttpResponseRedirect(reverse(self.urlname)), True


def is_missing(request: HttpRequest, user: User) -> bool:
    """Tell whether this person still has to show a second factor."""
    proofs = authentication.held(request, user)
    if any(levels.METHODS[one.method].is_second for one in proofs):
        return False
    if not factors.of(str(user.pk)).is_two_step:
        return False
    return not trusted_browsers.is_trusted(request, str(user.pk))


def waiting(request: HttpRequest) -> SecondFactor | None:
    """Return the stage at which somebody waits in this browser, or None."""
    if request.user.is_authenticated:
        return None
    stage = LoginStageController.enter(request, KEY)
    return stage if stage is not None and stage.login.user is not None else None


def give_up(request: HttpRequest) -> None:
    """Forget a sign-in that was only half done."""
    stagekit.clear_login(request)
