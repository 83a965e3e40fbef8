"""What the protocol shows people: consent, sign-out, and errors it cannot send.

The pages themselves are accounts'; this says what stands on them, in plain words.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import consent as consents
from accounts import profile
from accounts.authentication import SignedIn
from accounts.pages import consent as consent_page
from accounts.pages import language, message, signing_out
from accounts.pages.clients import Application
from authserver import applications, authorization_response, errors, failures, request, resources
from authserver.authorization import AuthorizationRequest, SentError
from authserver.authorizing import ShownError

STANDARD_WORDS: Final = (
    gettext_noop("Know who you are"),
    gettext_noop("Your identifier here, so that it recognises you next time."),
    gettext_noop("See your profile"),
    gettext_noop("Your name, picture, birthday, language and time zone."),
    gettext_noop("See your e-mail address"),
    gettext_noop("The address, and whether it has been confirmed."),
    gettext_noop("See your postal address"),
    gettext_noop("The address you entered in your account."),
    gettext_noop("See your phone number"),
    gettext_noop("The number, and whether it has been confirmed."),
    gettext_noop("Stay connected while you are away"),
    gettext_noop("It keeps its access after you sign out, until you withdraw it."),
    gettext_noop("Read your account"),
    gettext_noop("Your name, e-mail address and age."),
    gettext_noop("Change your account"),
    gettext_noop("Your name, e-mail address, age and password."),
    gettext_noop("Administer the accounts of everybody here"),
    gettext_noop("See, change and disable them, as you may yourself."),
)
"""What a migration wrote into the rows of the standard scopes; named here to be translated."""


def consent(
    page: HttpRequest, asked: AuthorizationRequest, person: SignedIn, text: str
) -> HttpResponse:
    """Ask the person whether the application may have what it asks for."""
    return consent_page.render(
        page,
        client=applications.shown(asked.client, language.preferred(page)),
        scopes=[
            *_scope_words(asked),
            *_claim_words(asked),
            *resources.words_of(asked.resources),
        ],
        action_url=reverse("authserver:consent"),
        interaction=text,
        email=person.email,
    )


def _scope_words(asked: AuthorizationRequest) -> list[tuple[str, str, str]]:
    """Return what stands on the page for each scope; the standard ones in the page's language."""
    rows = resources.words(asked.scope)
    return [(name, _(title), _(text) if text else "") for name, title, text in rows]


def _claim_words(asked: AuthorizationRequest) -> list[tuple[str, str, str]]:
    """Return the line about claims that are asked for beyond the scopes, if there are any."""
    names = [name.removeprefix(consents.CLAIM) for name in asked.claims.consent_names(asked.scope)]
    words = ", ".join(profile.in_words(name) for name in names)
    return [(consents.CLAIM, _("Know some details about you"), words)] if names else []


def confirm_logout(
    page: HttpRequest, person: SignedIn, *, name: str, parameters: dict[str, str]
) -> HttpResponse:
    """Ask the person whether they want to be signed out; say who else will be told."""
    context = {
        "name": name,
        "email": person.email,
        "told": signing_out.names(page),
        "parameters": parameters,
        "action": reverse("authserver:logout-confirmed"),
    }
    return render(page, "authserver/logout.html", context)


def fault(page: HttpRequest, error: SentError | ShownError | errors.ProtocolError) -> HttpResponse:
    """Answer for what went wrong: sent where the client is known for certain, else shown."""
    match error:
        case SentError():
            return authorization_response.send_error(page, error.target, error.fault)
        case ShownError():
            return _over(page, error)
        case _:
            return _refusal(page, error, failures.of_authorization(page, error))


def not_left(page: HttpRequest, error: errors.ProtocolError) -> HttpResponse:
    """Show why a request to sign out cannot be answered."""
    return _refusal(page, error, failures.of_logout(page, error))


def _refusal(page: HttpRequest, error: errors.ProtocolError, reference: str) -> HttpResponse:
    """Show an error that cannot be sent to a client, because none can be trusted with it.

    RFC 6749 §4.1.2.1: the person is informed and the browser goes nowhere by itself.
    """
    if isinstance(error, errors.TemporarilyUnavailable):
        title = _("This server is very busy")
        text = _("Nothing has happened. Wait a moment, then load this page again.")
    else:
        title = _("This request cannot be answered")
        text = _(
            "The application you came from sent something this server cannot act on. Nothing"
            " has happened. Go back and try again; if it stays like this, tell the people who run"
            " that application."
        )
    application = _application(page, request.of_page(page).optional("client_id"))
    back_url, back_text = _way_back(application)
    return message.error_page(
        page,
        error.status_code,
        title,
        text,
        detail=f"{error.error}: {error.description}",
        reference=failures.grouped(reference),
        application=application,
        back_url=back_url,
        back_text=back_text,
    )


def _application(page: HttpRequest, client_id: str | None) -> Application | None:
    """Return the application with this id, if an operator registered it.

    Anybody can have registered another, and would be led to from here (RFC 9700 §4.11.2).
    """
    try:
        known = applications.find(client_id, language.preferred(page)) if client_id else None
    except errors.TemporarilyUnavailable:
        return None
    return None if known is None or known.is_self_registered else known


def _way_back(application: Application | None) -> tuple[str, str]:
    """Return a link to the application, and what it says."""
    address = (application.start_url or application.uri) if application else ""
    if application is None or not address:
        return "", ""
    return address, _("Go to %(name)s") % {"name": application.name}


def _over(page: HttpRequest, error: ShownError) -> HttpResponse:
    """Show why a sign-in cannot go on, and the way out."""
    if error.is_expired:
        title = _("This page has expired")
        text = _(
            "Signing in took too long, or this page is from an earlier visit. Go back to the"
            " application and start again; nothing is lost."
        )
    else:
        title = _("This sign-in began in another browser")
        text = _(
            "Go on in the browser in which you started, or go back to the application and start"
            " again here. If cookies are switched off for this site, switch them on."
        )
    back_url, back_text = _way_back(_application(page, error.client_id))
    return message.error_page(
        page,
        400,
        title,
        text,
        reference=failures.grouped(failures.of_interaction(page, error.finding)),
        back_url=error.restart or back_url,
        back_text=_("Start again") if error.restart else back_text,
    )


def explained(page: HttpRequest, reference: str, *, is_administrator: bool) -> HttpResponse:
    """Show what anybody may know of a failure, and an administrator where the rest is."""
    found = failures.find(reference)
    if found is None:
        return message.error_page(
            page,
            404,
            _("This reference is not known"),
            _("It was mistyped, or what it leads to is no longer kept."),
        )
    more = reverse("admin:authserver_failure_change", args=[found.pk]) if is_administrator else ""
    return message.error_page(
        page,
        200,
        _("This request was refused"),
        _(
            "An application sent something this server did not accept. Whoever runs this server"
            " finds under the reference what was received and what was expected."
        ),
        detail=f"{found.error}: {found.description}",
        reference=failures.grouped(found.pk),
        more_url=more,
        more_text=_("What was received and expected"),
    )


def home() -> str:
    """Return the address of the front page."""
    return reverse("home")
