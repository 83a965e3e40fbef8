"""Applications as people see them. The floor above, which registers them, tells what it knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What pages show of an application.

    `logo` is an address of our own, for no page loads an image from elsewhere; `start_url` is where
    the application begins a sign-in by itself. Accent, tagline and support link are an operator's.
    """

    client_id: str
    name: str
    uri: str = ""
    logo: str = ""
    policy_uri: str = ""
    tos_uri: str = ""
    is_demo: bool = False
    is_self_registered: bool = False
    start_url: str = ""
    accent: str = ""
    tagline: str = ""
    support_url: str = ""

    @property
    def host(self) -> str:
        """The name of the application's own site."""
        return urlsplit(self.uri).hostname or ""


class Register(Protocol):
    """What the floor above answers; `languages` are those the person prefers, best first."""

    def find(self, client_id: str, languages: Sequence[str]) -> Application | None:
        """Return an application that is registered and active."""

    def first_party(self, languages: Sequence[str]) -> list[Application]:
        """Return the operator's own, which ask for no consent and can be opened."""

    def permissions(self, scope: Sequence[str], resources: Sequence[str]) -> list[str]:
        """Return what these allow, as the consent page says it."""


class _Nothing:
    """Before anything was told."""

    def find(self, client_id: str, languages: Sequence[str]) -> Application | None:
        """Know none."""

    def first_party(self, languages: Sequence[str]) -> list[Application]:
        """Know none."""
        return []

    def permissions(self, scope: Sequence[str], resources: Sequence[str]) -> list[str]:
        """Say them as they are."""
        return [*scope, *resources]


class _Told:
    """The one mutable place: who answers."""

    register: Register = _Nothing()


def told_by(register: Register) -> None:
    """Take `register` for the one that knows."""
    _Told.register = register


def find(client_id: str, languages: Sequence[str]) -> Application | None:
    """Return an application that is registered and active, or None."""
    return _Told.register.find(client_id, languages)


def first_party(languages: Sequence[str]) -> list[Application]:
    """Return the operator's own, which ask for no consent and can be opened."""
    return _Told.register.first_party(languages)


def permissions(scope: Sequence[str], resources: Sequence[str]) -> list[str]:
    """Return what these allow, as the consent page says it."""
    return _Told.register.permissions(scope, resources)
