"""WebAuthn §7.1 — a person's passkeys: the list, adding one, and what can be done with each."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import devices, history, notices, passkeys, profile, second_steps, webauthn
from accounts.ceremonies import Ceremony, Purpose
from accounts.pages import addresses, ceremony, fresh, message, refusals
from accounts.passkeys import Kept
from accounts.webauthn import RefusedError
from config import environment


class NameForm(forms.Form):
    """What a passkey is called."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=passkeys.LONGEST_NAME,
        validators=[profile.validate_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewNameForm(NameForm):
    """What a new passkey is called; its password manager or device names it otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = _(
            "So that you know it again in your list. Without a name it is called by your device."
        )


@login_required
@require_http_methods(["GET"])
def listed(request: HttpRequest) -> HttpResponse:
    """List them."""
    subject = str(request.user.pk)
    context = {"passkeys": passkeys.of(subject), "is_possible": passkeys.is_possible()}
    return render(request, "accounts/passkeys.html", context)


@fresh.required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Show the page whose button asks the browser for a passkey, and keep what comes of it."""
    mine = ceremony.of_person(request, Purpose.ADD)
    if mine is None or not passkeys.is_possible():
        return _impossible(request)
    form = NewNameForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/passkey_add.html", {"form": form})
    try:
        kept = _added(request, mine, form.cleaned_data["name"])
    except RefusedError as refusal:
        messages.error(request, refusals.in_words(refusal))
        return addresses.see_other(_with_next("passkey_add", request))
    text = _("The passkey “%(name)s” is added. You can sign in with it from now on.")
    messages.success(request, text % {"name": kept.name})
    going = request.POST.get("next", "")
    return addresses.see_other(going if addresses.is_here(going) else reverse("passkeys"))


@fresh.required
@require_http_methods(["GET"])
def offer(request: HttpRequest) -> HttpResponse:
    """Ask, after a sign-in, whether the person would like to have one."""
    if not passkeys.is_possible():
        return addresses.see_other(addresses.next_or_account(request))
    context = {"next": addresses.next_or_account(request)}
    return render(request, "accounts/passkey_offer.html", context)


@fresh.required
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Rename a passkey, or remove it."""
    subject = str(request.user.pk)
    kept = passkeys.find(subject, number)
    if kept is None:
        return _gone(request)
    if request.method == "POST" and request.POST.get("action") == "remove":
        _removed(request, subject, kept)
        return addresses.see_other(reverse("passkeys"))
    form = NameForm(request.POST or None, initial={"name": kept.name})
    if request.method == "POST" and form.is_valid():
        _renamed(request, subject, kept, form.cleaned_data["name"])
        return addresses.see_other(reverse("passkeys"))
    return render(request, "accounts/passkey.html", {"passkey": kept, "form": form})


def _added(request: HttpRequest, mine: Ceremony, name: str) -> Kept:
    new = webauthn.made(request.POST.get("credential", ""), mine)
    device = devices.describe(request.headers.get("User-Agent", ""))
    with transaction.atomic():
        kept = passkeys.add(mine.subject, new, name=name, otherwise=device)
        history.note(mine.subject, "passkey_added", request, label=kept.name)
        notices.happened(request, mine.subject, "passkey_added", passkey=kept.name)
    return kept


def _removed(request: HttpRequest, subject: str, kept: Kept) -> None:
    with transaction.atomic():
        if not passkeys.remove(subject, kept.id):
            return
        second_steps.tidy(subject, request)
        history.note(subject, "passkey_removed", request, label=kept.name)
        notices.happened(request, subject, "passkey_removed", passkey=kept.name)
    text = _("The passkey “%(name)s” is removed. Nobody can sign in with it any more.")
    messages.success(request, text % {"name": kept.name})


def _renamed(request: HttpRequest, subject: str, kept: Kept, name: str) -> None:
    with transaction.atomic():
        if name == kept.name or not passkeys.rename(subject, kept.id, name):
            return
        history.note(subject, "passkey_renamed", request, label=name)
    messages.success(request, _("The passkey is called “%(name)s” now.") % {"name": name})


def _with_next(name: str, request: HttpRequest) -> str:
    going = request.POST.get("next", "")
    return f"{reverse(name)}?{urlencode({'next': going})}" if going else reverse(name)


def _gone(request: HttpRequest) -> HttpResponse:
    return message.error_page(
        request,
        404,
        _("There is no such passkey"),
        _("It may have been removed in the meantime."),
        back_url=reverse("passkeys"),
    )


def _impossible(request: HttpRequest) -> HttpResponse:
    return message.error_page(
        request,
        404,
        _("There are no passkeys here"),
        _("Browsers keep passkeys for names only, and this server is reached by a number."),
        detail=environment.current().issuer,
        back_url=reverse("account"),
    )
