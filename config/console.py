"""What Django's own administration may be asked on every floor: what it shows, and nothing else.

A filter in a list's address reaches any column of a row, shown or not, and with `__startswith` it
reads a hash or a sealed value letter by letter.
"""

from typing import Any

from django.http import HttpRequest

_KINDS = frozenset({"exact", "in", "isnull"})


class ShownFiltersOnly:
    """A ModelAdmin's filters, limited to those its list offers."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Tell whether an address may filter by this."""
        page: Any = self
        offered = {str(name).lstrip("^=@") for name in (*page.list_filter, *page.search_fields)}
        name, _, kind = lookup.rpartition("__")
        return lookup in offered or (name in offered and kind in _KINDS)
