"""The Django application of the protocol floor."""

from django.apps import AppConfig

from authserver import checks


class AuthserverConfig(AppConfig):
    """Clients, resources, scopes, and what is spoken about them."""

    name = "authserver"
    verbose_name = "Protocol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the deploy checks that need rows."""
        checks.register()
