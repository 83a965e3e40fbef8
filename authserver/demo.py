"""Demo data: clients, a resource server and a person to try the server with, never in production.

Their ids are fixed, their secrets are made at the first start and kept in a file only the owner may
read, so that a second start and the examples show and use the same ones.
"""

import contextlib
import dataclasses
import datetime as dt
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from accounts import people
from accounts.api import scopes
from authserver import client_secrets, clients, models, registrar, resources
from config import api_docs, environment

FILE_NAME: Final = "demo.json"
EMAIL: Final = "demo@example.com"
SCOPE: Final = "demo:read"
WEB_CLIENT: Final = "http://127.0.0.1:8010"
_IDENTITY: Final = "openid profile email offline_access"

_PROFILE: Final[people.Profile] = {
    "given_name": "Demo",
    "family_name": "Person",
    "middle_name": "Example",
    "nickname": "Demi",
    "preferred_username": "demo",
    "profile": "https://example.com/people/demo",
    "picture": "https://example.com/people/demo.png",
    "website": "https://demo.example.com/",
    "gender": "other",
    "birthdate": dt.date(1990, 2, 3),
    "zoneinfo": "Europe/Berlin",
    "locale": "en-GB",
    "phone_number": "+441632960123",
    "phone_number_verified": True,
    "address": {
        "formatted": "1 Example Street\nLondon N1 1AA\nUnited Kingdom",
        "street_address": "1 Example Street",
        "locality": "London",
        "region": "Greater London",
        "postal_code": "N1 1AA",
        "country": "United Kingdom",
    },
}
"""Every standard claim (OIDC Core §5.1), so that a relying party sees what each looks like."""


class ForbiddenError(Exception):
    """Demo data has no place here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClient:
    """A client of the demo; the public one has no secret."""

    client_id: str
    secret: str = dataclasses.field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Somebody to sign in as."""

    email: str
    password: str = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """All of it, as the banner and the examples need it."""

    person: DemoPerson
    web: DemoClient
    public: DemoClient
    machine: DemoClient
    api: DemoClient
    docs: DemoClient = DemoClient(client_id="demo-docs")  # files of an earlier start lack it

    def as_dict(self) -> dict[str, dict[str, str]]:
        """Return it for a program."""
        return dataclasses.asdict(self)


def add() -> Demo:
    """Make what is missing of the demo and return all of it; what is there stays as it is.

    Raises:
        ForbiddenError: in production mode.
    """
    if environment.current().is_production:
        raise ForbiddenError("Demo data is never created in production mode.")
    kept = _read()
    demo = kept or _invented()
    if kept is None:
        _write(demo)
    with transaction.atomic():
        _add_scope()
        _add_person(demo.person, is_new=kept is None)
        for client_id, metadata in _registrations(demo).items():
            _add_client(client_id, metadata)
    return demo


def find() -> Demo | None:
    """Return the demo as it was last made, or None."""
    return _read()


def remove() -> int:
    """Remove every demo client and person, and the file; return how many there were."""
    with transaction.atomic():
        ids = list(models.Client.objects.filter(is_demo=True).values_list("pk", flat=True))
        removed = sum(registrar.remove(client_id) for client_id in ids) + people.remove_demo()
        models.Scope.objects.filter(pk=SCOPE).delete()
    resources.evict()
    _file().unlink(missing_ok=True)
    return removed


def _registrations(demo: Demo) -> Mapping[str, dict[str, Any]]:
    return {
        demo.web.client_id: {
            "client_name": "Demo web application",
            "client_uri": f"{WEB_CLIENT}/",
            "client_secret": demo.web.secret,
            "redirect_uris": [f"{WEB_CLIENT}/callback"],
            "post_logout_redirect_uris": [f"{WEB_CLIENT}/"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": f"{_IDENTITY} {SCOPE}",
        },
        demo.public.client_id: {
            "client_name": "Demo command line application",
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback", "http://[::1]/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": f"{_IDENTITY} {SCOPE}",
        },
        demo.docs.client_id: {
            "client_name": "Demo API documentation",
            "token_endpoint_auth_method": "none",
            "redirect_uris": [api_docs.address(api_docs.REDIRECT_PATH)],
            "scope": " ".join(("openid", "profile", "email", *scopes.ALL)),
        },
        demo.machine.client_id: {
            "client_name": "Demo machine",
            "client_secret": demo.machine.secret,
            "grant_types": ["client_credentials"],
            "scope": SCOPE,
        },
        demo.api.client_id: {
            "client_name": "Demo API",
            "client_secret": demo.api.secret,
            "grant_types": [],
            "may_introspect": True,
            "scope": "",
        },
    }


def _add_client(client_id: str, metadata: dict[str, Any]) -> None:
    """Register a demo client, or give it back the file's secret; the console's changes stay."""
    known = clients.find(client_id)
    secret = metadata.get("client_secret")
    if known is None:
        registrar.remove(client_id)
        registrar.register({**metadata, "client_id": client_id}, is_demo=True)
    elif secret and not known.check_client_secret(secret):
        registrar.replace_secret(client_id, secret)


def _add_scope() -> None:
    words = {"title": "Read the demo API", "description": "What the resource server example shows."}
    models.Scope.objects.get_or_create(name=SCOPE, defaults=words)
    resources.evict()


def _add_person(person: DemoPerson, *, is_new: bool) -> None:
    known = people.find_by_email(person.email)
    if known is None:
        people.create(
            email=person.email,
            password=person.password,
            name="Demo Person",
            is_demo=True,
            **_PROFILE,
        )
    elif known.is_demo and is_new:
        people.set_password(known, person.password)


def _invented() -> Demo:
    confidential = {
        name: DemoClient(client_id=f"demo-{name}", secret=client_secrets.generate())
        for name in ("web", "machine", "api")
    }
    password = f"Demo-{secrets.randbelow(10)}-{secrets.token_hex(6)}"
    return Demo(
        person=DemoPerson(email=EMAIL, password=password),
        public=DemoClient(client_id="demo-public"),
        **confidential,
    )


def _file() -> Path:
    return environment.current().data_dir / FILE_NAME


def _read() -> Demo | None:
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
        return Demo(
            person=DemoPerson(**kept.pop("person")),
            **{name: DemoClient(**fields) for name, fields in kept.items()},
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # not there, or not ours: it is made anew


def _write(demo: Demo) -> None:
    """Write the file in one step, readable by its owner only."""
    target = _file()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(demo.as_dict(), out, indent=2)
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
