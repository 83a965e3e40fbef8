"""RFC 8414 §3 — every address the protocol has; machine paths are also what the front door serves.

Paths are relative to the issuer's own path, but for the one that RFC 8414 puts in front of it.
"""

from django.urls import path

from accounts.api import scopes
from accounts.pages import brand
from authserver.endpoints import (
    api_docs,
    authorize,
    brand_style,
    change_password,
    check_session,
    client_logo,
    consent,
    discovery,
    failure,
    introspect,
    jwks,
    logout,
    openapi_json,
    passkey_endpoints,
    protected_resource,
    register,
    revoke,
    security_txt,
    token,
    userinfo,
)
from config import answer, environment, pictures
from config import api_docs as places
from config.answer import Machine

app_name = "authserver"

MACHINES: dict[str, tuple[str, Machine]] = {
    "token": ("oauth2/token", token.token),
    "introspect": ("oauth2/introspect", introspect.introspect),
    "revoke": ("oauth2/revoke", revoke.revoke),
    "userinfo": ("oauth2/userinfo", userinfo.userinfo),
    "jwks": ("oauth2/jwks", jwks.jwks),
    "register": ("oauth2/register", register.register),
    "brand-style": (brand.STYLE_PATH, brand_style.brand_style),
    "client-logo": (pictures.PATH, client_logo.client_logo),
    "check-session": ("oauth2/check-session", check_session.check_session),
    "change-password": (".well-known/change-password", change_password.change_password),
    "passkey-endpoints": (
        ".well-known/passkey-endpoints",
        passkey_endpoints.passkey_endpoints,
    ),
    "security-txt": (".well-known/security.txt", security_txt.security_txt),
    "api-metadata": (scopes.METADATA[1:], protected_resource.protected_resource),
    "api-metadata-by-path": (f"{scopes.METADATA[1:]}/api", protected_resource.protected_resource),
    "openid-configuration": (".well-known/openid-configuration", discovery.discovery),
    "metadata": (".well-known/oauth-authorization-server", discovery.discovery),
    "openapi": (places.SCHEMA_PATH, openapi_json.openapi),
}
_path = environment.current().issuer_path
AT_ROOT: dict[str, Machine] = (
    {
        f"/.well-known/oauth-authorization-server{_path}": discovery.discovery,
        f"{scopes.METADATA}{_path}/api": protected_resource.protected_resource,
        "/.well-known/change-password": change_password.change_password,
        "/.well-known/passkey-endpoints": passkey_endpoints.passkey_endpoints,
        "/.well-known/security.txt": security_txt.security_txt,
    }
    if _path
    else {}
)
"""Outside the issuer's path (RFC 8414 §3.1, RFC 9728 §3.1, RFC 8615 §3)."""
MACHINE_PATHS: dict[str, Machine] = {
    f"{_path}/{address}": machine for address, machine in MACHINES.values()
} | AT_ROOT

urlpatterns = [
    *[
        path(address, answer.as_view(machine), name=name)
        for name, (address, machine) in MACHINES.items()
    ],
    path("oauth2/authorize", authorize.authorize, name="authorize"),
    path("oauth2/consent", consent.consent, name="consent"),
    path("oauth2/errors/<str:reference>", failure.failure, name="failure"),
    path("oauth2/logout", logout.logout, name="logout"),
    path(places.PAGE_PATH, api_docs.documentation, name="api-docs"),
    path(places.REDIRECT_PATH, api_docs.redirected, name="api-docs-redirect"),
    path("oauth2/logout/confirmed", logout.confirmed, name="logout-confirmed"),
]
