"""What was mailed to somebody as a code or a link, until it is used once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailedProof(models.Model):
    """A mailed secret: the link's by its hash, the code's as a keyed digest, so a dump holds none.

    `subject` is empty where nobody has the address: then nothing is ever right.
    """

    digest = models.CharField(primary_key=True, max_length=43)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=36, blank=True, db_index=True)
    code_digest = models.CharField(max_length=43)
    tries_left = models.PositiveSmallIntegerField()
    is_proven = models.BooleanField(default=False)
    sealed = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("mailed proof")
        verbose_name_plural = _("mailed proofs")

    def __str__(self) -> str:
        return self.kind
