"""RFC 9700 §2 — deploy checks that need rows: clients weaker than today's practice.

What needs no rows is in `config.checks`. Run by `check --deploy --database default`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import DatabaseError

from config import environment


def register() -> None:
    """Register the checks of this floor with Django."""
    checks.register(clients_are_as_strong_as_today, checks.Tags.database, deploy=True)


def clients_are_as_strong_as_today(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[checks.CheckMessage]:
    """Name every active client whose registration is weaker than RFC 9700."""
    del app_configs
    if not databases:
        return []
    try:
        rows = list(apps.get_model("authserver", "Client").objects.filter(is_active=True))
        hashed = apps.get_model("authserver", "ClientSecret").objects.filter(kind="hashed")
        weak = set(hashed.values_list("client_id", flat=True))
    except DatabaseError:
        return []  # not migrated yet: another check says so
    return [message for row in rows for message in _faults(row, is_weak=row.pk in weak)]


def _faults(client: Any, *, is_weak: bool) -> Iterator[checks.CheckMessage]:
    has_code = "authorization_code" in client.grant_types
    is_public = client.token_endpoint_auth_method == "none"
    if has_code and not client.pkce_required:
        yield _warning(
            1,
            f"Client {client.pk!r} may leave PKCE out (RFC 9700 §2.1.1).",
            "Set pkce_required once its software can send a code challenge.",
        )
    if is_public and not client.rotation and "refresh_token" in client.grant_types:
        yield _error(
            2,
            f"Public client {client.pk!r} refreshes without rotation (RFC 9700 §4.14.2).",
            "Set rotation, or make it a confidential client.",
        )
    if not is_public and not client.rotation and "refresh_token" in client.grant_types:
        yield _warning(
            3,
            f"Client {client.pk!r} refreshes without rotation.",
            "Rotation may be off only for a confidential client whose tokens are bound to a key.",
        )
    if is_weak:
        yield _warning(
            4,
            f"Client {client.pk!r} has an imported secret that is weak or hashed elsewhere.",
            "Give it a new one with `clients rotate-secret`.",
        )
    if any(response_type != "code" for response_type in client.response_types):
        yield _warning(
            6,
            f"Client {client.pk!r} takes tokens out of an address (RFC 9700 §2.1.2).",
            "Leave it only the response type code as soon as its software can do without.",
        )
    yield from _about_keys(client)
    if client.is_demo and environment.current().is_production:
        yield _error(
            5,
            f"Demo client {client.pk!r} exists in production.",
            "Remove it with `manage.py demo remove`.",
        )


def _about_keys(client: Any) -> Iterator[checks.CheckMessage]:
    if client.danger_token_endpoint_audience:
        yield _warning(
            7,
            f"Client {client.pk!r} may sign its assertions for the token endpoint (RFC 10070).",
            "Have its library sign them for the issuer, then clear danger_token_endpoint_audience.",
        )


def _warning(number: int, text: str, hint: str) -> checks.CheckMessage:
    return checks.Warning(text, hint=hint, id=f"authserver.W10{number}")


def _error(number: int, text: str, hint: str) -> checks.CheckMessage:
    return checks.Error(text, hint=hint, id=f"authserver.E10{number}")
