"""E-mail addresses that are refused, because mail to them may reach somebody else.

People are unique by a folded form of their address (`models.email_key`), and mail servers fold in
ways of their own: IDNA 2003 delivers `faß.de` to `fass.de` (RFC 5894 §7.2). An address that any
folding turns into another mailbox would let that mailbox's owner prove it, so none comes in.
"""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import email_key

SPELLING = _(
    "This address has characters that mail servers read in more than one way. Please write it"
    " with plain letters; a domain in its xn-- form."
)


def fault(email: str) -> Any:
    """Return a sentence on what is wrong with an address, or the empty string."""
    email = email.strip()
    low = email.lower()
    if unicodedata.normalize("NFKC", email) != email or email_key(email) != low:
        return SPELLING
    if email.upper().lower() != low or len(low) != len(email):  # an i without dot, or with two
        return SPELLING
    return "" if _is_one_domain(email.rpartition("@")[2]) else SPELLING


def validate(email: str) -> None:
    """Raise ValidationError when an address may reach somebody else: a validator of fields."""
    if sentence := fault(email):
        raise ValidationError(sentence, code="email_ambiguous")


def _is_one_domain(domain: str) -> bool:
    """Tell whether delivery's own folding (Django's, IDNA 2003) leaves the domain what it is."""
    if domain.isascii():
        return True
    try:
        return domain.encode("idna").decode("idna") == domain.lower()
    except UnicodeError:
        return False
