"""A relying party: a client that knows its issuer's address and finds everything else by itself.

Every answer is handed back raw, so that a test judges status and body. A parameter given as None
is left out, a list is sent several times.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from tests import doors
from tests.browser import Page
from tests.credentials import Credentials
from tests.doors import Door, Response, Value
from tests.person import Person

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid profile email"
_PARTS = {"code": "code", "id_token": "id_token", "token": "access_token"}
"""The words of a response type, and the parameters that answer them."""


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authorization request as it was made, with what only the client knows."""

    parameters: dict[str, Value]
    verifier: str | None

    def value(self, name: str) -> str | None:
        """Return a parameter that was sent once."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came back to the client's redirect URI, or the page the person was left with."""

    asked: Asked
    response: Response
    uri: str = ""
    mode: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters that came; each may come once."""
        assert len(dict(self.pairs)) == len(self.pairs), self.pairs
        return dict(self.pairs)

    @property
    def code(self) -> str:
        """The authorization code; there must be one."""
        assert "code" in self.parameters, self.parameters or self.response.text
        return self.parameters["code"]

    @property
    def error(self) -> str | None:
        """The error, if it is one."""
        return self.parameters.get("error")

    @property
    def outcome(self) -> str:
        """What became of it: the response type answered, the error sent, or `shown` or `page`.

        Whatever was sent went where it was asked to go, with the state it was asked with.
        """
        if self.mode:
            asked = self.asked.value("redirect_uri")
            assert asked is None or self.uri == asked.partition("?")[0], self.response.location
            assert self.parameters.get("state") == (self.asked.value("state") or None)
            given = [part for part, name in _PARTS.items() if name in self.parameters]
            assert bool(given) is not ("error" in self.parameters)
            return self.parameters.get("error", " ".join(given))
        if self.response.status_code < 400:
            return "page"
        leaves = [form.action for form in Page(self.response).forms]
        assert not self.response.location, "an error that is shown goes nowhere"
        assert leaves == []
        assert "http-equiv" not in self.response.text
        assert not self.response.headers["Refresh"]
        return "shown"


@dataclass(slots=True, kw_only=True)
class RelyingParty:
    """A registered client. `person` is the one who uses it unless a call names another."""

    door: Door
    issuer: str
    credentials: Credentials
    redirect_uri: str = ""
    person: Person | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.metadata = self.metadata or self.door.get(self.issuer + WELL_KNOWN).json()

    @property
    def client_id(self) -> str:
        """The client's identifier."""
        return self.credentials.client_id

    def address(self, name: str) -> str:
        """Return where an endpoint is: `token`, `authorization`, `userinfo` and so on."""
        return str(self.metadata[f"{name}_endpoint"])

    # The front channel

    def asking(self, **changes: Value) -> Asked:
        """Return a complete authorization request, changed."""
        verifier = secrets.token_urlsafe(32)
        usual: dict[str, Value] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": secrets.token_urlsafe(12),
            "nonce": secrets.token_urlsafe(12),
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        whole: dict[str, Value] = {
            name: value for name, value in (usual | changes).items() if value is not None
        }
        return Asked(parameters=whole, verifier=verifier if "code_challenge" in whole else None)

    def url(self, asked: Asked) -> str:
        """Return where the client sends its user."""
        return f"{self.address('authorization')}?{doors.encoded(asked.parameters)}"

    def ask(self, person: Person | None = None, method: str = "GET", **changes: Any) -> Arrival:
        """Send a person's browser to the server, and nothing more."""
        asked, browser = self.asking(**changes), self._user(person).browser
        if method == "GET":
            return self.arrival(asked, browser.send("GET", self.url(asked)))
        sent = browser.send(method, self.address("authorization"), asked.parameters)
        if sent.location.startswith(self.address("authorization")):
            # A POST from another site comes without cookies, and is asked for again by GET.
            sent = browser.send("GET", sent.location)
        return self.arrival(asked, sent)

    def authorize(
        self, person: Person | None = None, decision: str = "allow", **changes: Any
    ) -> Arrival:
        """Send a person to the server, where they do what the pages ask; return what comes back."""
        asked = self.asking(**changes)
        return self.arrival(asked, self._user(person).visit(self.url(asked), decision))

    def arrival(self, asked: Asked, response: Response) -> Arrival:
        """Read an answer as the client's redirect URI receives it."""
        here = Arrival(asked=asked, response=response)
        if response.location:
            if response.location.startswith(f"{self.issuer}/"):
                return here
            uri, has_fragment, fragment = response.location.partition("#")
            uri, _, query = uri.partition("?")
            return Arrival(
                asked=asked,
                response=response,
                uri=uri,
                mode="fragment" if has_fragment else "query",
                pairs=tuple(parse_qsl(fragment or query, keep_blank_values=True)),
            )
        if response.status_code != 200:
            return here
        form = next((f for f in Page(response).forms if self._is_foreign(f.action)), None)
        if form is None:
            return here
        pairs = tuple(form.fields.items())
        return Arrival(
            asked=asked, response=response, uri=form.action, mode="form_post", pairs=pairs
        )

    def end_session(self, person: Person | None = None, **parameters: Any) -> Response:
        """Send a person's browser to the server to be signed out (RP-Initiated Logout §2)."""
        browser = self._user(person).browser
        return browser.follow(browser.send("GET", self._with("end_session", parameters)))

    # The back channel

    def redeem(self, code: Arrival | str, /, **changes: Value) -> Response:
        """Exchange a code (RFC 6749 §4.1.3), by default as it was asked for."""
        usual: dict[str, Value] = {"grant_type": "authorization_code"}
        if isinstance(code, Arrival):
            usual |= {
                "code": code.code,
                "redirect_uri": code.asked.value("redirect_uri"),
                "code_verifier": code.asked.verifier,
            }
        else:
            usual |= {"code": code, "redirect_uri": self.redirect_uri}
        return self.post("token", usual | changes)

    def tokens(self, person: Person | None = None, **changes: Any) -> dict[str, Any]:
        """Authorize and redeem; it must succeed."""
        answer = self.redeem(self.authorize(person, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refresh(self, token: str, /, **changes: Value) -> Response:
        """Exchange a refresh token (RFC 6749 §6)."""
        usual: dict[str, Value] = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("token", usual | changes)

    def client_credentials(self, **changes: Value) -> Response:
        """Ask for the client's own token (RFC 6749 §4.4.2)."""
        usual: dict[str, Value] = {"grant_type": "client_credentials"}
        return self.post("token", usual | changes)

    def introspect(self, token: str, /, **changes: Value) -> Response:
        """Ask whether a token is good (RFC 7662 §2.1)."""
        return self.post("introspection", {"token": token, **changes})

    def revoke(self, token: str, /, **changes: Value) -> Response:
        """Say that a token is no longer needed (RFC 7009 §2.1)."""
        return self.post("revocation", {"token": token, **changes})

    def userinfo(self, token: str) -> Response:
        """Ask who the person is (OIDC Core §5.3)."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.door.get(self.address("userinfo"), headers=headers)

    def post(
        self,
        endpoint: str,
        form: Mapping[str, Value],
        proof: Credentials | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Post a form to an endpoint, proving the client; `form` goes before the proof."""
        proven, named = (proof or self.credentials).proof(self.issuer)
        whole = {**named, **form}
        return self.door.post(self.address(endpoint), whole, headers={**proven, **(headers or {})})

    def claims(self, token: str, audience: str | None = None) -> dict[str, Any]:
        """Verify a signed token by the server's published keys, and return what it says."""
        keys = jwt.PyJWKSet.from_dict(self.door.get(self.metadata["jwks_uri"]).json())
        header = jwt.get_unverified_header(token)
        return dict(
            jwt.decode(
                token,
                keys[header["kid"]],
                algorithms=[header["alg"]],
                audience=audience or self.client_id,
                issuer=self.issuer,
            )
        )

    def is_dead(self, token: str) -> bool:
        """Tell whether introspection says so; the client must be allowed to ask."""
        answer = self.introspect(token)
        assert answer.status_code == 200, answer.text
        return bool(answer.json() == {"active": False})

    def _with(self, endpoint: str, parameters: Mapping[str, Value]) -> str:
        query = doors.encoded(parameters)
        return self.address(endpoint) + (f"?{query}" if query else "")

    def _is_foreign(self, action: str) -> bool:
        ours = urlsplit(self.issuer)
        return not action.startswith(f"{ours.scheme}://{ours.netloc}/")

    def _user(self, person: Person | None) -> Person:
        someone = person or self.person
        assert someone, "nobody uses this client"
        return someone
