"""RFC 9700 §4.4, §4.7 — a visit to a provider: sent with state, nonce and PKCE, taken back once.

What belongs to a visit rests in a row that its `state` finds; whoever takes it has it alone. It is
bound to the browser by a cookie, to the provider, and to what the visit is for.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final, Protocol
from urllib.parse import quote_plus, urlencode

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from accounts.upstream import discovery, github, openid
from accounts.upstream.account import Account, RefusedError
from config import environment, outgoing
from config.outgoing import OutgoingError
from config.upstream import Preset, Provider, SecretSent
from tokens import encoding, pending

LIFETIME: Final = timedelta(minutes=10)
"""For how long somebody may stay at a provider's pages."""
_KIND: Final = "upstream"
_ARRIVED: Final = "upstream-arrived"
ARRIVAL_LIFETIME: Final = timedelta(minutes=15)
"""For how long somebody who has no account here may take to make, or to sign in to, one."""


class Purpose(Enum):
    """What somebody goes to a provider for."""

    SIGN_IN = "sign in"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit under way. `sid` is the session that a connection is asked for in.

    `again_at` is when the provider was asked to have the person prove themselves anew, or 0.
    """

    provider_id: str
    issuer: str
    browser: str
    purpose: Purpose
    next_url: str
    sid: str
    nonce: str
    verifier: str
    again_at: float


class _Speaks(Protocol):
    """What `openid` and `github` both can."""

    def authorization_endpoint(self, provider: Provider) -> str: ...

    def token_endpoint(self, provider: Provider) -> str: ...

    def check_issuer(self, provider: Provider, iss: str | None) -> None: ...

    def account(
        self, provider: Provider, answer: Mapping[str, Any], *, nonce: str, again_at: float
    ) -> Account: ...


def begin(
    provider: Provider,
    *,
    browser: str,
    purpose: Purpose,
    next_url: str,
    sid: str = "",
    is_again: bool = False,
) -> str:
    """Return the address at the provider that a browser goes to.

    With `is_again` the provider is asked not to rely on a session of its own.

    Raises:
        RefusedError: when the provider cannot be asked where that is.
    """
    endpoint = _protocol(provider).authorization_endpoint(provider)
    visit = Visit(
        provider_id=provider.id,
        issuer=provider.issuer,
        browser=_digest(browser),
        purpose=purpose,
        next_url=next_url,
        sid=sid,
        nonce=encoding.token(256),
        verifier=encoding.token(256),
        again_at=time.time() if is_again else 0.0,
    )
    with transaction.atomic():
        state = pending.put(_KIND, {**asdict(visit), "purpose": purpose.value}, LIFETIME)
    asked = _request(provider, visit, state)
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def callback_url(provider: Provider) -> str:
    """Return where the provider sends browsers back to: an address of its own for each."""
    path = reverse("upstream_callback", args=[provider.id])
    return environment.current().issuer_origin + path


def take(provider: Provider, query: QueryDict, *, browser: str) -> Visit:
    """Return the visit that a browser comes back from, and let nobody come back from it again.

    Raises:
        RefusedError: when it is no visit of this browser to this provider.
    """
    if any(len(values) > 1 for _, values in query.lists()):
        raise RefusedError("The provider's answer says something twice.")
    visit = _visit(pending.find(_KIND, query.get("state", "")))
    if visit is None or not _is_of(visit.browser, browser):
        raise RefusedError("No visit of this browser is under way.")
    if (visit.provider_id, visit.issuer) != (provider.id, provider.issuer):
        raise RefusedError("The visit under way is to another provider.")
    with transaction.atomic():
        if pending.take(_KIND, query.get("state", "")) is None:
            raise RefusedError("The visit was over already.")
    return visit


def account(provider: Provider, query: QueryDict, visit: Visit) -> Account:
    """Return who came back.

    Raises:
        RefusedError: when the provider says no, or says anything that is not believed.
    """
    protocol = _protocol(provider)
    protocol.check_issuer(provider, query.get("iss"))
    if error := query.get("error"):
        is_declined = error in {"access_denied", "login_required", "interaction_required"}
        raise RefusedError("The provider answered with an error.", is_declined=is_declined)
    code = query.get("code")
    if not code:
        raise RefusedError("The provider's answer has no code.")
    answer = _redeemed(provider, protocol.token_endpoint(provider), code, visit)
    return protocol.account(provider, answer, nonce=visit.nonce, again_at=visit.again_at)


def keep(account: Account, *, browser: str, next_url: str) -> str:
    """Keep who came for a while, and return the handle that finds them in this browser only."""
    record = {**asdict(account), "browser": _digest(browser), "next_url": next_url}
    with transaction.atomic():
        return pending.put(_ARRIVED, record, ARRIVAL_LIFETIME)


def kept(handle: str, *, browser: str) -> tuple[Account, str] | None:
    """Return who came and where they were going, without consuming it."""
    return _arrival(pending.find(_ARRIVED, handle), browser)


def consume(handle: str) -> bool:
    """Let the handle find nobody any more; of several callers one is told True."""
    return pending.take(_ARRIVED, handle) is not None


def _arrival(record: dict[str, Any] | None, browser: str) -> tuple[Account, str] | None:
    if record is None or not _is_of(record.pop("browser"), browser):
        return None
    next_url: str = record.pop("next_url")
    return Account(**record), next_url


def _visit(record: dict[str, Any] | None) -> Visit | None:
    return Visit(**{**record, "purpose": Purpose(record["purpose"])}) if record else None


def _is_of(digest: str, browser: str) -> bool:
    return bool(browser) and hmac.compare_digest(digest, _digest(browser))


def _digest(browser: str) -> str:
    return encoding.b64(hashlib.sha256(browser.encode("utf-8", "surrogatepass")).digest())


def _protocol(provider: Provider) -> _Speaks:
    return github if provider.preset is Preset.GITHUB else openid


def _request(provider: Provider, visit: Visit, state: str) -> Mapping[str, str]:
    """Return the authorization request (OIDC Core §3.1.2.1, RFC 7636 §4.3)."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback_url(provider),
        "scope": " ".join(provider.scope),
        "state": state,
        "nonce": visit.nonce,
        "code_challenge": encoding.b64(hashlib.sha256(visit.verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    if visit.again_at:
        asked |= {"prompt": "login", "max_age": "0"}
    if provider.second_factor_acr:
        asked["acr_values"] = " ".join(provider.second_factor_acr)
    return asked


def _redeemed(provider: Provider, endpoint: str, code: str, visit: Visit) -> Mapping[str, Any]:
    """Exchange the code (RFC 6749 §4.1.3), as the client that the operator registered."""
    secret = dict(environment.current().upstream_secrets)[provider.id]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback_url(provider),
        "code_verifier": visit.verifier,
    }
    authorization = ""
    if provider.secret_sent is SecretSent.BODY:
        fields |= {"client_id": provider.client_id, "client_secret": secret}
    else:
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
        authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    try:
        answer = discovery.members(outgoing.ask(endpoint, fields, authorization=authorization))
    except OutgoingError as error:
        raise RefusedError(f"The token endpoint: {error.reason}") from error
    token, kind = answer.get("access_token"), answer.get("token_type")
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
        raise RefusedError("The token endpoint gave no access token.")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise RefusedError("The token endpoint gave a token of another type.")
    return answer
