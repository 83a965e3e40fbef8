"""RFC 9700 §4.7.1 — going to a provider elsewhere and coming back: the browser's part of it.

Looking at a page begins nothing: a button does. A provider that is switched off is nowhere, not
even for those who are on their way back from it.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import authentication, levels, proving
from accounts.models import User
from accounts.pages import addresses, interaction, language, message
from accounts.upstream import browser, identities, visits
from accounts.upstream.account import Account, RefusedError
from accounts.upstream.visits import Purpose, Visit
from config import logs, policy
from config.upstream import Provider


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask whether to go to a provider to sign in, and go there."""
    provider = find(provider_id)
    next_url = addresses.next_or_account(request)
    if request.user.is_authenticated:
        return addresses.see_other(next_url)
    if request.method == "POST":
        is_again = interaction.is_insisting(language.in_address(next_url))
        return leave(
            request, provider, purpose=Purpose.SIGN_IN, next_url=next_url, is_again=is_again
        )
    context = {"provider": provider, "next": next_url, "back": authentication.login_url(next_url)}
    return render(request, "accounts/upstream/start.html", context)


def leave(
    request: HttpRequest, provider: Provider, *, purpose: Purpose, next_url: str, **more: Any
) -> HttpResponse:
    """Return the page that takes the browser to the provider; `more` as `visits.begin` has it.

    No redirect: browsers apply the policy of the page with the button to all redirects that follow
    (CSP `form-action`), and nobody can name where a provider leads on to.
    """
    here = browser.of(request) or browser.new()
    try:
        url = visits.begin(provider, browser=here, purpose=purpose, next_url=next_url, **more)
    except RefusedError as refusal:
        return refused(request, provider, refusal, next_url=next_url)
    context = {"provider": provider, "url": url}
    response = render(request, "accounts/upstream/leave.html", context)
    browser.keep(response, here)
    return response


@require_http_methods(["GET"])
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take somebody back who comes from a provider."""
    provider, next_url = find(provider_id), ""
    try:
        visit = visits.take(provider, request.GET, browser=browser.of(request))
        next_url = visit.next_url
        if visit.purpose is Purpose.CONNECT:
            _check_session(request, visit)
        account = visits.account(provider, request.GET, visit)
    except RefusedError as refusal:
        return refused(request, provider, refusal, next_url=next_url)
    if visit.purpose is Purpose.CONNECT:
        return _connect(request, provider, account, next_url)
    return _arrived(request, account, next_url)


def find(provider_id: str) -> Provider:
    """Return a provider that may be used now; raise Http404 for any other."""
    provider = policy.current().upstream.find(provider_id)
    if provider is None:
        raise Http404
    return provider


def refused(
    request: HttpRequest, provider: Provider, refusal: RefusedError, *, next_url: str
) -> HttpResponse:
    """Say that nobody was signed in or connected; why, is in the log."""
    logs.security_event("upstream_refused", provider=provider.id, reason=refusal.reason)
    is_here = request.user.is_authenticated
    back = next_url or reverse("account") if is_here else authentication.login_url(next_url)
    if refusal.is_declined:
        text = _("You did not sign in with %(name)s. Nothing has changed here.")
        messages.info(request, text % {"name": provider.name})
        return addresses.see_other(back)
    return message.error_page(
        request,
        400,
        _("This did not work"),
        _(
            "%(name)s did not tell us who you are in a way that we can rely on, or it took too"
            " long. Nothing has changed here. Please try again, or sign in another way."
        )
        % {"name": provider.name},
        back_url=back,
    )


def enter(request: HttpRequest, user: User, account: Account, next_url: str) -> HttpResponse:
    """Sign somebody in whom a provider has just named."""
    identities.used(account)
    method = levels.UPSTREAM_STRONG if account.is_second_factor else levels.UPSTREAM
    return proving.prove(request, user, method, amr=("fed",), next_url=next_url)


def finish_url(handle: str, next_url: str) -> str:
    """Return the page where somebody who has no account here yet goes on."""
    asked = {"result": handle, "interaction": language.in_address(next_url)}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('upstream_finish')}?{query}"


def _arrived(request: HttpRequest, account: Account, next_url: str) -> HttpResponse:
    user = identities.owner(account)
    if user is not None and request.user.is_authenticated and user != request.user:
        # In another tab somebody signed in meanwhile: which of them it is, only they can say.
        return addresses.see_other(authentication.switch_url(next_url))
    if user is not None:
        return enter(request, user, account, next_url)
    handle = visits.keep(account, browser=browser.of(request), next_url=next_url)
    return addresses.see_other(finish_url(handle, next_url))


def _check_session(request: HttpRequest, visit: Visit) -> None:
    """Refuse to connect for anybody but the session that asked for it, and is still fresh."""
    person = authentication.signed_in(request)
    if person is None or person.sid != visit.sid or not authentication.is_fresh(request):
        raise RefusedError("The session that asked for this connection is over.")


def _connect(
    request: HttpRequest, provider: Provider, account: Account, next_url: str
) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise Http404
    owner = identities.owner(account)
    if owner is None and identities.connect(user, account, request):
        text = _("Your account at %(name)s is connected. You can sign in with it from now on.")
        messages.success(request, text % {"name": provider.name})
    elif owner == user:
        text = _("This account at %(name)s was connected already.")
        messages.info(request, text % {"name": provider.name})
    else:
        text = _(
            "This account at %(name)s is connected to another account here. Disconnect it there"
            " first."
        )
        messages.error(request, text % {"name": provider.name})
    return addresses.see_other(next_url)
