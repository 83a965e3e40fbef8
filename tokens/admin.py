"""The interim console of this floor: grants and signing keys, to look at and never to change.

Ending a grant and rotating keys have commands; a form would invite editing what statements own.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from config import console
from tokens import instants, keys
from tokens.models import Grant, SigningKey

if TYPE_CHECKING:
    GrantModelAdmin = admin.ModelAdmin[Grant]
    KeyModelAdmin = admin.ModelAdmin[SigningKey]
else:
    GrantModelAdmin = KeyModelAdmin = admin.ModelAdmin


class _ReadOnly:
    """Nobody adds, changes or deletes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


@admin.register(Grant)
class GrantAdmin(console.ShownFiltersOnly, _ReadOnly, GrantModelAdmin):
    """What people allowed clients to do."""

    list_display = (
        "id",
        "client_id",
        "subject",
        "scope",
        "created_at",
        "expires_at",
        "revoked_why",
    )
    search_fields = ("=id", "=client_id", "=subject", "=sid")
    show_full_result_count = False  # counting a large table for a heading is too dear


@admin.register(SigningKey)
class SigningKeyAdmin(console.ShownFiltersOnly, _ReadOnly, KeyModelAdmin):
    """The signing keys, without their private parts."""

    list_display = ("kid", "alg", "state", "active_at", "retired_at")
    fields: ClassVar = (
        "kid",
        "alg",
        "state",
        "public_jwk",
        "created_at",
        "active_at",
        "retired_at",
    )

    @admin.display(description="state")
    def state(self, row: SigningKey) -> str:
        """Say where the key is in its life."""
        rows = list(SigningKey.objects.all())
        return keys.states(rows, instants.now())[row.kid].value
