"""RFC 6749 §1.6 — whether a request came over HTTPS, and through which name.

A proxy's word is taken only from a peer in AUTHSERVER_TRUSTED_PROXIES, and only the last word of
it: anything before was sent by somebody else.
"""

import logging
from collections.abc import Mapping
from typing import Any

from config import client_ip, environment, logs, policy

log = logging.getLogger("authserver.transport")


def is_secure(environ: Mapping[str, Any]) -> bool:
    """Tell whether the client's connection is encrypted, as far as we or our proxy can see."""
    if environ.get("wsgi.url_scheme") == "https":
        return True
    return _forwarded(environ, "HTTP_X_FORWARDED_PROTO").lower() == "https"


def is_acceptable(environ: Mapping[str, Any]) -> bool:
    """Tell whether credentials may come this way: over HTTPS, or any way to an http issuer.

    Whoever refuses because of this must not redirect what carries credentials: they came already.
    """
    if not environment.current().is_secure or is_secure(environ):
        return True
    if is_said_by_a_stranger(environ):
        fields = {"peer": environ.get("REMOTE_ADDR"), "setting": "AUTHSERVER_TRUSTED_PROXIES"}
        log.error("untrusted_proxy", extra={logs.FIELDS: fields})
    return False


def is_said_by_a_stranger(environ: Mapping[str, Any]) -> bool:
    """Tell whether somebody we were not told to believe says which way the request came."""
    return "HTTP_X_FORWARDED_PROTO" in environ and not client_ip.peer_is_trusted(environ)


def host(environ: Mapping[str, Any]) -> str:
    """Return host and port the client asked for, in lower case, without the scheme's own port."""
    named = _forwarded(environ, "HTTP_X_FORWARDED_HOST") or str(environ.get("HTTP_HOST", ""))
    name = named.lower()
    return name.removesuffix(":443" if is_secure(environ) else ":80")


def hsts(environ: Mapping[str, Any]) -> str | None:
    """Return the value of Strict-Transport-Security, if it is sent (RFC 6797 §6.1, §7.2).

    Never over plain http, where anybody could have written it; and development sends none: it
    would bind every other server on this machine's name to HTTPS.
    """
    here, rules = environment.current(), policy.current().transport
    if not (here.is_secure and here.is_production and is_secure(environ)):
        return None
    words = [f"max-age={int(rules.hsts_max_age.total_seconds())}"]
    words += ["includeSubDomains"] if rules.hsts_include_subdomains else []
    words += ["preload"] if rules.hsts_preload else []
    return "; ".join(words)


def _forwarded(environ: Mapping[str, Any], key: str) -> str:
    if key not in environ or not client_ip.peer_is_trusted(environ):
        return ""
    return str(environ[key]).rpartition(",")[2].strip()
