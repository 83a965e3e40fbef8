"""RFC 7517 §5 — the keys that verify what we sign, the coming one included."""

from authserver import http
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import policy
from config.answer import Answer
from tokens import ring


@http.machine_endpoint("GET", open_to=Cors.ANYBODY, limit="documents")
def jwks(_request: ProtocolRequest) -> Answer:
    """Return the key set; a copy may be kept for as long as a new key is announced at least."""
    age = int(policy.current().keys.jwks_max_age.total_seconds())
    headers = (
        ("Content-Type", "application/jwk-set+json"),
        ("Cache-Control", f"public, max-age={age}"),
    )
    return Answer(headers=headers, body=ring.current().jwks)
