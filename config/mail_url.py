"""Which mail server sends our codes and notices: AUTHSERVER_EMAIL_URL taken apart."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from config.faults import did_you_mean

ALLOWED = "smtp://user:password@host:port?tls=starttls (or tls=implicit, tls=none)"


class Tls(Enum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


PATIENCE = 10  # seconds for the server to answer
DEFAULT_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """One SMTP server and how to sign in to it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: Tls


def mailer(server: MailServer | None, *, is_production: bool) -> dict[str, Any]:
    """Return the entry of Django's MAILERS (6.1) for this server, or for none."""
    if server is None:
        name = "Nowhere" if is_production else "Desk"
        return {"BACKEND": f"config.mail.{name}", "OPTIONS": {}}
    options = {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "password": server.password,
        "use_tls": server.tls is Tls.STARTTLS,
        "use_ssl": server.tls is Tls.IMPLICIT,
        "timeout": PATIENCE,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


def parse(text: str) -> MailServer:
    """Return the server; raise ValueError with what is wrong (never its password)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        message = "is not a URL."
        raise ValueError(message) from None
    if parts.scheme != "smtp" or not parts.hostname or parts.path.strip("/"):
        message = "is not an smtp: URL of a host."
        raise ValueError(message)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name != "tls":
            message = f"has an unknown option {name!r}.{did_you_mean(name, ['tls'])}"
            raise ValueError(message)
    if options.get("tls", "starttls") not in [each.value for each in Tls]:
        message = "has an unknown value of tls."
        raise ValueError(message)
    tls = Tls(options.get("tls", "starttls"))
    return MailServer(
        host=parts.hostname,
        port=port or DEFAULT_PORTS[tls],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )
