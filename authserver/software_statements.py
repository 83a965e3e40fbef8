"""RFC 7591 §2.3 — software statements: metadata that somebody trusted here has signed.

Trusted is whom an operator named, with keys by value or by address. What a statement says goes
before what the client says.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from authserver import client_auth, errors, models
from authserver.members import addresses, keys, shapes
from config import environment, json_text, logs, outgoing, policy
from tokens import instants, jws

_NOT_METADATA: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
_LONGEST: Final = 16_384
_MOST_BYTES: Final = 65_536
_KEPT_FOR: Final = timedelta(minutes=5)
_RETRY_AFTER: Final = timedelta(seconds=10)
_lock = threading.Lock()
_fetched: dict[str, tuple[Sequence[jws.ForeignKey], float]] = {}
"""By address: the keys, and until when they are believed."""


def trust(issuer: str, *, jwks: object = None, jwks_uri: str = "") -> None:
    """Believe the statements of an issuer from now on; raises WrongError for what is not fit."""
    shapes.text(500, r"\S+")(issuer)
    row = {
        "jwks": keys.jwks(jwks) if jwks is not None else None,
        "jwks_uri": addresses.asked(jwks_uri),
    }
    models.StatementIssuer.objects.update_or_create(issuer=issuer, defaults=row)
    logs.security_event("statement_issuer_trusted", issuer=issuer)


def distrust(issuer: str) -> bool:
    """Believe an issuer no more; False when it never was."""
    count, _ = models.StatementIssuer.objects.filter(pk=issuer).delete()
    if count:
        logs.security_event("statement_issuer_distrusted", issuer=issuer)
    return bool(count)


def every() -> list[dict[str, Any]]:
    """Return who is trusted."""
    return [
        {
            "issuer": row.issuer,
            "jwks_uri": row.jwks_uri or None,
            "created_at": row.created_at.isoformat(),
        }
        for row in models.StatementIssuer.objects.all()
    ]


def metadata_of(statement: object) -> dict[str, Any]:
    """Return what a statement says of the client.

    Raises:
        UnapprovedSoftwareStatement: when its issuer is nobody trusted here.
        InvalidSoftwareStatement: for everything else that is wrong with it.
    """
    if not isinstance(statement, str) or not 0 < len(statement) <= _LONGEST:
        raise errors.InvalidSoftwareStatement
    issuer = jws.unverified_claims(statement).get("iss")
    if not isinstance(issuer, str) or not issuer.isprintable():
        raise errors.InvalidSoftwareStatement
    row = models.StatementIssuer.objects.filter(pk=issuer).first()
    if row is None:
        raise errors.UnapprovedSoftwareStatement
    verified = jws.verify_foreign(statement, _keys(row), client_auth.KEY_ALGORITHMS)
    if verified is None or not _is_current(verified[1]):
        raise errors.InvalidSoftwareStatement
    return {name: value for name, value in verified[1].items() if name not in _NOT_METADATA}


def _is_current(claims: Mapping[str, Any]) -> bool:
    """Judge the dates that are there, and the audience if one is named (RFC 7519 §4.1)."""
    now, leeway = time.time(), policy.current().assertions.leeway.total_seconds()
    for name, sign in (("exp", 1), ("nbf", -1), ("iat", -1)):
        if name in claims:
            moment = instants.numeric_date(claims[name])
            if moment is None or (moment - now) * sign < -leeway:
                return False
    named = claims.get("aud", environment.current().issuer)
    return environment.current().issuer in (named if isinstance(named, list) else [named])


def _keys(row: models.StatementIssuer) -> Sequence[jws.ForeignKey]:
    if row.jwks is not None:
        return jws.load_public_jwks(row.jwks)
    held = _fetched.get(row.jwks_uri)
    if held and time.monotonic() < held[1]:
        return held[0]
    found = _published(row.jwks_uri)
    keep = _KEPT_FOR if found else _RETRY_AFTER
    with _lock:
        _fetched[row.jwks_uri] = found, time.monotonic() + keep.total_seconds()
    return found


def _published(address: str) -> Sequence[jws.ForeignKey]:
    try:
        body = outgoing.get(address, accept="application/json", max_bytes=_MOST_BYTES).body
        document = json_text.read(body.decode(), longest=_MOST_BYTES, deepest=12)
    except (outgoing.OutgoingError, ValueError):
        return ()
    return jws.read_public_jwks(document)[0] if isinstance(document, dict) else ()
