"""Addresses in client metadata: those that people open, those that this server asks."""

from typing import Final
from urllib.parse import urlsplit

from authserver import redirects
from authserver.members.shapes import WrongError, text
from config import outgoing

_LONGEST: Final = 500
_PRINTABLE: Final = text(_LONGEST, r"[\x21-\x7e]*")


def page(value: object) -> str:
    """Read the address of a page that people may open; empty for none."""
    address = str(_PRINTABLE(value))
    sentence = redirects.fault(address.replace("*", ""), is_native=False) if address else None
    if sentence or (address and not urlsplit(address).hostname):
        raise WrongError(sentence or "must be an address")
    return address


def secure_page(value: object) -> str:
    """Read the address of a page that must be https, whatever its host; empty for none."""
    address = page(value)
    if address and not address.startswith("https://"):
        raise WrongError("must be https")
    return address


def asked(value: object) -> str:
    """Read an address that this server asks by itself; empty for none."""
    address = str(_PRINTABLE(value))
    sentence = outgoing.fault(address) if address else None
    if sentence:
        raise WrongError(sentence)
    return address


def request_object(value: object) -> str:
    """Read where request objects lie; a fragment may hold their hash (OIDC Core §6.2)."""
    address = str(_PRINTABLE(value))
    sentence = outgoing.fault(address.partition("#")[0])
    if sentence:
        raise WrongError(sentence)
    return address


def origin(value: object) -> str:
    """Read the origin of pages that may read our answers."""
    sentence = redirects.origin_fault(value)
    if sentence:
        raise WrongError(sentence)
    return str(value)
