"""A file of passwords that are known to attackers, searched where it lies: it may be far too large.

Either SHA-1 digests in order, as Have I Been Pwned publishes them (`DIGEST:count`), or passwords,
one a line, in the order of their bytes. Either is halved until the line is found: some forty reads.
"""

import hashlib
import itertools
import re
from pathlib import Path
from typing import BinaryIO, Final

FORM: Final = (
    "SHA-1 digests in order (DIGEST or DIGEST:count), or passwords in the order of their bytes"
)
_LONGEST_LINE: Final = 4096
_PROBES: Final = 64
_SHA1: Final = re.compile(rb"[0-9A-Fa-f]{40}(?::[0-9]+)?")
_NTLM: Final = re.compile(rb"[0-9A-Fa-f]{32}(?::[0-9]+)?")


def check(path: Path) -> Path:
    """Return the path; raise ValueError with what is wrong with what lies there."""
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_LINE).rstrip(b"\r\n")
            if not first:
                raise ValueError("is empty.")
            if _NTLM.fullmatch(first):
                raise ValueError("holds NTLM digests: get the one with SHA-1 digests.")
            if not _is_in_order(file, is_digests=bool(_SHA1.fullmatch(first))):
                raise ValueError("is not in order: sort it with LC_ALL=C sort -u.")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}.") from None
    return path


def holds(path: Path, password: str) -> bool:
    """Tell whether a password is in the file, as it is or in small letters.

    Raises:
        OSError: the file cannot be read any more.
    """
    with path.open("rb") as file:
        is_digests = bool(_SHA1.fullmatch(file.readline(_LONGEST_LINE).rstrip(b"\r\n")))
        if is_digests:
            return _finds(file, _digest(password), is_digests=True)
        forms = {password.encode(), password.casefold().encode()}
        return any(_finds(file, form, is_digests=False) for form in forms)


def _digest(password: str) -> bytes:
    # What those files hold; nothing here rests on its strength.
    text = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()
    return text.upper().encode()


def _finds(file: BinaryIO, wanted: bytes, *, is_digests: bool) -> bool:
    """Halve what is left: the line, if there is one, begins between `low` and `high`."""
    low, high = 0, file.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        start, key = _line_from(file, middle, is_digests=is_digests)
        if start >= high or key > wanted:
            high = middle
        elif key == wanted:
            return True
        else:
            low = file.tell()
    return False


def _line_from(file: BinaryIO, place: int, *, is_digests: bool) -> tuple[int, bytes]:
    """Return where the first line from here on begins, and its key."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline()
    start = file.tell()
    line = file.readline().rstrip(b"\r\n")
    return start, line[:40].upper() if is_digests else line


def _is_in_order(file: BinaryIO, *, is_digests: bool) -> bool:
    """Look at some lines; all of them would take minutes."""
    size = file.seek(0, 2)
    places = range(0, size, max(size // _PROBES, 1))
    keys = [_line_from(file, place, is_digests=is_digests)[1] for place in places]
    return all(one <= other for one, other in itertools.pairwise(key for key in keys if key))
