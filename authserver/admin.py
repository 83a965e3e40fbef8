"""Clients, resources, scopes and failures in Django's own administration.

Every change goes through `registration` and `registrar`, as from the command line; a secret is made
here, shown once in a message, and never again.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authserver import failures, models, registrar, registration, resources
from config import console

_PARTS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    (None, ("client_id", "name", "application_type", "is_active")),
    ("What it may do", ("grant_types", "response_types", "scope", "default_scope")),
    (
        "Where it is",
        ("redirect_uris", "post_logout_redirect_uris", "cors_origins", "initiate_login_uri"),
    ),
    (
        "How it proves itself",
        (
            *("token_endpoint_auth_method", "token_endpoint_auth_signing_alg"),
            *("jwks", "jwks_uri", "danger_token_endpoint_audience"),
        ),
    ),
    (
        "How it asks",
        (
            *("pkce_required", "require_signed_request_object", "request_object_signing_alg"),
            *("request_uris", "default_max_age", "require_auth_time", "default_acr_values"),
        ),
    ),
    (
        "Tokens",
        (
            *("subject_type", "sector_identifier_uri", "id_token_signed_response_alg"),
            *("id_token_encrypted_response_alg", "id_token_encrypted_response_enc"),
            *("userinfo_signed_response_alg", "userinfo_encrypted_response_alg"),
            *("userinfo_encrypted_response_enc", "resources", "may_introspect", "rotation"),
            "token_lifetimes",
        ),
    ),
    (
        "Signing out",
        (
            *("backchannel_logout_uri", "backchannel_logout_session_required"),
            *("frontchannel_logout_uri", "frontchannel_logout_session_required"),
        ),
    ),
    (
        "What people see",
        (
            *("client_uri", "logo_uri", "policy_uri", "tos_uri", "localized", "contacts"),
            *("branding", "skip_consent", "software_id", "software_version"),
        ),
    ),
    ("Record", ("is_demo", "is_self_registered", "settled", "unused_until", "created_at")),
)
_SHOWN = ("is_active", "is_demo", "is_self_registered", "settled", "unused_until", "created_at")
_TAKEN_DOWN = ("reference", "created_at", "endpoint", "error", "request_id")
_FIELDS = [name for _, names in _PARTS for name in names if name not in _SHOWN]


class ClientForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """A client's metadata, judged as a whole by `registration`."""

    class Meta:
        model = models.Client
        fields = _FIELDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.required = False  # what is left out takes the default of client metadata
        if "client_id" in self.fields:
            self.fields["client_id"].help_text = "Empty: one is made."

    def clean(self) -> dict[str, Any]:
        """Judge the metadata; every fault is shown at its field."""
        values: dict[str, Any] = super().clean() or {}
        metadata = {name: value for name, value in values.items() if value not in ("", None)}
        if self.instance.pk and self.instance.created_at and "client_id" not in values:
            metadata["client_id"] = self.instance.pk
        entry, faults = registration.judged(metadata)
        for fault in faults:
            member = {"client_name": "name"}.get(fault.member, fault.member).partition("[")[0]
            self.add_error(member if member in self.fields else None, ValidationError(str(fault)))
        if entry is not None:
            values |= entry.columns
            values["client_id"] = entry.client_id or registrar.new_id()
        return values


@admin.register(models.Client)
class ClientAdmin(console.ShownFiltersOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Clients. What counts as one is decided in `registration`."""

    form = ClientForm
    list_display = ("client_id", "name", "token_endpoint_auth_method", "is_active", "is_demo")
    list_filter = ("is_active", "is_demo", "is_self_registered", "pkce_required")
    search_fields = ("client_id", "name")
    actions = ("give_secret", "disable", "enable")
    readonly_fields = _SHOWN
    fieldsets = tuple((title, {"fields": names}) for title, names in _PARTS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the id of a client that exists."""
        return (*self.readonly_fields, *(["client_id"] if obj else []))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save what was changed here and nothing else, and give the client the secret it lacks."""
        if change:
            names = [name for name in form.fields if getattr(obj, name) != form.initial.get(name)]
            secret = registrar.change(obj.pk, {name: getattr(obj, name) for name in names})
        else:
            super().save_model(request, obj, form, change)
            secret = registrar.complete(obj.pk)
        if secret:
            self._show(request, obj.pk, secret)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove a client and end what was issued to it."""
        registrar.remove(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Client]) -> None:
        """Remove the chosen clients one by one, for the same reason."""
        for client_id in list(queryset.values_list("pk", flat=True)):
            registrar.remove(client_id)

    @admin.action(description="Give a new secret (the old one works on for a day)")
    def give_secret(self, request: HttpRequest, chosen: QuerySet[models.Client]) -> None:
        """Rotate the secret of each chosen client and show it once."""
        for row in chosen:
            secret = registrar.rotate_secret(row.pk)
            if secret is None:
                self.message_user(request, f"{row.pk} keeps no secret.", messages.WARNING)
            else:
                self.log_change(request, row, "new secret")
                self._show(request, row.pk, secret)

    @admin.action(description="Disable: refuse it and end all that was issued to it")
    def disable(self, request: HttpRequest, chosen: QuerySet[models.Client]) -> None:
        """Disable the chosen clients."""
        for row in chosen:
            registrar.disable(row.pk)
            self.log_change(request, row, "disabled")

    @admin.action(description="Enable again")
    def enable(self, request: HttpRequest, chosen: QuerySet[models.Client]) -> None:
        """Enable the chosen clients."""
        for row in chosen:
            registrar.enable(row.pk)
            self.log_change(request, row, "enabled")

    def _show(self, request: HttpRequest, client_id: str, secret: str) -> None:
        text = f"The secret of {client_id}, shown this once: {secret}"
        self.message_user(request, text, messages.WARNING)


class _CatalogueAdmin(console.ShownFiltersOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """What is kept in memory is forgotten when it changes."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Save and forget."""
        super().save_model(request, obj, form, change)
        resources.evict()


@admin.register(models.Resource)
class ResourceAdmin(_CatalogueAdmin):
    """APIs that take our tokens."""

    list_display = ("identifier", "name", "token_format", "algorithm", "lifetime", "is_default")


@admin.register(models.Scope)
class ScopeAdmin(_CatalogueAdmin):
    """Scopes and their words for the consent page."""

    list_display = ("name", "title", "resource", "is_default")
    search_fields = ("name", "title")


@admin.register(models.Failure)
class FailureAdmin(console.ShownFiltersOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Failures, to be read; they go by themselves."""

    list_display = ("__str__", "created_at", "endpoint", "error", "client_id", "description")
    list_filter = ("endpoint", "error")
    search_fields = ("reference", "client_id", "request_id")
    readonly_fields = ("client", *_TAKEN_DOWN)
    fields = readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes one up."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[models.Failure], search_term: str
    ) -> tuple[QuerySet[models.Failure], bool]:
        """Find a reference however it is typed."""
        found, has_doubles = super().get_search_results(request, queryset, search_term)
        named = failures.find(search_term)
        return (found | queryset.filter(pk=named.pk)) if named else found, has_doubles

    @admin.display(description="Application")
    def client(self, found: models.Failure) -> str | SafeString:
        """Link to the client, where there is one to change."""
        if not models.Client.objects.filter(pk=found.client_id).exists():
            return found.client_id or "-"
        address = reverse("admin:authserver_client_change", args=[found.client_id])
        return format_html('<a href="{}">{}</a>', address, found.client_id)
