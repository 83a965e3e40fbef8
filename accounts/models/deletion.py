"""Who asked to have their account deleted, and when that is due."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class Deletion(models.Model):
    """A wish to be deleted. Until it is due, whoever signs in may take it back."""

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"), db_index=True)

    class Meta:
        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")

    def __str__(self) -> str:
        return f"{self.user_id} {self.due_at:%Y-%m-%d}"
