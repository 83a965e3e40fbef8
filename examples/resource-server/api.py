"""A resource server in one file: it checks access tokens by itself, or by asking the server.

`/locally` needs nobody once it has the keys, and goes on taking a revoked token until it expires,
fifteen minutes at most as the server is set. `/by-introspection` asks each time, so what has been
revoked is refused at once. RFC 9068 §4 and RFC 7662 §2.2 say what has to be checked.
"""

import functools
import json
import os
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jwt import JWTClaimsRegistry

ISSUER = os.environ.get("ISSUER", "http://localhost:8000")
AUDIENCE = os.environ.get("AUDIENCE", f"{ISSUER}/api")
PORT = int(os.environ.get("PORT", "8020"))
DEMO = Path(os.environ.get("DEMO", Path(__file__).parents[2] / "var/demo.json"))
SCOPE = "demo:read"
ALGORITHMS = ["ES256", "RS256"]  # ours to say, never the token's
LEEWAY = 30  # seconds by which two clocks may differ
KEEP, PAUSE = 300.0, 10.0  # seconds: for keys that are known, and between looks for one that is not
Claims = dict[str, Any]


class Refused(Exception):
    """What the caller did wrong: a status, and an error code of RFC 6750 §3.1."""

    def __init__(self, status: int = 401, error: str = "invalid_token") -> None:
        super().__init__(error)
        self.status, self.error = status, error


class Unavailable(Exception):
    """The issuer cannot be asked, so nobody can be let in."""


# --- Two ways to check a token -------------------------------------------------------------------


def locally(text: str) -> Claims:
    """Return the claims of a token that is good by its signature (RFC 9068 §4)."""
    try:
        token = jwt.decode(text, signing_key, algorithms=ALGORITHMS)
        EXPECTED.validate(token.claims)
    except (JoseError, ValueError) as fault:
        raise Refused from fault
    # An ID token is signed with the same keys; only its type says that it opens nothing.
    if token.header.get("typ", "").lower().removeprefix("application/") != "at+jwt":
        raise Refused
    return token.claims


EXPECTED = JWTClaimsRegistry(
    leeway=LEEWAY,
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    exp={"essential": True},
    iat={"essential": True},
    sub={"essential": True},
    jti={"essential": True},
    client_id={"essential": True},
)


def by_introspection(text: str) -> Claims:
    """Return what the issuer says about a token that counts at this moment (RFC 7662 §2.2)."""
    # Basic carries both form-encoded (RFC 6749 §2.3.1).
    client_id, secret = (quote(part, safe="") for part in credentials())
    said = ask("introspection_endpoint", data={"token": text}, auth=(client_id, secret))
    audience = said.get("aud")
    is_ours = AUDIENCE in audience if isinstance(audience, list) else audience == AUDIENCE
    if said.get("active") is not True or not is_ours or said.get("token_type") != "Bearer":
        raise Refused
    return said


# --- What the issuer says ------------------------------------------------------------------------


@functools.cache
def credentials() -> tuple[str, str]:
    """Return our client id and secret: from the environment, or else the demo's."""
    if "CLIENT_ID" in os.environ:
        return os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
    demo = json.loads(DEMO.read_text(encoding="utf-8"))["api"]
    return demo["client_id"], demo["secret"]


@functools.cache
def issuer() -> Claims:
    """Return the issuer's metadata; it has to name itself (RFC 8414 §3.3)."""
    found = httpx2.get(f"{ISSUER}/.well-known/openid-configuration").raise_for_status().json()
    if found["issuer"] != ISSUER:
        raise ValueError("The metadata belongs to another issuer.")
    return dict(found)


def ask(where: str, **form: Any) -> Claims:
    """Ask an address of the issuer's metadata."""
    try:
        answer = httpx2.request("POST" if form else "GET", issuer()[where], **form)
        return dict(answer.raise_for_status().json())
    except (httpx2.HTTPError, ValueError, KeyError) as fault:
        raise Unavailable from fault


class Keys:
    """The issuer's public keys: asked for now and then, and in use for as long as it is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: KeySet | None = None
        self._asked_at = 0.0

    def no_older_than(self, seconds: float) -> KeySet:
        """Return them, asked for within so many seconds."""
        with self._lock:
            if self._known is None or time.monotonic() - self._asked_at > seconds:
                self._asked_at = time.monotonic()
                try:
                    self._known = KeySet.import_key_set(ask("jwks_uri"))  # type: ignore[arg-type]
                except (Unavailable, JoseError) as fault:
                    if self._known is None:
                        raise Unavailable from fault
            return self._known


KEYS = Keys()


def signing_key(token: Any) -> Key:
    """Return the key a token's header names.

    One that is not known is looked for, but so rarely that nobody can make us press the issuer.
    """
    kid = token.headers().get("kid")
    try:
        return KEYS.no_older_than(KEEP).get_by_kid(kid)
    except InvalidKeyIdError:
        return KEYS.no_older_than(PAUSE).get_by_kid(kid)


# --- The service ---------------------------------------------------------------------------------

CHECKS: dict[str, Callable[[str], Claims]] = {
    "/locally": locally,
    "/by-introspection": by_introspection,
}
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def answer(path: str, authorization: str | None) -> Claims:
    """Return what the caller may see, or raise."""
    if authorization is None or not authorization.lower().startswith("bearer"):
        raise Refused(401, "")  # nothing was tried, so nothing is said but what is wanted
    carried = BEARER.fullmatch(authorization)
    if carried is None:
        raise Refused(400, "invalid_request")
    claims = CHECKS[path](carried[1])
    if SCOPE not in claims.get("scope", "").split():
        raise Refused(403, "insufficient_scope")
    shown = {name: claims.get(name) for name in ("sub", "client_id", "scope", "exp")}
    return {"checked": path[1:], **shown}


class Call(BaseHTTPRequestHandler):
    """One call of the API."""

    def do_GET(self) -> None:
        """Answer it."""
        path = self.path.partition("?")[0]
        try:
            if path in CHECKS:
                self.reply(200, answer(path, self.headers.get("Authorization")))
            else:
                self.reply(200 if path == "/" else 404, {"try": list(CHECKS), "scope": SCOPE})
        except Refused as refusal:
            parts = {"realm": "example", "error": refusal.error, "scope": SCOPE}
            challenge = ", ".join(f'{name}="{text}"' for name, text in parts.items() if text)
            document = {"error": refusal.error or "no_token"}
            self.reply(refusal.status, document, f"Bearer {challenge}")
        except Unavailable:
            self.reply(503, {"error": "temporarily_unavailable"})

    def reply(self, status: int, document: Claims, challenge: str = "") -> None:
        """Send it."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.end_headers()
        self.wfile.write(json.dumps(document, indent=2).encode())


if __name__ == "__main__":
    print(f"The example API: http://127.0.0.1:{PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Call).serve_forever()
