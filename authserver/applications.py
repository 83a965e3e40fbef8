"""OIDC Core §4 — applications as people are shown them, and how a person opens one from here.

Third-party-initiated login is a plain link to the address the client registered; it says who this
server is and nothing about the person, who is recognised when the application sends them back.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from accounts import languages as tags
from accounts.pages.clients import Application
from authserver import clients, logos, models, redirects, resources
from authserver.clients import Client
from config import environment, issuer

_LINKS: Final = ("client_uri", "policy_uri", "tos_uri")


def find(client_id: str, languages: Sequence[str]) -> Application | None:
    """Return an application that is registered and active."""
    client = clients.find(client_id)
    return shown(client, languages) if client else None


def first_party(languages: Sequence[str]) -> list[Application]:
    """Return the operator's own, which ask for no consent and can be opened."""
    rows = models.Client.objects.filter(is_active=True, skip_consent=True, is_self_registered=False)
    names = rows.exclude(initiate_login_uri="").values_list("pk", flat=True)
    found = (find(name, languages) for name in names)
    return sorted((one for one in found if one and one.start_url), key=lambda one: one.name)


def permissions(scope: Sequence[str], identifiers: Sequence[str]) -> list[str]:
    """Return what these scopes and resources allow, as the consent page says it."""
    rows = [*resources.words(scope), *resources.words_of(identifiers)]
    return [_(title) for _name, title, _text in rows]


def shown(client: Client, languages: Sequence[str]) -> Application:
    """Return what people are shown of a client, in the language that suits them best."""
    links = {name: _link(_localized(client, name, languages)) for name in _LINKS}
    return Application(
        client_id=client.client_id,
        name=_localized(client, "client_name", languages) or client.display_name,
        uri=links["client_uri"],
        logo=logos.address(client),
        policy_uri=links["policy_uri"],
        tos_uri=links["tos_uri"],
        is_demo=client.is_demo,
        is_self_registered=client.is_self_registered,
        start_url=_start(client),
        accent=client.branding.get("accent", ""),
        tagline=_said(client, "tagline", languages),
        support_url=_said(client, "support_url", languages),
    )


def _said(client: Client, name: str, languages: Sequence[str]) -> str:
    """Return what an operator says of a client in the best language there is, else in general."""
    locales = client.branding.get("locales", {})
    there = [tag for tag, texts in locales.items() if texts.get(name)]
    tag = tags.best(languages, there)
    return str(locales[tag][name] if tag else client.branding.get(name, ""))


def _localized(client: Client, member: str, languages: Sequence[str]) -> str:
    """Return a member in the best language there is, else as it was given without one."""
    column = "name" if member == "client_name" else member
    there = client.localized.get(member, {})
    tag = tags.best(languages, there)
    return str(there[tag] if tag else getattr(client, column))


def _link(uri: str) -> str:
    """Return a link that people may follow, or ''."""
    return uri if uri.startswith("https://") or _is_on_this_machine(uri) else ""


def _start(client: Client) -> str:
    address = _link(client.initiate_login_uri)
    return redirects.append(address, {"iss": environment.current().issuer}) if address else ""


def _is_on_this_machine(uri: str) -> bool:
    """Tell whether an address is one that only somebody who tries things out can have."""
    try:
        is_plain = urlsplit(uri).scheme == "http"
        return is_plain and not environment.current().is_production and issuer.is_loopback(uri)
    except ValueError:
        return False
