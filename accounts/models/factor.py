"""What people have beyond a password: an authenticator app, recovery codes, trusted browsers."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class AuthenticatorApp(models.Model):
    """The secret shared with a person's app, sealed; `last_step` is the newest it was used for."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("person")
    )
    sealed = models.BinaryField()
    last_step = models.BigIntegerField()
    created_at = models.DateTimeField(_("added"))
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")

    def __str__(self) -> str:
        return str(self.pk)


class RecoveryCode(models.Model):
    """One code of a person, as a sealed hash; it counts while it was never used."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    number = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(_("made"))
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        ordering: ClassVar = ["user", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "number"], name="one_recovery_code_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.user_id}"


class TrustedBrowser(models.Model):
    """A browser that one person is not asked for a second factor in; its cookie rests hashed.

    `epoch_person` is the epoch it was trusted under: a new password ends the trust.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    digest = models.CharField(max_length=43, editable=False)
    epoch_person = models.BigIntegerField(editable=False)
    device = models.CharField(_("device"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    created_at = models.DateTimeField(_("trusted since"))
    last_used_at = models.DateTimeField(_("last used"))
    expires_at = models.DateTimeField(_("trusted until"), db_index=True)

    class Meta:
        verbose_name = _("trusted browser")
        verbose_name_plural = _("trusted browsers")
        ordering: ClassVar = ["-last_used_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "digest"], name="trusted_once"),
        ]

    def __str__(self) -> str:
        return self.device


class TwoSteps(models.Model):
    """A person without an app who wants a passkey to be asked for after their password."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("person")
    )
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("two-step sign-in")
        verbose_name_plural = _("two-step sign-ins")

    def __str__(self) -> str:
        return str(self.pk)
