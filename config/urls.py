"""Every path of the server, mounted under the issuer's path.

What RFC 8414 §3.1 wants in front of that path, and the probes, are also found at the host's root.
"""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

from config import answer, environment, health

_prefix = environment.current().issuer_path.lstrip("/")

_probes: list[URLPattern | URLResolver] = [
    path(name, answer.as_view(probe)) for name, probe in health.PROBES.items()
]
_pages: list[URLPattern | URLResolver] = [
    *_probes,
    path("", include("authserver.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

_at_root: dict[str, answer.Machine] = import_string("authserver.urls.AT_ROOT")

urlpatterns = _pages
if _prefix:
    urlpatterns = [
        path(f"{_prefix}/", include(_pages)),
        *_probes,
        *[path(address[1:], answer.as_view(machine)) for address, machine in _at_root.items()],
    ]
handler500 = "config.outage.failed"
