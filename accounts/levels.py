"""RFC 8176 §2 — what somebody proved in a session, how strong that is, and how it is called.

A level (`acr`) is worked out of the methods that were really used, never stored by itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

SINGLE_FACTOR: Final = "1"
TWO_FACTORS: Final = "2"
PHISHING_RESISTANT: Final = "phr"
LEVELS: Final = (SINGLE_FACTOR, TWO_FACTORS, PHISHING_RESISTANT)
"""The `acr` values this server can truly reach, the weakest first; each includes those before."""

PASSWORD: Final = "password"
MAIL_CODE: Final = "mail_code"
UPSTREAM: Final = "upstream"
UPSTREAM_STRONG: Final = "upstream_strong"
TOTP: Final = "totp"
RECOVERY_CODE: Final = "recovery_code"
PASSKEY: Final = "passkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What one way of proving is worth; `amr` are its names, where its caller knows no better."""

    amr: tuple[str, ...] = ()
    is_first: bool = False
    is_second: bool = False
    is_phishing_resistant: bool = False


METHODS: Final[Mapping[str, Method]] = {
    PASSWORD: Method(amr=("pwd",), is_first=True),
    MAIL_CODE: Method(amr=("otp",), is_first=True),
    UPSTREAM: Method(is_first=True),
    UPSTREAM_STRONG: Method(is_first=True, is_second=True),
    TOTP: Method(amr=("otp",), is_second=True),
    RECOVERY_CODE: Method(amr=("otp",), is_second=True),
    PASSKEY: Method(amr=("pop", "user"), is_first=True, is_second=True, is_phishing_resistant=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A method that was used, when, and what it is called."""

    method: str
    at: float
    amr: tuple[str, ...]


def proof(method: str, at: float, amr: Sequence[str] = ()) -> Proof:
    """Return what was proved; raises KeyError for a method that is not known."""
    return Proof(method=method, at=at, amr=tuple(amr) or METHODS[method].amr)


def acr(proofs: Iterable[Proof]) -> str:
    """Return the level that these proofs make together."""
    used = [METHODS[one.method] for one in proofs]
    if any(one.is_phishing_resistant for one in used):
        return PHISHING_RESISTANT
    is_both = any(one.is_first for one in used) and any(one.is_second for one in used)
    return TWO_FACTORS if is_both else SINGLE_FACTOR


def amr(proofs: Sequence[Proof]) -> tuple[str, ...]:
    """Return what these proofs are called; `mfa` where they are more than one factor."""
    names = [name for one in proofs for name in one.amr]
    more = ["mfa"] if acr(proofs) != SINGLE_FACTOR else []
    return tuple(dict.fromkeys(names + more))


def satisfies(level: str, wanted: Collection[str]) -> bool:
    """Tell whether a level that was reached is one of those wanted, or includes one."""
    return level in LEVELS and not set(LEVELS[: LEVELS.index(level) + 1]).isdisjoint(wanted)


def packed(proofs: Iterable[Proof]) -> dict[str, Any]:
    """Return proofs as they rest in a session; of one method the last counts."""
    return {one.method: [one.at, list(one.amr)] for one in proofs}


def unpacked(held: Mapping[str, Any]) -> tuple[Proof, ...]:
    """Return proofs from where they rest."""
    return tuple(
        Proof(method=method, at=at, amr=tuple(names))
        for method, (at, names) in held.items()
        if method in METHODS
    )
