"""A plain page with one thing to say."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def error_page(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    *,
    detail: str = "",
    back_url: str = "",
    back_text: str = "",
) -> HttpResponse:
    """Say what went wrong and what to do; `detail` is small print for the one who helps."""
    context = {
        "title": title,
        "text": text,
        "detail": detail,
        "back_url": back_url,
        "back_text": back_text or _("Go back"),
    }
    return render(request, "accounts/message.html", context, status=status)
