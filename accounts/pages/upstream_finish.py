"""Who came from a provider and has no account here that it is connected to: make one, or prove one.

An account is made at once only for an address that is proven. An account that is there already is
never taken over by an address: its owner signs in to it once, and says so.
"""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import authentication, people
from accounts.models import User
from accounts.pages import addresses, interaction, language, message, upstream
from accounts.upstream import browser, forms, identities, visits
from accounts.upstream.account import Account
from config import policy
from config.upstream import Provider


@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest) -> HttpResponse:
    """Ask how to go on, and go on."""
    handle = request.POST.get("result") or request.GET.get("result", "")
    found = visits.kept(handle, browser=browser.of(request))
    provider = policy.current().upstream.find(found[0].provider_id) if found else None
    if found is None or provider is None or provider.issuer != found[0].issuer:
        return _too_late(request)
    account, next_url = found
    if text := language.in_address(next_url):
        interaction.admit(request, text)
    if identities.owner(account) is not None:  # connected meanwhile, in another tab
        return addresses.see_other(authentication.login_url(next_url))
    coming = _Coming(request, handle, provider, account, next_url)
    if isinstance(request.user, User):
        return coming.connect(request.user)
    return coming.begin()


class _Coming:
    """Somebody who came, and where they are going."""

    def __init__(
        self, request: HttpRequest, handle: str, provider: Provider, account: Account, next_url: str
    ) -> None:
        self.request, self.handle, self.provider = request, handle, provider
        self.account, self.next_url = account, next_url
        self.here = upstream.finish_url(handle, next_url)

    def connect(self, user: User) -> HttpResponse:
        """Offer to connect it to the account that is signed in, and do so."""
        decision = self.request.POST.get("decision", "")
        if decision == "not_now":
            visits.consume(self.handle)
            return addresses.see_other(self.next_url)
        if not authentication.is_fresh(self.request):
            return addresses.see_other(authentication.fresh_login_url(self.request, self.here))
        # A form that was shown for somebody else asks again.
        if decision != "connect" or self.request.POST.get("account") != str(user.pk):
            return self._shown("connect")
        with transaction.atomic():
            is_done = visits.consume(self.handle) and identities.connect(
                user, self.account, self.request
            )
        if not is_done:
            return _too_late(self.request)
        text = _("Your account at %(name)s is connected. You can sign in with it from now on.")
        messages.success(self.request, text % {"name": self.provider.name})
        return addresses.see_other(self.next_url)

    def begin(self) -> HttpResponse:
        """Offer to make an account, or to sign in to one, and make it."""
        if not (self.account.is_email_verified and self.provider.is_sign_up_offered):
            return self._shown("choose")
        if people.find_by_email(self.account.email) is not None:
            return self._shown("known")
        is_asked = self.request.POST.get("decision") == "create"
        said = {"name": self.account.name}
        form = forms.NewAccountForm(self.request.POST if is_asked else None, initial=said)
        if not is_asked or not form.is_valid():
            return self._shown("create", form=form)
        try:
            with transaction.atomic():
                user = self._created(form.cleaned_data["name"])
        except IntegrityError:  # in another tab, a moment ago
            return addresses.see_other(self.here)
        if user is None:
            return _too_late(self.request)
        return upstream.enter(self.request, user, self.account, self.next_url)

    def _created(self, name: str) -> User | None:
        if not visits.consume(self.handle):
            return None
        user = people.create(email=self.account.email, name=name, email_verified=True)
        if not identities.connect(user, self.account, self.request):
            raise IntegrityError("somebody else's already")
        return user

    def _shown(self, step: str, **more: Any) -> HttpResponse:
        context = {
            "step": step,
            "provider": self.provider,
            "account": self.account,
            "result": self.handle,
            "login": authentication.login_url(self.here, hint=self.account.email),
            "signup": authentication.sign_up_url(self.here, hint=self.account.email),
            **more,
        }
        return render(self.request, "accounts/upstream/finish.html", context)


def _too_late(request: HttpRequest) -> HttpResponse:
    return message.error_page(
        request,
        400,
        _("This page is no longer good"),
        _("It took a while, or this was finished in another tab. Please start again."),
        back_url=authentication.login_url(""),
        back_text=_("Sign in"),
    )
