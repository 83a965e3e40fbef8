"""An authorization request on its way: read, keep, bind to a browser, compare with the consent.

Shared by /authorize and the consent form. Nothing is written: the interaction is sealed into the
URL, with the parameters that count, so a request object is read once.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import consent, people
from accounts.api import scopes
from accounts.authentication import SignedIn
from accounts.consent import Standing
from authserver import authorization, cross_site, errors, findings, forms, redirects, request
from authserver.authorization import AuthorizationRequest
from authserver.findings import Finding
from authserver.interaction import Progress
from authserver.request import ProtocolRequest
from config import policy
from tokens import encoding, epochs, interactions
from tokens.records import Interaction

_COOKIE = "as_browser"
_COOKIE_SECONDS = 365 * 24 * 3600


class ShownError(Exception):
    """An interaction that cannot go on: expired, or begun in another browser."""

    def __init__(
        self, finding: Finding, *, is_expired: bool, restart: str = "", client_id: str = ""
    ) -> None:
        super().__init__("expired" if is_expired else "another browser")
        self.finding = finding
        self.is_expired = is_expired
        self.restart = restart
        """Where the same request begins anew, when it is still known and this browser's."""
        self.client_id = client_id


class RepeatedError(Exception):
    """The same request has to come again by GET; `response` says so."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__("by GET")
        self.response = response


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit to /authorize: the request, and the interaction it continues, if any."""

    request: AuthorizationRequest
    progress: Progress
    text: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether a person has agreed already, and the consent's epoch, read before that."""

    is_given: bool = False
    epoch: int = 0
    standing: Standing | None = None


def visit(page: HttpRequest) -> Visit:
    """Return the request of this visit: a new one, or the one that an interaction carries.

    Raises:
        ShownError: when the interaction is over, or not this browser's.
        RepeatedError: when the request came from another site, without this browser's cookies.
        ProtocolError, SentError: as `authorization.validate` does.
    """
    sent = request.of_page(page)
    text = sent.optional("interaction")
    if text is None:
        asked = authorization.validate(sent)
        if elsewhere := cross_site.by_get(page, sent, _cookie_name()):
            raise RepeatedError(elsewhere)
        return Visit(request=asked, progress=Progress(started_at=time.time()), text="")
    return resumed(page, text)


def resumed(page: HttpRequest, text: str, *, has_decided: bool = False) -> Visit:
    """Return an interaction's request, judged anew: its client may have changed since."""
    kept = interactions.expired(text)
    if kept is None:
        raise ShownError(findings.too_old(is_readable=False), is_expired=True)
    if not secrets.compare_digest(kept.browser, _browser_digest(page)):
        has_cookie = _cookie_name() in page.COOKIES
        raise ShownError(
            findings.of_another_browser(has_cookie=has_cookie),
            is_expired=False,
            client_id=kept.parameters.get("client_id", ""),
        )
    if kept.expires_at <= time.time():
        raise ShownError(findings.too_old(is_readable=True), is_expired=True, restart=_anew(kept))
    effective = ProtocolRequest(page.META, _form(kept.parameters))
    asked = authorization.validate(effective, is_kept=True)
    progress = Progress(started_at=kept.started_at, has_decided=has_decided)
    return Visit(request=asked, progress=progress, text=text)


def permitted(visit_: Visit, person: SignedIn | None) -> Visit:
    """Return the visit without the scope that only administrators may give (RFC 6749 §3.3).

    What was left out is told beside the token; asked for alone, it is an error: raise InvalidScope.
    """
    asked = visit_.request
    if person is None or scopes.ADMIN not in asked.scope or people.administers(person.subject):
        return visit_
    left = tuple(name for name in asked.scope if name != scopes.ADMIN)
    if not left:
        raise errors.InvalidScope
    return replace(visit_, request=replace(asked, scope=left))


def begin(page: HttpRequest, visit_: Visit) -> str:
    """Return the interaction that carries this visit's request from step to step."""
    asked = visit_.request
    if _cookie_name() not in page.COOKIES:
        page.COOKIES[_cookie_name()] = encoding.token(128)
        page.META["authserver.new_browser"] = True
    resources = {"resource": " ".join(asked.resources)} if asked.resources else {}
    return interactions.put(
        Interaction(
            parameters=asked.parameters | resources,
            client_name=asked.client.display_name,
            redirect_uri=asked.target.redirect_uri,
            browser=_browser_digest(page),
            started_at=visit_.progress.started_at,
            expires_at=time.time() + policy.current().lifetimes.interaction.total_seconds(),
        )
    )


def bind(page: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a browser that had none the cookie its interactions are bound to."""
    if page.META.get("authserver.new_browser"):
        response.set_cookie(
            _cookie_name(),
            page.COOKIES[_cookie_name()],
            max_age=_COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def address(text: str) -> str:
    """Return where an interaction goes on."""
    return f"{reverse('authserver:authorize')}?{urlencode({'interaction': text})}"


def once_more(page: HttpRequest, visit_: Visit) -> HttpResponse:
    """Send the browser to this very visit again, which decides anew from what is so by then."""
    where = address(visit_.text or begin(page, visit_))
    return bind(page, HttpResponseRedirect(where, status=303))


def _anew(over: Interaction) -> str:
    """Return the address of a request that took too long, as its client first sent it."""
    single = {name: value for name, value in over.parameters.items() if name != "resource"}
    query = urlencode(
        {**single, "resource": over.parameters.get("resource", "").split()}, doseq=True
    )
    return f"{reverse('authserver:authorize')}?{query}"


def agreed_names(asked: AuthorizationRequest) -> list[str]:
    """Return what a consent to this request is about: scopes, single claims, named resources."""
    resources = (f"{consent.RESOURCE}{uri}" for uri in asked.resources)
    return [*asked.scope, *asked.claims.consent_names(asked.scope), *resources]


def agreement(asked: AuthorizationRequest, person: SignedIn | None) -> Agreement:
    """Return whether the person has agreed to all this; a first-party client need not ask.

    The epoch is read first: a consent withdrawn after that makes whatever is issued under it dead.
    """
    if person is None:
        return Agreement()
    client = asked.client
    epoch = epochs.read(epochs.CONSENT, epochs.consent_id(person.subject, client.client_id))
    standing = consent.standing(person.subject, client.client_id)
    is_exempt = client.skip_consent and not client.is_self_registered
    is_given = is_exempt or (standing is not None and standing.covers(agreed_names(asked)))
    return Agreement(is_given and not _may_be_another(asked), epoch, standing)


def _may_be_another(asked: AuthorizationRequest) -> bool:
    """Tell whether any application on the device may be asking under this client's name.

    RFC 8252 §8.6: a loopback address or a scheme of its own is anybody's to take, and a public
    client proves nothing, so the person who sees the question is all that is left.
    """
    client = asked.client
    if policy.current().responses.danger_native_consent_kept:
        return False
    # One that registered itself says of itself what it is.
    is_native = client.application_type == "native" or client.is_self_registered
    is_anybody = is_native and client.is_public
    return is_anybody and redirects.is_claimable(asked.target.redirect_uri)


def _form(parameters: dict[str, str]) -> forms.Form:
    single = {name: value for name, value in parameters.items() if name != "resource"}
    return forms.Form(single, {"resource": tuple(parameters.get("resource", "").split())})


def _cookie_name() -> str:
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def _browser_digest(page: HttpRequest) -> str:
    value = page.COOKIES.get(_cookie_name(), "")
    return encoding.b64(hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()[:16])
