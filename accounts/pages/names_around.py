"""Names that somebody has in mind who chooses a password here: those of applications."""

from collections.abc import Iterator
from typing import Final

from accounts import consent, passwords
from accounts.models import User
from accounts.pages import clients

_MOST: Final = 50


def names(user: User) -> Iterator[str]:
    """Yield the names of the operator's applications, and of those that the person let in."""
    for application in clients.first_party(())[:_MOST]:
        yield application.name
    for agreed in consent.of(str(user.pk))[:_MOST]:
        yield agreed.client_name


passwords.also_avoid(names)
