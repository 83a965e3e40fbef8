"""OIDC Core §5.4 — the standard scopes and their words for the consent page."""

from typing import Any

from django.db import migrations

SCOPES = [
    (
        "openid",
        "Know who you are",
        "Your identifier here, so that it recognises you next time.",
        True,
    ),
    ("profile", "See your profile", "Your name, picture, birthday, language and time zone.", True),
    ("email", "See your e-mail address", "The address, and whether it has been confirmed.", True),
    ("address", "See your postal address", "The address you entered in your account.", False),
    ("phone", "See your phone number", "The number, and whether it has been confirmed.", False),
    (
        "offline_access",
        "Stay connected while you are away",
        "It keeps its access after you sign out, until you withdraw it.",
        True,
    ),
]


def add(apps: Any, _editor: Any) -> None:
    """Add what is missing; words an operator changed stay."""
    scope = apps.get_model("authserver", "Scope")
    for name, title, description, is_default in SCOPES:
        words = {"title": title, "description": description, "is_default": is_default}
        scope.objects.get_or_create(name=name, defaults=words)


class Migration(migrations.Migration):
    dependencies = [("authserver", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
