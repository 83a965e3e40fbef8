"""A Django site that signs people in with mozilla-django-oidc, configured as its docs say.

Run it with ISSUER, CLIENT_ID, CLIENT_SECRET and PORT.
"""

import json
import os
from urllib.parse import urlencode
from urllib.request import urlopen
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

HERE = f"http://127.0.0.1:{os.environ['PORT']}"
with urlopen(f"{os.environ['ISSUER']}/.well-known/openid-configuration") as answer:
    ISSUER = json.load(answer)


def leave_the_issuer(request: HttpRequest) -> str:
    """Return where a person who signs out is sent."""
    query = {
        "id_token_hint": request.session["oidc_id_token"],
        "post_logout_redirect_uri": f"{HERE}/",
    }
    return f"{ISSUER['end_session_endpoint']}?{urlencode(query)}"


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="a test",
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    SESSION_COOKIE_NAME="mozilla_site",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "mozilla_django_oidc.middleware.SessionRefresh",
    ],
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    LOGIN_REDIRECT_URL="/",
    LOGIN_REDIRECT_URL_FAILURE="/failed",
    LOGOUT_REDIRECT_URL="/",
    OIDC_RP_CLIENT_ID=os.environ["CLIENT_ID"],
    OIDC_RP_CLIENT_SECRET=os.environ["CLIENT_SECRET"],
    OIDC_RP_SCOPES="openid email profile",
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_USE_PKCE=True,
    OIDC_STORE_ID_TOKEN=True,
    OIDC_OP_AUTHORIZATION_ENDPOINT=ISSUER["authorization_endpoint"],
    OIDC_OP_TOKEN_ENDPOINT=ISSUER["token_endpoint"],
    OIDC_OP_USER_ENDPOINT=ISSUER["userinfo_endpoint"],
    OIDC_OP_JWKS_ENDPOINT=ISSUER["jwks_uri"],
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.leave_the_issuer",
    OIDC_EXEMPT_URLS=["/expire"],
)


def home(request: HttpRequest) -> HttpResponse:
    """Say who is here."""
    user = request.user
    return JsonResponse({"email": user.email if user.is_authenticated else None})


def expire(request: HttpRequest) -> HttpResponse:
    """Let the ID token be over, as it is after a quarter of an hour."""
    request.session["oidc_id_token_expiration"] = 0
    return JsonResponse({})


def failed(request: HttpRequest) -> HttpResponse:
    """Say that nobody was signed in."""
    return JsonResponse({}, status=403)


urlpatterns = [
    path("", home),
    path("expire", expire),
    path("failed", failed),
    path("oidc/", include("mozilla_django_oidc.urls")),
]

if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
    # One thread: the database is in memory, and each thread would have its own.
    make_server("127.0.0.1", int(os.environ["PORT"]), WSGIHandler()).serve_forever()
