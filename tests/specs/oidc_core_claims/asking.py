"""What the tests of the claims parameter share: a person who is fully described, and the asking."""

import datetime as dt
import json
from typing import Any

from tests import person
from tests.doors import Door
from tests.person import Person

PROFILE: dict[str, Any] = {
    "given_name": "Ada",
    "family_name": "Example",
    "middle_name": "Augusta",
    "nickname": "Countess",
    "preferred_username": "ada",
    "profile": "https://people.example/ada",
    "picture": "https://people.example/ada.png",
    "website": "https://ada.example/",
    "gender": "female",
    "birthdate": dt.date(1990, 2, 3),
    "zoneinfo": "Europe/Berlin",
    "locale": "en-GB",
    "phone_number": "+441632960123",
    "phone_number_verified": True,
    "address": {"locality": "London", "country": "GB"},
}
SCOPES: dict[str, set[str]] = {
    "profile": {
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username",
        "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    },
    "email": {"email", "email_verified"},
    "phone": {"phone_number", "phone_number_verified"},
    "address": {"address"},
}  # fmt: skip
"""OIDC Core §5.4, typed once more from the specification."""
PROTOCOL = {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "nonce", "at_hash"}
"""What every ID token of ours says at the token endpoint, asked or not."""


def described(door: Door) -> Person:
    """Return a person of whom everything is known."""
    return person.registered(door, **PROFILE)


def claims(**members: Any) -> str:
    """Return the parameter: `claims(userinfo=["nickname"], id_token={"acr": {…}})`."""
    whole = {
        name: dict.fromkeys(asked) if isinstance(asked, (list, set)) else asked
        for name, asked in members.items()
    }
    return json.dumps(whole)
