"""The same API with Django REST framework: drf_tokens.py is its authentication and permission.

In a project of yours these settings are in settings.py and the views in a module of their own.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

import demo
from demo import FRESH, SCOPE

PORT = demo.PORT or 8022
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=[f"{__name__}.keep_nothing"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["drf_tokens.ByIntrospection"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)

# Django REST framework reads the settings when it is imported.
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from drf_tokens import Locally, needs  # noqa: E402


class Protected(APIView):
    """Takes a token the server says is good."""

    permission_classes = [needs(SCOPE)]
    checked = "by-introspection"

    def get(self, request: Request) -> Response:
        """Show what the token says."""
        claims: Any = request.auth
        return Response(demo.shown(claims, self.checked))


class ProtectedLocally(Protected):
    """Takes a token by its signature."""

    authentication_classes = [Locally]
    checked = "locally"


class Sensitive(Protected):
    """Takes it from somebody who signed in a moment ago (RFC 9470)."""

    permission_classes = [needs(SCOPE, max_age=FRESH)]
    checked = "sensitive"


class Open(APIView):
    """Says the same to everybody: what there is, or who gives tokens for it (RFC 9728)."""

    authentication_classes = []
    document: dict[str, object] = {}

    def get(self, request: Request) -> Response:
        """Say it."""
        return Response(self.document)


def keep_nothing(proceed: Callable[[HttpRequest], HttpResponse]) -> object:
    """Have no cache keep what only this caller may see."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = proceed(request)
        response["Cache-Control"] = "no-store"
        return response

    return answer


urlpatterns = [
    path("", Open.as_view(document=demo.welcome())),
    path(demo.METADATA_PATH[1:], Open.as_view(document=demo.METADATA)),
    path("locally", ProtectedLocally.as_view()),
    path("by-introspection", Protected.as_view()),
    path("sensitive", Sensitive.as_view()),
]
application = get_wsgi_application()

if __name__ == "__main__":
    print(f"The example API with Django: http://127.0.0.1:{PORT}", flush=True)
    execute_from_command_line([__file__, "runserver", "--noreload", f"127.0.0.1:{PORT}"])
