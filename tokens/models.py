"""The rows of what is issued; private to this package.

Written by the statements of grants, epochs, pending, replay, tries, browsers and sweep; the ORM
only reads them (and keeps the signing keys). No foreign key crosses a floor: `subject` and
`client_id` are text.
"""

from typing import ClassVar

from django.db import models

from tokens.instants import InstantField


class Grant(models.Model):
    """What a person allowed a client to do: the row behind a code, its tokens and refreshes.

    `epoch_*` are the counters it was born under; it lives while all of them are still equal.
    """

    id = models.CharField(primary_key=True, max_length=22)
    client_id = models.TextField()
    subject = models.TextField()
    sid = models.TextField()
    ends_with_session = models.BooleanField()
    scope = models.TextField()
    resources = models.TextField()
    authorization_details = models.TextField()
    claims = models.TextField()
    auth_time = models.BigIntegerField()
    amr = models.TextField()
    acr = models.TextField()
    cnf = models.TextField()
    epoch_instance = models.BigIntegerField()
    epoch_person = models.BigIntegerField()
    epoch_session = models.BigIntegerField()
    epoch_client = models.BigIntegerField()
    epoch_consent = models.BigIntegerField()
    generation = models.IntegerField()
    created_at = InstantField()
    rotated_at = InstantField()
    idle = models.BigIntegerField()
    expires_at = InstantField()
    revoked_at = InstantField(null=True)
    revoked_why = models.TextField()

    class Meta:
        verbose_name = "grant"

    def __str__(self) -> str:
        return f"{self.client_id} for {self.subject}"


class Epoch(models.Model):
    """A counter whose change cuts off whatever was born under another value; absent means 0."""

    pk = models.CompositePrimaryKey("kind", "id")
    kind = models.CharField(max_length=12)
    id = models.TextField()
    epoch = models.BigIntegerField()
    expires_at = InstantField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.epoch}"


class Pending(models.Model):
    """Something waiting for one further step, found by the SHA-256 of a 256-bit random."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=16)
    about = models.TextField()
    sealed = models.BinaryField()
    expires_at = InstantField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "about"], name="tokens_pending_about")]

    def __str__(self) -> str:
        return self.kind


class Replay(models.Model):
    """A value that may be used once until it expires (RFC 7523 §3, item 7)."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    expires_at = InstantField()

    def __str__(self) -> str:
        return "used"


class Tries(models.Model):
    """How often in a row one thing was guessed wrong, and when it may be tried again."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    count = models.IntegerField()
    pause = models.BigIntegerField()
    open_at = InstantField()
    expires_at = InstantField()

    def __str__(self) -> str:
        return str(self.count)


class Browser(models.Model):
    """A browser that a person signed in with, by a digest, at one of the places they have."""

    pk = models.CompositePrimaryKey("subject", "place")
    subject = models.TextField()
    place = models.SmallIntegerField()
    digest = models.BinaryField(max_length=32)
    epoch_person = models.BigIntegerField()
    used_at = InstantField()
    expires_at = InstantField()

    def __str__(self) -> str:
        return f"{self.place} of {self.subject}"


class SigningKey(models.Model):
    """A signing key: announced, active from `active_at`, retired; private part sealed."""

    kid = models.CharField(primary_key=True, max_length=43)
    alg = models.CharField(max_length=16)
    public_jwk = models.JSONField()
    sealed = models.BinaryField()
    created_at = InstantField()
    active_at = InstantField()
    retired_at = InstantField(null=True)
    compromised_at = InstantField(null=True)

    class Meta:
        verbose_name = "signing key"

    def __str__(self) -> str:
        return f"{self.alg} {self.kid}"


class Salt(models.Model):
    """The database's half of every derived key: without it the root key alone forges nothing."""

    id = models.SmallIntegerField(primary_key=True)
    value = models.BinaryField()

    def __str__(self) -> str:
        return "salt"


class PairwiseSecret(models.Model):
    """The one secret under which pairwise subjects are computed, sealed under the root key ring."""

    id = models.SmallIntegerField(primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return "pairwise secret"
