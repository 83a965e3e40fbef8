"""A person's row. Their e-mail rests twice: as given, and as the key it is unique by.

A new password is a new epoch, whichever door it came through: `User.save` sees to it.
"""

import unicodedata
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.contrib.auth import hashers
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts import passwords, profile, signals
from tokens import epochs

_TEXT: Final = [profile.validate_text]
_LINK: Final = [profile.validate_link]
_ADDRESS: Final = [profile.validate_address]


def email_key(email: str) -> str:
    """Return what an e-mail address is unique by, however it was typed (Unicode TR 36 §2.11.2)."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def folded(text: str) -> str:
    """Return a text as it is searched: nobody minds capitals, or how accents were typed."""
    return unicodedata.normalize("NFKC", text).casefold()


class UserQuerySet(models.QuerySet["User"]):
    """People, in numbers."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these people and cut off whatever was issued for them."""
        with transaction.atomic():
            for pk in self.values_list("pk", flat=True):
                epochs.bump(epochs.PERSON, str(pk))
            return super().delete()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    """How people are found."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this e-mail address; raise DoesNotExist."""
        return self.get(email_key=email_key(username or ""))  # type: ignore[no-any-return]


class User(AbstractBaseUser):
    """A person. The primary key is `sub`; `is_staff` makes an administrator, who may do all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    password = models.CharField(_("password"), max_length=255, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    email_key = models.CharField(max_length=762, unique=True, editable=False)
    search_text = models.TextField(default="", editable=False)
    email_verified = models.BooleanField(_("e-mail address verified"), default=False)
    name = models.CharField(_("name"), max_length=200, blank=True, validators=_TEXT)
    given_name = models.CharField(_("given name"), max_length=100, blank=True, validators=_TEXT)
    family_name = models.CharField(_("family name"), max_length=100, blank=True, validators=_TEXT)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True, validators=_TEXT)
    nickname = models.CharField(_("nickname"), max_length=100, blank=True, validators=_TEXT)
    preferred_username = models.CharField(
        _("preferred user name"), max_length=100, blank=True, validators=_TEXT
    )
    gender = models.CharField(_("gender"), max_length=50, blank=True, validators=_TEXT)
    birthdate = models.DateField(_("date of birth"), null=True, blank=True)
    age = models.PositiveSmallIntegerField(_("age"), null=True, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True, validators=_TEXT)
    zoneinfo = models.CharField(_("time zone"), max_length=64, blank=True, validators=_TEXT)
    picture = models.CharField(_("picture"), max_length=500, blank=True, validators=_LINK)
    profile = models.CharField(_("profile page"), max_length=500, blank=True, validators=_LINK)
    website = models.CharField(_("website"), max_length=500, blank=True, validators=_LINK)
    phone_number = models.CharField(_("phone number"), max_length=32, blank=True, validators=_TEXT)
    phone_number_verified = models.BooleanField(_("phone number verified"), default=False)
    address = models.JSONField(_("postal address"), default=dict, blank=True, validators=_ADDRESS)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("administrator"), default=False)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)
    passkey_offered_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    kept_sid: str | None = None
    """The one session that a new password does not end: whose page changed it. No column."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar = ["email_key"]
        indexes: ClassVar = [
            models.Index(Lower("name"), "id", name="people_by_name"),
            models.Index(fields=["created_at", "id"], name="people_by_age_of_account"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save, keep the key in step with the address, and let a new password cut off the old."""
        self.email_key = email_key(self.email)
        self.search_text = f"{folded(self.name)}\n{self.email_key}"
        if update_fields is not None and not {"email", "name"}.isdisjoint(update_fields):
            keys = {"email_key"} if "email" in update_fields else set()
            update_fields = {*update_fields, *keys, "search_text", "updated_at"}
        is_set = self._password is not None  # type: ignore[attr-defined]
        is_new_password = is_set and not self._state.adding
        with transaction.atomic():
            super().save(update_fields=update_fields, **options)
            if is_new_password:
                epochs.bump(epochs.PERSON, str(self.pk))
                signals.password_changed.send(
                    sender=None, subject=str(self.pk), kept_sid=self.kept_sid
                )

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete the person and cut off whatever was issued for them."""
        with transaction.atomic():
            epochs.bump(epochs.PERSON, str(self.pk))
            return super().delete(*args, **options)

    def set_password(self, raw_password: str | None) -> None:
        """Take a new password; raise ValueError when it is longer than policy admits."""
        if raw_password is not None:
            raw_password = passwords.normalised(raw_password)
        super().set_password(raw_password)

    def check_password(self, raw_password: str | None) -> bool:
        """Tell whether this is the password; a hash of another make or cost is renewed by it."""
        return raw_password is not None and any(
            hashers.check_password(form, self.password, self._renew)
            for form in passwords.forms_of(raw_password, self.password)
        )

    def _renew(self, raw_password: str) -> None:
        """Replace the hash only where the old one still rests: a change that came between wins."""
        renewed = hashers.make_password(passwords.normalised(raw_password))
        mine = User.objects.filter(pk=self.pk)
        if mine.filter(password=self.password).update(password=renewed):
            self.password = renewed
            return
        resting = mine.values_list("password", flat=True).first()
        if resting and hashers.check_password(passwords.normalised(raw_password), resting):
            self.password = resting

    def get_session_auth_hash(self) -> str:
        """Return what Django compares: epochs end sessions, and a renewed hash must not."""
        return str(self.pk)

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        """Administrators may do everything, nobody else anything."""
        return self.is_active and self.is_staff

    def has_perms(self, _perms: Iterable[str], _obj: object = None) -> bool:
        """Administrators may do everything, nobody else anything."""
        return self.is_active and self.is_staff

    def has_module_perms(self, _app_label: str) -> bool:
        """Administrators may do everything, nobody else anything."""
        return self.is_active and self.is_staff
