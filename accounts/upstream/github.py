"""GitHub, which speaks OAuth 2.0 and no OpenID Connect: its own API says who came.

An account there is its number, which never changes; a name can become somebody else's.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from accounts.upstream import discovery, profile
from accounts.upstream.account import Account, RefusedError
from config import json_text, outgoing
from config.outgoing import Fetched, OutgoingError
from config.upstream import Provider

_MOST_BYTES = 65_536


def authorization_endpoint(provider: Provider) -> str:
    """Return where browsers go."""
    return f"{provider.issuer}/login/oauth/authorize"


def token_endpoint(provider: Provider) -> str:
    """Return where codes are redeemed."""
    return f"{provider.issuer}/login/oauth/access_token"


def check_issuer(provider: Provider, iss: str | None) -> None:
    """Refuse an answer of another issuer (RFC 9207 §2.4), by either name that GitHub has."""
    if iss not in {None, provider.issuer, f"{provider.issuer}/login/oauth"}:
        raise RefusedError("The answer is of another issuer.")


def account(
    provider: Provider, answer: Mapping[str, Any], *, nonce: str, again_at: float
) -> Account:
    """Return who came; there is no ID token that a nonce could be in.

    Raises:
        RefusedError: when the API does not say who that is.
    """
    del nonce, again_at  # the code is bound by state and PKCE; when, GitHub never says
    token = answer["access_token"]
    user = discovery.members(_asked(provider, "user", token))
    number = user.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise RefusedError("The API does not say who came.")
    email = profile.email(_verified_address(_asked(provider, "user/emails", token)))
    login = profile.name(user.get("login"))
    return Account(
        provider_id=provider.id,
        issuer=provider.issuer,
        sub=str(number),
        email=email,
        is_email_verified=bool(email) and provider.is_email_trusted,
        name=profile.name(user.get("name")) or login,
    )


def _asked(provider: Provider, path: str, token: str) -> Fetched:
    parts = urlsplit(provider.issuer)
    is_public = parts.hostname == "github.com"
    api = "https://api.github.com" if is_public else f"{provider.issuer}/api/v3"
    accept = "application/vnd.github+json"
    try:
        return outgoing.get(f"{api}/{path}", accept=accept, authorization=f"Bearer {token}")
    except OutgoingError as error:
        raise RefusedError(f"The API: {error.reason}") from error


def _verified_address(fetched: Fetched) -> str:
    """Return the address that is the account's first and proven; '' where there is none."""
    try:
        listed = json_text.read(
            fetched.body.decode(), longest=_MOST_BYTES, deepest=4, are_texts_judged=False
        )
    except ValueError:
        return ""
    for one in listed if isinstance(listed, list) else []:
        is_first = isinstance(one, dict) and one.get("primary") is True
        if is_first and one.get("verified") is True and isinstance(one.get("email"), str):
            return str(one["email"])
    return ""
