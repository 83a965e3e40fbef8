"""OWASP API3 — what is told of a person to whom, and what each may write; nothing else comes by.

One serializer for each audience. A member that is not among its fields is left out, or refused
where the policy is strict. Everything that is wrong is told at once.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError as Refused
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.api.fields import AgeField, EmailField, NameField, SecretField
from accounts.api.permissions import Audience
from accounts.models import User, email_key
from config import policy
from config.faults import did_you_mean

_LONGEST_SHOWN = 40


class OwnUser(serializers.Serializer[User]):
    """What a person's own application is told."""

    id = serializers.SerializerMethodField(help_text="As the application knows the person.")
    email = serializers.EmailField(read_only=True)
    emailVerified = serializers.BooleanField(source="email_verified", read_only=True)  # noqa: N815
    name = serializers.CharField(read_only=True)
    age = serializers.IntegerField(read_only=True, allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)  # noqa: N815
    updatedAt = serializers.DateTimeField(source="updated_at", read_only=True)  # noqa: N815

    def get_id(self, user: User) -> str:
        """Return the identifier, pairwise for some applications."""
        return str(self.context.get("shown_subject") or user.pk)


class ServiceUser(serializers.Serializer[User]):
    """What a service is told: no age."""

    id = serializers.UUIDField(read_only=True)
    email = serializers.EmailField(read_only=True)
    emailVerified = serializers.BooleanField(source="email_verified", read_only=True)  # noqa: N815
    name = serializers.CharField(read_only=True)
    isActive = serializers.BooleanField(source="is_active", read_only=True)  # noqa: N815
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)  # noqa: N815
    updatedAt = serializers.DateTimeField(source="updated_at", read_only=True)  # noqa: N815


class AdministratorUser(ServiceUser):
    """What an administrator is told."""

    age = serializers.IntegerField(read_only=True, allow_null=True)
    isAdministrator = serializers.BooleanField(source="is_staff", read_only=True)  # noqa: N815


class _Written(serializers.Serializer[User]):
    """What is written: known members only, of their own types."""

    def to_internal_value(self, data: Any) -> Any:
        """Judge every member, also those that are not known."""
        faults: dict[str, Any] = {}
        if policy.current().api.is_strict and isinstance(data, Mapping):
            faults = {
                _shown(name): [_unknown(name, self.fields)] for name in data.keys() - self.fields
            }
        try:
            value = super().to_internal_value(data)
        except ValidationError as fault:
            raise ValidationError({**faults, **self.own(fault.detail)}) from fault
        if faults:
            raise ValidationError(faults)
        return value

    @staticmethod
    def own(detail: Any) -> dict[str, Any]:
        """Return what fields found, as members."""
        return detail if isinstance(detail, dict) else {"non_field_errors": detail}


class _Member(_Written):
    """What a new account and a change have in common."""

    def whose(self) -> User | None:
        """Return the person who is changed, None for a new one."""
        return self.instance if isinstance(self.instance, User) else None

    def _taken(self, email: str) -> list[ErrorDetail]:
        others = User.objects.filter(email_key=email_key(email))
        if (mine := self.whose()) is not None:
            others = others.exclude(pk=mine.pk)
        return [TAKEN] if others.exists() else []


TAKEN = ErrorDetail("There is already an account with this e-mail address.", code="taken")


class NewUser(_Member):
    """A new account."""

    email = EmailField()
    password = SecretField()
    name = NameField()
    age = AgeField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """Judge the members, and what only shows beside others: all of it at once."""
        faults: dict[str, Any] = {}
        value: Any = {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as fault:
            faults = self.own(fault.detail)
        texts = {name: text for name, text in _texts(data).items() if name not in faults}
        if "email" in texts and (found := self._taken(texts["email"].strip())):
            faults["email"] = found
        if "password" in texts and (found := _password_faults(texts["password"], texts)):
            faults["password"] = found
        if faults:
            raise ValidationError(faults)
        return value


class NewUserByAdministrator(NewUser):
    """A new account, made by an administrator."""

    emailVerified = serializers.BooleanField(source="email_verified", required=False)  # noqa: N815
    isAdministrator = serializers.BooleanField(source="is_staff", required=False)  # noqa: N815


class Change(_Member):
    """A change of somebody's account: any of its members, at least one."""

    email = EmailField(required=False)
    name = NameField(required=False)
    age = AgeField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for at least one member."""
        if not attrs:
            words = f"Send at least one of {', '.join(self.fields)}."
            raise ValidationError({"non_field_errors": [ErrorDetail(words, code="empty")]})
        return attrs

    def validate_email(self, email: str) -> str:
        """Refuse an address that is somebody else's."""
        if found := self._taken(email):
            raise ValidationError(found)
        return email


class OwnChange(Change):
    """A change of one's own account; a new address needs a code, a new password the old one."""

    emailCode = serializers.CharField(  # noqa: N815
        source="email_code", required=False, max_length=100, write_only=True
    )
    password = SecretField(required=False)
    currentPassword = SecretField(source="current_password", required=False)  # noqa: N815

    def validate_email(self, email: str) -> str:
        """Say nothing yet: whether an address is taken is told to who can read its mail."""
        return email

    def validate_password(self, password: str) -> str:
        """Judge the new password by the rules in force."""
        mine = self.whose()
        about = {"email": mine.email, "name": mine.name} if mine else {}
        if found := _password_faults(password, about):
            raise ValidationError(found)
        return password

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what goes with what."""
        if attrs and not attrs.keys() - {"email_code", "current_password"}:
            super().validate({})
        if "password" in attrs and "current_password" not in attrs:
            words = ErrorDetail("Send your current password as well.", code="required")
            raise ValidationError({"currentPassword": [words]})
        return super().validate(attrs)


class AdministratorChange(Change):
    """A change that an administrator makes."""

    emailVerified = serializers.BooleanField(source="email_verified", required=False)  # noqa: N815
    isActive = serializers.BooleanField(source="is_active", required=False)  # noqa: N815
    isAdministrator = serializers.BooleanField(source="is_staff", required=False)  # noqa: N815


SHOWN: Mapping[Audience, type[serializers.Serializer[User]]] = {
    Audience.SELF: OwnUser,
    Audience.SERVICE: ServiceUser,
    Audience.ADMINISTRATOR: AdministratorUser,
}
CREATED_BY: Mapping[Audience, type[NewUser]] = {
    Audience.SERVICE: NewUser,
    Audience.ADMINISTRATOR: NewUserByAdministrator,
}
CHANGED_BY: Mapping[Audience, type[Change]] = {
    Audience.SELF: OwnChange,
    Audience.SERVICE: Change,
    Audience.ADMINISTRATOR: AdministratorChange,
}


def _texts(data: Any) -> dict[str, str]:
    members = data.items() if isinstance(data, Mapping) else ()
    return {name: text for name, text in members if isinstance(text, str) and text}


def _password_faults(password: str, about: Mapping[str, str]) -> list[ErrorDetail]:
    who = User(email=about.get("email", ""), name=about.get("name", ""))
    try:
        password_validation.validate_password(password, who)
    except Refused as fault:
        return [
            ErrorDetail(one.messages[0], code=one.code or "invalid") for one in fault.error_list
        ]
    return []


def _unknown(name: str, known: Mapping[str, Any]) -> ErrorDetail:
    return ErrorDetail(f"There is no such member.{did_you_mean(name, known)}", code="unknown")


def _shown(name: str) -> str:
    """Return a name that somebody made up, short enough and plain enough to be told."""
    return "".join(one if one.isascii() and one.isprintable() else "?" for one in name)[
        :_LONGEST_SHOWN
    ]
