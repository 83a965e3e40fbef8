"""The Django application of the accounts floor."""

from django.apps import AppConfig
from django.contrib.admin import apps as administration


class AccountsConfig(AppConfig):
    """What INSTALLED_APPS names."""

    default = True
    name = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what listens from the start; there are no models before this moment."""
        from accounts import (  # noqa: PLC0415
            authentication,  # noqa: F401
            guesses,  # noqa: F401
            history,  # noqa: F401
            mailed_proofs,  # noqa: F401
            new_devices,  # noqa: F401
            recovery_codes,
            totp,
            trusted_browsers,  # noqa: F401
        )
        from accounts.pages import names_around  # noqa: F401, PLC0415
        from accounts.upstream import identities  # noqa: F401, PLC0415
        from tokens import vault  # noqa: PLC0415

        vault.holder(totp.reseal)
        vault.holder(recovery_codes.reseal)


class Administration(administration.AdminConfig):
    """Django's administration with a site of ours."""

    default = False
    default_site = "accounts.console.Console"
