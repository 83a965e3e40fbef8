"""RFC 6749 §4.4 — the client credentials grant: a client's own token.

Writes nothing and reads nothing: the token carries the epoch its client had when it authenticated.
"""

from typing import Any

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from accounts.api import scopes
from authserver import client_auth, errors, issuing, resources
from tokens import access

_NOT_WITHOUT_A_PERSON = frozenset({"openid", "offline_access", scopes.ADMIN})


class ClientCredentials(issuing.GrantMixin, ClientCredentialsGrant):  # type: ignore[misc]  # untyped
    """Answers Authlib for this grant type."""

    TOKEN_ENDPOINT_AUTH_METHODS = client_auth.CONFIDENTIAL

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """Mint the token; raise InvalidScope or InvalidTarget."""
        client = self.caller
        asked = self.request.payload.scope
        names = set(resources.scopes_for(client, asked))
        if asked and names & _NOT_WITHOUT_A_PERSON:
            raise errors.InvalidScope("One of these scopes is about a person.")
        scope = " ".join(sorted(names - _NOT_WITHOUT_A_PERSON))
        form = issuing.token_form(client, self.request.all("resource"))
        return {
            "access_token": access.for_client(
                client.client_id, epoch=client.epoch, scope=scope, form=form
            ),
            "token_type": "Bearer",
            "expires_in": int(form.lifetime.total_seconds()),
            "scope": scope,
        }
