"""RFC 9068 — access tokens: a signed JWT (`at+jwt`), or an opaque handle, as their resource says.

`find` is the one answer to "does this token still count?", the same for introspection, userinfo and
our own API, in one statement.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from config import environment
from tokens import encoding, epochs, grants, handles, instants, jws, ring, statements
from tokens.claims import AccessClaims
from tokens.grants import Grant
from tokens.names import ClientId

_CLIENT_ALIVE = f"""
SELECT 1
 WHERE %(epoch)s = COALESCE((SELECT epoch FROM tokens_epoch
                              WHERE kind = '{epochs.CLIENT}' AND id = %(client_id)s), 0)
 AND NOT EXISTS (SELECT 1 FROM tokens_epoch WHERE kind = '{epochs.ACCESS}' AND id = %(jti)s)
"""  # noqa: S608  no value in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How tokens for a resource look: format `jwt` or `opaque`, algorithm, lifetime, audience."""

    audience: str | tuple[str, ...]
    lifetime: dt.timedelta
    is_opaque: bool = False
    alg: str = "ES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access token that counts at this moment; `grant` is None for a client's own token."""

    claims: dict[str, Any]
    grant: Grant | None

    @property
    def scope(self) -> frozenset[str]:
        """Return the scope as a set."""
        return frozenset(self.claims["scope"].split())

    @property
    def audience(self) -> frozenset[str]:
        """Return the audience as a set."""
        aud = self.claims["aud"]
        return frozenset([aud] if isinstance(aud, str) else aud)


def for_client(client_id: ClientId, *, epoch: int, scope: str, form: Form) -> str:
    """Mint a client's own token (client_credentials); `epoch` is its own at authentication."""
    claims = _claims(client_id, client_id, scope, form)
    claims["born"] = [environment.current().instance_epoch, epoch]
    return _text(claims, form)


def for_grant(grant: Grant, *, sub: str, scope: str, form: Form) -> str:
    """Mint a token of a grant; `sub` is the person as this client may know them."""
    claims = _claims(sub, grant.client_id, scope, form)
    claims["gid"] = grant.id
    claims["auth_time"] = instants.seconds(grant.auth_time)
    claims["acr"] = grant.acr
    claims["amr"] = grant.amr.split()
    if grant.cnf:
        claims["cnf"] = dict([grant.cnf.split("=", 1)])
    return _text(claims, form)


def read(text: str) -> dict[str, Any] | None:
    """Return the claims of an unexpired token of ours, without asking whether it still counts."""
    if text.startswith(f"{handles.ACCESS.prefix}_"):
        claims = handles.open(handles.ACCESS, text)
        is_expired = claims is None or claims["exp"] * instants.SECOND <= instants.now()
        return None if is_expired else claims
    return jws.check(text, ring.verifiers(jws.AT_JWT, text), iss=environment.current().issuer)


def find(text: str) -> Access | None:
    """Return the token if it still counts, or None."""
    claims = read(text)
    return None if claims is None else _counting(claims)


def _counting(claims: dict[str, Any]) -> Access | None:
    if "gid" in claims:
        grant = grants.find(claims["gid"], jti=claims["jti"])
        return None if grant is None else Access(claims=claims, grant=grant)
    instance, epoch = claims["born"]
    if instance != environment.current().instance_epoch:
        return None
    values = {"client_id": claims["client_id"], "epoch": epoch, "jti": claims["jti"]}
    return Access(claims=claims, grant=None) if statements.fetch(_CLIENT_ALIVE, values) else None


def revoke(claims: dict[str, Any]) -> None:
    """Stop one access token; the grant and its other tokens go on."""
    expires_at = (claims["exp"] + 300) * instants.SECOND
    epochs.bump(epochs.ACCESS, claims["jti"], expires_at=expires_at)


def _claims(sub: str, client_id: str, scope: str, form: Form) -> AccessClaims:
    moment = instants.now()
    return {
        "iss": environment.current().issuer,
        "sub": sub,
        "aud": form.audience if isinstance(form.audience, str) else list(form.audience),
        "client_id": client_id,
        "scope": scope,
        "iat": instants.seconds(moment),
        "exp": instants.seconds(instants.after(moment, form.lifetime)),
        "jti": encoding.token(128),
    }


def _text(claims: AccessClaims, form: Form) -> str:
    if form.is_opaque:
        return handles.seal(handles.ACCESS, dict(claims))
    return ring.current().sign(claims, typ=jws.AT_JWT, alg=form.alg)
