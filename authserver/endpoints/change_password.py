"""W3C Change Password URL §2 — where password managers are sent to change a password."""

from django.urls import reverse

from authserver import http
from authserver.request import ProtocolRequest
from config import environment
from config.answer import Answer


@http.machine_endpoint("GET", limit="documents")
def change_password(_request: ProtocolRequest) -> Answer:
    """Lead to the page of people's accounts, which asks them to sign in first."""
    here = environment.current().issuer_origin + reverse("account_change_password")
    return Answer(status=302, headers=(("Location", here),))
