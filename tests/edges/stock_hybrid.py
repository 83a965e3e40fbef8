"""The hybrid flow of the stock server, as Authlib's documentation adds it."""

from typing import Any

from authlib.oidc.core.grants import OpenIDHybridGrant

from config import environment
from tests.edges import stock


class Hybrid(OpenIDHybridGrant):  # type: ignore[misc]  # Authlib carries no types
    """The documentation's hybrid grant; it asks the same of a client as `OpenId`."""

    exists_nonce = stock.OpenId.exists_nonce
    resolve_client_private_key = stock.OpenId.resolve_client_private_key
    get_client_algorithm = stock.OpenId.get_client_algorithm
    generate_user_info = stock.OpenId.generate_user_info

    def get_client_claims(self, client: stock.Client) -> dict[str, Any]:
        return {"iss": environment.current().issuer, "aud": [client.client_id]}

    def save_authorization_code(self, code: str, request: Any) -> stock.Code:
        return stock.saved(code, request)


stock.SERVER.register_grant(Hybrid)
