"""Every path of the server, mounted under the issuer's path."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

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

urlpatterns = [path(f"{_prefix}/", include(_pages)), *_probes] if _prefix else _pages
