"""The Django application of the protocol floor."""

from django.apps import AppConfig


class AuthserverConfig(AppConfig):
    name = "authserver"
    verbose_name = "Protocol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the deploy checks that need rows."""
        import authserver.checks  # noqa: F401, PLC0415  models are loaded only now
