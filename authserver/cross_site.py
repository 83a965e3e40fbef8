"""RFC 6265bis §5.6.7 — a POST from another site comes without our SameSite cookies.

OIDC wants such a POST at /authorize and at the end of a session. It is answered with the same
request by GET, where the cookies are: otherwise a person who is signed in would look like nobody.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from authserver.request import ProtocolRequest
from config import policy


def by_get(page: HttpRequest, sent: ProtocolRequest, *cookies: str) -> HttpResponse | None:
    """Return the way to the same request by GET, or None where nothing is to be gained by it."""
    names = {settings.SESSION_COOKIE_NAME, *cookies}
    if page.method != "POST" or sent.fault is not None or names & set(page.COOKIES):
        return None
    query = urlencode(sent.payload.datalist, doseq=True)
    if len(query) > policy.current().requests.max_query:
        return None
    response = HttpResponse(status=303, headers={"Location": f"{page.path}?{query}"})
    response["Cache-Control"] = "no-store"
    return response
