"""RFC 9470 §4 — proving: what follows when somebody showed a factor, whatever they are doing.

Every way in but a form of allauth's own ends here: passkeys, codes, other servers, set-up links.
"""

import time
from collections.abc import Sequence

from allauth.account.internal.flows import login as flow
from allauth.account.internal.flows import reauthentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import authentication, levels, stages
from accounts.models import User


def prove(
    request: HttpRequest,
    user: User,
    method: str,
    *,
    amr: Sequence[str] = (),
    next_url: str = "",
) -> HttpResponse:
    """Note that `user` has just shown a factor, and return where the browser goes on to.

    Who is signed in has proved it again and goes back to `next_url`. Who waits at the second step
    goes on with the sign-in. Anybody else begins one, which may ask for more. `method` is one of
    `levels`; `amr` says in the words of RFC 8176 what it was, where the caller knows better.
    """
    proof = levels.proof(method, time.time(), amr)
    if is_signed_in(request, user):
        authentication.renew(request, user, proof)
        return back(request, next_url)
    stage = stages.waiting(request)
    if stage is not None and stage.login.user == user and levels.METHODS[method].is_second:
        authentication.hold(request, user, proof, is_more=True)
        response: HttpResponse = stage.exit()
        return response
    stages.give_up(request)
    if not levels.METHODS[method].is_first:  # a second step that nobody waits at begins nothing
        return HttpResponseRedirect(authentication.login_url(next_url))
    if request.user.is_authenticated:  # as somebody else, whose session nobody else goes on with
        authentication.sign_out(request)
    authentication.hold(request, user, proof)
    return _entered(request, user, next_url)


def is_signed_in(request: HttpRequest, user: User) -> bool:
    """Tell whether this very person is signed in here."""
    person = authentication.signed_in(request)
    return person is not None and person.subject == str(user.pk)


def pending_person(request: HttpRequest) -> User | None:
    """Return who stands between a first proof and a session, at the second step; None: nobody."""
    stage = stages.waiting(request)
    return stage.login.user if stage else None


def go_on(request: HttpRequest) -> HttpResponse | None:
    """Go on with a sign-in whose second step is no longer wanted; None: it is, or there is none."""
    stage = stages.waiting(request)
    if stage is None or stages.is_missing(request, stage.login.user):
        return None
    response: HttpResponse = stage.exit()
    return response


def back(request: HttpRequest, next_url: str = "") -> HttpResponse:
    """Go back to what asked for a proof, and do what had been posted there."""
    response: HttpResponse | None = reauthentication.resume_request(request)
    return response or HttpResponseRedirect(next_url or reverse("account"))


def _entered(request: HttpRequest, user: User, next_url: str) -> HttpResponse:
    login = Login(user=user, email=user.email, redirect_url=next_url or None)
    response: HttpResponse = flow.perform_login(request, login)
    return response
