"""Who is measured: where each server's endpoints are, who speaks to it, and that it works."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import registrations, wire
from bench.wire import Answer, Script

VERIFIER = "bench-verifier-of-more-than-forty-three-characters"
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where a server's endpoints are."""

    token: str
    authorize: str
    introspect: str
    userinfo: str
    jwks: str
    discovery: str
    login: str
    login_name: str


OURS = Paths(
    token="/oauth2/token",
    authorize="/oauth2/authorize",
    introspect="/oauth2/introspect",
    userinfo="/oauth2/userinfo",
    jwks="/oauth2/jwks",
    discovery="/.well-known/openid-configuration",
    login="/account/login/",
    login_name="login",
)
DOT = Paths(
    token="/o/token/",
    authorize="/o/authorize/",
    introspect="/o/introspect/",
    userinfo="/o/userinfo/",
    jwks="/o/.well-known/jwks.json",
    discovery="/o/.well-known/openid-configuration",
    login="/admin/login/",
    login_name="username",
)


class BrokenError(Exception):
    """A server does not do what is about to be measured."""


@dataclass(slots=True)
class Family:
    """A refresh token as it stands, and the access token that came with it."""

    refresh_token: str
    access_token: str


@dataclass(slots=True, kw_only=True)
class Contestant:
    """One column: a running server and the clients that speak to it."""

    name: str
    port: int
    pid: int
    paths: Paths
    machine: str = ""
    web: str = ""
    api: str = ""
    scope: str = "openid read"
    cookie: str = ""
    families: list[Family] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def basic(self, client_id: str) -> dict[str, str]:
        """Return the header by which a client authenticates."""
        pair = base64.b64encode(f"{client_id}:{registrations.SECRET}".encode())
        return {"Authorization": f"Basic {pair.decode()}"}

    def page(self) -> dict[str, str]:
        """Return the headers of a person's browser."""
        return {"Host": f"{wire.HOST}:{self.port}", "Cookie": self.cookie}

    # What is asked

    def client_credentials(self) -> bytes:
        """Ask for a client's own token."""
        asked = {"grant_type": "client_credentials", "scope": "read"}
        return wire.form(self.paths.token, asked, self.basic(self.machine))

    def introspection(self, token: str) -> bytes:
        """Ask whether a token counts."""
        return wire.form(self.paths.introspect, {"token": token}, self.basic(self.api))

    def userinfo(self, token: str) -> bytes:
        """Ask who somebody is."""
        return wire.request("GET", self.paths.userinfo, {"Authorization": f"Bearer {token}"})

    def document(self, path: str) -> bytes:
        """Ask for a public document."""
        return wire.request("GET", path)

    def authorization(self) -> bytes:
        """Ask for a code, as the person's browser."""
        asked = {
            "response_type": "code",
            "client_id": self.web,
            "redirect_uri": registrations.REDIRECT,
            "scope": self.scope,
            "state": "state",
            "nonce": "nonce",
            "code_challenge": _CHALLENGE.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return wire.request("GET", f"{self.paths.authorize}?{urlencode(asked)}", self.page())

    def redemption(self, code: str) -> bytes:
        """Redeem a code."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": registrations.REDIRECT,
            "code_verifier": VERIFIER,
        }
        return wire.form(self.paths.token, asked, self.basic(self.web))

    def refreshing(self, token: str) -> bytes:
        """Refresh a token."""
        asked = {"grant_type": "refresh_token", "refresh_token": token}
        return wire.form(self.paths.token, asked, self.basic(self.web))

    # Scripts

    def collecting(self) -> Script:
        """Gather codes, one after the other."""
        while True:
            answer = yield self.authorization()
            self.codes.append(code_of(answer))

    def redeeming(self) -> Script:
        """Redeem the codes there are."""
        while self.codes:
            yield self.redemption(self.codes.pop())

    def turning(self, family: Family) -> Script:
        """Refresh one family again and again."""
        while True:
            answer = yield self.refreshing(family.refresh_token)
            if answer.status == 200:
                family.refresh_token = json.loads(answer.body)["refresh_token"]

    # Before the load

    def make_ready(self, families: int) -> None:
        """Sign in once, get families of tokens, and see that everything works."""
        self.cookie = self.cookie or signed_in(self)
        for _ in range(families):
            token = self.json(self.redemption(code_of(self.ask(self.authorization()))))
            self.families.append(Family(token["refresh_token"], token["access_token"]))
        self._check()

    def ask(self, request: bytes) -> Answer:
        """Send one request."""
        return wire.ask(self.port, request)

    def json(self, request: bytes) -> dict[str, str]:
        """Send one request that must succeed."""
        answer = self.ask(request)
        if answer.status != 200:
            raise BrokenError(f"{self.name}: {answer.head!r} {answer.body!r} for {request!r}")
        document: dict[str, str] = json.loads(answer.body)
        return document

    def _check(self) -> None:
        """See that codes work once, that refresh tokens rotate, and that secrets are looked at."""
        code = code_of(self.ask(self.authorization()))
        token = self.json(self.redemption(code))
        turned = self.json(self.refreshing(token["refresh_token"]))
        wrong = self.client_credentials().replace(b"Basic ", b"Basic YTpi")
        checks = {
            "an ID token comes along": "id_token" in token,
            "a code works once": self.ask(self.redemption(code)).status == 400,
            "refresh tokens rotate": turned["refresh_token"] != token["refresh_token"],
            "a wrong secret is refused": self.ask(wrong).status == 401,
            "introspection knows a token": bool(
                self.json(self.introspection(self.families[0].access_token))["active"]
            ),
            "introspection knows no other": not self.json(self.introspection("x" * 40))["active"],
            "userinfo knows its person": bool(
                self.json(self.userinfo(self.families[0].access_token))["sub"]
            ),
        }
        if failed := [name for name, holds in checks.items() if not holds]:
            raise BrokenError(f"{self.name}: not so: {', '.join(failed)}")


def code_of(answer: Answer) -> str:
    """Return the code of an authorization response."""
    query = parse_qs(urlsplit(answer.header("Location")).query)
    if "code" not in query:
        raise BrokenError(f"no code came: {answer.head!r}")
    return query["code"][0]


def signed_in(who: Contestant) -> str:
    """Sign the person in and return their cookies."""
    jar: dict[str, str] = {}
    page = who.ask(wire.request("GET", who.paths.login, who.page()))
    _keep(jar, page)
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    if found is None:
        raise BrokenError(f"{who.name}: no form to sign in: {page.head!r}")
    fields = {
        "csrfmiddlewaretoken": html.unescape(found[1].decode()),
        who.paths.login_name: registrations.EMAIL,
        "password": registrations.PASSWORD,
        "next": "/",
    }
    who.cookie = _line(jar)
    answer = who.ask(wire.form(who.paths.login, fields, who.page()))
    if answer.status not in {302, 303}:
        raise BrokenError(f"{who.name}: the sign-in failed: {answer.head!r}")
    _keep(jar, answer)
    return _line(jar)


def _keep(jar: dict[str, str], answer: Answer) -> None:
    for line in re.findall(rb"(?im)^set-cookie: *([^;\r]*)", answer.head):
        name, _, value = line.decode().partition("=")
        jar[name] = value


def _line(jar: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items())
