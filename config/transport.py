"""RFC 6749 §1.6 — whether a request came over HTTPS, and through which name.

A proxy's word is taken only from a peer in AUTHSERVER_TRUSTED_PROXIES, and only the last word of
it: anything before was sent by somebody else.
"""

from collections.abc import Mapping
from typing import Any

from config import client_ip, environment, policy


def is_secure(environ: Mapping[str, Any]) -> bool:
    """Tell whether the client's connection is encrypted, as far as we or our proxy can see."""
    if environ.get("wsgi.url_scheme") == "https":
        return True
    return _forwarded(environ, "HTTP_X_FORWARDED_PROTO").lower() == "https"


def is_acceptable(environ: Mapping[str, Any]) -> bool:
    """Tell whether credentials may come this way: over HTTPS, or any way to an http issuer."""
    return not environment.current().is_secure or is_secure(environ)


def host(environ: Mapping[str, Any]) -> str:
    """Return host and port the client asked for, in lower case, without the scheme's own port."""
    named = _forwarded(environ, "HTTP_X_FORWARDED_HOST") or str(environ.get("HTTP_HOST", ""))
    name = named.lower()
    return name.removesuffix(":443" if is_secure(environ) else ":80")


def hsts() -> str | None:
    """Return the value of Strict-Transport-Security, if it is sent (RFC 6797 §6.1).

    Development sends none: it would bind every other server on this machine's name to HTTPS.
    """
    here, rules = environment.current(), policy.current().transport
    if not (here.is_secure and here.is_production):
        return None
    words = [f"max-age={int(rules.hsts_max_age.total_seconds())}"]
    words += ["includeSubDomains"] if rules.hsts_include_subdomains else []
    words += ["preload"] if rules.hsts_preload else []
    return "; ".join(words)


def _forwarded(environ: Mapping[str, Any], key: str) -> str:
    if key not in environ or not client_ip.peer_is_trusted(environ):
        return ""
    return str(environ[key]).rpartition(",")[2].strip()
