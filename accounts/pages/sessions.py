"""ASVS 5.0 §7.4.5 — the sessions of a person: to see, and to end one, the others, or all.

The applications that took part in a session hear of its end, as when somebody signs out.
"""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import authentication, familiar, history, whereabouts
from accounts import sessions as rows
from accounts.pages import addresses, fresh, message, own, signing_out


@own.page
@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List the sessions; end what a button says."""
    if request.method == "POST":
        return _end(request)
    there = whereabouts.of(str(request.user.pk))
    sid = _own_sid(request)
    context = {
        "here": next((one for one in there if one.sid == sid), None),
        "others": [one for one in there if one.sid != sid],
    }
    return render(request, "accounts/sessions.html", context)


@fresh.required
def _end(request: HttpRequest) -> HttpResponse:
    match request.POST.get("which", ""):
        case "everywhere":
            return _everywhere(request)
        case "others":
            return _others(request)
        case sid if sid and sid == _own_sid(request):
            history.note(str(request.user.pk), "signed_out", request)
            return signing_out.leave(request)
        case sid:
            return _one(request, sid)


def _one(request: HttpRequest, sid: str) -> HttpResponse:
    subject = str(request.user.pk)
    with transaction.atomic():
        ended = whereabouts.end(subject, sid)
        if ended is not None:
            history.note(subject, "session_ended", request, label=ended.device)
    if ended is None:
        return message.error_page(
            request,
            404,
            _("There is no such session"),
            _("It may be over already."),
            back_url=reverse("sessions"),
            back_text=_("Back to your sessions"),
        )
    messages.success(request, _("That session is over."))
    return addresses.see_other(reverse("sessions"))


def _others(request: HttpRequest) -> HttpResponse:
    subject = str(request.user.pk)
    with transaction.atomic():
        count = rows.end_all(subject, except_sid=_own_sid(request))
        familiar.forget(subject, but=request)
        if count:
            history.note(subject, "sessions_ended", request, count=count)
    text = ngettext("%(count)d other session is over.", "%(count)d other sessions are over.", count)
    messages.success(request, text % {"count": count})
    return addresses.see_other(reverse("sessions"))


def _everywhere(request: HttpRequest) -> HttpResponse:
    subject = str(request.user.pk)
    with transaction.atomic():
        rows.end_all(subject, except_sid=_own_sid(request))
        familiar.forget(subject)
        history.note(subject, "signed_out_everywhere", request)
    return signing_out.leave(request)


def _own_sid(request: HttpRequest) -> str:
    person = authentication.signed_in(request)
    return person.sid if person else ""
