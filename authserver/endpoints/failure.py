"""The page behind a reference, for who follows an error's address.

It says what the application was told already; the rest is for administrators.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import authentication, people
from authserver import pages


@require_safe
def failure(page: HttpRequest, reference: str) -> HttpResponse:
    """Show it."""
    person = authentication.signed_in(page)
    is_administrator = person is not None and people.administers(person.subject)
    return pages.explained(page, reference, is_administrator=is_administrator)
