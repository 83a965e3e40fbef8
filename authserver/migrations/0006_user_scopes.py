"""RFC 6749 §3.3 — the scopes of our own API, which is the default resource, and their words."""

from typing import Any

from django.db import migrations

SCOPES = [
    ("users:read", "Read your account", "Your name, e-mail address and age."),
    ("users:write", "Change your account", "Your name, e-mail address, age and password."),
    (
        "users:admin",
        "Administer the accounts of everybody here",
        "See, change and disable them, as you may yourself.",
    ),
]


def add(apps: Any, _editor: Any) -> None:
    """Add what is missing; words an operator changed stay. No client gets them by itself."""
    scope = apps.get_model("authserver", "Scope")
    for name, title, description in SCOPES:
        words = {"title": title, "description": description, "is_default": False}
        scope.objects.get_or_create(name=name, defaults=words)


class Migration(migrations.Migration):
    dependencies = [("authserver", "0005_signing_algorithms")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
