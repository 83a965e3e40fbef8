"""RFC 6749 §6 — the refresh token grant: one UPDATE turns the generation, reuse ends the family.

RFC 9700 §4.14.2: a lost answer or a second tab inside the grace gets the same successor, byte for
byte.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from accounts import notices
from authserver import client_keys, errors, issuing
from authserver.clients import Client
from config import health, logs, policy
from tokens import grants, handles, instants, refresh
from tokens.grants import Grant, Turned, Why
from tokens.records import Refresh


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token as Authlib asks about it."""

    record: Refresh

    def check_client(self, _client: Client) -> bool:
        """Say yes: a wrong client was refused, and ended the family, before."""
        return True

    def get_scope(self) -> str:
        """Return what the grant holds; asked only for a narrower scope, before anything turns."""
        grant = grants.find(self.record.grant_id)
        if grant is None:
            raise errors.InvalidGrant
        return grant.scope


class RefreshToken(issuing.GrantMixin, RefreshTokenGrant):  # type: ignore[misc]  # untyped
    """Answers Authlib for this grant type."""

    def authenticate_refresh_token(self, refresh_token: str) -> Presented | None:
        """Return what the token says; with another client it has leaked: the family ends."""
        record = refresh.open(refresh_token)
        client = self.caller
        if record is None:
            issuing.known_here(handles.REFRESH, refresh_token, client)
            return None
        issuing.token_form(client, self.request.all("resource"))
        if record.client_id != client.client_id:
            if grants.end(record.grant_id, why=Why.WRONG_CLIENT):
                logs.security_event(
                    "refresh_by_wrong_client", client_id=client.client_id, grant=record.grant_id
                )
            return None
        self._judge_resources(record)
        client_keys.check_can_read(client)
        return Presented(record)

    def _judge_resources(self, record: Refresh) -> None:
        """Refuse a resource that was not granted before anything turns (RFC 8707 §2.2)."""
        asked = self.request.all("resource")
        if not asked:
            return
        grant = grants.find(record.grant_id)
        if grant is not None:
            issuing.check_granted(asked, grant.resources.split(), self.caller)

    def authenticate_user(self, refresh_token: Presented) -> Grant:
        """Turn the token; raise InvalidGrant when it no longer counts."""
        client = self.caller
        record = refresh_token.record
        grace = instants.micros(policy.current().refresh.grace)
        rotate = client.rotation or client.is_public
        turned, grant = grants.turn(record, grace=grace, rotate=rotate)
        if turned in {Turned.TURNED, Turned.GRACE} and grant is not None:
            if turned is Turned.GRACE:
                logs.security_event("refresh_repeated", client_id=client.client_id, grant=grant.id)
            return grant
        if turned is Turned.REUSED and grant is not None:
            logs.security_event("refresh_reused", client_id=client.client_id, grant=grant.id)
            notices.tokens_reused(grant.subject, client.display_name)
        if turned is Turned.AHEAD:
            health.alarm(
                "history", "A refresh token is ahead of its grant: the database went back in time."
            )
        raise errors.InvalidGrant

    def generate_token(self, *, user: Grant, scope: str, **_: Any) -> dict[str, Any]:
        """Mint what the grant carries; the scope may be narrower for this access token alone."""
        client = self.caller
        form = issuing.token_form(client, self.request.all("resource") or user.resources.split())
        return issuing.token_answer(user, client, scope=scope, form=form)

    def issue_token(self, user: Grant, _refresh_token: Presented) -> dict[str, Any]:
        """Decide the scope (RFC 6749 §6): what was asked, or what the grant holds.

        What the client may no longer ask for, it no longer gets.
        """
        names = dict.fromkeys((self.request.payload.scope or user.scope).split())
        scope = " ".join(name for name in names if name in self.caller.scope)
        return self.generate_token(user=user, scope=scope)

    def revoke_old_credential(self, refresh_token: Presented) -> None:
        """Do nothing: turning the generation has."""
