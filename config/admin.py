"""The interim console of this floor: outbound work, to look at and never to change.

Trying again and dropping have a command (`manage.py outbox`). The payload is not shown: it may name
people.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from config import console
from config.models import Delivery

if TYPE_CHECKING:
    DeliveryModelAdmin = admin.ModelAdmin[Delivery]
else:
    DeliveryModelAdmin = admin.ModelAdmin


@admin.register(Delivery)
class DeliveryAdmin(console.ShownFiltersOnly, DeliveryModelAdmin):
    """What was delivered, what waits and what was given up."""

    list_display = (
        "id",
        "kind",
        "target",
        "put_at",
        "attempts",
        "due_at",
        "delivered_at",
        "dead_at",
    )
    list_filter = ("kind",)
    fields = (*list_display, "log")
    search_fields = ("=target",)
    show_full_result_count = False  # counting a large table for a heading is too dear

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False
