"""OIDC Native-SSO §4 — an application's sign-in, from another one of the same publisher.

A profile of token exchange (RFC 8693): the ID token of the first application says who, its device
secret proves that this is the same device. Nobody is shown a page, so the new grant is never more
than the one it builds on, and lives under a session that is still alive.
"""

from collections.abc import Collection
from typing import Any, Final

from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from accounts import consent, sessions
from authserver import clients, errors, issuing, resources
from authserver.clients import Client
from config import environment, logs, policy
from tokens import device_secrets, epochs, grants, id_tokens, instants
from tokens.grants import Grant, Taken
from tokens.records import Code

TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"
_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
DEVICE_SECRET: Final = "urn:openid:params:token-type:device-secret"


class NativeSso(issuing.GrantMixin, BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # untyped
    """Answers Authlib for this grant type."""

    GRANT_TYPE = TOKEN_EXCHANGE

    @classmethod
    def is_offered(cls) -> bool:
        """Tell whether the policy acknowledges the draft."""
        return policy.current().native_sso.is_offered

    @classmethod
    def check_token_endpoint(cls, request: Any) -> bool:
        """Tell Authlib whether this grant is meant."""
        return cls.is_offered() and bool(super().check_token_endpoint(request))

    def validate_token_request(self) -> None:
        """Authenticate the client and judge the form of its request (§4.2)."""
        client: Client = self.authenticate_token_endpoint_client()
        if not (client.check_grant_type(self.GRANT_TYPE) and client.native_sso_group):
            raise errors.UnauthorizedClient
        fixed = {
            "audience": environment.current().issuer,
            "subject_token_type": ID_TOKEN,
            "actor_token_type": DEVICE_SECRET,
        }
        for name, value in fixed.items():
            if self.request.required(name) != value:
                sentence = f"The parameter {name} has another value than Native SSO gives it."
                raise errors.InvalidRequest(sentence)
        if self.request.optional("requested_token_type") not in {None, _ACCESS_TOKEN}:
            raise errors.InvalidRequest("The requested_token_type can only be an access token.")
        self.request.required("subject_token")
        self.request.required("actor_token")
        issuing.token_form(client, self.request.all("resource"))

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Issue what the first application's sign-in allows (§4.3, §4.4)."""
        first = self._proven()
        scope = self._scope(first)
        form = issuing.token_form(self.caller, self.request.all("resource"))
        grant = issuing.born(self._built_on(first, scope), self.caller, form)
        if grants.take(grant) is not Taken.ALIVE:
            raise errors.InvalidGrant
        sessions.take_part(grant.sid, self.caller.client_id, self.caller.display_name)
        logs.security_event(
            "native_sso", client_id=self.caller.client_id, subject=grant.subject, grant=grant.id
        )
        token = issuing.token_answer(grant, self.caller, scope=grant.scope, form=form)
        return 200, token | {"issued_token_type": _ACCESS_TOKEN}, []

    def _proven(self) -> Grant:
        """Return the grant that ID token and device secret name together; raise InvalidGrant."""
        group, secret = self.caller.native_sso_group, self.request.required("actor_token")
        first = device_secrets.find(secret, group)
        claims = id_tokens.hint(self.request.required("subject_token"))
        if first is None or claims is None:
            raise errors.InvalidGrant
        whose = clients.find(str(claims["aud"]))
        if whose is None or whose.native_sso_group != group:
            raise errors.InvalidGrant
        is_same_person = claims["sub"] == issuing.sub_of(whose, first.subject)
        is_same_session = claims.get("sid") == issuing.sid_of(whose, first.sid)
        is_bound = claims.get("ds_hash") == device_secrets.ds_hash(secret)
        if not (is_same_person and is_same_session and is_bound):
            raise errors.InvalidGrant
        return first

    def _scope(self, first: Grant) -> tuple[str, ...]:
        """Return what is asked for, or all that both may have; never more than the first has."""
        granted = first.scope.split()
        asked = self.request.optional("scope")
        if asked is None:
            return tuple(name for name in granted if name in self.caller.scope)
        names = resources.scopes_for(self.caller, asked)
        if not set(names) <= set(granted):
            raise errors.InvalidScope
        return names

    def _built_on(self, first: Grant, scope: Collection[str]) -> Code:
        """Return the second application's grant as a code would say it; remember it as agreed.

        The ID token may have expired (§4.3); what must not have ended is the session it names.
        """
        caller, ends_at = self.caller, sessions.alive_until(first.sid)
        if ends_at is None:
            raise errors.InvalidGrant
        epoch = epochs.read(epochs.CONSENT, epochs.consent_id(first.subject, caller.client_id))
        names = [*scope, *(f"{consent.RESOURCE}{uri}" for uri in self.request.all("resource"))]
        issuing.check_granted(self.request.all("resource"), first.resources.split(), caller)
        if not consent.covers(first.subject, caller.client_id, names):
            if epoch:  # they took it back once: only they can give it again, where they see it
                raise errors.InvalidGrant
            consent.give(first.subject, caller.client_id, caller.display_name, names)
        moment = instants.now()
        return Code(
            grant_id=grants.new_id(),
            client_id=caller.client_id,
            subject=first.subject,
            sid=first.sid,
            session_ends_at=int(ends_at.timestamp()),
            scope=" ".join(scope),
            resources=self.request.all("resource"),
            authorization_details="",
            claims="",
            auth_time=first.auth_time,
            amr=tuple(first.amr.split()),
            acr=first.acr,
            cnf="",
            nonce="",
            redirect="",
            challenge="",
            epoch_person=first.epoch_person,
            epoch_client=caller.epoch,
            epoch_consent=epoch,
            expires_at=instants.seconds(moment),
        )
