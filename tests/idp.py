"""Somebody else's OpenID provider, on loopback: right by default, wrong in what a test says.

It redeems a code only as RFC 6749 and RFC 7636 want it: once, with our secret, for the address and
the challenge that the browser came with.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, unquote_plus, urlencode, urlsplit

from django.test import RequestFactory

from accounts.models import User
from accounts.upstream import discovery, identities
from accounts.upstream.account import Account
from config import environment, policy
from config.upstream import Provider, Upstream
from tests import jose
from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tokens import id_tokens

KEY = jose.private_key("RS256")
SECRET = "their+secret/of~ours="


def _opened() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass(slots=True, kw_only=True)
class Idp:
    """A provider. `claims` go over what its ID tokens say; None takes a claim away.

    `tokens` go over what its token endpoint answers, `metadata` and `userinfo` likewise.

    `answers` holds whole answers by path, instead of the right ones: (status, body). While `gate`
    is closed, nobody is answered.
    """

    name: str
    origin: str = ""
    sub: str = field(default_factory=lambda: secrets.token_hex(8))
    email: str = ""
    is_verified: bool = True
    client_id: str = "our client"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    alg: str = "RS256"
    key: Any = field(default_factory=lambda: KEY)
    gate: threading.Event = field(default_factory=_opened)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def provider(self) -> Provider:
        """How the operator describes it."""
        return Provider(
            id=self.name,
            **{
                "name": self.name.capitalize(),
                "issuer": self.origin,
                "client_id": self.client_id,
                **self.settings,
            },
        )

    def arrive(self, url: str, **changes: str) -> str:
        """Sign in here and agree; return the address that the browser is sent back to."""
        assert url.startswith((f"{self.origin}/authorize?", f"{self.origin}/login/oauth/")), url
        asked = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        assert (asked["response_type"], asked["client_id"]) == ("code", self.client_id)
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.origin, **changes}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def id_token(self, nonce: str, access_token: str) -> str:
        """Return what it says of the person."""
        moment = int(time.time())
        said = {
            "iss": self.origin,
            "sub": self.sub,
            "aud": self.client_id,
            "exp": moment + 300,
            "iat": moment,
            "nonce": nonce,
            "name": "Ada of Elsewhere",
            "at_hash": id_tokens.half_hash(access_token, "RS256"),
            **({"email": self.email, "email_verified": self.is_verified} if self.email else {}),
            **self.claims,
        }
        whole = {name: value for name, value in said.items() if value is not None}
        if self.alg == "none":
            return f"{jose.segment({'alg': 'none'})}.{jose.segment(whole)}."
        if isinstance(self.key, bytes):  # which no library of ours would sign with
            text = f"{jose.segment({'alg': self.alg, 'kid': 'theirs'})}.{jose.segment(whole)}"
            mark = hmac.digest(self.key, text.encode(), "sha256")
            return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"
        return jose.signed(whole, self.key, self.alg, **{"kid": "theirs", **self.header})

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        """Answer one request."""
        self.asked.append(path)
        self.gate.wait(30)
        if path in self.answers:
            return self.answers[path]
        if path.startswith("/authorize?"):  # as if the person had signed in here long ago
            return 303, self.arrive(f"{self.origin}{path}").encode()
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return 200, json.dumps(self._metadata()).encode()
            case "GET", "/jwks":
                return 200, json.dumps(jose.jwks_of({"theirs": KEY})).encode()
            case "POST", "/token" | "/login/oauth/access_token":
                return self._token(headers, dict(parse_qsl(body.decode())))
            case "GET", "/userinfo":
                assert headers["Authorization"].startswith("Bearer at-")
                return 200, json.dumps({"sub": self.sub, **self.userinfo}).encode()
            case _:
                return 404, b"{}"

    def _metadata(self) -> dict[str, Any]:
        said = {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/jwks",
            "userinfo_endpoint": f"{self.origin}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return {name: value for name, value in said.items() if value is not None}

    def _token(self, headers: Any, form: dict[str, str]) -> tuple[int, bytes]:
        asked = self.codes.pop(form["code"], None)
        pair = headers.get("Authorization", "").removeprefix("Basic ")
        user, _, secret = base64.b64decode(pair).decode().partition(":")
        if not pair:
            user, secret = quote_plus(form["client_id"]), quote_plus(form["client_secret"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = (
            asked is not None
            and (unquote_plus(user), unquote_plus(secret)) == (self.client_id, SECRET)
            and form["redirect_uri"] == asked["redirect_uri"]
            and (challenge, "S256") == (asked["code_challenge"], asked["code_challenge_method"])
        )
        if asked is None or not is_right:
            return 400, b'{"error": "invalid_grant"}'
        token = f"at-{secrets.token_hex(8)}"
        said = {
            "access_token": token,
            "token_type": "Bearer",
            "id_token": self.id_token(asked["nonce"], token),
            **self.tokens,
        }
        return 200, json.dumps({name: value for name, value in said.items() if value}).encode()


@contextmanager
def running(*idps: Idp) -> Iterator[None]:
    """Run providers, and have this server offer them."""
    discovery.forget()
    with ExitStack() as stack:
        for idp in idps:
            idp.origin = f"http://{stack.enter_context(serving(idp))}"
        hosts = environment.current().allowed_private_hosts | {
            idp.origin.removeprefix("http://") for idp in idps
        }
        stack.enter_context(
            environment.replaced(
                allowed_private_hosts=hosts,
                upstream_secrets=tuple((idp.name, SECRET) for idp in idps),
            )
        )
        stack.enter_context(offered(*idps))
        yield


@contextmanager
def offered(*idps: Idp) -> Iterator[None]:
    """Have this server offer these providers as they are described now."""
    providers = tuple(idp.provider for idp in idps)
    with policy.replaced(upstream=Upstream(providers=providers)):
        yield


@contextmanager
def serving(idp: Idp) -> Iterator[str]:
    """Run one; yield its host and port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply()

        def do_POST(self) -> None:
            self.reply()

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = idp.answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status in {302, 303}:
                self.send_header("Location", answer.decode())
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            try:
                self.wfile.write(answer)
            except OSError:  # whoever asked has read enough
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_of(person: Person, path: str = "/account/login/") -> Response:
    """Open a page of ours."""
    return person.browser.open(f"{environment.current().issuer}{path}")


def leave(person: Person, idp: Idp, page: Response | None = None) -> str:
    """Press the provider's button on the sign-in page; return the address at the provider."""
    shown = Page(page or page_of(person))
    action = f"/account/upstream/{idp.name}/start/"
    form = next(one for one in shown.forms if urlsplit(one.action).path.endswith(action))
    return onward(person.browser.submit(form), idp)


def onward(page: Response, idp: Idp) -> str:
    """Return where the page that leads on leads to."""
    assert page.status_code == 200, page.text
    return Page(page).links[f"Go on to {idp.provider.name}"]


def sign_in(person: Person, idp: Idp, page: Response | None = None) -> Response:
    """Go to the provider, sign in there, and come back."""
    return person.browser.open(idp.arrive(leave(person, idp, page)))


def query_of(url: str) -> dict[str, list[str]]:
    """Return the parameters of an address."""
    return parse_qs(urlsplit(url).query)


def connected(user: User, account: Account) -> None:
    """Connect an account elsewhere without any page."""
    assert identities.connect(user, account, RequestFactory().get("/"))
