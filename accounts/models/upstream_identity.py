"""Accounts that people have at providers elsewhere, and sign in with here."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class UpstreamIdentity(models.Model):
    """Who somebody is elsewhere: `issuer` and `sub` together, never either alone (OIDC Core §5.7).

    `label` is what tells this account from the person's others: an address or a name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="identities"
    )
    provider_id = models.CharField(max_length=32)
    issuer = models.CharField(_("provider"), max_length=255)
    sub = models.CharField(_("identifier"), max_length=255)
    label = models.CharField(_("account"), max_length=254, blank=True)
    created_at = models.DateTimeField(_("connected"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("connected sign-in")
        verbose_name_plural = _("connected sign-ins")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "sub"], name="one_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.sub} ({self.issuer})"
