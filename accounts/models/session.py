"""Sessions of browsers, and which applications took part in them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Session(models.Model):
    """A browser's session. The key rests hashed and the payload sealed, so a dump opens none.

    `sid` and `subject` are empty until someone signs in; `epoch_person` is the epoch they proved
    themselves under.
    """

    key_hash = models.CharField(primary_key=True, max_length=43)
    sid = models.CharField(max_length=22, blank=True, db_index=True)
    subject = models.CharField(max_length=36, blank=True, db_index=True)
    epoch_person = models.BigIntegerField(default=0)
    sealed = models.TextField()
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return self.sid or "anonymous"


class Participation(models.Model):
    """A client that a session has let in, to be told when the session ends."""

    id = models.BigAutoField(primary_key=True)
    sid = models.CharField(max_length=22)
    subject = models.CharField(max_length=36)
    client_id = models.TextField()
    client_name = models.TextField()
    first_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["first_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sid", "client_id"], name="one_participation"),
        ]

    def __str__(self) -> str:
        return f"{self.client_name} in {self.sid}"
