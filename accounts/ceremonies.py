"""WebAuthn §5 — ceremonies: what a browser is asked when a passkey is made or used.

The challenge is the record itself, sealed: what it was made for, for whom, in which browser and
until when. Nothing rests until an answer spends it, and two tabs do not disturb each other.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import urlsplit

from config import environment, policy
from tokens import encoding, handles, instants, replay

Options = dict[str, Any]
ALGORITHMS: Final = (-7, -8, -35, -257)  # ES256, EdDSA, ES384, RS256 (older Windows Hello)
_PATIENCE: Final = 5 * 60 * 1000  # milliseconds that a browser waits for its owner (§15.1)


class Purpose(Enum):
    """What an answer may be used for, and for nothing else."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """One purpose in one browser. `subject` is '' while nobody knows whose passkey will come."""

    purpose: Purpose
    browser: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential as the rows have it."""

    id: str
    transports: Sequence[str] = ()


def rp_id() -> str:
    """Return the issuer's host; '' where it is an address, which no passkey can be made for."""
    host = urlsplit(environment.current().issuer).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return ""


def handle_of(subject: str) -> str:
    """Return what a passkey calls its owner (§5.4.3): no address and no name."""
    return encoding.b64(subject.encode())


def creation_options(
    ceremony: Ceremony, *, email: str, name: str, known: Sequence[Credential]
) -> Options:
    """Return what `navigator.credentials.create` is called with (§5.4), as JSON."""
    handle = handle_of(ceremony.subject)
    return {
        "rp": {"id": rp_id(), "name": policy.current().branding.name},
        "user": {"id": handle, "name": email, "displayName": name or email},
        "challenge": _challenge(ceremony),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
        "timeout": _PATIENCE,
        "excludeCredentials": _described(known),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
        "extensions": {"credProps": True},
    }


def request_options(ceremony: Ceremony, known: Sequence[Credential] = ()) -> Options:
    """Return what `navigator.credentials.get` is called with (§5.5), as JSON."""
    return {
        "challenge": _challenge(ceremony),
        "timeout": _PATIENCE,
        "rpId": rp_id(),
        "allowCredentials": _described(known),
        "userVerification": "required",
    }


def spend(challenge: bytes, ceremony: Ceremony) -> bool:
    """Use a challenge up; False when it is not one of this ceremony, has expired or was used."""
    record = handles.open(handles.PASSKEY, challenge.decode("ascii", "replace"))
    if record is None or record["until"] <= instants.now():
        return False
    made_for = (record["purpose"], record["subject"], record["browser"])
    is_ours = made_for == (ceremony.purpose.value, ceremony.subject, ceremony.browser)
    return is_ours and replay.mark("passkey", record["id"], record["until"])


def _challenge(ceremony: Ceremony) -> str:
    """Return a challenge (§13.4.3) that says itself what it is for."""
    record = {
        "id": encoding.token(128),
        "purpose": ceremony.purpose.value,
        "subject": ceremony.subject,
        "browser": ceremony.browser,
        "until": instants.after(instants.now(), policy.current().lifetimes.interaction),
    }
    return encoding.b64(handles.seal(handles.PASSKEY, record).encode())


def _described(known: Sequence[Credential]) -> list[Options]:
    return [
        {"type": "public-key", "id": one.id, "transports": list(one.transports)} for one in known
    ]
