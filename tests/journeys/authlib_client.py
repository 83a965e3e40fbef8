"""Authlib's client, talking to the server through one of its doors without a socket."""

from typing import Any

import httpx2
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc.jwk import ECKey

from tests.credentials import Basic, KeyAssertion, Post, SecretAssertion
from tests.doors import Door
from tests.rp import RelyingParty


class Transport(httpx2.BaseTransport):
    """Hands requests to a door."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        answer = self.door.send(
            request.method,
            str(request.url),
            headers=dict(request.headers.items()),
            body=request.read(),
        )
        return httpx2.Response(
            answer.status_code, headers=answer.headers.items(), content=answer.body
        )


def of(rp: RelyingParty, **more: Any) -> Any:
    """Return Authlib's client, configured by what this one is registered with."""
    secret, method, signer = _keeping(rp)
    client = OAuth2Client(
        client_id=rp.client_id,
        client_secret=secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        redirect_uri=rp.redirect_uri,
        code_challenge_method="S256",
        token_endpoint=rp.address("token"),
        transport=Transport(rp.door),
        **more,
    )
    if signer is not None:
        client.register_client_auth_method(signer)
    return client


def _keeping(rp: RelyingParty) -> tuple[Any, str, Any]:
    """Return the client's secret, its method, and what signs its assertions.

    Their audience is the issuer, not the address that Authlib would take (RFC 10070).
    """
    match rp.credentials:
        case Basic(secret=secret):
            return secret, "client_secret_basic", None
        case Post(secret=secret):
            return secret, "client_secret_post", None
        case SecretAssertion(secret=secret):
            return secret, "client_secret_jwt", ClientSecretJWT(rp.issuer)
        case KeyAssertion(key=key):
            signer = PrivateKeyJWT(rp.issuer, alg="ES256", headers={"kid": key.kid})
            return ECKey.import_key(key.pem), "private_key_jwt", signer
    return None, "none", None
