"""What is registered: clients with their secrets, resources, scopes.

Private to this package. Lists rest as JSON: one row read by primary key is a whole client. No
column holds anything that a reader of the database could present as a credential.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tokens import jws


class Client(models.Model):
    """A registered client; the protocol reads it through `clients.find`."""

    client_id = models.CharField(primary_key=True, max_length=255)
    name = models.CharField(max_length=120, blank=True)
    redirect_uris = models.JSONField(default=list, blank=True)
    post_logout_redirect_uris = models.JSONField(default=list, blank=True)
    grant_types = models.JSONField(default=list, blank=True)
    response_types = models.JSONField(default=list, blank=True)
    scope = models.TextField(
        blank=True, help_text="What the client may ask for, separated by spaces."
    )
    default_scope = models.TextField(blank=True, help_text="What it gets when it asks for nothing.")
    token_endpoint_auth_method = models.CharField(max_length=40, default="client_secret_basic")
    token_endpoint_auth_signing_alg = models.CharField(max_length=20, blank=True)
    jwks = models.JSONField(null=True, blank=True)
    jwks_uri = models.CharField(max_length=500, blank=True)
    subject_type = models.CharField(max_length=10, default="public")
    sector_identifier_uri = models.CharField(max_length=500, blank=True)
    id_token_signed_response_alg = models.CharField(max_length=20, default="RS256")
    id_token_encrypted_response_alg = models.CharField(max_length=20, blank=True)
    id_token_encrypted_response_enc = models.CharField(max_length=20, blank=True)
    userinfo_signed_response_alg = models.CharField(max_length=20, blank=True)
    userinfo_encrypted_response_alg = models.CharField(max_length=20, blank=True)
    userinfo_encrypted_response_enc = models.CharField(max_length=20, blank=True)
    request_object_signing_alg = models.CharField(max_length=20, blank=True)
    request_uris = models.JSONField(default=list, blank=True)
    require_signed_request_object = models.BooleanField(default=False)
    default_max_age = models.PositiveIntegerField(null=True, blank=True)
    require_auth_time = models.BooleanField(default=False)
    default_acr_values = models.JSONField(default=list, blank=True)
    initiate_login_uri = models.CharField(max_length=500, blank=True)
    frontchannel_logout_uri = models.CharField(max_length=500, blank=True)
    frontchannel_logout_session_required = models.BooleanField(default=False)
    backchannel_logout_uri = models.CharField(max_length=500, blank=True)
    backchannel_logout_session_required = models.BooleanField(default=False)
    application_type = models.CharField(max_length=10, default="web")
    software_id = models.CharField(max_length=200, blank=True)
    software_version = models.CharField(max_length=100, blank=True)
    localized = models.JSONField(
        default=dict, blank=True, help_text="Names and links in other languages, by member and tag."
    )
    client_uri = models.CharField(max_length=500, blank=True)
    logo_uri = models.CharField(max_length=500, blank=True)
    policy_uri = models.CharField(max_length=500, blank=True)
    tos_uri = models.CharField(max_length=500, blank=True)
    contacts = models.JSONField(default=list, blank=True)
    pkce_required = models.BooleanField(default=True)
    rotation = models.BooleanField(default=True)
    resources = models.JSONField(default=list, blank=True)
    may_introspect = models.JSONField(
        default=list, blank=True, help_text="true, or a list of resources."
    )
    cors_origins = models.JSONField(default=list, blank=True)
    skip_consent = models.BooleanField(default=False)
    native_sso_group = models.CharField(
        max_length=100, blank=True, help_text="Applications of one publisher that share a sign-in."
    )
    token_lifetimes = models.JSONField(
        default=dict, blank=True, help_text="Seconds by kind of token."
    )
    danger_token_endpoint_audience = models.BooleanField(
        default=False, help_text="Its assertions may name the token endpoint as their audience."
    )
    registration_token_digest = models.CharField(max_length=43, blank=True, editable=False)
    registered_from = models.CharField(max_length=43, blank=True, editable=False, db_index=True)
    unused_until = models.DateTimeField(null=True, editable=False, db_index=True)
    settled = models.JSONField(
        default=list,
        editable=False,
        help_text="Members that an operator or a software statement decided.",
    )
    branding = models.JSONField(
        default=dict, blank=True, help_text="Accent, tagline and support link, also by language."
    )
    is_demo = models.BooleanField(default=False)
    is_self_registered = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["client_id"]

    def __str__(self) -> str:
        return self.client_id


class SecretKind(models.TextChoices):
    """How a client secret rests."""

    DIGEST = "digest", "SHA-256 of 256 random bits"
    SEALED = "sealed", "sealed under the root key ring (client_secret_jwt)"
    HASHED = "hashed", "slow hash of an imported secret"


class ClientSecret(models.Model):
    """One of at most two secrets of a client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=10, choices=SecretKind)
    value = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"secret of {self.client_id} since {self.created_at:%Y-%m-%d}"


class Resource(models.Model):
    """An API that takes our access tokens (RFC 8707)."""

    identifier = models.CharField(primary_key=True, max_length=500)
    name = models.CharField(max_length=120)
    token_format = models.CharField(
        max_length=10, choices=[("jwt", "at+jwt"), ("opaque", "opaque handle")], default="jwt"
    )
    algorithm = models.CharField(
        max_length=20, choices=[(alg, alg) for alg in jws.ALGORITHMS], default="ES256"
    )
    lifetime = models.DurationField(null=True, blank=True, help_text="Empty: as the policy says.")
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["identifier"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="one_default_resource",
            )
        ]

    def __str__(self) -> str:
        return self.identifier


class Scope(models.Model):
    """A scope and its words for the consent page."""

    name = models.CharField(primary_key=True, max_length=200)
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="scopes"
    )
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    is_default = models.BooleanField(
        default=False, help_text="Open to every newly registered client."
    )

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Logo(models.Model):
    """A client's logo as it was fetched; pages show this copy, never the client's address."""

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE)
    digest = models.CharField(max_length=43, db_index=True)
    content_type = models.CharField(max_length=20)
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"logo of {self.client_id}"


class InitialToken(models.Model):
    """An initial access token for dynamic registration (RFC 7591 §3): counted, expiring."""

    digest = models.CharField(primary_key=True, max_length=43)
    note = models.CharField(max_length=120, blank=True)
    uses_left = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return f"initial access token {self.digest[:8]}"


class StatementIssuer(models.Model):
    """Whose software statements are believed (RFC 7591 §2.3)."""

    issuer = models.CharField(primary_key=True, max_length=500)
    jwks = models.JSONField(null=True)
    jwks_uri = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["issuer"]

    def __str__(self) -> str:
        return self.issuer


class RegistrationTally(models.Model):
    """How many registrations came from one address, as a keyed hash, in one hour."""

    source_and_hour = models.CharField(primary_key=True, max_length=60)
    count = models.PositiveIntegerField(default=0)
    hour = models.PositiveIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.source_and_hour


class Failure(models.Model):
    """Why a request failed, under the reference its sender was shown; nothing secret is in it."""

    reference = models.CharField(primary_key=True, max_length=8)
    endpoint = models.CharField(max_length=20)
    error = models.CharField(max_length=60)
    description = models.CharField(max_length=300)
    clause = models.CharField(max_length=80)
    client_id = models.CharField(max_length=255, blank=True, db_index=True)
    request_id = models.CharField(max_length=32, blank=True, db_index=True)
    findings = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.reference[:4]}-{self.reference[4:]}"
