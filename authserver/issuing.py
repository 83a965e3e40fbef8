"""RFC 6749 §5.1 — what a token answer carries, the same for a code and for a refresh.

The scope and the resources of a token are decided here once and handed on; nobody reads them from
the request again.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from authserver import client_auth, client_keys, errors, resources, told
from authserver.clients import Client
from authserver.request import ProtocolRequest
from config import logs, policy
from tokens import (
    access,
    device_secrets,
    grants,
    handles,
    id_tokens,
    instants,
    pairwise,
    refresh,
    ring,
    vault,
)
from tokens.access import Form
from tokens.grants import Grant
from tokens.names import GrantId
from tokens.records import Code

_log: Final = logging.getLogger("authserver.issuing")


class GrantMixin:
    """What every grant of ours does alike; Authlib's classes ask, this answers.

    `generate_token` is replaced because Authlib's sees neither the request nor the grant.
    """

    TOKEN_ENDPOINT_AUTH_METHODS: Sequence[str] = tuple(client_auth.METHODS)
    TOKEN_RESPONSE_HEADER: Sequence[tuple[str, str]] = ()
    request: ProtocolRequest

    @classmethod
    def is_offered(cls) -> bool:
        """Tell whether the policy permits this grant."""
        return True

    @property
    def caller(self) -> Client:
        """Return the authenticated client; Authlib has seen to it before it asks anything else."""
        if self.request.client is None:
            raise errors.InvalidClient
        return self.request.client

    def validate_requested_scope(self) -> None:
        """Leave scopes to the places that know which resource they are for."""

    def save_token(self, token: dict[str, Any]) -> None:
        """Do nothing: the grant's row was written before the token was minted."""


def token_answer(
    grant: Grant, client: Client, *, scope: str, form: Form, nonce: str = ""
) -> dict[str, Any]:
    """Return what a grant gives its client now: an access token, and all that goes with it."""
    names = scope.split()
    token = access_answer(grant, client, scope=scope, form=form)
    if client.check_grant_type("refresh_token"):
        token["refresh_token"] = refresh.text(grant)
    bound: dict[str, Any] = {}
    if resources.DEVICE_SSO in names and client.native_sso_group:
        token["device_secret"] = device_secrets.text(grant, client.native_sso_group)
        bound["ds_hash"] = device_secrets.ds_hash(token["device_secret"])
    if "openid" in names:
        token["id_token"] = id_token(
            client, about=grant, access_token=token["access_token"], nonce=nonce, claims=bound
        )
    return token


def access_answer(grant: Grant, client: Client, *, scope: str, form: Form) -> dict[str, Any]:
    """Return an access token of a grant, and what there is to say of it."""
    return {
        "access_token": access.for_grant(
            grant, sub=sub_of(client, grant.subject), scope=scope, form=form
        ),
        "token_type": "Bearer",
        "expires_in": int(form.lifetime.total_seconds()),
        "scope": scope,
    }


def id_token(
    client: Client,
    *,
    about: Grant | Code,
    access_token: str = "",
    code: str = "",
    state: str = "",
    nonce: str = "",
    scope: Collection[str] = (),
    claims: Mapping[str, Any] | None = None,
) -> str:
    """Return the ID token about a grant or a code to be, as its client registered to get it.

    `access_token`, `code` and `state` are what travels beside it (OIDC Core §3.1.3.6, §3.3.2.11).
    Claims about the person are those of the claims parameter, and those of `scope`, named where no
    access token comes (§5.4). `claims` may add to the protocol's own, never replace them.

    Raises:
        UnauthorizedClient: when the client takes encrypted ID tokens and has no key for it.
    """
    facts = id_tokens.Facts(
        client_id=client.client_id,
        sub=sub_of(client, about.subject),
        sid=sid_of(client, about.sid),
        auth_time=about.auth_time,
        acr=about.acr,
        amr=tuple(about.amr.split() if isinstance(about, Grant) else about.amr),
    )
    said = told.in_id_token(client, about.subject, about.claims, scope=scope)
    with _keys_at_hand():
        signed = id_tokens.mint(
            facts,
            alg=client.id_token_signed_response_alg,
            lifetime=client.lifetime("id_token", policy.current().lifetimes.id_token),
            beside=id_tokens.Beside(access_token=access_token, code=code, state=state),
            nonce=nonce,
            claims={**said, **(claims or {})},
        )
    alg, enc = client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc
    return client_keys.encrypt(client, signed, alg=alg, enc=enc) if alg else signed


def sub_of(client: Client, subject: str) -> str:
    """Return a person's `sub` as this client may know it (OIDC Core §8)."""
    if not client.sector:
        return subject
    with _keys_at_hand():
        return pairwise.subject(subject, client.sector)


def sid_of(client: Client, sid: str) -> str:
    """Return a session's `sid` as this client may know it; '' for none."""
    if not client.sector or not sid:
        return sid
    with _keys_at_hand():
        return pairwise.sid(sid, client.sector)


@contextmanager
def _keys_at_hand() -> Iterator[None]:
    """Answer 503, on pages too, while a key is away that an operator has to bring back."""
    try:
        yield
    except (ring.NoSigningKeyError, vault.LockedError) as fault:
        fields = {"fault": type(fault).__name__, "about": str(fault)}
        _log.error("no_signing_key", extra={logs.FIELDS: fields})
        raise errors.TemporarilyUnavailable from fault


def token_form(client: Client, asked: Sequence[str]) -> Form:
    """Return how an access token for these resources looks; without any, for the default resource.

    Raises:
        InvalidTarget: for a resource that is unknown or not open to the client (RFC 8707 §2),
            or for several whose tokens have different formats.
    """
    found = resources.targets(client, asked)
    first = found[0]
    if len({(resource.token_format, resource.algorithm) for resource in found}) > 1:
        raise errors.InvalidTarget("These resources take tokens of different formats.")
    names = tuple(resource.identifier for resource in found)
    lifetimes = [resource.lifetime for resource in found if resource.lifetime is not None]
    usual = min(lifetimes, default=policy.current().lifetimes.access_token)
    return Form(
        audience=names[0] if len(names) == 1 else names,
        lifetime=client.lifetime("access_token", usual),
        is_opaque=first.token_format == "opaque",
        alg=first.algorithm,
    )


def check_granted(asked: Sequence[str], granted: Sequence[str], client: Client) -> None:
    """Refuse a resource that the person was not asked about (RFC 8707 §2.2); raise InvalidTarget.

    A grant that names none is for the client's default resource.
    """
    usual = [resource.identifier for resource in resources.targets(client, ())]
    if not set(asked) <= set(granted or usual):
        raise errors.InvalidTarget


def born(code: Code, client: Client, form: Form, *, is_renewable: bool = True) -> Grant:
    """Return the grant a code turns into, as its row will hold it; `form` is its first token's.

    One that is not renewable ends with that token, whatever its client is registered for.
    """
    moment = instants.now()
    lives = policy.current().lifetimes
    family = client.lifetime("family", lives.family)
    has_refresh = is_renewable and client.check_grant_type("refresh_token")
    is_for_good = has_refresh and "offline_access" in code.scope.split()
    end = moment + instants.micros(family if has_refresh else form.lifetime)
    if not is_for_good:
        end = min(end, code.session_ends_at * instants.SECOND)
    idle = max(client.lifetime("refresh_token", lives.refresh_token), form.lifetime)
    return Grant(
        id=GrantId(code.grant_id),
        client_id=code.client_id,
        subject=code.subject,
        sid=code.sid,
        ends_with_session=not is_for_good,
        scope=code.scope,
        resources=" ".join(code.resources),
        authorization_details=code.authorization_details,
        claims=code.claims,
        auth_time=code.auth_time,
        amr=" ".join(code.amr),
        acr=code.acr,
        cnf=code.cnf,
        epoch_instance=grants.instance_epoch(),
        epoch_person=code.epoch_person,
        epoch_session=0,
        epoch_client=code.epoch_client,
        epoch_consent=code.epoch_consent,
        generation=0,
        created_at=moment,
        rotated_at=moment,
        idle=instants.micros(idle),
        expires_at=end,
    )


def known_here(purpose: handles.Purpose[Any], text: str, client: Client) -> None:
    """Raise TemporarilyUnavailable for a handle under a root key that only another node holds.

    That is an operator's mistake, and it must not cost an authenticated client its grant. Anybody
    can name a public client and make a key id up, so from those it is no news.
    """
    if not client.is_public and handles.is_from_elsewhere(purpose, text):
        logs.security_event("root_key_unknown", purpose=purpose.prefix)
        raise errors.TemporarilyUnavailable
