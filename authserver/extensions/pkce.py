"""RFC 7636 — proof key for code exchange: S256 only, from the request to the code's use."""

import hashlib
import hmac
import re
from typing import Any

from authserver import errors
from authserver.clients import Client
from authserver.request import ProtocolRequest
from tokens import encoding
from tokens.records import Code

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")
METHODS = ("S256",)


def challenge(request: ProtocolRequest, client: Client) -> str:
    """Return the challenge of an authorization request, '' where it may do without (§4.4.1).

    Raises:
        InvalidRequest: when it is missing, malformed, or of another method than an explicit S256.
    """
    value = request.optional("code_challenge")
    method = request.optional("code_challenge_method")
    if value is None and method is None and not client.pkce_required:
        return ""
    if value is None:
        raise errors.InvalidRequest("The parameter code_challenge is missing.")
    if method not in METHODS:
        raise errors.InvalidRequest("The code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(value):
        raise errors.InvalidRequest("The code_challenge must be the base64url of a SHA-256 digest.")
    return value


class Pkce:
    """Judges the verifier where a code is redeemed (§4.6)."""

    def __call__(self, grant: Any) -> None:
        """Attach to the code grant (the registry calls this for every request)."""
        grant.register_hook("after_validate_token_request", self.check_form)
        grant.register_hook("judge_code", self.judge)

    def check_form(self, grant: Any, _result: object) -> None:
        """Refuse a missing, needless or malformed verifier before the code is touched."""
        verifier = grant.request.optional("code_verifier")
        expected = grant.presented.record.challenge
        if bool(verifier) is not bool(expected):
            is_missing = "is missing" if expected else "has no code_challenge to answer to"
            raise errors.InvalidRequest(f"The code_verifier {is_missing}.")
        if verifier and not _VERIFIER.fullmatch(verifier):
            raise errors.InvalidRequest(
                "The code_verifier must have 43 to 128 characters of its alphabet."
            )

    def judge(self, grant: Any, code: Code) -> None:
        """Find fault with a verifier that does not hash to the challenge."""
        verifier = grant.request.optional("code_verifier") or ""
        digest = encoding.b64(hashlib.sha256(verifier.encode("ascii")).digest())
        if code.challenge and not hmac.compare_digest(digest, code.challenge):
            grant.faults.append(
                errors.InvalidGrant("The code_verifier does not match the code_challenge.")
            )
