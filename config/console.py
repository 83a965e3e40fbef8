"""What Django's own administration may be asked on every floor: what it shows, and nothing else.

A filter in a list's address reaches any column of a row, shown or not, and with `__startswith` it
reads a hash or a sealed value letter by letter.
"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

_KINDS = frozenset({"exact", "in", "isnull"})


class ShownFiltersOnly:
    """A ModelAdmin's filters, limited to those its list offers."""

    list_filter: Sequence[Any]
    search_fields: Sequence[Any]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Tell whether an address may filter by this."""
        offered = {str(name).lstrip("^=@") for name in (*self.list_filter, *self.search_fields)}
        name, _, kind = lookup.rpartition("__")
        return lookup in offered or (name in offered and kind in _KINDS)
