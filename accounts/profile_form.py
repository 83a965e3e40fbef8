"""ASVS 5.0 §15.3.3 — the form in which people edit what applications may know of them.

Only what is listed here is ever written: whatever else a browser posts is left out.
"""

import functools
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import languages, profile
from accounts.models import User

_PHONE: Final = re.compile(r"\+[0-9][0-9 ().-]{4,28}[0-9]")
_AUTOCOMPLETE: Final = {
    "name": "name",
    "given_name": "given-name",
    "middle_name": "additional-name",
    "family_name": "family-name",
    "nickname": "nickname",
    "gender": "sex",
    "birthdate": "bday",
    "website": "url",
    "phone_number": "tel",
    "street_address": "street-address",
    "locality": "address-level2",
    "region": "address-level1",
    "postal_code": "postal-code",
    "country": "country-name",
}
_ADDRESS: Final = ("street_address", "postal_code", "locality", "region", "country")
_GROUPS: Final = (
    ("", ("name", "locale", "zoneinfo")),
    (
        _("Your name in parts"),
        ("given_name", "middle_name", "family_name", "nickname", "preferred_username"),
    ),
    (_("About you"), ("birthdate", "gender", "picture", "profile", "website")),
    (_("Phone and postal address"), ("phone_number", *_ADDRESS)),
)


@functools.cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the places that have a time zone, and UTC."""
    places = {name for name in zoneinfo.available_timezones() if "/" in name}
    return (
        "UTC",
        *sorted(name for name in places if not name.startswith(("Etc/", "SystemV/", "US/"))),
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may say of themselves."""

    street_address = forms.CharField(
        label=_("Street and number"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    locality = forms.CharField(label=_("Town"), max_length=100, required=False)
    region = forms.CharField(label=_("State or region"), max_length=100, required=False)
    country = forms.CharField(label=_("Country"), max_length=100, required=False)

    class Meta:
        model = User
        fields: ClassVar = [
            *("name", "given_name", "middle_name", "family_name", "nickname"),
            *("preferred_username", "gender", "birthdate", "locale", "zoneinfo"),
            *("picture", "profile", "website", "phone_number"),
        ]
        widgets: ClassVar = {
            "birthdate": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "phone_number": forms.TextInput(attrs={"type": "tel"}),
            **{
                name: forms.TextInput(attrs={"type": "url"})
                for name in ("picture", "profile", "website")
            },
        }
        help_texts: ClassVar = {
            "picture": _("The address of a picture of you on the web."),
            "phone_number": _("With the country code: +49 30 123456"),
        }

    def __init__(self, data: Mapping[str, Any] | None, *, instance: User) -> None:
        kept = instance.address if isinstance(instance.address, dict) else {}
        initial = {part: kept.get(part, "") for part in _ADDRESS}
        super().__init__(data, instance=instance, initial=initial)
        known = [(tag, name) for tag, name in settings.LANGUAGES if tag in languages.COMPLETE]
        self._choose("locale", [("", _("As my browser says")), *known])
        zones = [(name, name.replace("_", " ")) for name in time_zones()]
        self._choose("zoneinfo", [("", _("Not said")), *zones])
        for name, word in _AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = word
        for part in _ADDRESS:
            self.fields[part].validators.append(_visible)

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Offer these values, and the one that is there already."""
        now = getattr(self.instance, name)
        if now and now not in dict(choices):
            choices.append((now, now))
        self.fields[name] = forms.ChoiceField(
            label=self.fields[name].label, choices=choices, required=False
        )

    @property
    def groups(self) -> list[tuple[str, list[Any], bool]]:
        """What belongs together: a title, the fields, and whether any of them says something."""
        return [
            (str(title), fields := [self[name] for name in names], _is_open(fields))
            for title, names in _GROUPS
        ]

    def clean_birthdate(self) -> Any:
        """Refuse a day that is still to come."""
        day = self.cleaned_data["birthdate"]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."), code="future")
        return day

    def clean_phone_number(self) -> str:
        """Take a number that can be dialled from anywhere."""
        number = " ".join(self.cleaned_data["phone_number"].split())
        if number and number != self.initial["phone_number"] and not _PHONE.fullmatch(number):
            raise ValidationError(
                _("Begin with + and the country code; digits follow."), code="phone"
            )
        return number

    def written(self) -> dict[str, Any]:
        """Return the columns that are new, and what follows from them."""
        changed = {
            name: self.cleaned_data[name] for name in self.changed_data if name not in _ADDRESS
        }
        if "phone_number" in changed:
            changed["phone_number_verified"] = False
        if set(_ADDRESS) & set(self.changed_data):
            changed["address"] = {
                part: self.cleaned_data[part] for part in _ADDRESS if self.cleaned_data[part]
            }
        return changed


def _is_open(fields: Iterable[Any]) -> bool:
    return any(field.value() or field.errors for field in fields)


def _visible(value: str) -> None:
    profile.validate_text(value.replace("\r", "").replace("\n", ""))
