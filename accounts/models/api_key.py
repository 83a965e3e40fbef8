"""What a program presents as `X-API-Key`."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """What a program presents as `X-API-Key`; rests as a digest. A key without slot is over."""

    id = models.CharField(primary_key=True, max_length=12, editable=False)
    owner = models.CharField(_("owner"), max_length=120, help_text=_("A client or a service."))
    slot = models.PositiveSmallIntegerField(null=True, editable=False)
    digest = models.CharField(max_length=43, editable=False)
    scope = models.TextField(_("scope"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("good until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["owner", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "slot"], name="two_keys_of_an_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.id} of {self.owner}"
