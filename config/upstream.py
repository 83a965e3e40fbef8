"""Providers elsewhere that people may sign in with, as the policy file names them.

`[upstream.<id>]` is one provider; its secret stands in AUTHSERVER_UPSTREAM_SECRETS, never here.
What a preset leaves out has to be said, and what is said wins.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from config.faults import Fault, did_you_mean

SEE: Final = "docs/operations.md#signing-in-with-another-provider"
FORM: Final = 'words such as "google=GOCSPX-abc github=0123abc"'
_ID = re.compile(r"[a-z][a-z0-9-]{0,31}")
_SECRET = re.compile(r"([a-z][a-z0-9-]{0,31})=([!-~]{1,4096})")
_URL = re.compile(r"https?://[a-z0-9.:\[\]-]+(?:/[!-~]*)?")
_WORD = re.compile(r"[!#-\[\]-~]+")


class Preset(Enum):
    """Whose provider it is, where its makers do something their own way."""

    OPENID = "openid"
    GOOGLE = "google"
    MICROSOFT = "microsoft"
    GITLAB = "gitlab"
    GITHUB = "github"


class SecretSent(Enum):
    """Where the token endpoint wants our secret (RFC 6749 §2.3.1)."""

    HEADER = "header"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as the operator described it."""

    id: str
    preset: Preset = Preset.OPENID
    name: str = ""
    issuer: str = ""
    client_id: str = ""
    scope: tuple[str, ...] = ("openid", "email", "profile")
    secret_sent: SecretSent = SecretSent.HEADER
    is_enabled: bool = True
    is_sign_up_offered: bool = True
    is_email_trusted: bool = True
    second_factor_acr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """OIDC Core §3.1, RFC 9700 §4.4: the providers elsewhere that people may sign in with.

    Each is a table of its own, `[upstream.<id>]`: `preset` is openid, google, microsoft, gitlab or
    github; `issuer`, `client_id`, `name` and `scope` are what they are called elsewhere;
    `secret_sent` is header or body. One that is not `is_enabled` is refused everywhere; without
    `is_sign_up_offered` only people who have an account use it. Where its addresses are not
    `is_email_trusted`, people prove them to us. An `acr` of `second_factor_acr` in its ID token
    spares people our own second factor.
    """

    providers: tuple[Provider, ...] = field(
        default=(), metadata={"form": "one table for each, `[upstream.<id>]`"}
    )

    def find(self, provider_id: str) -> Provider | None:
        """Return a provider that may be used now, or None."""
        return next((one for one in self.enabled if one.id == provider_id), None)

    @property
    def enabled(self) -> tuple[Provider, ...]:
        """Those that may be used now."""
        return tuple(one for one in self.providers if one.is_enabled)


_PRESETS: Final[Mapping[Preset, Mapping[str, Any]]] = {
    Preset.OPENID: {},
    Preset.GOOGLE: {"name": "Google", "issuer": "https://accounts.google.com"},
    # Its address is what an administrator of any tenant typed: never proof of a mailbox.
    Preset.MICROSOFT: {"name": "Microsoft", "is_email_trusted": False},
    Preset.GITLAB: {"name": "GitLab", "issuer": "https://gitlab.com"},
    Preset.GITHUB: {
        "name": "GitHub",
        "issuer": "https://github.com",
        "scope": ("read:user", "user:email"),
        "secret_sent": SecretSent.BODY,
    },
}


def _flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    raise ValueError("must be true or false.")


def _text(raw: object) -> str:
    if isinstance(raw, str) and 0 < len(raw.strip()) <= 255 and raw.isprintable():
        return raw.strip()
    raise ValueError("must be a text of at most 255 characters.")


def _words(raw: object) -> tuple[str, ...]:
    words = tuple(_text(raw).split())
    if all(_WORD.fullmatch(word) for word in words):
        return words
    raise ValueError("holds a character that no such word has.")


def _issuer(raw: object) -> str:
    url = _text(raw)
    if _URL.fullmatch(url) and not {"?", "#", "@", "{"} & set(url):
        return url
    raise ValueError("is not the https address of one issuer.")


def _one_of(kind: type[Enum]) -> Callable[[object], Enum]:
    def parse(raw: object) -> Enum:
        known = [str(each.value) for each in kind]
        if raw in known:
            return kind(raw)
        raise ValueError(f"is not one of {', '.join(known)}.")

    return parse


_PARSE: Final[Mapping[str, Callable[[object], object]]] = {
    "preset": _one_of(Preset),
    "name": _text,
    "issuer": _issuer,
    "client_id": _text,
    "scope": _words,
    "secret_sent": _one_of(SecretSent),
    "is_enabled": _flag,
    "is_sign_up_offered": _flag,
    "is_email_trusted": _flag,
    "second_factor_acr": _words,
}


def read(_name: str, table: Mapping[str, Any]) -> tuple[Upstream, list[Fault]]:
    """Return the providers of the policy file's `upstream` tables, and what is wrong with them."""
    found, faults = [], []
    for provider_id, raw in table.items():
        key = f"upstream.{provider_id}"
        if not _ID.fullmatch(provider_id):
            faults.append(_fault(key, "is no name for a provider: use a to z, 0 to 9 and -."))
        elif not isinstance(raw, dict):
            faults.append(_fault(key, f"must be a table: [{key}]."))
        else:
            values, wrong = _values(key, raw)
            provider = _completed(Provider(id=provider_id, **values), values)
            faults += [*wrong, *([] if wrong else _lacking(provider))]
            found.append(provider)
    return Upstream(providers=tuple(found)), faults


def _values(key: str, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    for name, value in raw.items():
        if name not in _PARSE:
            hint = did_you_mean(name, _PARSE)
            faults.append(_fault(f"{key}.{name}", f"is not a policy setting.{hint}"))
            continue
        try:
            values[name] = _PARSE[name](value)
        except ValueError as error:
            faults.append(_fault(f"{key}.{name}", str(error)))
    return values, faults


def _completed(provider: Provider, said: Mapping[str, Any]) -> Provider:
    """Add what the preset knows."""
    known = {name: value for name, value in _PRESETS[provider.preset].items() if name not in said}
    provider = replace(provider, **known)
    return replace(provider, name=provider.name or provider.id.capitalize())


def _lacking(provider: Provider) -> Iterator[Fault]:
    key = f"upstream.{provider.id}"
    for name in ("issuer", "client_id"):
        if not getattr(provider, name):
            yield _fault(f"{key}.{name}", "is missing.")
    if provider.preset is not Preset.GITHUB and "openid" not in provider.scope:
        yield _fault(f"{key}.scope", "must hold openid.")


def secrets(text: str) -> tuple[tuple[str, str], ...]:
    """Return (id, secret) of providers; raise ValueError with a sentence that shows none."""
    found: dict[str, str] = {}
    for word in text.split():
        match = _SECRET.fullmatch(word)
        if match is None:
            raise ValueError(f"is not {FORM}.")
        if match[1] in found:
            raise ValueError(f"names {match[1]} twice.")
        found[match[1]] = match[2]
    return tuple(found.items())


def without_secret(upstream: Upstream, known: Mapping[str, str]) -> list[Fault]:
    """Name the providers that have no secret, and the secrets that have no provider."""
    there = {one.id for one in upstream.providers}
    variable = "AUTHSERVER_UPSTREAM_SECRETS"
    faults = [
        _fault(f"upstream.{one.id}", f"has no secret: add {one.id}=… to {variable}.")
        for one in upstream.enabled
        if one.id not in known
    ]
    return faults + [
        _fault(variable, f"holds a secret for {name}, and there is no [upstream.{name}].")
        for name in sorted(set(known) - there)
    ]


def _fault(key: str, problem: str) -> Fault:
    return Fault(key=key, problem=problem, see=SEE)
