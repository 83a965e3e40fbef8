"""The server of `make run` and the demo's credentials, as all three examples are set up with them.

In a service of yours this is its settings.
"""

import json
import os
from pathlib import Path

from verifier import Introspection, Issuer, Signatures, Verifier

PORT = int(os.environ.get("PORT", "0"))
SCOPE = "demo:read"
FRESH = 300  # seconds since the sign-in that /sensitive asks for

_issuer = Issuer(os.environ.get("ISSUER", "http://localhost:8000"))
_audience = os.environ.get("AUDIENCE", f"{_issuer.url}/api")
_remember = float(os.environ.get("REMEMBER", "3"))


def _credentials() -> tuple[str, str]:
    """Return the client id and secret that may introspect: from the environment, or the demo's."""
    if "CLIENT_ID" in os.environ:
        return os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
    kept = Path(os.environ.get("DEMO", Path(__file__).parents[2] / "var/demo.json"))
    api = json.loads(kept.read_text(encoding="utf-8"))["api"]
    return api["client_id"], api["secret"]


LOCALLY = Verifier(_issuer, _audience, Signatures(_issuer))
ASKING = Verifier(_issuer, _audience, Introspection(_issuer, *_credentials(), remember=_remember))
METADATA = LOCALLY.metadata(SCOPE)
METADATA_PATH = "/" + LOCALLY.metadata_url.partition("://")[2].partition("/")[2]


def welcome() -> dict[str, object]:
    """Return what each says at `/`."""
    return {"try": ["/locally", "/by-introspection", "/sensitive"], "scope": SCOPE}


def shown(claims: dict[str, object], checked: str) -> dict[str, object]:
    """Return what each answers a call that is let in."""
    return {"checked": checked} | {
        name: claims.get(name) for name in ("sub", "client_id", "scope", "exp")
    }
