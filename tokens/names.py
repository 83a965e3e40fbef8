"""Names for the strings that must not be mixed up."""

from typing import Any, NewType

Subject = NewType("Subject", str)
"""A person's internal identifier; a pairwise `sub` is computed from it at mint."""
ClientId = NewType("ClientId", str)
GrantId = NewType("GrantId", str)
"""128 random bits in base64url, 22 characters."""
Sid = NewType("Sid", str)
"""A session as relying parties know it; never the cookie's key."""
VerifiedClaims = NewType("VerifiedClaims", dict[str, Any])
"""Claims whose signature, type, issuer and lifetime have been checked."""
