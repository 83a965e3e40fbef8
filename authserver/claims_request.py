"""OIDC Core §5.5 — the claims parameter: single claims, for userinfo or the ID token.

A claim is heard only when the scope it belongs to (§5.4) is among those the client is registered
for. What is left of the request after that travels in the code and rests in the grant, as `text`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from accounts import consent, profile
from authserver import errors
from authserver.clients import Client
from config import json_text
from tokens import encoding

LONGEST: Final = 4096
_LONGEST_KEPT: Final = 2 * LONGEST  # written out, 1E15 has its zeros
_DEEPEST: Final = 6
_MEMBERS: Final = ("userinfo", "id_token")
_NOT_READABLE = "The parameter claims is not a JSON object, or says something twice."
_NOT_OBJECTS = "The members userinfo and id_token of the parameter claims are objects."
_NOT_A_CLAIM = (
    "A claim in the parameter claims is null, or an object with essential, value or values."
)
_TOO_MUCH = "The values in the parameter claims are too long."
_NOT_TEXTS = "The values of sub and acr in the parameter claims are texts."

Values = tuple[Any, ...] | None
"""What a claim may be for it to be told; None: whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsRequest:
    """What is asked for; each claim with the values it has to have."""

    userinfo: Mapping[str, Values] = field(default_factory=dict)
    id_token: Mapping[str, Values] = field(default_factory=dict)
    subjects: Values = None
    """The `sub` values demanded, as this client knows them; None: anybody's."""
    acr_values: tuple[str, ...] = ()
    """The `acr` values asked for in the ID token, the best first."""
    is_acr_essential: bool = False
    auth_time_essential: bool = False

    @property
    def userinfo_names(self) -> tuple[str, ...]:
        """The claims asked for at userinfo."""
        return tuple(self.userinfo)

    @property
    def id_token_names(self) -> tuple[str, ...]:
        """The claims about the person that are asked for in the ID token."""
        return tuple(self.id_token)

    @property
    def subject(self) -> str | None:
        """The one `sub` demanded, if it is one; `is_about` judges all cases."""
        return self.subjects[0] if self.subjects and len(self.subjects) == 1 else None

    @property
    def text(self) -> str:
        """What `parse` reads again: the claims about the person; '' for none."""
        members = {name: _written(getattr(self, name)) for name in _MEMBERS}
        kept = {name: claims for name, claims in members.items() if claims}
        return encoding.json(kept).decode() if kept else ""

    def is_about(self, sub: str) -> bool:
        """Tell whether a person, known to the client as `sub`, is one it asks about (§5.5.1)."""
        return self.subjects is None or sub in self.subjects

    def consent_names(self, scope: Collection[str] = ()) -> tuple[str, ...]:
        """Return what a person agrees to beyond these scopes, as `accounts.consent` keeps it."""
        names = sorted({*self.userinfo, *self.id_token})
        return tuple(
            f"{consent.CLAIM}{name}" for name in names if profile.SCOPE_OF[name] not in scope
        )

    def open_to(self, client: Client) -> "ClaimsRequest":
        """Return what of this the client may still ask for: its registration may have changed."""
        return ClaimsRequest(
            userinfo=_open(self.userinfo, client), id_token=_open(self.id_token, client)
        )


NOTHING: Final = ClaimsRequest()


def read(text: str | None, client: Client) -> ClaimsRequest:
    """Return what the parameter asks for, and this client may; raise InvalidRequest.

    Members and claims that we do not know, those with a language tag among them, are passed over.
    """
    if not text:
        return NOTHING
    try:
        asked = json_text.read(text, longest=LONGEST, deepest=_DEEPEST)
    except ValueError as fault:
        raise errors.InvalidRequest(_NOT_READABLE) from fault
    if not isinstance(asked, dict):
        raise errors.InvalidRequest(_NOT_READABLE)
    userinfo, id_token = (_member(asked.get(name, {})) for name in _MEMBERS)
    acr = id_token.get("acr", _Asked())
    wanted = ClaimsRequest(
        userinfo=_open(_values(userinfo), client),
        id_token=_open(_values(id_token), client),
        subjects=_subjects(userinfo, id_token),
        acr_values=_texts(acr.values) or (),
        is_acr_essential=acr.is_essential,
        auth_time_essential=id_token.get("auth_time", _Asked()).is_essential,
    )
    if len(wanted.text) > _LONGEST_KEPT:
        raise errors.InvalidRequest(_TOO_MUCH)
    return wanted


def parse(text: str) -> ClaimsRequest:
    """Return what `ClaimsRequest.text` wrote: the claims about the person."""
    if not text:
        return NOTHING
    kept = json_text.read(text, longest=_LONGEST_KEPT, deepest=_DEEPEST)
    userinfo, id_token = (_values(_member(kept.get(name, {}))) for name in _MEMBERS)
    return ClaimsRequest(userinfo=userinfo, id_token=id_token)


def fitting(asked: Mapping[str, Values], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims that are known and, where a value was asked for, have it (§5.5.1)."""
    return {
        name: known[name]
        for name, values in asked.items()
        if name in known and (values is None or _plain(known[name]) in map(_plain, values))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    values: Values = None
    is_essential: bool = False


def _member(claims: Any) -> dict[str, _Asked]:
    if not isinstance(claims, dict):
        raise errors.InvalidRequest(_NOT_OBJECTS)
    return {name: _asked(how) for name, how in claims.items()}


def _asked(how: Any) -> _Asked:
    if how is None:
        return _Asked()
    if not isinstance(how, dict):
        raise errors.InvalidRequest(_NOT_A_CLAIM)
    is_essential, values = how.get("essential", False), how.get("values", [how.get("value")])
    is_twice = "value" in how and "values" in how
    if not isinstance(is_essential, bool) or not isinstance(values, list) or is_twice:
        raise errors.InvalidRequest(_NOT_A_CLAIM)
    if not {"value", "values"} & how.keys():
        return _Asked(is_essential=is_essential)
    if not values or None in values:
        raise errors.InvalidRequest(_NOT_A_CLAIM)
    return _Asked(values=tuple(values), is_essential=is_essential)


def _subjects(*members: dict[str, _Asked]) -> Values:
    """Return the `sub` values that all members agree to."""
    demanded = [_texts(claims["sub"].values) for claims in members if "sub" in claims]
    sets = [values for values in demanded if values is not None]
    return tuple(sub for sub in sets[0] if all(sub in each for each in sets)) if sets else None


def _texts(values: Values) -> tuple[str, ...] | None:
    if values is not None and not all(isinstance(value, str) for value in values):
        raise errors.InvalidRequest(_NOT_TEXTS)
    return values


def _values(claims: Mapping[str, _Asked]) -> dict[str, Values]:
    return {name: asked.values for name, asked in sorted(claims.items())}


def _open(claims: Mapping[str, Values], client: Client) -> dict[str, Values]:
    scopes = ((name, profile.SCOPE_OF.get(name)) for name in claims)
    return {name: claims[name] for name, scope in scopes if scope in client.scope}


def _written(claims: Mapping[str, Values]) -> dict[str, Any]:
    return {
        name: None if values is None else {"values": list(values)}
        for name, values in claims.items()
    }


def _plain(value: Any) -> bytes:
    """Return a value as text, because in Python 1 is True and 1.0."""
    ordered = dict(sorted(value.items())) if isinstance(value, dict) else value
    return encoding.json(ordered)
