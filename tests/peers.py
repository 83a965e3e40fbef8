"""Network addresses that nobody else has used: limits count by them."""

import itertools
import random

_NUMBERS = itertools.count(random.getrandbits(24))


def somewhere() -> str:
    """Return an IPv4 address of this machine that no other test came from."""
    number = next(_NUMBERS)
    return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def network() -> str:
    """Return the prefix of an IPv6 network, of /64, that no other test came from."""
    number = next(_NUMBERS)
    return f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}"
