"""RFC 6749 §4.1.3 — the authorization code grant at the token endpoint.

Authlib walks the request; this class only answers its questions. The code is its own sealed record:
judged by computation, spent by one INSERT, and a wrong verifier spends it too.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant

from authserver import client_keys, errors, issuing
from authserver.clients import Client
from config import logs
from tokens import codes, grants, handles
from tokens.access import Form
from tokens.grants import Grant, Taken, Why
from tokens.records import Code, redirect_digest


@dataclass(frozen=True, slots=True)
class Presented:
    """A code as Authlib asks about it; its redirect URI is judged by us, because that spends it."""

    record: Code
    form: Form

    def get_redirect_uri(self) -> str:
        """Keep Authlib from judging."""
        return ""

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.record.scope


class AuthorizationCode(issuing.GrantMixin, AuthorizationCodeGrant):  # type: ignore[misc]  # untyped
    """Answers Authlib for this grant type.

    An extension that hooks into `judge_code` appends to `faults` what is wrong with a code's use.
    """

    faults: list[errors.InvalidGrant]
    presented: Presented

    def query_authorization_code(self, code: str, client: Client) -> Presented | None:
        """Return what the code says, without I/O; malformed requests end before it is touched."""
        record = codes.find(code)
        if record is None:
            issuing.known_here(handles.CODE, code, client)
            return None
        self.presented = Presented(record, self._form(record, client))
        return self.presented

    def _form(self, record: Code, client: Client) -> Form:
        """Return how the token will look; refuse a resource that was not granted (RFC 8707 §2.2).

        What another client was granted is not judged: its code is spent by `authenticate_user`.
        """
        asked: tuple[str, ...] = self.request.all("resource")
        if record.client_id != client.client_id:
            return issuing.token_form(client, asked)
        issuing.check_granted(asked, record.resources, client)
        if "openid" in record.scope.split():
            client_keys.check_can_read(client)
        return issuing.token_form(client, asked or record.resources)

    def authenticate_user(self, authorization_code: Presented) -> Grant:
        """Spend the code, right or wrong; a second taker ends the grant (RFC 6749 §4.1.2)."""
        record = authorization_code.record
        client = self.caller
        self.faults = []
        self._judge(record)
        self.execute_hook("judge_code", record)
        grant = issuing.born(record, client, authorization_code.form)
        taken = grants.take(grant, spoilt=Why.CODE_SPOILT if self.faults else None)
        if taken is Taken.REPLAYED and grants.end(grant.id, why=Why.CODE_REPLAYED):
            logs.security_event("code_replayed", client_id=client.client_id, grant=grant.id)
        if taken is Taken.ALIVE:
            return grant
        raise (self.faults or [errors.InvalidGrant()])[0]

    def _judge(self, record: Code) -> None:
        if record.client_id != self.caller.client_id:
            self.faults.append(errors.InvalidGrant())
        sent = self.request.payload.redirect_uri
        if record.redirect and redirect_digest(sent or "") != record.redirect:
            self.faults.append(
                errors.InvalidGrant("The redirect_uri is not the one of the request.")
            )

    def generate_token(self, *, user: Grant, scope: str, **_: Any) -> dict[str, Any]:
        """Mint what the grant carries."""
        presented = self.presented
        return issuing.token_answer(
            user, self.caller, scope=scope, form=presented.form, nonce=presented.record.nonce
        )

    def delete_authorization_code(self, authorization_code: Presented) -> None:
        """Do nothing: its grant's row is what spent it."""

    @classmethod
    def check_authorization_endpoint(cls, request: Any) -> bool:
        """Leave the authorization endpoint to `endpoints.authorize`."""
        del request
        return False
