"""RFC 9700 — `check --deploy`: what is weaker than best practice, with an id.

Only what needs no rows; what does is in `authserver.checks`. An error (E) is a hole, a warning
(W) a choice whose price the operator should know.
"""

import ipaddress
import stat
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core import checks

from config import database, environment, issuer, policy
from config.environment import Environment
from config.policy import Policy, RegistrationMode

LOCAL_HOSTS = frozenset({"", "localhost"})
PROVED_TLS = ("sslmode=verify-full", "sslmode=verify-ca")
OWASP_MEMORY_KIB, OWASP_TIME_COST = 19456, 2


@checks.register(checks.Tags.security, deploy=True)
def deployment(**_: Any) -> list[checks.CheckMessage]:
    """Check where the deployment runs."""
    here = environment.current()
    return [*_name(here), *_stores(here), *_surroundings(here)]


@checks.register(checks.Tags.security, deploy=True)
def permissions(**_: Any) -> list[checks.CheckMessage]:
    """Check what the deployment permits."""
    rules = policy.current()
    parts = (_lifetimes, _passwords, _transport, _responses, _registration, _throttle)
    return [message for part in parts for message in part(rules)]


def _error(number: int, text: str, hint: str) -> checks.CheckMessage:
    return checks.Error(text, hint=hint, id=f"authserver.E{number:03}")


def _warning(number: int, text: str, hint: str) -> checks.CheckMessage:
    return checks.Warning(text, hint=hint, id=f"authserver.W{number:03}")


def _name(here: Environment) -> Iterator[checks.CheckMessage]:
    if not here.is_production:
        yield _error(
            1,
            "The deployment runs in development mode.",
            "Set AUTHSERVER_MODE=production: it refuses generated keys and plain http.",
        )
    if not here.is_secure:
        yield _error(
            2,
            f"The issuer {here.issuer} is plain http.",
            "Set AUTHSERVER_ISSUER to the https address people use.",
        )
    if issuer.is_loopback(here.issuer):
        yield _warning(
            1,
            f"The issuer {here.issuer} can only be reached from this machine.",
            "Set AUTHSERVER_ISSUER to the address people use.",
        )


def _stores(here: Environment) -> Iterator[checks.CheckMessage]:
    if here.data_dir.exists() and stat.S_IMODE(here.data_dir.stat().st_mode) & 0o077:
        yield _error(
            3,
            f"The data folder {here.data_dir} can be read by other users of this machine.",
            f"chmod 700 {here.data_dir}",
        )
    parts = urlsplit(here.database_url)
    is_far = not database.is_sqlite(here.database_url) and not _is_near(parts.hostname)
    if is_far and not any(word in parts.query for word in PROVED_TLS):
        yield _error(
            4,
            "The connection to PostgreSQL crosses a network without proving who answers.",
            "Add ?sslmode=verify-full&sslrootcert=… to AUTHSERVER_DATABASE_URL.",
        )
    if here.redis_url.startswith("redis:") and not _is_near(urlsplit(here.redis_url).hostname):
        yield _warning(
            2,
            "The connection to Redis crosses a network in the clear.",
            "Use a rediss:// URL.",
        )
    if here.is_production and not here.redis_url:
        yield _warning(
            9,
            "Failed sign-ins are counted by each process for itself, and forgotten when it ends.",
            "Set AUTHSERVER_REDIS_URL: the limits then hold for all processes together.",
        )


def _is_near(host: str | None) -> bool:
    name = host or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in LOCAL_HOSTS


def _surroundings(here: Environment) -> Iterator[checks.CheckMessage]:
    if any(network.prefixlen == 0 for network in here.trusted_proxies):
        yield _error(
            5,
            "AUTHSERVER_TRUSTED_PROXIES names the whole internet: anybody can forge an address.",
            "Name the proxies' own addresses.",
        )
    if here.is_production and not _is_near(here.host) and not here.trusted_proxies:
        yield _warning(
            10,
            f"Strangers reach {here.host} directly: each who sends a body slowly holds a thread.",
            "Put a server that buffers requests in front, and set AUTHSERVER_TRUSTED_PROXIES.",
        )
    if here.is_production and here.allowed_private_hosts:
        yield _warning(
            11,
            "Registered clients can have this server ask private hosts:"
            f" {', '.join(sorted(here.allowed_private_hosts))}.",
            "Keep in AUTHSERVER_ALLOWED_PRIVATE_HOSTS only what your own clients need, with ports.",
        )
    if here.email_url is None:
        yield _error(
            6,
            "No mail server is named: nobody can verify an address or reset a password.",
            "Set AUTHSERVER_EMAIL_URL.",
        )


def _lifetimes(rules: Policy) -> Iterator[checks.CheckMessage]:
    lives = rules.lifetimes
    yield checks.Info(
        f"Access tokens live {lives.access_token}. A resource server that verifies them locally"
        " goes on accepting one for that long after it was revoked; one that introspects does not.",
        hint="Shorten lifetimes.access_token, or introspect, where that is too long.",
        id="authserver.I001",
    )
    if lives.access_token > timedelta(hours=1):
        yield _warning(
            4,
            f"Access tokens live {lives.access_token} (RFC 9700 §2.2).",
            "Set lifetimes.access_token to minutes.",
        )
    if lives.code > timedelta(minutes=1):
        yield _warning(
            5,
            f"Authorization codes live {lives.code} (RFC 9700 §4.5).",
            'Set lifetimes.code = "60s".',
        )
    if rules.refresh.grace > timedelta(seconds=30):
        yield _warning(
            6,
            f"A rotated refresh token is still taken for {rules.refresh.grace} (RFC 9700 §4.14.2).",
            'Set refresh.grace = "10s".',
        )


def _passwords(rules: Policy) -> Iterator[checks.CheckMessage]:
    costs = rules.passwords
    if costs.argon2_memory_kib < OWASP_MEMORY_KIB or costs.argon2_time_cost < OWASP_TIME_COST:
        yield _error(
            7,
            "Password hashes are cheaper to guess than they should be (RFC 9106 §4).",
            "Leave passwords.argon2_* at their defaults, or raise them.",
        )
    if costs.min_length < 12:
        yield _warning(
            7,
            f"Passwords of {costs.min_length} characters will do (NIST SP 800-63B-4 §3.1.1.2).",
            "Set passwords.min_length to 12 or more.",
        )


def _transport(rules: Policy) -> Iterator[checks.CheckMessage]:
    if rules.transport.hsts_max_age < timedelta(days=180):
        yield _warning(
            8,
            "Browsers forget within half a year that this server is HTTPS only (RFC 6797 §11.2).",
            'Set transport.hsts_max_age = "365d".',
        )


def _responses(rules: Policy) -> Iterator[checks.CheckMessage]:
    if rules.responses.danger_access_token_in_url:
        yield _error(
            8,
            "Clients may register to have access tokens sent in addresses (RFC 9700 §2.1.2).",
            "Leave responses.danger_access_token_in_url out; `code` does all that it does.",
        )
    if rules.responses.danger_native_consent_kept:
        yield _warning(
            12,
            "A public native application is answered without asking the person (RFC 8252 §8.6).",
            "Leave responses.danger_native_consent_kept out: another application may be asking.",
        )
    if rules.responses.danger_popups:
        yield _warning(
            13,
            "Whoever opens our pages in a window can lead that window elsewhere (HTML §7.1.3).",
            "Leave responses.danger_popups out: applications can redirect instead.",
        )


def _throttle(rules: Policy) -> Iterator[checks.CheckMessage]:
    if rules.throttle.danger_off:
        yield _error(
            30,
            "Nobody is counted: passwords may be guessed without end (RFC 6819 §5.1.4).",
            "Leave throttle.danger_off out; raise the rates that are too low.",
        )
    elif rules.throttle.is_shadow:
        yield _warning(
            31,
            "Limits are only logged, not kept (RFC 6819 §5.1.4).",
            "Set throttle.is_shadow = false when the log shows what would be refused.",
        )


def _registration(rules: Policy) -> Iterator[checks.CheckMessage]:
    permits = rules.registration
    if permits.mode is RegistrationMode.CLOSED:
        return
    if permits.mode is RegistrationMode.OPEN:
        yield _warning(
            20,
            "Anybody may register a client (RFC 7591 §5).",
            'Set registration.mode = "token" and hand out initial access tokens.',
        )
    if permits.danger_client_credentials:
        yield _error(
            21,
            "Clients that register themselves may get tokens with nobody's consent.",
            "Leave registration.danger_client_credentials off; register such clients yourself.",
        )
    if permits.danger_pkce_optional:
        yield _warning(
            22,
            "Clients that register themselves may leave PKCE out (RFC 9700 §2.1.1).",
            "Leave registration.danger_pkce_optional off outside of conformance tests.",
        )
    if permits.danger_front_channel_tokens:
        yield _warning(
            23,
            "Clients that register themselves may take tokens out of an address (RFC 9700 §2.1.2).",
            "Leave registration.danger_front_channel_tokens off outside of conformance tests.",
        )
    if permits.danger_token_endpoint_audience:
        yield _warning(
            24,
            "Clients that register themselves may sign assertions for the token endpoint"
            " (RFC 10070).",
            "Leave registration.danger_token_endpoint_audience off outside of conformance tests.",
        )
