"""What happened to an account, as its owner may read it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Something that mattered for one person's security.

    The person is named by subject and not by reference: what somebody does at the moment they are
    deleted fails on no constraint. `device` is what `devices.kind` kept.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(_("person"), max_length=36)
    name = models.CharField(_("event"), max_length=40)
    at = models.DateTimeField(_("when"), db_index=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    address = models.CharField(_("address"), max_length=45, blank=True)
    device = models.CharField(_("device"), max_length=120, blank=True)
    about = models.JSONField(_("about"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["subject", "-id"], name="events_of_a_person")]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
