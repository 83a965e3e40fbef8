"""Passkey Endpoints §2 — where password managers send people to add a passkey, or look after them.

At the root of the host too: that is where they look, by the name that the passkeys are for.
"""

from django.urls import reverse

from accounts import passkeys
from authserver import errors, http
from authserver.request import ProtocolRequest
from config import environment
from config.answer import Answer, json_answer

PATH = "/.well-known/passkey-endpoints"


@http.machine_endpoint("GET", open_to=http.Cors.ANYBODY, limit="documents")
def passkey_endpoints(_request: ProtocolRequest) -> Answer:
    """Return the document."""
    if not passkeys.is_possible():
        raise errors.InvalidRequest("There are no passkeys here.", status_code=404)
    here = environment.current().issuer_origin
    places = {"enroll": reverse("passkey_add"), "manage": reverse("passkeys")}
    headers = (("Cache-Control", "public, max-age=3600"),)
    return json_answer({name: here + path for name, path in places.items()}, headers=headers)
