"""The API's paths, below the issuer's own."""

from django.urls import path, re_path

from accounts.api import entry, views

urlpatterns = [
    path("users", entry.machine(views.Users.as_view()), name="api-users"),
    path("users/me", entry.machine(views.Me.as_view()), name="api-me"),
    path("users/<uuid:subject>", entry.machine(views.Person.as_view()), name="api-user"),
    # Whatever is left; `<path:…>` would leave line breaks to a page.
    re_path("", entry.machine(views.Nothing.as_view()), name="api-nothing"),
]
