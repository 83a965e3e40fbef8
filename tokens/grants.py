"""RFC 9700 §4.14.2 — the grant row: take a code, turn a refresh token, end; how all of it lives.

Every statement names its row by primary key, and the text of `_alive` stands in all four of them,
so "still good" means the same at the token endpoint, at introspection and in our own API.
"""

import dataclasses
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any

from config import environment
from tokens import encoding, epochs, instants, statements
from tokens.names import GrantId
from tokens.records import Refresh


class Taken(Enum):
    """What became of a code."""

    ALIVE = auto()
    CUT_OFF = auto()  # disabled, signed out, withdrawn or removed since the code was issued
    SPOILT = auto()  # presented wrongly, hence spent
    REPLAYED = auto()  # spent before


class Turned(Enum):
    """What became of a refresh token."""

    TURNED = auto()
    GRACE = auto()  # the generation before, within the grace: the same answer again
    DEAD = auto()  # no such grant, or revoked, cut off or expired
    REUSED = auto()  # an older generation: the family has just been ended
    AHEAD = auto()  # a generation we never issued: the database went back in time


class Why(StrEnum):
    """Why a grant ended before its time; rests in `revoked_why`."""

    CODE_REPLAYED = "code replayed"
    CODE_SPOILT = "code presented wrongly"
    CUT_OFF = "cut off before the code was redeemed"
    REFRESH_REUSED = "refresh token reused"
    WRONG_CLIENT = "refresh token presented by another client"
    REVOKED = "revoked by the client"
    OPERATOR = "revoked by an operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A grant as its row holds it; instants are microseconds, lists are space-separated text."""

    id: GrantId
    client_id: str
    subject: str
    sid: str
    ends_with_session: bool
    scope: str
    resources: str
    authorization_details: str
    claims: str
    auth_time: int
    amr: str
    acr: str
    cnf: str
    epoch_instance: int
    epoch_person: int
    epoch_session: int
    epoch_client: int
    epoch_consent: int
    generation: int
    created_at: int
    rotated_at: int
    idle: int
    expires_at: int

    @property
    def refresh_expires_at(self) -> int:
        """Return when the refresh token lapses if nobody uses it."""
        return min(self.expires_at, self.rotated_at + self.idle)

    def refresh(self) -> Refresh:
        """Return the refresh token of this generation."""
        return Refresh(
            grant_id=self.id, generation=self.generation, client_id=self.client_id, cnf=self.cnf
        )


def new_id() -> GrantId:
    """Return the identifier of a grant to be, chosen when its code is sealed."""
    return GrantId(encoding.token(128))


_NAMES = tuple(field.name for field in dataclasses.fields(Grant))
_COLUMNS = ", ".join(_NAMES)
_SQL_TYPES = {str: "text", bool: "boolean", int: "bigint", GrantId: "varchar"}
_VALUES = ", ".join(
    f"CAST(%({field.name})s AS {_SQL_TYPES[field.type]})"  # type: ignore[index]
    for field in dataclasses.fields(Grant)
)


def _epochs_equal(source: dict[str, str], *, is_code: bool = False) -> str:
    """Return the SQL condition that nothing cut this grant off since it was born.

    A code always ends with its session; a grant only where it is bound to it.
    """

    def current(kind: epochs.Kind, id_: str) -> str:
        return f"COALESCE((SELECT epoch FROM tokens_epoch WHERE kind = '{kind}' AND id = {id_}), 0)"  # noqa: S608

    consent = f"{source['subject']} || ' ' || {source['client_id']}"
    return f"""(
        {source["epoch_instance"]} = %(instance)s
    AND {source["epoch_person"]} = {current(epochs.PERSON, source["subject"])}
    AND {source["epoch_client"]} = {current(epochs.CLIENT, source["client_id"])}
    AND {source["epoch_consent"]} = {current(epochs.CONSENT, consent)}
    AND ({"1 = 0" if is_code else f"NOT {source['ends_with_session']}"}
         OR {source["epoch_session"]} = {current(epochs.SESSION, source["sid"])}))"""


_ROW = {name: f"tokens_grant.{name}" for name in _NAMES}
_PARAMETER = {
    field.name: f"CAST(%({field.name})s AS {_SQL_TYPES[field.type]})"  # type: ignore[index]
    for field in dataclasses.fields(Grant)
}
_alive = f"""(
        revoked_at IS NULL AND %(now)s < expires_at AND %(now)s < rotated_at + idle
    AND {_epochs_equal(_ROW)})"""

# The values are parameters throughout; only column names and fixed text are composed (S608).
_TAKE = f"""
INSERT INTO tokens_grant ({_COLUMNS}, revoked_at, revoked_why)
SELECT {_VALUES},
       CASE WHEN CAST(%(why)s AS text) <> '' OR NOT {_epochs_equal(_PARAMETER, is_code=True)}
            THEN CAST(%(now)s AS bigint) END,
       CASE WHEN CAST(%(why)s AS text) <> '' THEN CAST(%(why)s AS text)
            WHEN NOT {_epochs_equal(_PARAMETER, is_code=True)} THEN '{Why.CUT_OFF}' ELSE '' END
ON CONFLICT (id) DO NOTHING
RETURNING revoked_at
"""
_TAKE = _TAKE.replace(
    "ON CONFLICT", "WHERE true ON CONFLICT"
)  # SQLite's grammar asks for a WHERE here
_TURN = f"""
UPDATE tokens_grant SET generation = generation + %(step)s, rotated_at = %(now)s
 WHERE id = %(id)s AND generation = %(generation)s AND {_alive}
RETURNING {_COLUMNS}
"""  # noqa: S608
_JUDGE = f"SELECT {_COLUMNS}, {_alive} FROM tokens_grant WHERE id = %(id)s"  # noqa: S608
_FIND = f"""
SELECT {_COLUMNS} FROM tokens_grant
 WHERE id = %(id)s AND {_alive}
   AND NOT EXISTS (SELECT 1 FROM tokens_epoch WHERE kind = '{epochs.ACCESS}' AND id = %(jti)s)
"""  # noqa: S608
_END = """
UPDATE tokens_grant SET revoked_at = %(now)s, revoked_why = %(why)s
 WHERE id = %(id)s AND revoked_at IS NULL
RETURNING id
"""


def take(grant: Grant, *, spoilt: Why | None = None) -> Taken:
    """Spend a code: insert the one row of its grant, born revoked when `spoilt` or cut off.

    On REPLAYED the caller ends the grant: what was issued from it, and what is being issued from it
    at this instant, dies (RFC 6749 §4.1.2).
    """
    values = {name: getattr(grant, name) for name in _NAMES}
    row = statements.decide(_TAKE, values | _moment() | {"why": spoilt or ""})
    if row is None:
        return Taken.REPLAYED
    if spoilt is not None:
        return Taken.SPOILT
    return Taken.ALIVE if row[0] is None else Taken.CUT_OFF


def turn(refresh: Refresh, *, grace: int, rotate: bool = True) -> tuple[Turned, Grant | None]:
    """Turn a refresh token to its next generation, exactly once; reuse ends the family.

    `grace` (microseconds) is how long the generation before is answered with the same successor.
    Without `rotate` the generation stays and only its idle time starts anew. The grant comes with
    TURNED and GRACE (as it stands now) and with REUSED (as it ended).
    """
    values = _moment() | {
        "id": refresh.grant_id,
        "generation": refresh.generation,
        "step": int(rotate),
    }
    row = statements.decide(_TURN, values)
    if row is not None:
        return Turned.TURNED, _grant(row)
    return _judge(refresh, grace, values)


def _judge(refresh: Refresh, grace: int, values: dict[str, Any]) -> tuple[Turned, Grant | None]:
    row = statements.fetch(_JUDGE, values)
    if row is None:
        return Turned.DEAD, None
    grant, is_alive = _grant(row[:-1]), bool(row[-1])
    if not is_alive:
        return Turned.DEAD, None
    if refresh.generation > grant.generation:
        return Turned.AHEAD, None
    is_previous = refresh.generation == grant.generation - 1
    # A loser's `now` may lie before the winner's, so a grace of 0 is asked for by name.
    if grace and is_previous and values["now"] - grant.rotated_at <= grace:
        return Turned.GRACE, grant
    if refresh.generation == grant.generation:  # someone turned the clock, or restored a row
        return Turned.DEAD, None
    ended = end(grant.id, why=Why.REFRESH_REUSED)
    return (Turned.REUSED, grant) if ended else (Turned.DEAD, None)


def find(grant_id: str, *, jti: str = "") -> Grant | None:
    """Return a grant that is alive, unless the access token `jti` was revoked by itself."""
    row = statements.fetch(_FIND, _moment() | {"id": grant_id, "jti": jti})
    return None if row is None else _grant(row)


def end(grant_id: str, *, why: Why) -> bool:
    """End a grant and everything issued from it; True when this call ended it."""
    values = {"id": grant_id, "why": str(why), "now": instants.now()}
    return statements.decide(_END, values) is not None


def instance_epoch() -> int:
    """Return the epoch of everything, which lives beside the root key."""
    return environment.current().instance_epoch


def _grant(row: tuple[Any, ...]) -> Grant:
    values = dict(zip(_NAMES, row, strict=True))
    values["ends_with_session"] = bool(values["ends_with_session"])
    return Grant(**values)


def _moment() -> dict[str, Any]:
    return {"now": instants.now(), "instance": instance_epoch()}
