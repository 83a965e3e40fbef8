"""NIST SP 800-63B-4 §3.1.1.2 — passwords that attackers try first: lists, patterns, and a file.

The lists of common passwords are Django's and zxcvbn's. zxcvbn also tells how many guesses somebody
needs who knows them, first and last names, words, keyboards, dates, and who the password is for.
"""

import logging
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from zxcvbn import matching, scoring

from config import blocklist, environment, logs

_log: Final = logging.getLogger("authserver.passwords")
_MOST: Final = 40  # characters that are judged at once: it takes time that grows with their square
_COMMON: Final = CommonPasswordValidator()
_LEAST_WORD: Final = 3


def is_common(password: str) -> bool:
    """Tell whether it is on a list of common ones."""
    folded = password.casefold().strip()
    return folded in _COMMON.passwords or folded in matching.RANKED_DICTIONARIES["passwords"]


def is_known(password: str) -> bool:
    """Tell whether it is in the operator's file, in the form that is hashed or as it was typed.

    A file that cannot be read any more stops nobody: `doctor` and the log tell.
    """
    path = environment.current().password_blocklist_file
    if path is None:
        return False
    forms = {password, unicodedata.normalize("NFKC", password)}
    try:
        return any(blocklist.holds(path, form) for form in forms)
    except OSError as fault:
        _log.error("blocklist_unreadable", extra={logs.FIELDS: {"why": fault.strerror}})
        return False


def is_guessable(password: str, most: int, words: Iterable[str] = ()) -> bool:
    """Tell whether somebody who knows these words needs fewer guesses than that."""
    ranked = _ranked(words)
    parts = {password[:_MOST], password[-_MOST:]}
    return all(_guesses(part, ranked) < most for part in parts)


def _ranked(words: Iterable[str]) -> dict[str, int]:
    known = (word.casefold() for word in words if len(word) >= _LEAST_WORD)
    return {word: rank for rank, word in enumerate(dict.fromkeys(known), 1)}


def _guesses(password: str, words: dict[str, int]) -> int:
    # Its function for everybody keeps one person's words for the next: this is what it does inside.
    dictionaries = {**matching.RANKED_DICTIONARIES, "user_inputs": words}
    found: Any = matching.omnimatch(password, dictionaries)
    return int(scoring.most_guessable_match_sequence(password, found)["guesses"])
