"""What this deployment permits: every lifetime, limit and cost, in one frozen, typed object.

Defaults are the safe choice. A TOML file named by AUTHSERVER_POLICY_FILE changes them; its tables
and keys are the names below. `ranged` gives the bounds outside which a value stops the start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from typing import Any

from config.bounds import DAY, HOUR, MINUTE, SECOND, ranged
from config.branding import Branding
from config.factors import Factors
from config.keeping import Deletion, Failures, History
from config.patience import Codes, Guesses
from config.rates import Throttle
from config.upstream import Upstream


class PasswordPolicy(Enum):
    """Which rules a new password must meet."""

    CLASSIC = "classic"
    NIST = "nist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """RFC 6749 §4.1.2, RFC 9700 §2.2 and §4.14, OIDC Core §2: how long each thing is good for."""

    code: timedelta = ranged(MINUTE, SECOND, 10 * MINUTE)
    access_token: timedelta = ranged(15 * MINUTE, SECOND, DAY)
    refresh_token: timedelta = ranged(7 * DAY, SECOND, 3650 * DAY)
    family: timedelta = ranged(90 * DAY, SECOND, 3650 * DAY)
    id_token: timedelta = ranged(HOUR, SECOND, DAY)
    interaction: timedelta = ranged(HOUR, MINUTE, DAY)
    session: timedelta = ranged(14 * DAY, MINUTE, 365 * DAY)
    setup_link: timedelta = ranged(30 * MINUTE, MINUTE, DAY)
    margin: timedelta = ranged(5 * MINUTE, timedelta(0), HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """RFC 9700 §4.14.2: how long the previous refresh token is taken for a retry, not a theft."""

    grace: timedelta = ranged(10 * SECOND, timedelta(0), 2 * MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """RFC 7517 §5, OIDC Core §10.1.1: when a key appears, gives way and disappears."""

    rsa_bits: int = ranged(2048, 2048, 8192)
    announce_for: timedelta = ranged(HOUR, timedelta(0), 30 * DAY)
    jwks_max_age: timedelta = ranged(5 * MINUTE, timedelta(0), DAY)
    rotate_after: timedelta = ranged(90 * DAY, HOUR, 3650 * DAY)
    retain_for: timedelta = ranged(25 * HOUR, DAY, 3650 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """NIST SP 800-63B-4 §3.1.1, RFC 9106 §4: what a password must be and what hashing it costs.

    Whoever knows lists, names and patterns must need ten to the power of `least_guesses` of them:
    of `min_length` less one, where that is less.
    """

    min_length: int = ranged(12, 8, 64)
    max_length: int = ranged(128, 64, 1024)
    policy: PasswordPolicy = PasswordPolicy.CLASSIC
    least_guesses: int = ranged(9, 0, 14)
    argon2_time_cost: int = ranged(3, 1, 32)
    argon2_memory_kib: int = ranged(65536, 1024, 4 * 1024 * 1024)
    argon2_parallelism: int = ranged(1, 1, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """RFC 6749 §3.1 and §3.2: how large a request may be (bytes, count, characters, characters)."""

    max_body: int = ranged(65536, 4096, 8 * 1024 * 1024)
    max_parameters: int = ranged(100, 20, 1000)
    max_value: int = ranged(8192, 1024, 1024 * 1024)
    max_query: int = ranged(16384, 2048, 1024 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertions:
    """RFC 7523 §3: how far ahead a client's assertion may expire, and how far clocks may differ."""

    max_lifetime: timedelta = ranged(HOUR, MINUTE, DAY)
    leeway: timedelta = ranged(30 * SECOND, timedelta(0), 5 * MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """RFC 9700 §2.1.2, RFC 8252 §8.6: what browsers may carry back, and when nobody is asked.

    `danger_access_token_in_url` lets clients register `id_token token`.
    `danger_native_consent_kept` answers a public native client, whose redirect URI any application
    on a device can take, without asking the person each time. `danger_popups` lets a page that
    opened ours in a window of its own keep its hold on that window (HTML §7.1.3).
    """

    danger_access_token_in_url: bool = False
    danger_native_consent_kept: bool = False
    danger_popups: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """RFC 6749 §2: how long a client read from the database is believed, and how many are kept."""

    cache_for: timedelta = ranged(SECOND, timedelta(0), MINUTE)
    cache_size: int = ranged(10_000, 1, 10_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """RFC 9101 §10.4.1: how long asking an address others chose may take, and how many at once."""

    deadline: timedelta = ranged(5 * SECOND, SECOND, 30 * SECOND)
    at_once: int = ranged(4, 1, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """OIDC Back-Channel Logout §2.5: how often what is not delivered is tried, and how soon.

    The wait grows fourfold from `first_retry` to `longest_retry`; after `tries` it is given up.
    """

    tries: int = ranged(10, 8, 100)
    first_retry: timedelta = ranged(5 * SECOND, SECOND, HOUR)
    longest_retry: timedelta = ranged(6 * HOUR, MINUTE, 7 * DAY)
    lease: timedelta = ranged(MINUTE, 10 * SECOND, HOUR)
    threads: int = ranged(8, 2, 64)
    keep_delivered: timedelta = ranged(7 * DAY, timedelta(0), 365 * DAY)
    keep_given_up: timedelta = ranged(90 * DAY, timedelta(0), 3650 * DAY)


class RegistrationMode(Enum):
    """Who may register a client over the network."""

    CLOSED = "closed"
    TOKEN = "token"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """RFC 7591 §3 and §5, RFC 7592 §2: who may register a client, how often, and as what.

    `per_address` counts one hour; a `secret_lifetime` of 0 means for good.
    """

    mode: RegistrationMode = RegistrationMode.CLOSED
    per_address: int = ranged(20, 1, 100_000)
    max_unused: int = ranged(1000, 1, 1_000_000)
    unused_for: timedelta = ranged(30 * DAY, MINUTE, 3650 * DAY)
    secret_lifetime: timedelta = ranged(timedelta(0), timedelta(0), 3650 * DAY)
    is_access_token_rotated: bool = False
    is_software_statement_required: bool = False
    danger_client_credentials: bool = False
    danger_pkce_optional: bool = False
    danger_front_channel_tokens: bool = False
    danger_token_endpoint_audience: bool = False

    @property
    def is_offered(self) -> bool:
        """Whether anybody may register at all."""
        return self.mode is not RegistrationMode.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """RFC 6797 §6.1: what browsers are told about HTTPS (only sent when the issuer is https)."""

    hsts_max_age: timedelta = ranged(365 * DAY, timedelta(0), 3650 * DAY)
    hsts_include_subdomains: bool = False
    hsts_preload: bool = False


class Names(Enum):
    """Which letters a person's name may have, where a program writes it."""

    UNICODE = "unicode"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """RFC 9470 §4, RFC 9457 §3: what `/api/v1` takes, and what it asks before it does.

    `names` is `ascii` for letters A to Z and spaces only. Where it is `strict`, a member it does
    not know is refused instead of left out. Somebody who does what cannot be taken back has to
    have signed in within `step_up_within`. The description of the API and the page that shows it
    are there in development, and with `docs_in_production` everywhere.
    """

    names: Names = Names.UNICODE
    is_strict: bool = False
    step_up_within: timedelta = ranged(5 * MINUTE, 10 * SECOND, DAY)
    key_lifetime: timedelta = ranged(90 * DAY, HOUR, 3650 * DAY)
    cursor_lifetime: timedelta = ranged(DAY, MINUTE, 30 * DAY)
    docs_in_production: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSso:
    """OIDC Native-SSO §3, a draft: 7 acknowledges draft 07 and offers it."""

    draft: int = ranged(0, 0, 7)

    @property
    def is_offered(self) -> bool:
        """Whether the draft that is built here was acknowledged by its number."""
        return self.draft == 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """OIDC Session Management §3.3: whether applications may watch a browser's session."""

    check_session_iframe: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """RFC 9116 §2.5.5: for how long a copy of security.txt may be believed."""

    expires_after: timedelta = ranged(90 * DAY, DAY, 365 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything this deployment permits."""

    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    refresh: Refresh = field(default_factory=Refresh)
    keys: Keys = field(default_factory=Keys)
    passwords: Passwords = field(default_factory=Passwords)
    requests: Requests = field(default_factory=Requests)
    assertions: Assertions = field(default_factory=Assertions)
    responses: Responses = field(default_factory=Responses)
    clients: Clients = field(default_factory=Clients)
    outgoing: Outgoing = field(default_factory=Outgoing)
    outbox: Outbox = field(default_factory=Outbox)
    registration: Registration = field(default_factory=Registration)
    transport: Transport = field(default_factory=Transport)
    throttle: Throttle = field(default_factory=Throttle)
    guesses: Guesses = field(default_factory=Guesses)
    codes: Codes = field(default_factory=Codes)
    sessions: Sessions = field(default_factory=Sessions)
    factors: Factors = field(default_factory=Factors)
    history: History = field(default_factory=History)
    deletion: Deletion = field(default_factory=Deletion)
    disclosure: Disclosure = field(default_factory=Disclosure)
    api: Api = field(default_factory=Api)
    native_sso: NativeSso = field(default_factory=NativeSso)
    failures: Failures = field(default_factory=Failures)
    branding: Branding = field(default_factory=Branding)
    upstream: Upstream = field(default_factory=Upstream)


class _Held:
    """The one mutable place: what `current` answers."""

    policy = Policy()


def current() -> Policy:
    """Return what this process permits right now."""
    return _Held.policy


def install(policy: Policy) -> None:
    """Make `policy` the one in force; called once, when the environment has been read."""
    _Held.policy = policy


@contextmanager
def replaced(**changes: Any) -> Iterator[Policy]:
    """Put other parts in force inside a `with` block, process-wide; for tests."""
    before = _Held.policy
    _Held.policy = replace(before, **changes)
    try:
        yield _Held.policy
    finally:
        _Held.policy = before
