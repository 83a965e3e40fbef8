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
from authserver import applications, authorization_response, errors, resources
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
            return refusal(page, error)


def refusal(page: HttpRequest, error: errors.ProtocolError) -> HttpResponse:
    """Show an error that cannot be sent to a client, because none can be trusted with it.

    RFC 6749 §4.1.2.1: the person is informed and the browser goes nowhere by itself.
    """
    return message.error_page(
        page,
        error.status_code,
        _("This request cannot be answered"),
        _(
            "The application you came from sent something this server cannot act on. Nothing"
            " has happened. Go back and try again; if it stays like this, tell the people who run"
            " that application."
        ),
        detail=f"{error.error}: {error.description}",
    )


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
    return message.error_page(
        page, 400, title, text, back_url=error.restart, back_text=_("Start again")
    )


def home() -> str:
    """Return the address of the front page."""
    return reverse("home")
