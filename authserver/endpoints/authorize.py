"""RFC 6749 §3.1 — the authorization endpoint: read, validate, decide, act; every visit anew.

Each step returns the browser here with the same interaction, which travels sealed in the URL and is
bound to the browser by a cookie of its own: an abandoned login leaves nothing behind, and many
tabs, the back button and an expired page all work.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import authentication, consent
from accounts.authentication import SignedIn
from authserver import (
    authorization_response,
    authorizing,
    errors,
    failures,
    granting,
    interaction,
    pages,
)
from authserver.authorization import AuthorizationRequest, SentError
from authserver.authorizing import Agreement, RepeatedError, ShownError, Visit
from authserver.interaction import Step


@csrf_exempt  # a client's own form may post here (OIDC Core §3.1.2.1); nothing is agreed by it
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(page: HttpRequest) -> HttpResponse:
    """Grant the request, or take the next step towards it."""
    try:
        visit = authorizing.visit(page)
    except RepeatedError as again:
        return again.response
    except (SentError, ShownError, errors.ProtocolError) as error:
        return pages.fault(page, error)
    return _act(page, visit)


def _act(page: HttpRequest, visit: Visit) -> HttpResponse:
    request, person = visit.request, authentication.signed_in(page)
    try:
        visit = authorizing.permitted(visit, person)
        request = visit.request
        agreement = authorizing.agreement(request, person)
        step = interaction.next_step(request, person, visit.progress, is_agreed=agreement.is_given)
        if step is Step.ISSUE and person is not None:
            return _issue(page, visit, person, agreement)
    except errors.ProtocolError as error:
        # An application that was told nobody is signed in may watch for somebody who is.
        told = error.parameters() | granting.watched(page, request) | failures.uri(page, error)
        return authorization_response.send(page, request.target, told)
    again = visit.text or authorizing.begin(page, visit)
    if step is Step.CONSENT and person is not None:
        response = pages.consent(page, request, person, again)
    else:
        response = HttpResponseRedirect(_elsewhere(page, visit, step, again), status=303)
    return authorizing.bind(page, response)


def _issue(page: HttpRequest, visit: Visit, person: SignedIn, agreement: Agreement) -> HttpResponse:
    client_id = visit.request.client.client_id
    try:
        consent.used(person.subject, client_id, agreement.standing)
        return granting.issue(page, visit.request, person, epoch_consent=agreement.epoch)
    except granting.CutOffError:
        return authorizing.once_more(page, visit)


def _elsewhere(page: HttpRequest, visit: Visit, step: Step, text: str) -> str:
    """Return the page of accounts that takes the step and comes back."""
    back = authorizing.address(text)
    match step:
        case Step.FRESH_LOGIN:
            return authentication.fresh_login_url(page, back)
        case Step.SELECT_ACCOUNT:
            return authentication.switch_url(back)
        case Step.LOGIN if _may_choose(visit.request):
            return authentication.switch_url(back)  # which leads to the login page by itself
        case Step.CREATE:
            return authentication.create_url(back, hint=visit.request.login_hint)
        case Step.STEP_UP:
            wanted = interaction.wanted_levels(visit.request)
            return authentication.step_up_url(page, back, wanted)
        case _:
            return authentication.login_url(back, hint=visit.request.login_hint)


def _may_choose(request: AuthorizationRequest) -> bool:
    """Tell whether somebody who is not signed in is to be shown the accounts used here before."""
    return "select_account" in request.prompt and not request.login_hint
