"""RFC 9116 — security.txt: whom to tell about a weakness, as the operator named it.

The text expires, so that a forgotten copy is not believed for ever; the day changes, the hour does
not, so that two answers of one day are the same.
"""

import datetime as dt

from authserver import errors, http
from authserver.request import ProtocolRequest
from config import answer, environment, policy
from config.answer import Answer

PATH = "/.well-known/security.txt"


@http.machine_endpoint("GET", limit="documents")
def security_txt(_request: ProtocolRequest) -> Answer:
    """Return the document, at the root of the host and under the issuer's path alike."""
    here = environment.current()
    if not here.security_contact:
        raise errors.InvalidRequest("No contact is named here.", status_code=404)
    day = dt.datetime.now(tz=dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    expires = day + policy.current().disclosure.expires_after
    lines = [
        *(f"Contact: {address}" for address in here.security_contact),
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {here.issuer_origin}{PATH}",
    ]
    headers = (("Cache-Control", "public, max-age=3600"),)
    return answer.text("".join(f"{line}\r\n" for line in lines), headers=headers)
