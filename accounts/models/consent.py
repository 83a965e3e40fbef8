"""What a person agreed with an application."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class Consent(models.Model):
    """What one person agreed with one client: the union of scopes. The client's name is a copy."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    client_id = models.TextField(_("client"))
    client_name = models.TextField(_("application"))
    scope = models.TextField(_("scope"), blank=True)
    created_at = models.DateTimeField(_("given"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering: ClassVar = ["client_name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "client_id"], name="one_consent_per_client"),
        ]

    def __str__(self) -> str:
        return self.client_name
