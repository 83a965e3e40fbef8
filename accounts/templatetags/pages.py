"""What our templates ask for."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils.translation import get_language

from accounts import profile, remembered
from accounts.pages import brand, interaction, language, mailbox, scripts
from config import environment, policy
from config.upstream import Provider

register = template.Library()


@register.simple_tag(takes_context=True)
def asking(context: Context) -> interaction.Asking | None:
    """Return the application that asks, if this page is on the way to one."""
    request: Any = context.get("request")
    return interaction.asking(request) if isinstance(request, HttpRequest) else None


@register.simple_tag(takes_context=True)
def branding(context: Context) -> brand.Shown:
    """Return whose page this is, in the colour of the application that asks, if one does."""
    request: Any = context.get("request")
    languages = language.preferred(request) if isinstance(request, HttpRequest) else []
    asks: interaction.Asking | None = context.get("asks")
    return brand.shown(languages, asks.application if asks else context.get("application"))


@register.simple_tag(takes_context=True)
def has_accounts(context: Context) -> bool:
    """Tell whether accounts were used in this browser before."""
    request: Any = context.get("request")
    return isinstance(request, HttpRequest) and not remembered.is_empty(request)


@register.inclusion_tag("accounts/password_script.html", takes_context=True)
def password_script(context: Context) -> dict[str, bool]:
    """Load, beside a page's first field for a password, what lets people see what they type."""
    return {"is_first": scripts.is_first(context["request"], "passwords")}


@register.simple_tag
def providers() -> tuple[Provider, ...]:
    """Return the providers elsewhere that people may sign in with."""
    return policy.current().upstream.enabled


@register.simple_tag
def issuer() -> str:
    """Return this server's name."""
    return environment.current().issuer


@register.simple_tag
def language_name() -> str:
    """Return what the language of this page calls itself."""
    return dict(settings.LANGUAGES).get(get_language() or "", "English")


@register.simple_tag
def mailbox_url() -> str:
    """Return the page where mail is read in development, or ''."""
    return reverse("mailbox") if mailbox.is_there() else ""


@register.filter
def claim_in_words(claim: str) -> str:
    """Return a claim about a person in plain words (OIDC Core §5.1)."""
    return profile.in_words(claim)
