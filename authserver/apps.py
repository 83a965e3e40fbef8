"""The Django application of the protocol floor."""

from django.apps import AppConfig

from authserver import checks
from tokens import vault


class AuthserverConfig(AppConfig):
    """Clients, resources, scopes, and what is spoken about them."""

    name = "authserver"
    verbose_name = "Protocol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the deploy checks that need rows, and what rests sealed here."""
        from authserver import client_secrets  # noqa: PLC0415  rows exist only from now on

        checks.register()
        vault.holder(client_secrets.reseal)
