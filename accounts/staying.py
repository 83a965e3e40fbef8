"""Staying: the last step of a sign-in to an account that is to be deleted asks to keep it first."""

from typing import Final

from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import deletion

KEY: Final = "staying"


class Staying(LoginStage):  # type: ignore[misc]  # allauth carries no types
    """Nobody gets a session while their account is to be deleted."""

    key = KEY
    urlname = "keep_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Go on, or to the page that asks."""
        if self.login.user is None or deletion.due_at(str(self.login.user.pk)) is None:
            return None, True
        return HttpResponseRedirect(reverse(self.urlname)), True


def waiting(request: HttpRequest) -> Staying | None:
    """Return the step at which somebody waits in this browser, or None."""
    if request.user.is_authenticated:
        return None
    stage = LoginStageController.enter(request, KEY)
    return stage if stage is not None and stage.login.user is not None else None
