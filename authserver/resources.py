"""RFC 8707 §2, RFC 6749 §3.3 — resources and scopes: who takes tokens, what may be asked for.

There are few of both, so a process keeps them all for `policy.clients.cache_for` and reads them
again together. Without any row marked as default, `<issuer>/api` is the default resource.
"""

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver import errors, models
from authserver.clients import Client
from config import environment, policy

DEVICE_SSO: Final = "device_sso"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """An API that takes our access tokens; `identifier` is their audience."""

    identifier: str
    name: str
    token_format: str = "jwt"
    algorithm: str = "ES256"
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A scope and its words for the consent page."""

    name: str
    resource: str | None
    title: str
    description: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Catalogue:
    resources: Mapping[str, Resource]
    scopes: Mapping[str, Scope]
    default: Resource
    issuer: str
    read_at: float


_lock = threading.Lock()
_held: list[_Catalogue] = []


def find(identifier: str) -> Resource | None:
    """Return a resource, or None."""
    return _catalogue().resources.get(identifier)


def default() -> Resource:
    """Return the resource a token is for when none is asked."""
    return _catalogue().default


def targets(client: Client, asked: Collection[str]) -> tuple[Resource, ...]:
    """Return the resources a client asked for, or the default one; raises InvalidTarget.

    A client registered with resources may ask for those only, and gets the first by default.
    """
    catalogue = _catalogue()
    if not asked:
        found = (
            catalogue.resources.get(client.resources[0]) if client.resources else catalogue.default
        )
        if found is None:
            raise errors.InvalidTarget
        return (found,)
    chosen = [catalogue.resources.get(identifier) for identifier in dict.fromkeys(asked)]
    known = tuple(resource for resource in chosen if resource is not None)
    is_open = not client.resources or all(
        resource.identifier in client.resources for resource in known
    )
    if len(known) < len(chosen) or not is_open:
        raise errors.InvalidTarget
    return known


def scopes_for(client: Client, asked: str | None) -> tuple[str, ...]:
    """Return the scopes asked for, in order, or the client's default ones when none is.

    Raises InvalidScope for one that is unknown, malformed, or not open to the client.
    """
    if not asked:
        return tuple(sorted(client.default_scope & client.scope))
    names = tuple(dict.fromkeys(asked.split(" ")))
    if not all(name in client.scope and name in _catalogue().scopes for name in names):
        raise errors.InvalidScope
    return names


def scope(name: str) -> Scope | None:
    """Return one scope, or None."""
    return _catalogue().scopes.get(name)


def scopes() -> tuple[Scope, ...]:
    """Return every scope, by name."""
    return tuple(_catalogue().scopes.values())


def words(names: Collection[str]) -> list[tuple[str, str, str]]:
    """Return name, title and description of scopes, as the consent page lists them."""
    known = _catalogue().scopes
    found = ((name, known.get(name)) for name in names)
    return [(name, row.title, row.description) if row else (name, name, "") for name, row in found]


def words_of(identifiers: Collection[str]) -> list[tuple[str, str, str]]:
    """Return identifier, title and description of resources, as the consent page lists them."""
    found = ((identifier, find(identifier)) for identifier in identifiers)
    return [
        (identifier, _("Use %(name)s for you") % {"name": row.name}, identifier)
        for identifier, row in found
        if row is not None
    ]


def evict() -> None:
    """Forget what was read."""
    _held.clear()


def _catalogue() -> _Catalogue:
    held = _held[:1]
    keep = policy.current().clients.cache_for.total_seconds()
    issuer = environment.current().issuer
    if held and held[0].issuer == issuer and time.monotonic() - held[0].read_at < keep:
        return held[0]
    read_at = time.monotonic()
    fresh = _read(read_at)
    with _lock:
        _held[:] = [fresh]
    return fresh


def _read(read_at: float) -> _Catalogue:
    own = Resource(identifier=f"{environment.current().issuer}/api", name="API")
    resources, chosen = {own.identifier: own}, own
    for row in models.Resource.objects.all():
        known = Resource(
            identifier=row.identifier,
            name=row.name,
            token_format=row.token_format,
            algorithm=row.algorithm,
            lifetime=row.lifetime,
        )
        resources[row.identifier] = known
        chosen = known if row.is_default else chosen
    if chosen is own:
        chosen = resources[own.identifier]
    scopes = {
        row.name: Scope(
            name=row.name,
            resource=row.resource_id,
            title=row.title,
            description=row.description,
            is_default=row.is_default,
        )
        for row in models.Scope.objects.all()
    }
    if policy.current().native_sso.is_offered:
        scopes[DEVICE_SSO] = _device_sso()
    return _Catalogue(
        resources=resources,
        scopes=scopes,
        default=chosen,
        issuer=environment.current().issuer,
        read_at=read_at,
    )


def _device_sso() -> Scope:
    """Return the scope of OpenID Native SSO, known only where the policy offers it."""
    return Scope(
        name=DEVICE_SSO,
        resource=None,
        title=gettext_noop("Sign you in to its publisher's other applications"),
        description=gettext_noop("Those on this device, without asking you again"),
        is_default=False,
    )
