"""A Django site that signs people in with Authlib's Django client, as its documentation shows it.

Run it with ISSUER, CLIENT_ID, CLIENT_SECRET and PORT. Every page answers JSON.
"""

import os
from typing import Any
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

HERE = f"http://127.0.0.1:{os.environ['PORT']}"
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="a test",
    ROOT_URLCONF=__name__,
    SESSION_COOKIE_NAME="authlib_site",
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    INSTALLED_APPS=["django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    AUTHLIB_OAUTH_CLIENTS={
        "issuer": {
            "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"],
            "server_metadata_url": f"{os.environ['ISSUER']}/.well-known/openid-configuration",
            "client_kwargs": {
                "scope": "openid profile email offline_access",
                "code_challenge_method": "S256",
            },
        }
    },
)
django.setup()

from authlib.integrations.base_client import OAuthError  # noqa: E402 — after the settings
from authlib.integrations.django_client import OAuth  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402

oauth = OAuth()
oauth.register("issuer")


def login(request: HttpRequest) -> HttpResponse:
    """Send the person to the issuer."""
    answer: HttpResponse = oauth.issuer.authorize_redirect(
        request, f"{HERE}/callback", **request.GET.dict()
    )
    return answer


def callback(request: HttpRequest) -> HttpResponse:
    """Take the issuer's answer; Authlib checks state, nonce and the ID token."""
    try:
        token = oauth.issuer.authorize_access_token(request)
    except OAuthError as fault:
        return JsonResponse({"error": fault.error}, status=400)
    request.session["token"] = token
    return JsonResponse({"claims": token["userinfo"]})


def profile(request: HttpRequest) -> HttpResponse:
    """Show what userinfo says."""
    return JsonResponse(oauth.issuer.userinfo(token=request.session["token"]))


def again(request: HttpRequest) -> HttpResponse:
    """Refresh."""
    before = request.session["token"]
    token = session(before).refresh_token(metadata()["token_endpoint"])
    claims = oauth.issuer.parse_id_token(token, nonce=None)
    request.session["token"] = {**before, **token}
    is_new = token["refresh_token"] != before["refresh_token"]
    return JsonResponse({"claims": claims, "is_new": is_new})


def introspection(request: HttpRequest) -> HttpResponse:
    """Ask the issuer what the access token is worth."""
    token = request.session["token"]["access_token"]
    answer = session().introspect_token(metadata()["introspection_endpoint"], token=token)
    return JsonResponse(answer.json())


def revocation(request: HttpRequest) -> HttpResponse:
    """Tell the issuer that the refresh token is no longer needed."""
    token = request.session["token"]["refresh_token"]
    answer = session().revoke_token(metadata()["revocation_endpoint"], token=token)
    return JsonResponse({"status": answer.status_code})


def leave(request: HttpRequest) -> HttpResponse:
    """Sign the person out here and at the issuer."""
    hint = request.session.pop("token")["id_token"]
    answer: HttpResponse = oauth.issuer.logout_redirect(
        request, post_logout_redirect_uri=f"{HERE}/left", id_token_hint=hint
    )
    return answer


def left(request: HttpRequest) -> HttpResponse:
    """Be back from the issuer; Authlib checks the state."""
    oauth.issuer.validate_logout_response(request)
    return JsonResponse({"left": True})


def metadata() -> dict[str, Any]:
    """Return what the issuer says about itself."""
    return dict(oauth.issuer.load_server_metadata())


def session(token: Any = None) -> Any:
    """Return Authlib's client for the issuer's other endpoints."""
    return OAuth2Session(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], token=token)


urlpatterns = [
    path("login", login),
    path("callback", callback),
    path("profile", profile),
    path("again", again),
    path("introspection", introspection),
    path("revocation", revocation),
    path("leave", leave),
    path("left", left),
]

if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ["PORT"]), WSGIHandler()).serve_forever()
