"""The set-up link: how the first administrator comes to be, and a named one comes back.

Shown only on the terminal that asked for it. It lives half an hour, works once, and a new one voids
the old; looking at the page consumes nothing.
"""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from accounts import people
from accounts.models import User
from config import environment, logs, policy
from tokens import pending

_KIND = "setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Whom a link is for: a named administrator, or, with None, the first one."""

    person: User | None


def link(email: str = "") -> str:
    """Make the link, for the first administrator or for the named one, and void any other.

    Raises:
        LookupError: nobody by that address is an administrator, or none was named and there is one.
    """
    subject = ""
    if email:
        person = people.find_by_email(email)
        if person is None or not person.is_staff:
            raise LookupError(f"{email} is not an administrator.")
        subject = str(person.pk)
    elif people.has_administrator():
        raise LookupError(
            "There is an administrator already. Name one with --email to let them back in."
        )
    with transaction.atomic():
        secret = pending.put(
            _KIND, {"subject": subject}, policy.current().lifetimes.setup_link, void_others=True
        )
    logs.security_event("setup_link_made", subject=subject)
    return environment.current().issuer_origin + reverse("setup", args=[secret])


def find(secret: str) -> Invitation | None:
    """Return whom a link is for, without consuming it."""
    return _invitation(pending.find(_KIND, secret))


def accept(secret: str, *, password: str, email: str = "", name: str = "") -> User | None:
    """Consume the link and return the administrator; None when it is spent, void or too late."""
    with transaction.atomic():
        invitation = _invitation(pending.take(_KIND, secret))
        if invitation is None:
            return None
        if invitation.person is None:
            person = people.create(email=email, password=password, name=name, is_staff=True)
        else:
            person = invitation.person
            people.set_password(person, password)
            people.enable(str(person.pk))
            person.refresh_from_db()
    logs.security_event("setup_link_used", subject=str(person.pk))
    return person


def _invitation(record: dict[str, str] | None) -> Invitation | None:
    if record is None:
        return None
    if not record["subject"]:
        return None if people.has_administrator() else Invitation(person=None)
    person = people.find(record["subject"])
    return Invitation(person=person) if person and person.is_staff else None
