"""People: create, look up, change, disable, and what an application may know of them.

OIDC Core §5.1 names the claims and §5.4 the scopes that ask for them.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any, Final, TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts import email_addresses, familiar, history, profile, sessions, signals
from accounts.models import Deletion, User, email_key
from config import logs
from tokens import epochs

CLAIMS: Final = frozenset({"sub", *profile.SCOPE_OF})
"""Every claim that may be known of a person."""


class Profile(TypedDict, total=False):
    """What else is known of a person."""

    given_name: str
    family_name: str
    middle_name: str
    nickname: str
    preferred_username: str
    gender: str
    birthdate: Any
    age: int
    locale: str
    zoneinfo: str
    picture: str
    profile: str
    website: str
    phone_number: str
    phone_number_verified: bool
    address: Mapping[str, str]


def create(
    *,
    email: str,
    password: str | None = None,
    name: str = "",
    is_staff: bool = False,
    is_demo: bool = False,
    email_verified: bool = True,
    subject: str | None = None,
    password_hash: str | None = None,
    **profile: Unpack[Profile],
) -> User:
    """Create a person; `password_hash` is one that `passwords.imported` returned.

    Raises:
        django.db.IntegrityError: the e-mail address or subject is taken.
        ValueError: mail to the address may reach somebody else.
    """
    if sentence := email_addresses.fault(email):
        raise ValueError(str(sentence))
    user = User(
        id=uuid.UUID(subject) if subject else uuid.uuid4(),
        email=email,
        email_verified=email_verified,
        name=name,
        is_staff=is_staff,
        is_demo=is_demo,
        **profile,
    )
    if password_hash is None:
        user.set_password(password)
    else:
        user.password = password_hash
    with transaction.atomic():
        user.save(force_insert=True)
        agree(user)
        history.note(str(user.pk), "account_created")
    return user


def save(user: User, changed: Collection[str]) -> None:
    """Write these columns and no other: the rest may have changed since the row was read."""
    with transaction.atomic():
        if changed:
            user.save(update_fields=[*changed, "updated_at"])
        user.refresh_from_db(fields=["email", "email_verified"])
        agree(user)


def agree(user: User) -> None:
    """Make allauth's only address of this person say what the person's row says."""
    key = email_key(user.email)
    EmailAddress.objects.filter(user_id=user.pk).exclude(email=key).delete()
    EmailAddress.objects.update_or_create(
        user_id=user.pk, email=key, defaults={"primary": True, "verified": user.email_verified}
    )


def find(subject: str) -> User | None:
    """Return the person with this identifier, active or not."""
    try:
        found: User | None = User.objects.filter(pk=uuid.UUID(subject)).first()
    except ValueError:
        return None
    return found


def find_by_email(email: str) -> User | None:
    """Return the person with this e-mail address, however it is written."""
    found: User | None = User.objects.filter(email_key=email_key(email)).first()
    return found


def active_addresses(subjects: Collection[str]) -> dict[str, str]:
    """Return the e-mail addresses of those of these people who exist and may sign in."""
    rows = User.objects.filter(pk__in=list(subjects), is_active=True)
    return {str(pk): email for pk, email in rows.values_list("pk", "email")}


def has_administrator() -> bool:
    """Tell whether anyone can administer this server."""
    return bool(User.objects.filter(is_staff=True, is_active=True).exists())


def is_only_administrator(subject: str) -> bool:
    """Tell whether this person administers this server and nobody else could, or not for long.

    Of several who are about to leave, one after the other is told.
    """
    those = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    list(those.select_for_update().values_list("pk", flat=True))
    leaving = Deletion.objects.values("user_id")
    return administers(subject) and not those.exclude(pk=subject).exclude(pk__in=leaving).exists()


def administers(subject: str) -> bool:
    """Tell whether this person is an active administrator."""
    user = find(subject)
    return user is not None and user.is_active and user.is_staff


def has_demo() -> bool:
    """Tell whether people were made for demonstration."""
    return bool(User.objects.filter(is_demo=True).exists())


def remove_demo() -> int:
    """Delete the people made for demonstration and return how many there were."""
    demo = User.objects.filter(is_demo=True)
    for user in demo:
        delete(str(user.pk))
    return len(demo)


def set_password(user: User, password: str, *, keep_sid: str | None = None) -> int:
    """Give a person a new password, end all sessions but one, and return their new epoch.

    The session that is kept must be stamped with it (`authentication.restamp`).
    """
    user.set_password(password)  # before: what is slow holds no lock
    with transaction.atomic():
        user.kept_sid = keep_sid
        user.save(update_fields=["password", "updated_at"])  # which ends the other sessions
        _told_cut_off(str(user.pk), why="password")
        return epochs.read(epochs.PERSON, str(user.pk))


def disable(subject: str) -> bool:
    """Forbid a person to sign in, cut off all issued for them; tell whether they exist."""
    return _switch(subject, is_active=False)


def lock_out(subject: str) -> None:
    """End everything a person signed in to, and their password with it: it may be a thief's."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=subject)
        user.set_unusable_password()
        user.save(update_fields=["password", "updated_at"])
        epochs.bump(epochs.PERSON, subject)
        signals.password_changed.send(sender=None, subject=subject, kept_sid=None)
        _told_cut_off(subject, why="not_me")


def enable(subject: str) -> bool:
    """Let a person sign in again; what was cut off stays so."""
    return _switch(subject, is_active=True)


def appoint(subject: str, *, is_staff: bool) -> bool:
    """Make a person an administrator, or end that and what was issued while they were one."""
    with transaction.atomic():
        changed = User.objects.filter(pk=subject).update(is_staff=is_staff)
        if changed and not is_staff:
            epochs.bump(epochs.PERSON, subject)
            sessions.end_all(subject)
        return bool(changed)


def sign_out(subject: str) -> int:
    """End all sessions of a person, know no browser of theirs; return how many there were."""
    with transaction.atomic():
        familiar.forget(subject)
        ended = sessions.end_all(subject)
        history.note(subject, "signed_out_everywhere", sessions=ended)
        return ended


def delete(subject: str) -> bool:
    """Delete a person, their sessions and consents, and cut off everything issued for them."""
    with transaction.atomic():
        user = find(subject)
        if user is None:
            return False
        _told_cut_off(subject, why="deleted")
        user.delete()  # which ends their sessions
        return True


def cut_off(subject: str, *, why: str) -> None:
    """End the sessions of a person, and everything that was issued for them."""
    with transaction.atomic():
        epochs.bump(epochs.PERSON, subject)
        sessions.end_all(subject)
        _told_cut_off(subject, why=why)


def _switch(subject: str, *, is_active: bool) -> bool:
    with transaction.atomic():
        user = find(subject)
        if user is None:
            return False
        if not is_active:
            cut_off(subject, why="disabled")
        others = User.objects.filter(pk=user.pk).exclude(is_active=is_active)
        if others.update(is_active=is_active):
            history.note(subject, "enabled" if is_active else "disabled")
        return True


def _told_cut_off(subject: str, *, why: str) -> None:
    signals.person_cut_off.send(sender=None, subject=subject, why=why)
    logs.security_event("person_cut_off", subject=subject, why=why)


def claims(
    subject: str, scopes: Collection[str], names: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return what these scopes show of a person (OIDC Core §5.4), and these single claims (§5.5).

    None when they are gone or disabled. Empty values are left out, and `sub` is the caller's to
    say. Only the columns asked for are read: this is userinfo's one statement on people.
    """
    asked = [
        claim for claim, scope in profile.SCOPE_OF.items() if scope in scopes or claim in names
    ]
    try:
        rows = User.objects.filter(pk=uuid.UUID(subject), is_active=True)
    except ValueError:
        return None
    columns = dict.fromkeys(("is_active", "phone_number", *asked))
    known: dict[str, Any] | None = next(iter(rows.values(*columns)), None)
    return None if known is None else profile.claims(known, asked)
