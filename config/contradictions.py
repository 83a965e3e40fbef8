"""Values of the policy that are fine alone and cannot be together."""

from collections.abc import Iterator

from config.faults import Fault
from config.policy import Policy

_SEE = "docs/operations.md#policy-file"
Rule = tuple[bool, str, str]  # whether it holds, for which key, in what words


def found(policy: Policy) -> list[Fault]:
    """Return everything that does not fit."""
    rules = (*_of_lifetimes(policy), *_of_keys(policy), *_of_the_rest(policy))
    return [Fault(key=key, problem=text, see=_SEE) for holds, key, text in rules if not holds]


def _of_lifetimes(policy: Policy) -> Iterator[Rule]:
    lives = policy.lifetimes
    for name in ("refresh_token", "access_token"):
        yield (
            getattr(lives, name) <= lives.family,
            f"lifetimes.{name}",
            "must not be longer than lifetimes.family, the end of the whole family.",
        )


def _of_keys(policy: Policy) -> Iterator[Rule]:
    lives, keys = policy.lifetimes, policy.keys
    yield (
        keys.jwks_max_age <= keys.announce_for,
        "keys.announce_for",
        "must not be shorter than keys.jwks_max_age, for cached copies lack the key.",
    )
    yield (
        max(lives.access_token, lives.id_token) + lives.margin <= keys.retain_for,
        "keys.retain_for",
        "must cover the longest signed token and lifetimes.margin.",
    )
    yield (
        keys.announce_for < keys.rotate_after,
        "keys.rotate_after",
        "must be longer than keys.announce_for.",
    )


def _of_the_rest(policy: Policy) -> Iterator[Rule]:
    transport = policy.transport
    yield (
        transport.hsts_include_subdomains or not transport.hsts_preload,
        "transport.hsts_preload",
        "needs transport.hsts_include_subdomains = true (the preload list asks for it).",
    )
    yield (
        policy.native_sso.draft in {0, 7},
        "native_sso.draft",
        "must be 7, the draft that is built here, or 0 for none.",
    )
