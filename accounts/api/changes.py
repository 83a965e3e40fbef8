"""What a program's request does to people: create, change, disable; each wholly or not at all.

The same rules as on the pages: a new address is proven first, a new password ends whatever the old
one let in, and both are told by mail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts import email_proofs, familiar, guesses, history, notices, people, sessions
from accounts.api import challenges, permissions, problems, scopes, serializers, throttling
from accounts.api.authentication import Caller
from accounts.api.permissions import Audience
from accounts.models import User, email_key
from config import logs, throttle
from tokens.tries import Refused

_GRAVE: Final = frozenset({"email", "email_verified", "is_active", "is_staff", "password"})
_SWITCHES: Final = frozenset({"is_active", "is_staff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """Who does it, and from where."""

    caller: Caller
    ip: str
    user_agent: str

    @property
    def where(self) -> dict[str, str]:
        """What a mail says about it."""
        return {"ip": self.ip, "user_agent": self.user_agent}


class _CodeNeededError(Exception):
    """A new address that nobody has proven yet; the mail goes out when nothing is locked."""

    def __init__(self, subject: str, email: str) -> None:
        super().__init__(subject)
        self.subject, self.email = subject, email


def create(doer: Doer, values: Mapping[str, Any]) -> User:
    """Create a person; raise ValidationError when the address was taken a moment ago."""
    if values.get("is_staff"):
        permissions.check_fresh(doer.caller)
    given = {"email_verified": False, **values}
    try:
        with transaction.atomic():
            user = people.create(**given)
            _tell("api_user_created", doer, user)
            return user
    except IntegrityError:
        raise ValidationError({"email": [serializers.TAKEN]}) from None


def change(doer: Doer, subject: str, data: Any, *, is_as_read: Callable[[User], None]) -> User:
    """Change somebody, wholly or not at all; `is_as_read` raises where they have changed meanwhile.

    Raises:
        ValidationError: with everything that is wrong.
        Problem: when the caller may not, or nobody is there.
    """
    audience = permissions.audience_of(doer.caller)
    before = _found(people.find(subject))
    proven = _proven(doer.caller, before, data) if audience is Audience.SELF else ""
    try:
        with transaction.atomic():
            user = _found(User.objects.select_for_update().filter(pk=before.pk).first())
            is_as_read(user)
            judged = serializers.CHANGED_BY[audience](user, data=data)
            judged.is_valid(raise_exception=True)
            values = dict(judged.validated_data)
            code = values.pop("email_code", None)
            values.pop("current_password", None)
            if email_key(values.get("email", "")) == user.email_key:
                values.pop("email")  # it is theirs already
            _check_may(doer.caller, user, values)
            if "password" in values and proven != user.password:
                raise problems.Changed
            if audience is Audience.SELF and "email" in values:
                _check_code(user, values["email"], code)
            _write(doer, user, values, is_proven=audience is Audience.SELF)
            return user
    except _CodeNeededError as need:
        _send_code(need.subject, need.email)
        words = ErrorDetail("Send the code that was mailed to this address.", code="code_required")
        raise ValidationError({"emailCode": [words]}) from None


def disable(doer: Doer, user: User) -> None:
    """Forbid somebody to sign in, and end all that was issued for them."""
    _check_may(doer.caller, user, {"is_active": False})
    if user.is_active:
        people.disable(str(user.pk))
        _tell("api_user_disabled", doer, user)


def _check_may(caller: Caller, user: User, values: Mapping[str, Any]) -> None:
    """Refuse what this caller may not do to this person; ask for a fresh sign-in for the grave."""
    if caller.is_program and user.is_staff:
        raise challenges.InsufficientScope(scopes.ADMIN)
    if not _GRAVE.isdisjoint(values):
        permissions.check_fresh(caller)
    is_losing = any(values.get(name) is False for name in _SWITCHES)
    if is_losing and permissions.is_own(caller, str(user.pk)):
        raise problems.Conflict("Nobody takes their own rights: another administrator may.")


def _found(user: User | None) -> User:
    if user is None:
        raise problems.NotThere
    return user


def _check_code(user: User, email: str, code: str | None) -> None:
    """Ask for the code that proves a new address."""
    subject = str(user.pk)
    if code is None:
        raise _CodeNeededError(subject, email)
    if not email_proofs.is_right(subject, email, code):
        words = ErrorDetail("This is not the code, or it is too old.", code="code_wrong")
        raise ValidationError({"emailCode": [words]})


def _send_code(subject: str, email: str) -> None:
    """Mail a code, unless the address is somebody's: they are not told, and nor is the caller."""
    rule = throttle.rule("password_reset")
    asked = [(rule, f"proof:{email_key(email)}"), (rule, f"proof:{subject}")]
    _admit(throttle.decide_all(asked))
    if people.find_by_email(email) is None:
        notices.email_code(subject, email)


def _proven(caller: Caller, user: User, data: Any) -> str:
    """Return the hash that the current password was right for, '' where none is needed.

    Guesses are counted before they are looked at, and no row is locked meanwhile: with those of the
    browser in which the person let this application in, as if they were made on its pages.
    """
    new, current = data.get("password"), data.get("currentPassword")
    if not isinstance(new, str) or not isinstance(current, str):
        return ""
    decision = _admit(throttle.decide(throttle.rule("reauthentication"), f"user:{user.pk}"))
    try:
        is_right = _is_right(caller, user, current)
    except Exception:
        throttle.give_back(decision)  # an outage is nobody's wrong password, nor is a wait
        raise
    if not is_right:
        logs.security_event("api_password_wrong", subject=str(user.pk))
        words = ErrorDetail("This is not the current password.", code="password_wrong")
        raise ValidationError({"currentPassword": [words]})
    throttle.give_back(decision)
    return user.password


def _is_right(caller: Caller, user: User, current: str) -> bool:
    subject = str(user.pk)
    whence = familiar.whence_of(subject, sessions.browser_of(caller.sid))
    guess = guesses.take(user.email_key, guesses.PASSWORD, whence)
    if isinstance(guess, Refused):
        raise throttling.refusal(guess.retry_after, "wrong passwords")
    with guess:
        is_right = user.check_password(current)
        if is_right:
            guess.was_right()
        return is_right


def _admit(decision: throttle.Decision) -> throttle.Decision:
    throttling.check(decision)
    return decision


def _write(doer: Doer, user: User, values: dict[str, Any], *, is_proven: bool) -> None:
    """Write what is new; let every part of the server know that has to."""
    subject, old = str(user.pk), user.email
    password = values.pop("password", None)
    switches = {name: values.pop(name) for name in _SWITCHES & values.keys()}
    if "email" in values:
        values.setdefault("email_verified", is_proven)
    for name, value in values.items():
        setattr(user, name, value)
    try:
        with transaction.atomic():
            people.save(user, list(values) or ["updated_at"])
    except IntegrityError:
        raise ValidationError({"email": [serializers.TAKEN]}) from None
    if switches.get("is_staff", user.is_staff) is not user.is_staff:
        people.appoint(subject, is_staff=switches["is_staff"])
    if switches.get("is_active", user.is_active) is not user.is_active:
        (people.enable if switches["is_active"] else people.disable)(subject)
    if "email" in values:
        history.note(subject, "email_changed", by=doer.caller.name)
        notices.email_changed(subject, old, user.email, **doer.where)
    if password is not None:
        people.set_password(user, password)
        history.note(subject, "password_changed", by=doer.caller.name)
        notices.password_changed(subject, **doer.where)
    user.refresh_from_db()
    names = sorted({*values, *switches, *(["password"] if password else [])})
    _tell("api_user_changed", doer, user, members=names)


def _tell(event: str, doer: Doer, user: User, **more: Any) -> None:
    logs.security_event(event, subject=str(user.pk), by=doer.caller.name, **more)
