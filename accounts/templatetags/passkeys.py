"""The buttons that ask a browser for a passkey, for the pages that have one."""

import json
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse

from accounts import passkeys
from accounts.ceremonies import Options, Purpose
from accounts.models import User
from accounts.pages import addresses, ceremony, interaction, scripts
from config import environment

register = template.Library()
_TEMPLATE = "accounts/passkey_form.html"
_SCRIPT = "passkeys"


@register.inclusion_tag(_TEMPLATE, takes_context=True)
def passkey_sign_in(context: Context) -> dict[str, Any]:
    """Show the button that signs in; browsers that can also offer it where the address goes."""
    request = context["request"]
    if not passkeys.is_possible():
        return {}
    options = passkeys.request_options(ceremony.sign_in(request))
    return _form(context, "sign_in", reverse("passkey_sign_in"), options)


@register.inclusion_tag(_TEMPLATE, takes_context=True)
def passkey_prove(context: Context) -> dict[str, Any]:
    """Show the button that proves it is them, where the person has a passkey."""
    mine = ceremony.proof(context["request"])
    if mine is None or not passkeys.is_possible() or not passkeys.count(mine.subject):
        return {}
    return _form(context, "prove", reverse("passkey_prove"), passkeys.request_options(mine))


@register.inclusion_tag(_TEMPLATE, takes_context=True)
def passkey_create(context: Context) -> dict[str, Any]:
    """Show the button that adds one, with the fields of the page's form, if it has one."""
    request = context["request"]
    mine = ceremony.of_person(request, Purpose.ADD)
    if mine is None or not isinstance(request.user, User):
        return {}
    user = request.user
    options = passkeys.creation_options(mine, email=user.email, name=user.name)
    shown = _form(context, "create", reverse("passkey_add"), options)
    return {**shown, "form": context.get("form")}


@register.inclusion_tag("accounts/passkey_script.html", takes_context=True)
def passkey_ready(context: Context) -> dict[str, Any]:
    """Put a field into a form that tells whether this browser could keep a passkey."""
    if not passkeys.is_possible():
        return {}
    return {"has_field": True, "loads_script": scripts.is_first(context["request"], _SCRIPT)}


@register.inclusion_tag("accounts/passkey_script.html", takes_context=True)
def passkeys_told(context: Context) -> dict[str, Any]:
    """Tell password managers which passkeys still count, and what their owner is called now."""
    request = context["request"]
    return {
        "told": json.dumps(passkeys.told(request.user)),
        "loads_script": scripts.is_first(request, _SCRIPT),
    }


def _form(context: Context, kind: str, action: str, options: Options) -> dict[str, Any]:
    request: HttpRequest = context["request"]
    going = interaction.next_of(request)
    return {
        "loads_script": scripts.is_first(request, _SCRIPT),
        "kind": kind,
        "is_first": kind == "create" or context.get("way") == "passkey",
        "action": action,
        "options": json.dumps(options),
        "next": going if addresses.is_here(going) else "",
        "issuer": environment.current().issuer,
        "csrf_token": context.get("csrf_token"),
    }
