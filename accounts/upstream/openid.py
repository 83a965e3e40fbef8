"""OIDC Core §5.3.2 — who came from an OpenID provider: its ID token first, its userinfo beside it.

Userinfo is asked only for an address that the ID token leaves out, and counts for nothing unless
it is about the very same subject.
"""

from collections.abc import Mapping
from typing import Any

from accounts.upstream import discovery, id_tokens, profile
from accounts.upstream.account import Account, RefusedError
from config import outgoing
from config.outgoing import OutgoingError
from config.upstream import Provider


def authorization_endpoint(provider: Provider) -> str:
    """Return where browsers go."""
    return discovery.metadata(provider).authorization_endpoint


def token_endpoint(provider: Provider) -> str:
    """Return where codes are redeemed."""
    return discovery.metadata(provider).token_endpoint


def check_issuer(provider: Provider, iss: str | None) -> None:
    """Refuse an answer of another issuer (RFC 9207 §2.4), or of none where one was announced."""
    is_missing = iss is None and discovery.metadata(provider).is_iss_sent
    if is_missing or iss not in {None, provider.issuer}:
        raise RefusedError("The answer is of another issuer.")


def account(
    provider: Provider, answer: Mapping[str, Any], *, nonce: str, again_at: float
) -> Account:
    """Return who came.

    Raises:
        RefusedError: when what the provider says is not to be believed.
    """
    told, token = discovery.metadata(provider), answer["access_token"]
    claims = id_tokens.read(provider, told, answer.get("id_token"), nonce=nonce, access_token=token)
    id_tokens.check_freshness(claims, again_at)
    about = claims
    if told.userinfo_endpoint and not {"email", "email_verified"} <= claims.keys():
        about = {**claims, **_userinfo(told.userinfo_endpoint, token, claims["sub"])}
    acr = claims.get("acr")
    return Account(
        provider_id=provider.id,
        issuer=provider.issuer,
        sub=claims["sub"],
        email=(email := profile.email(about.get("email"))),
        is_email_verified=bool(email)
        and provider.is_email_trusted
        and about.get("email_verified") is True,
        name=profile.name(about.get("name")),
        is_second_factor=isinstance(acr, str) and acr in provider.second_factor_acr,
    )


def _userinfo(endpoint: str, token: str, sub: str) -> Mapping[str, Any]:
    try:
        fetched = outgoing.get(endpoint, accept="application/json", authorization=f"Bearer {token}")
    except OutgoingError as error:
        raise RefusedError(f"Userinfo: {error.reason}") from error
    told = discovery.members(fetched)
    if told.get("sub") != sub:
        raise RefusedError("Userinfo is about somebody else.")
    return {name: told[name] for name in ("email", "email_verified", "name") if name in told}
