"""The Django application of the protocol floor."""

from django.apps import AppConfig

from accounts.pages import clients as told
from authserver import checks
from config import cross_origin
from tokens import vault


class AuthserverConfig(AppConfig):
    """Clients, resources, scopes, and what is spoken about them."""

    name = "authserver"
    verbose_name = "Protocol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the deploy checks, what rests sealed here, and what the floor below asks us."""
        # Rows exist from now on.
        from accounts.pages import signing_out  # noqa: PLC0415
        from authserver import applications, client_secrets, cors, farewell  # noqa: PLC0415

        checks.register()
        told.told_by(applications)
        signing_out.told_by(farewell)
        cross_origin.judged_by(cors.is_registered)
        vault.holder(client_secrets.reseal)
