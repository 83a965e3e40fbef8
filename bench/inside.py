"""What our server holds for a load, made in its own Django: settings come from AUTHSERVER_*."""

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from accounts import people  # noqa: E402  rows can be imported only once Django is set up
from authserver import importing, models, resources  # noqa: E402  likewise
from bench import registrations  # noqa: E402
from config import environment  # noqa: E402
from tokens import keys, ring  # noqa: E402


def prepare() -> None:
    """Migrate, make keys, register."""
    call_command("migrate", verbosity=0, interactive=False)
    keys.ensure()
    ring.forget()
    opaque = f"{environment.current().issuer}/{registrations.OPAQUE}"
    models.Resource.objects.create(identifier=opaque, name="Opaque", token_format="opaque")
    models.Scope.objects.create(name="read", title="Reading", is_default=True)
    resources.evict()
    entries, problems = importing.read(registrations.clients(opaque))
    if problems:
        raise RuntimeError(str(problems))
    importing.bring_in(entries)
    people.create(email=registrations.EMAIL, password=registrations.PASSWORD, name="Bench Person")


if __name__ == "__main__":
    prepare()
