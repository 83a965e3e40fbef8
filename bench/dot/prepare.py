"""Migrate the django-oauth-toolkit project and register what the load needs; run in its own Python.

Reads what to register from standard input (`bench.sides`). Its applications take one grant type
each, so there are four: two grant types, with the secret hashed (the default) and plain.
"""

import json
import sys
from typing import Any

import django
from django.apps import apps
from django.core.management import call_command


def main() -> None:
    """Do it."""
    django.setup()
    wanted = json.load(sys.stdin)
    call_command("migrate", verbosity=0, interactive=False)
    models: Any = apps  # the type checker knows only our own server's
    people = models.get_model("auth", "User")
    person = people(username=wanted["email"], email=wanted["email"], is_staff=True)
    person.set_password(wanted["password"])
    person.save()
    applications = models.get_model("oauth2_provider", "Application")
    for client in wanted["clients"]:
        applications.objects.create(user=person, client_type="confidential", **client)


if __name__ == "__main__":
    main()
