"""OIDC Native-SSO §3.3 — device secrets: what the applications of one publisher share.

A device secret is a sealed handle to the grant it came with: it counts exactly as long as that
grant does, and nothing is written for it. The same grant always has the same secret.
"""

import hashlib

from tokens import encoding, grants, handles
from tokens.grants import Grant
from tokens.records import DeviceSecret


def text(grant: Grant, group: str) -> str:
    """Return the device secret of a grant, for the applications of this group."""
    return handles.seal(handles.DEVICE_SECRET, DeviceSecret(grant_id=grant.id, group=group))


def ds_hash(secret: str) -> str:
    """Return what binds an ID token to a device secret (§3.4)."""
    return encoding.b64(hashlib.sha256(secret.encode()).digest())


def find(secret: str, group: str) -> Grant | None:
    """Return the grant of a device secret of this group if it is alive."""
    record = handles.open(handles.DEVICE_SECRET, secret)
    if record is None or record.group != group:
        return None
    return grants.find(record.grant_id)
