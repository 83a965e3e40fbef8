"""ASVS 5.0 §14.2 — export: everything that is known of a person, for themselves to take along.

What proves who somebody is (hashes, keys, seeds, codes) is no part of it: a copy of one's data must
not be a copy of one's keys. That nothing else is missing: tests/specs/account_export.
"""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts import (
    consent,
    deletion,
    factors,
    history,
    passkeys,
    profile,
    trusted_browsers,
    whereabouts,
)
from accounts.models import User
from accounts.upstream import identities
from config import environment

_PAGE = 500


def made(user: User) -> dict[str, Any]:
    """Return all of it, ready to be written as JSON."""
    subject = str(user.pk)
    whole: dict[str, Any] = _plain(
        {
            "made_at": timezone.now(),
            "made_by": environment.current().issuer,
            "account": _account(user),
            "sign_in": _sign_in(user),
            "applications": [_fields(one) for one in consent.of(subject)],
            "sessions": [_fields(one) for one in whereabouts.of(subject)],
            "history": _history(subject),
        }
    )
    return whole


def _account(user: User) -> dict[str, Any]:
    columns = {name: getattr(user, name) for name in profile.SCOPE_OF}
    return {
        "subject": str(user.pk),
        **columns,
        "age": user.age,
        "is_administrator": user.is_staff,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "last_sign_in_at": user.last_login,
        "passkey_offered_at": user.passkey_offered_at,
        "to_be_deleted_at": deletion.due_at(str(user.pk)),
    }


def _sign_in(user: User) -> dict[str, Any]:
    subject = str(user.pk)
    return {
        "has_password": user.has_usable_password(),
        "factors": _fields(factors.of(subject)),
        "passkeys": [_fields(one) for one in passkeys.of(subject)],
        "trusted_browsers": [_fields(one) for one in trusted_browsers.of(subject)],
        "accounts_elsewhere": [_fields(one) for one in identities.of(subject)],
    }


def _history(subject: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    before: int | None = None
    while page := history.of(subject, before=before, limit=_PAGE):
        before = page[-1].number
        found += [{**_fields(one), "device": one.device_in_words} for one in page]
    for one in found:
        del one["number"]
    return found


def _fields(value: Any) -> dict[str, Any]:
    """Return what a value of ours holds, by name."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case dt.date():
            return value.isoformat()
        case None | bool() | int() | str():
            return value
        case _ if hasattr(value, "__dataclass_fields__"):
            return _plain(_fields(value))
        case _:
            return str(value)
