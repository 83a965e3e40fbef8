"""OIDC Core §3.1.2.4 — the person's decision: the consent form comes back here."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from accounts import authentication
from accounts import consent as agreements
from authserver import authorization_response, authorizing, errors, granting, interaction, pages
from authserver.authorization import SentError
from authserver.authorizing import ShownError
from authserver.interaction import Step


@require_POST
@csrf_protect
def consent(page: HttpRequest) -> HttpResponse:
    """Grant or refuse, as the person pressed."""
    try:
        visit = authorizing.resumed(page, page.POST.get("interaction", ""), has_decided=True)
    except (SentError, ShownError, errors.ProtocolError) as error:
        return pages.fault(page, error)
    person = authentication.signed_in(page)
    try:
        visit = authorizing.permitted(visit, person)
        step = interaction.next_step(visit.request, person, visit.progress, is_agreed=False)
    except errors.ProtocolError as fault:
        return authorization_response.send_error(page, visit.request.target, fault)
    if person is None or step is not Step.ISSUE:
        # Signed out, or not fresh enough any more. Another account in the meantime never gets here:
        # signing in changes the CSRF token, and the old page's form no longer fits.
        return authorizing.once_more(page, visit)
    asked = visit.request
    if page.POST.get("decision") != "allow":
        return authorization_response.send_error(page, asked.target, errors.AccessDenied())
    # The epoch first (see `authorizing.agreement`), then the row.
    agreement = authorizing.agreement(asked, person)
    names = authorizing.agreed_names(asked)
    client = asked.client
    agreements.give(person.subject, client.client_id, client.display_name, names, page)
    try:
        return granting.issue(page, asked, person, epoch_consent=agreement.epoch)
    except errors.ProtocolError as fault:
        return authorization_response.send_error(page, asked.target, fault)
    except granting.CutOffError:
        return authorizing.once_more(page, visit)
