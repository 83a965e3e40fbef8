"""Checks access tokens for a service, whatever it is written with: the one file to copy.

    issuer = Issuer("https://id.example.com")
    verifier = Verifier(issuer, "https://orders.example.com", Signatures(issuer))

    claims = verifier.check(request.headers.get("Authorization"), scope="orders:read")

It waits for the network now and then, so call it from a thread. What it raises knows its answer: a
status, headers and a document. It needs joserfc and httpx2.
"""

import hashlib
import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jwt import BaseClaimsRegistry, ClaimsOption, JWTClaimsRegistry

ALGORITHMS = ("ES256", "RS256")  # ours to say, never the token's
LEEWAY = 30  # seconds by which two clocks may differ
TIMEOUT = 2.0  # seconds we wait for the issuer to go on
YOUNGEST, OLDEST = 60.0, 3600.0  # seconds we keep keys, between which the issuer decides
PAUSE = 10.0  # seconds between two looks for a key that is not known
RETRY = 1.0  # seconds until an issuer that did not answer is asked for its keys again
ENDURANCE = 86400.0  # seconds the last keys serve while it does not
LONGEST = 8192  # characters of a token

Claims = dict[str, Any]
Way = Callable[[str], Claims | None]  # how a token is found good; raises Unavailable
log = logging.getLogger(__name__)


# --- What the caller is told ---------------------------------------------------------------------


class Denied(Exception):
    """A call that goes no further, and the answer to give."""

    def __init__(self, status: int, headers: dict[str, str], document: Claims) -> None:
        super().__init__(document["error"])
        self.status, self.headers, self.document = status, headers, document


class Unavailable(Denied):
    """The issuer cannot be asked, so it is not known who may come in: 503, never 401."""

    def __init__(self) -> None:
        super().__init__(503, {"Retry-After": "5"}, {"error": "temporarily_unavailable"})


class Verifier:
    """Who may call one service: its audience, and how tokens for it are checked."""

    def __init__(self, issuer: "Issuer", audience: str, way: Way) -> None:
        self.issuer, self.audience, self._way = issuer, audience, way
        self._expected = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"value": issuer.url},
            aud={"essential": True, "value": audience},
        )

    def check(self, authorization: str | None, *, scope: str, max_age: int | None = None) -> Claims:
        """Return the claims of the token in this header, if it suffices; raises Denied."""
        claims = self.authenticate(authorization, scope=scope)
        self.authorize(claims, scope=scope, max_age=max_age)
        return claims

    def authenticate(self, authorization: str | None, *, scope: str = "") -> Claims:
        """Return the claims of the token in this header, if it is good; raises Denied."""
        scheme = (authorization or "").partition(" ")[0]
        if scheme.lower() != "bearer":
            raise self._refused(401, "", scope=scope)  # nothing was tried: say what is wanted
        carried = _BEARER.fullmatch(authorization or "")
        if carried is None:
            raise self._refused(400, "invalid_request", scope=scope)
        claims = self._way(carried[1]) if len(carried[1]) <= LONGEST else None
        if claims is None or not self._is_for_us(claims):
            raise self._refused(401, "invalid_token", scope=scope)
        return claims

    def authorize(self, claims: Claims, *, scope: str, max_age: int | None = None) -> None:
        """Refuse a token without the scope, or (RFC 9470) of somebody who signed in long ago."""
        if scope not in str(claims.get("scope", "")).split():
            raise self._refused(403, "insufficient_scope", scope=scope)
        signed_in_at = claims.get("auth_time")
        age = time.time() - signed_in_at if isinstance(signed_in_at, int) else math.inf  # a program
        if max_age is not None and age > max_age + LEEWAY:
            error = "insufficient_user_authentication"
            raise self._refused(401, error, scope=scope, max_age=str(max_age))

    def _is_for_us(self, claims: Claims) -> bool:
        """Judge issuer, audience and times; and whether the bearer has to prove more than that."""
        try:
            self._expected.validate(claims)
        except JoseError:
            return False
        # A token bound to a key (RFC 7800) is worth nothing without the proof, and we ask for none.
        return "cnf" not in claims

    def _refused(self, status: int, error: str, **more: str) -> Denied:
        """Return the answer of RFC 6750 §3 to a token that is missing, bad or not enough."""
        parts = {"error": error, **more, "resource_metadata": self.metadata_url}
        challenge = ", ".join(f'{name}="{text}"' for name, text in parts.items() if text)
        headers = {"WWW-Authenticate": f"Bearer {challenge}".rstrip()}
        return Denied(status, headers, {"error": error or "no_token"})

    @property
    def metadata_url(self) -> str:
        """Where a client reads what it needs for a token of ours (RFC 9728 §3)."""
        parts = urlsplit(self.audience)
        if parts.scheme not in {"http", "https"}:
            return ""
        path = parts.path if parts.path != "/" else ""
        return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-protected-resource{path}"

    def metadata(self, *scopes: str) -> Claims:
        """Return what stands there (RFC 9728 §2)."""
        return {
            "resource": self.audience,
            "authorization_servers": [self.issuer.url],
            "scopes_supported": list(scopes),
            "bearer_methods_supported": ["header"],
        }


_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)


# --- Two ways to find a token good ---------------------------------------------------------------


class Signatures:
    """By its signature (RFC 9068 §4): fast, and blind to what was revoked since it was signed."""

    def __init__(self, issuer: "Issuer", algorithms: tuple[str, ...] = ALGORITHMS) -> None:
        self._keys, self._algorithms = Keys(issuer), algorithms
        names = ("iss", "aud", "exp", "iat", "sub", "jti", "client_id")
        there: dict[str, ClaimsOption] = {name: {"essential": True} for name in names}
        self._required = BaseClaimsRegistry(**there)

    def __call__(self, text: str) -> Claims | None:
        """Return the claims of an access token the issuer signed, or None."""
        try:
            token = jwt.decode(text, self._key, algorithms=self._algorithms)
            self._required.validate(token.claims)
        except (JoseError, ValueError):
            return None
        return token.claims

    def _key(self, token: Any) -> Key:
        header = token.headers()
        typ, kid, alg = (str(header.get(name, "")) for name in ("typ", "kid", "alg"))
        # An ID token is signed with the same keys; only its type says that it opens nothing.
        if typ.lower().removeprefix("application/") != "at+jwt" or alg not in self._algorithms:
            raise ValueError("This is no access token.")
        key = self._keys.find(kid)
        if key is None:
            raise ValueError("The issuer has no such key.")
        return key  # good for its own algorithm only: joserfc sees to that


class Introspection:
    """By asking the issuer (RFC 7662): sees what was revoked, at the price of a question.

    A yes is remembered for `remember` seconds, so much later at most a revocation is noticed.
    A no never is: it would only have to be believed longer.
    """

    def __init__(
        self,
        issuer: "Issuer",
        client_id: str,
        secret: str,
        *,
        remember: float = 3,
        room: int = 1000,
    ) -> None:
        # Basic carries both form-encoded (RFC 6749 §2.3.1).
        self._auth = quote(client_id, safe=""), quote(secret, safe="")
        self._issuer, self._remember, self._room = issuer, remember, room
        self._lock = threading.Lock()
        self._yes: dict[bytes, tuple[float, Claims]] = {}  # oldest first; the tokens only as hashes

    def __call__(self, text: str) -> Claims | None:
        """Return what the issuer says about an access token that counts, or None."""
        name, now = hashlib.sha256(text.encode()).digest(), time.monotonic()
        with self._lock:
            until, claims = self._yes.get(name, (0.0, {}))
        if now < until:
            return claims
        said, _ = self._issuer.ask("introspection_endpoint", data={"token": text}, auth=self._auth)
        if said.get("active") is not True or said.get("token_type") != "Bearer":
            return None
        with self._lock:
            self._yes.pop(name, None)
            if len(self._yes) >= self._room:
                del self._yes[next(iter(self._yes))]
            self._yes[name] = now + self._remember, said
        return said


# --- What the issuer says ------------------------------------------------------------------------


class Issuer:
    """The authorization server, asked over connections that stay open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
            raise ValueError("Over plain http anybody could answer for the issuer: use https.")
        self.url = url
        self._http = httpx2.Client(timeout=TIMEOUT)  # which follows no redirect
        self._metadata: Claims = {}

    def ask(self, where: str, **form: Any) -> tuple[Claims, float]:
        """Ask an address of its metadata; return the answer, and how many seconds it is good for.

        It raises Unavailable when no answer came, or not what was asked for.
        """
        try:
            address = self._found()[where]
            answer = self._http.request("POST" if form else "GET", address, **form)
            document = {**answer.raise_for_status().json()}
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError, KeyError) as fault:
            log.warning("The issuer cannot be asked (%s): %s", where, fault)
            raise Unavailable from fault
        max_age = re.search(r"max-age=(\d{1,9})", answer.headers.get("Cache-Control", ""))
        return document, float(max_age[1]) if max_age else 0.0

    def _found(self) -> Claims:
        """Return its metadata, which has to name it (RFC 8414 §3.3); asked for once."""
        if not self._metadata:
            answer = self._http.get(f"{self.url}/.well-known/openid-configuration")
            found = {**answer.raise_for_status().json()}
            if found["issuer"] != self.url:
                raise ValueError("The metadata belongs to another issuer.")
            self._metadata = found
        return self._metadata


class Keys:
    """The issuer's public keys: fetched now and then, and in use for as long as it is away."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer, self._lock = issuer, threading.Lock()
        self._known: dict[str, Key] = {}
        self._is_away = False
        self._fresh_until = self._look_after = self._dead_at = 0.0

    def find(self, kid: str) -> Key | None:
        """Return the key of this name, or None; raises Unavailable when that cannot be known."""
        is_known = kid in self._known
        # With a key in hand nobody waits: one thread asks for newer ones, the others go on.
        is_fresh = time.monotonic() < self._fresh_until
        if not (is_known and is_fresh) and self._lock.acquire(blocking=not is_known):
            try:
                self._look(kid)
            finally:
                self._lock.release()
        found = self._known.get(kid)
        if found is None and self._is_away:
            raise Unavailable
        return found

    def _look(self, kid: str) -> None:
        """Fetch them when they are old; or for a new name, so rarely that no flood gets through."""
        now = time.monotonic()
        if now < self._fresh_until:
            if kid in self._known or self._is_away or now < self._look_after:
                return
            self._look_after = now + PAUSE
        try:
            said, max_age = self._issuer.ask("jwks_uri")
            known = dict(_understood(said["keys"]))
        except (Unavailable, KeyError, TypeError):
            self._is_away, self._fresh_until = True, time.monotonic() + RETRY
            self._known = self._known if now < self._dead_at else {}
        else:
            self._is_away, self._known = False, known
            self._fresh_until = now + min(max(max_age, YOUNGEST), OLDEST)
            self._dead_at = now + ENDURANCE


def _understood(keys: list[Any]) -> Iterator[tuple[str, Key]]:
    """Give the keys by name; one that is of no kind we know costs only itself."""
    for key in keys:
        with suppress(JoseError, ValueError, KeyError, TypeError):
            if key["kty"] in {"EC", "RSA", "OKP"} and key.get("use", "sig") == "sig":
                yield str(key["kid"]), KeySet.import_key_set({"keys": [key]}).keys[0]
