"""What a program may write about a person, member by member: the rules, with a code for each."""

import re
import unicodedata
from typing import Any, Final

from django.core.validators import EmailValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts import email_addresses
from config import policy
from config.policy import Names

SHORTEST_NAME: Final = 2
LONGEST_NAME: Final = 50
YOUNGEST: Final = 13
OLDEST: Final = 120
_ASCII_NAME: Final = re.compile(r"[A-Za-z ]+")
_JOINTS: Final = frozenset(" '\u2019-\u2010")
_KINDS: Final = frozenset("LM")


class NameField(serializers.CharField):
    """A person's name: letters of any script and their marks, apostrophes, hyphens, spaces.

    Where the policy says `ascii`: A to Z and spaces.
    """

    default_error_messages = {
        "name_characters": "Use letters, spaces, apostrophes and hyphens, a letter first.",
        "name_ascii": "Use the letters A to Z and spaces.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=SHORTEST_NAME, max_length=LONGEST_NAME, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the name as it is kept: one form of each letter, one space between words."""
        if not isinstance(data, str):
            self.fail("invalid")
        return " ".join(unicodedata.normalize("NFC", super().to_internal_value(data)).split())

    def run_validators(self, value: Any) -> None:
        """Judge its length and its letters, both at once."""
        faults: list[Any] = []
        try:
            super().run_validators(value)
        except ValidationError as fault:
            faults += fault.detail if isinstance(fault.detail, list) else [fault.detail]
        if code := _fault_of(value):
            faults.append(ErrorDetail(str(self.error_messages[code]), code=code))
        if faults:
            raise ValidationError(faults)


class EmailField(serializers.EmailField):
    """An e-mail address whose domain has a dot, and whose spelling reaches one mailbox only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)
        words = self.error_messages["invalid"]
        self.validators = [one for one in self.validators if not isinstance(one, EmailValidator)]
        self.validators += [EmailValidator(message=words, allowlist=[]), _check_address]

    def to_internal_value(self, data: Any) -> str:
        """Return the address without the spaces around it; a number is none."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class AgeField(serializers.IntegerField):
    """Years, as a number or as its digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=YOUNGEST, max_value=OLDEST, **options)

    def to_internal_value(self, data: Any) -> int:
        """Return the number; true and 42.5 are none."""
        if isinstance(data, bool | float) and not (isinstance(data, float) and data.is_integer()):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class SecretField(serializers.CharField):
    """A password: taken as it is, never told."""

    def __init__(self, **options: Any) -> None:
        super().__init__(write_only=True, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text; a number is no password, however it is written."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def _fault_of(name: str) -> str:
    if policy.current().api.names is Names.ASCII:
        return "" if _ASCII_NAME.fullmatch(name) else "name_ascii"
    is_fit = all(_is_of_names(letter) for letter in name) and name[:1] not in _JOINTS
    return "" if is_fit else "name_characters"


def _is_of_names(letter: str) -> bool:
    return letter in _JOINTS or unicodedata.category(letter)[0] in _KINDS


def _check_address(email: str) -> None:
    if email.rpartition("@")[2].startswith("["):
        raise ValidationError("Use a domain, not a network address.", code="invalid")
    if sentence := email_addresses.fault(email):
        raise ValidationError(str(sentence), code="email_ambiguous")
