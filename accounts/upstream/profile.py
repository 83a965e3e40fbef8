"""What a provider says of a person, taken only where it could stand in a form of ours."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts import email_addresses
from accounts import profile as texts

_LONGEST_EMAIL = 254
_LONGEST_NAME = 200


def email(value: object) -> str:
    """Return an e-mail address that somebody could sign up with here, or ''."""
    if not isinstance(value, str) or len(value) > _LONGEST_EMAIL:
        return ""
    try:
        validate_email(value)
        email_addresses.validate(value)
    except (ValidationError, UnicodeError):
        return ""
    return value


def name(value: object) -> str:
    """Return a name, cut to what fits, or ''."""
    if not isinstance(value, str):
        return ""
    text = value.strip()[:_LONGEST_NAME]
    try:
        texts.validate_text(text)
    except (ValidationError, UnicodeError):
        return ""
    return text
