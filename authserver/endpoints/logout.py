"""OIDC RP-Initiated Logout §2 — the end-session endpoint: a client asks to sign its user out.

With an ID token of this very session as its hint the person is signed out at once; otherwise they
are asked. Nothing redirects but to a registered address of a client that is known for certain, and
a bad hint is shown, never ignored.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts import authentication, history, people
from accounts.authentication import SignedIn
from accounts.pages import signing_out
from accounts.pages.signing_out import Departure
from authserver import clients, cross_site, errors, farewell, issuing, pages, redirects, request
from authserver.clients import Client
from authserver.request import ProtocolRequest
from config import csp
from tokens import id_tokens

_KEPT = (
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",  # which the pages themselves look for
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """A logout request, judged: who asks, for whom, and where to go then ('' for our own page).

    `subject` and `sid` are the hint's, in the client's own terms; '' without a hint. `someone` is
    the `logout_hint`.
    """

    client: Client | None
    subject: str
    sid: str
    someone: str
    back: str

    @property
    def name(self) -> str:
        """The name of the application that asks, '' when none is known."""
        return self.client.display_name if self.client else ""


@csrf_exempt  # a client's own form may post here (§2); without a hint the person is asked
@require_http_methods(["GET", "HEAD", "POST"])
def logout(page: HttpRequest) -> HttpResponse:
    """Sign the person out, or ask whether they want that."""
    sent = request.of_page(page)
    try:
        asked = _validated(sent)
    except errors.ProtocolError as fault:
        return pages.not_left(page, fault)
    if elsewhere := cross_site.by_get(page, sent):
        return elsewhere
    if page.method == "POST" and settings.SESSION_COOKIE_NAME not in page.COOKIES:
        # Too long to be asked for again by GET, and who is signed in cannot be seen.
        return pages.not_left(page, errors.RequestTooLarge())
    person = authentication.signed_in(page)
    if person is None:
        return _gone(page, asked)
    if _is_certain(asked, person):
        return _sign_out(page, asked, person)
    if asked.back:
        csp.allow_form_target(page, asked.back)
    return pages.confirm_logout(page, person, name=asked.name, parameters=_kept(sent))


@require_POST
@csrf_protect
def confirmed(page: HttpRequest) -> HttpResponse:
    """Do what the person decided on our own page."""
    try:
        asked = _validated(request.of_page(page))
    except errors.ProtocolError as fault:
        return pages.not_left(page, fault)
    person = authentication.signed_in(page)
    if person is None:
        return _gone(page, asked)
    if page.POST.get("decision") != "sign_out":
        return farewell.onward(pages.home())
    return _sign_out(page, asked, person)


def _validated(sent: ProtocolRequest) -> LogoutRequest:
    if sent.fault is not None:
        raise sent.fault
    hint, client_id = sent.optional("id_token_hint"), sent.optional("client_id")
    claims = id_tokens.hint(hint) if hint else {}
    if claims is None:
        raise errors.InvalidRequest("The id_token_hint is not an ID token of this server.")
    if hint and client_id and claims["aud"] != client_id:
        raise errors.InvalidRequest("The id_token_hint was issued to another client.")
    client = clients.find(str(claims.get("aud") or client_id or ""))
    if client is None and (hint or client_id):
        raise errors.InvalidRequest("No application is registered under this client_id.")
    return LogoutRequest(
        client=client,
        subject=str(claims.get("sub", "")),
        sid=str(claims.get("sid", "")),
        someone=sent.optional("logout_hint") or "",
        back=_back(sent, client),
    )


def _back(sent: ProtocolRequest, client: Client | None) -> str:
    """Return where to go afterwards: an address registered by a client we know (§3)."""
    address, state = sent.optional("post_logout_redirect_uri"), sent.optional("state")
    if address is None:
        return ""
    if client is None:
        raise errors.InvalidRequest(
            "A post_logout_redirect_uri needs an id_token_hint or a client_id."
        )
    if address not in client.post_logout_redirect_uris:
        raise errors.InvalidRequest(
            "The post_logout_redirect_uri is not registered for this application."
        )
    return redirects.append(address, {"state": state}) if state is not None else address


def _is_certain(asked: LogoutRequest, person: SignedIn) -> bool:
    """Tell whether the hint names this session, so nobody else can have made the request up."""
    client = asked.client
    if client is None or not asked.sid:
        return False
    is_here = asked.sid == issuing.sid_of(client, person.sid)
    is_theirs = asked.subject == issuing.sub_of(client, person.subject)
    return is_here and is_theirs and _is_meant(asked.someone, client, person)


def _is_meant(someone: str, client: Client, person: SignedIn) -> bool:
    """Tell whether a `logout_hint` means who is signed in: `sub`, `sid` or e-mail address (§2)."""
    if someone in {"", issuing.sub_of(client, person.subject), issuing.sid_of(client, person.sid)}:
        return True
    found = people.find_by_email(someone)
    return found is not None and str(found.pk) == person.subject


def _sign_out(page: HttpRequest, asked: LogoutRequest, person: SignedIn) -> HttpResponse:
    response = signing_out.leave(page, asked.back, next_name=asked.name)
    about = {"client_id": asked.client.client_id, "label": asked.name} if asked.client else {}
    history.note(person.subject, "signed_out", page, **about)
    return response


def _gone(page: HttpRequest, asked: LogoutRequest) -> HttpResponse:
    """Answer for somebody who is signed out already.

    Anybody can have registered a client, and so an address: without an ID token of its own it is no
    open redirector for whoever did (RFC 9700 §4.11.2).
    """
    is_known = asked.client is not None and not asked.client.is_self_registered
    left = Departure(sid="", participants=(), next_url=asked.back, next_name=asked.name)
    return farewell.page(page, left, at_once=is_known or bool(asked.subject))


def _kept(sent: ProtocolRequest) -> dict[str, str]:
    return {name: value for name in _KEPT if (value := sent.optional(name)) is not None}
