"""The rows of the ground floor; private to this package."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

OPEN = Q(delivered_at=None, dead_at=None)


class Delivery(models.Model):
    """One piece of outbound work: waiting, in somebody's hands (leased), delivered or dead.

    `payload` is JSON as text, for JSON columns know no NUL; `log` has a line for each failed try.
    """

    kind = models.CharField(max_length=32)
    target = models.CharField(max_length=200)
    payload = models.TextField()
    put_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    log = models.TextField(default="")
    lease = models.CharField(max_length=32, null=True)  # noqa: DJ001  unique where it is there
    leased_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=OPEN, name="config_delivery_due"),
            models.Index(
                fields=["delivered_at"],
                condition=Q(delivered_at__isnull=False),
                name="config_delivery_delivered",
            ),
        ]
        constraints: ClassVar = [
            # Of several processes one talks to a target at a time, whatever they believe.
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(lease__isnull=False),
                name="config_delivery_one_a_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.target}"
