"""OIDC Core §5.6.1 — what a client is told of a person: claims that we ourselves vouch for.

Its scopes open whole groups of them (§5.4), and the claims parameter single ones (§5.5), at
userinfo or in the ID token. What rests in a grant is held against the registration of this moment;
a consent that was withdrawn has ended the grant.
"""

from collections.abc import Collection, Mapping
from typing import Any

from accounts import people, profile
from authserver import claims_request
from authserver.claims_request import Values
from authserver.clients import Client


def at_userinfo(
    client: Client, subject: str, scope: Collection[str], asked: str
) -> dict[str, Any] | None:
    """Return a person's claims at userinfo, None when they are gone; `asked` is the grant's."""
    single = claims_request.parse(asked).open_to(client)
    return _told(subject, scope, single.userinfo)


def in_id_token(
    client: Client, subject: str, asked: str, *, scope: Collection[str] = ()
) -> dict[str, Any]:
    """Return the claims that an ID token adds to the protocol's own; mostly none, and no statement.

    `scope` is named where no access token comes that could ask for them at userinfo (§5.4).
    """
    single = claims_request.parse(asked).open_to(client)
    if not single.id_token and not set(scope) & profile.SCOPES.keys():
        return {}
    return _told(subject, scope, single.id_token) or {}


def _told(
    subject: str, scope: Collection[str], single: Mapping[str, Values]
) -> dict[str, Any] | None:
    known = people.claims(subject, scope, tuple(single))
    if known is None:
        return None
    by_scope = {name: told for name, told in known.items() if profile.SCOPE_OF[name] in scope}
    return by_scope | claims_request.fitting(single, known)
