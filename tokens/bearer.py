"""RFC 6750 §2 — where a bearer token may stand: the header, or a form body; never the query."""

import re
from collections.abc import Mapping

_HEADER = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*) *", re.IGNORECASE)


class TwoPlacesError(ValueError):
    """A token stands in more than one place (RFC 6750 §2)."""


class MalformedError(ValueError):
    """The Authorization header is not a bearer credential."""


def read(authorization: str, form: Mapping[str, str]) -> str | None:
    """Return the bearer token of a request, or None when it carries none.

    Raises:
        TwoPlacesError: when both header and body carry one.
        MalformedError: when the header says Bearer and no token follows.
    """
    body = form.get("access_token")
    if not authorization:
        return body
    scheme = authorization.partition(" ")[0].lower()
    if scheme != "bearer":
        return body
    found = _HEADER.fullmatch(authorization)
    if found is None:
        raise MalformedError
    if body is not None:
        raise TwoPlacesError
    return found[1]
