"""A relying party in one file: it signs people in by redirect, refreshes, calls an API, signs out.

What a copy has to keep: state, nonce and verifier are new for every sign-in and bound to the
browser by a cookie; `iss` and the ID token are checked; no token ever reaches the browser.
"""

import base64
import functools
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

FOLDER = Path(__file__).parent
ISSUER = os.environ.get("ISSUER", "http://localhost:8000")
API = os.environ.get("API", "http://127.0.0.1:8020")
PORT = int(os.environ.get("PORT", "8010"))
DEMO = Path(os.environ.get("DEMO", FOLDER.parent.parent / "var/demo.json"))
HERE = f"http://127.0.0.1:{PORT}"
SCOPE = "openid profile email demo:read"
Sent = dict[str, str]  # a query or a form
Answer = tuple[int, str]  # 303 and where to go, or another status and the page to show


@dataclass(slots=True, kw_only=True)
class Session:
    """What is known of one browser: kept here, and never sent to it."""

    key: str = field(default_factory=secrets.token_urlsafe)  # the cookie's value
    csrf: str = field(default_factory=secrets.token_urlsafe)
    begun: dict[str, tuple[str, str]] = field(default_factory=dict)  # state: (nonce, verifier)
    tokens: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)  # the claims of the ID token
    profile: dict[str, Any] = field(default_factory=dict)  # what userinfo says
    leaving: str = ""  # the state of a sign-out under way


class Refused(Exception):
    """Something is not as it has to be; the text is for the person."""


# --- The protocol --------------------------------------------------------------------------------


@functools.cache
def credentials() -> tuple[str, str]:
    """Return our client id and secret: from the environment, or else the demo's."""
    if "CLIENT_ID" in os.environ:
        return os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
    demo = json.loads(DEMO.read_text(encoding="utf-8"))["web"]
    return demo["client_id"], demo["secret"]


@functools.cache
def issuer() -> dict[str, Any]:
    """Return what the issuer says about itself; it has to name itself (OIDC Discovery §4.3)."""
    found = httpx2.get(f"{ISSUER}/.well-known/openid-configuration").raise_for_status().json()
    if found["issuer"] != ISSUER:
        raise Refused("The discovery document belongs to another issuer.")
    return dict(found)


def client(tokens: dict[str, Any] | None = None) -> OAuth2Client:
    """Return Authlib's client; it presents the tokens it is given."""
    return OAuth2Client(*credentials(), scope=SCOPE, redirect_uri=f"{HERE}/callback", token=tokens)


def pkce() -> tuple[str, str]:
    """Return a verifier of 32 random bytes and its S256 challenge (RFC 7636 §4.1, §4.2)."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def sign_in(session: Session, _sent: Sent) -> Answer:
    """Send the browser to the issuer with a state, a nonce and a challenge of its own."""
    state, nonce, (verifier, challenge) = secrets.token_urlsafe(), secrets.token_urlsafe(), pkce()
    keep(session.begun, state, (nonce, verifier))
    asked = {"nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
    where = issuer()["authorization_endpoint"]
    return 303, client().create_authorization_url(where, state=state, **asked)[0]


def callback(session: Session, sent: Sent) -> Answer:
    """Take the issuer's answer: the state is ours, `iss` the issuer, the ID token good."""
    nonce, verifier = session.begun.pop(sent.get("state", ""), ("", ""))
    if not verifier and session.identity:
        return 303, "/"  # the back button; nobody is signed in by an answer that was not asked for
    if not verifier:
        raise Refused("No sign-in of this browser waits for this answer.")
    if sent.get("iss") != ISSUER:
        raise Refused("The answer is not from the issuer that was asked (RFC 9207).")
    if "error" in sent:
        raise Refused(f"The issuer did not sign you in: {sent['error']}.")
    with client() as http:
        redeemed = {"code": sent.get("code", ""), "code_verifier": verifier}
        tokens = http.fetch_token(issuer()["token_endpoint"], **redeemed)
        identity = verified(tokens, nonce=nonce)
        profile = http.get(issuer()["userinfo_endpoint"]).raise_for_status().json()
    if profile["sub"] != identity["sub"]:
        raise Refused("The profile is somebody else's (OIDC Core §5.3.2).")
    session.key = secrets.token_urlsafe()  # a key planted in this browser before opens nothing now
    session.tokens, session.identity, session.profile = tokens, identity, profile
    return 303, "/"


def verified(tokens: dict[str, Any], *, nonce: str = "") -> dict[str, Any]:
    """Return the claims of the ID token once it has proved good (OIDC Core §3.1.3.7)."""
    keys = KeySet.import_key_set(httpx2.get(issuer()["jwks_uri"]).raise_for_status().json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    client_id, _ = credentials()
    fixed = {"iss": {"value": ISSUER}, "aud": {"value": client_id}}
    known = {"client_id": client_id, "nonce": nonce, "access_token": tokens["access_token"]}
    claims = CodeIDToken(token.claims, token.header, fixed, known)
    claims.validate(leeway=30)
    return dict(claims)


def refresh(session: Session, _sent: Sent) -> Answer:
    """Exchange the refresh token, which is good once, for new tokens (RFC 6749 §6)."""
    with client(session.tokens) as http:
        tokens = http.refresh_token(issuer()["token_endpoint"])
    identity = verified(tokens) if "id_token" in tokens else session.identity
    if identity["sub"] != session.identity["sub"]:
        raise Refused("The new tokens are somebody else's (OIDC Core §12.2).")
    session.tokens, session.identity = {**session.tokens, **tokens}, identity
    return 303, "/"


def call_api(session: Session, sent: Sent) -> Answer:
    """Call the API with the access token, a fresh one if need be, and show what it says."""
    if not session.identity:
        return 303, "/"
    if session.tokens["expires_at"] < time.time() + 90:
        refresh(session, sent)
    with client(session.tokens) as http:
        said = http.get(f"{API}/{'by-introspection' if 'introspect' in sent else 'locally'}")
    shown = f"<p>Status {said.status_code}</p>{table(said.json())}"
    return page("What the API said", shown + BACK)


def sign_out(session: Session, _sent: Sent) -> Answer:
    """Forget the person, hand the tokens back, sign out at the issuer (RP-Initiated Logout §2)."""
    tokens, session.tokens, session.identity, session.profile = session.tokens, {}, {}, {}
    session.key, session.csrf, session.leaving = (secrets.token_urlsafe() for _ in range(3))
    with client(tokens) as http:
        http.revoke_token(issuer()["revocation_endpoint"])
    asked = {"id_token_hint": tokens["id_token"], "state": session.leaving}
    asked["post_logout_redirect_uri"] = f"{HERE}/"
    return 303, f"{issuer()['end_session_endpoint']}?{urlencode(asked)}"


# --- The pages and the web server ----------------------------------------------------------------


def home(session: Session, sent: Sent) -> Answer:
    """Show who is signed in, or the way in; `state` is there when somebody has just signed out."""
    if session.leaving and session.leaving == sent.get("state") and not session.identity:
        return page("You are signed out", f"<p>Here, and where you signed in.</p>{ENTRY}")
    if not session.identity:
        return page("Welcome", f"<p>Your account is at {escape(ISSUER)}.</p>{ENTRY}")
    granted = {name: session.tokens.get(name) for name in ("scope", "token_type", "expires_at")}
    known = {**session.identity, **session.profile}
    return page(
        f"Hello, {known.get('name') or known.get('email') or known['sub']}",
        '<p><a class="button" href="/api">Call the API</a> '
        '<a class="button" href="/api?introspect=yes">The same, by introspection</a></p>'
        f"<h2>Your profile</h2>{table(session.profile)}"
        f"<h2>Your sign-in: the ID token</h2>{table(session.identity)}"
        f"<h2>What we may do: the access token</h2>{table(granted)}"
        f"{button('/refresh', 'Refresh', session)}{button('/sign-out', 'Sign out', session)}",
    )


def nowhere(_session: Session, _sent: Sent) -> Answer:
    """Answer what no page of ours leads to."""
    return page("Nothing here", f"<p>The page you came from may be an old one.</p>{BACK}", 404)


def page(title: str, body: str, status: int = 200) -> Answer:
    """Return a page; the body is HTML already."""
    return status, PAGE.substitute(title=escape(title), body=body)


def table(claims: dict[str, Any]) -> str:
    """Return claims as a list of terms."""
    texts = ((k, v if isinstance(v, str) else json.dumps(v)) for k, v in claims.items())
    return f"<dl>{''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>' for k, v in texts)}</dl>"


def button(action: str, label: str, session: Session) -> str:
    """Return a form of one button, which only a page of ours can send."""
    hidden = f'<input type="hidden" name="csrf" value="{session.csrf}">'
    return f'<form method="post" action="{action}">{hidden}<button>{label}</button></form>'


PAGE = Template((FOLDER / "page.html").read_text(encoding="utf-8"))
FILES = {"/style.css": "text/css", "/icon.svg": "image/svg+xml"}
ENTRY, BACK = '<a class="button" href="/sign-in">Sign in</a>', '<p><a href="/">Back</a></p>'
COOKIE = "example_web_client"  # behind https: __Host-… and Secure
SESSIONS: dict[str, Session] = {}
ACTIONS: dict[str, Callable[[Session, Sent], Answer]] = {
    "GET /": home,
    "GET /sign-in": sign_in,
    "GET /callback": callback,
    "GET /api": call_api,
    "POST /refresh": refresh,
    "POST /sign-out": sign_out,
}
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The answer to our sign-out form leads to the issuer, and form-action judges that as well.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    f"base-uri 'none'; frame-ancestors 'none'; form-action 'self' {urljoin(ISSUER, '/')}",
}


class Visit(BaseHTTPRequestHandler):
    """One request of a browser."""

    def do_GET(self) -> None:
        """Answer a link or a redirect, or send a file."""
        path, _, query = self.path.partition("?")
        if path in FILES:
            self.reply(200, (FOLDER / path[1:]).read_text(encoding="utf-8"), FILES[path])
        elif self.headers.get("Host") == f"localhost:{PORT}":
            self.reply(303, f"{HERE}/")  # our cookie has to be where the answer will come
        else:
            self.act(f"GET {path}", query)

    def do_POST(self) -> None:
        """Answer a form."""
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), 10_000)) if length.isdecimal() else b""
        self.act(f"POST {self.path}", body.decode("utf-8", "replace"))

    def act(self, name: str, sent: str) -> None:
        """Do what the browser asks, in its session; what goes wrong becomes a page."""
        pairs = (pair.strip().partition("=") for pair in self.headers.get("Cookie", "").split(";"))
        key = {name: value for name, _, value in pairs}.get(COOKIE, "")
        session, form = SESSIONS.get(key) or Session(), dict(parse_qsl(sent))
        mark = form.get("csrf", "").encode()
        is_ours = self.command == "GET" or secrets.compare_digest(session.csrf.encode(), mark)
        try:
            status, text = (ACTIONS.get(name, nowhere) if is_ours else nowhere)(session, form)
        except httpx2.TransportError as fault:
            text = f"<p>{escape(str(fault.request.url))} does not answer.</p>{BACK}"
            status, text = page("Nobody there", text, 502)
        except (Refused, OAuthError, JoseError, httpx2.HTTPError, OSError, ValueError) as fault:
            status, text = page("That did not work", f"<p>{escape(str(fault))}</p>{BACK}", 400)
        if session.key != key:
            SESSIONS.pop(key, None)
        if session.begun or session.identity or session.leaving:
            keep(SESSIONS, session.key, session)
        self.reply(status, text, key=session.key)

    def reply(self, status: int, text: str, kind: str = "text/html", *, key: str = "") -> None:
        """Send a page or a file, or send the browser elsewhere."""
        self.send_response(status)
        for header, value in HEADERS.items():
            self.send_header(header, value)
        if key in SESSIONS:
            self.send_header("Set-Cookie", f"{COOKIE}={key}; Path=/; HttpOnly; SameSite=Lax")
        if status == 303:
            self.send_header("Location", text)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"" if status == 303 else text.encode())

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log without the query, which may hold a code."""
        self.log_message("%s %s %s", self.command, self.path.partition("?")[0], code)


def keep(where: dict[str, Any], key: str, value: object) -> None:
    """Put a value where a thousand fit; the oldest goes."""
    where[key] = value
    if len(where) > 1000:
        del where[next(iter(where))]


if __name__ == "__main__":
    print(f"The example web client: {HERE}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Visit).serve_forever()
