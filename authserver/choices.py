"""OIDC RP-Metadata-Choices §2 — a client says all it can do; this server picks one of each.

The lists are input only: what is registered, and answered, is the one value picked. A single value
that comes beside its list is the client's preference, and gives way where it is not served here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from authserver import client_auth
from tokens import jwe, keys, pairwise

Given = Mapping[str, Any]
Served = Callable[[Given], tuple[str, ...]]
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One member with a list of its own, and what is served, best first.

    `is_usual` says whether a client has the thing at all without asking for it by a single value.
    """

    member: str
    served: Served
    is_usual: Callable[[Given], bool] = lambda _: False


def _methods(given: Given) -> tuple[str, ...]:
    has_keys = bool(given.get("jwks") or given.get("jwks_uri"))
    ranked = ("private_key_jwt", "client_secret_basic", "client_secret_post", "client_secret_jwt")
    return (*(name for name in ranked if has_keys or name != "private_key_jwt"), "none")


def _assertion_algorithms(given: Given) -> tuple[str, ...]:
    match given.get("token_endpoint_auth_method"):
        case "private_key_jwt":
            return _asymmetric(given)
        case "client_secret_jwt":
            return tuple(sorted(client_auth.SHARED_ALGORITHMS))
    return ()


def _always(_given: Given) -> bool:
    return True


def _asymmetric(_given: Given) -> tuple[str, ...]:
    return tuple(alg for alg in keys.ALGORITHMS if alg in client_auth.KEY_ALGORITHMS)


def _signed(_given: Given) -> tuple[str, ...]:
    return tuple(keys.ALGORITHMS)


def _encrypted(_given: Given) -> tuple[str, ...]:
    return jwe.ALGORITHMS


def _content(_given: Given) -> tuple[str, ...]:
    return jwe.ENCRYPTIONS


CHOICES: Final[Mapping[str, Choice]] = {
    "subject_types_supported": Choice(
        member="subject_type", served=lambda _: pairwise.SUBJECT_TYPES, is_usual=_always
    ),
    "id_token_signing_alg_values_supported": Choice(
        member="id_token_signed_response_alg", served=_signed, is_usual=_always
    ),
    "id_token_encryption_alg_values_supported": Choice(
        member="id_token_encrypted_response_alg", served=_encrypted
    ),
    "id_token_encryption_enc_values_supported": Choice(
        member="id_token_encrypted_response_enc",
        served=_content,
        is_usual=lambda given: bool(given.get("id_token_encrypted_response_alg")),
    ),
    "userinfo_signing_alg_values_supported": Choice(
        member="userinfo_signed_response_alg", served=_signed
    ),
    "userinfo_encryption_alg_values_supported": Choice(
        member="userinfo_encrypted_response_alg", served=_encrypted
    ),
    "userinfo_encryption_enc_values_supported": Choice(
        member="userinfo_encrypted_response_enc",
        served=_content,
        is_usual=lambda given: bool(given.get("userinfo_encrypted_response_alg")),
    ),
    "request_object_signing_alg_values_supported": Choice(
        member="request_object_signing_alg", served=_asymmetric
    ),
    "token_endpoint_auth_methods_supported": Choice(
        member="token_endpoint_auth_method", served=_methods, is_usual=_always
    ),
    "token_endpoint_auth_signing_alg_values_supported": Choice(
        member="token_endpoint_auth_signing_alg", served=_assertion_algorithms, is_usual=_always
    ),
}
"""In this order: the last looks at what the one before it picked."""
NOT_SERVED: Final = frozenset(
    f"{what}_{kind}_values_supported"
    for what in ("request_object", "authorization", "introspection")
    for kind in ("signing_alg", "encryption_alg", "encryption_enc")
) - set(CHOICES) | {"backchannel_authentication_request_signing_alg_values_supported"}
"""Lists about what is not offered here at all: nothing has to be picked."""


def picked(given: Given) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the metadata with one value for each list, and what is wrong with the lists."""
    values = {name: value for name, value in given.items() if name not in NOT_SERVED}
    faults: list[tuple[str, str]] = []
    for name, choice in CHOICES.items():
        if name in values:
            faults += _pick(values, choice, values.pop(name), name)
    return values, faults


def _pick(
    values: dict[str, Any], choice: Choice, list_: Any, name: str
) -> Iterator[tuple[str, str]]:
    """Settle one member of `values`."""
    if not _is_list(list_):
        yield name, "must be a list of texts, and not empty"
        return
    wanted = values.get(choice.member) or ""
    if wanted and wanted not in list_:
        yield choice.member, f"must be in {name}"
        return
    served = choice.served(values)
    if wanted in served or not (wanted or choice.is_usual(values)):
        return
    best = next((value for value in served if value in list_), None)
    if best is not None:
        values[choice.member] = best
    elif served:
        yield name, "holds nothing that is served here: " + ", ".join(served)


def _is_list(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= _LONGEST
        and all(isinstance(each, str) for each in value)
    )
