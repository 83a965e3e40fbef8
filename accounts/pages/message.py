"""A plain page with one thing to say."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.pages.clients import Application


def error_page(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    *,
    detail: str = "",
    reference: str = "",
    application: Application | None = None,
    more_url: str = "",
    more_text: str = "",
    back_url: str = "",
    back_text: str = "",
) -> HttpResponse:
    """Say what went wrong and what to do.

    `detail` is small print for the one who helps, who finds more under the `reference`. The page
    has the colour of the `application` it is about.
    """
    context = {
        "title": title,
        "text": text,
        "detail": detail,
        "reference": reference,
        "application": application,
        "more_url": more_url,
        "more_text": more_text,
        "back_url": back_url,
        "back_text": back_text or _("Go back"),
    }
    return render(request, "accounts/message.html", context, status=status)
