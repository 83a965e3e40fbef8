"""NIST SP 800-63B-4 §3.1.1 — passwords: what a new one must be, and which form of it is hashed.

Unicode is normalised (NFKC) and the length capped before anything is hashed. Hashes made
elsewhere are taken at import and replaced by ours when their owner next signs in.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import hashers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import password_lists
from config import environment, policy

_CLASSES = (
    ("lower", lambda character: character.islower()),
    ("upper", lambda character: character.isupper()),
    ("digit", lambda character: character.isdecimal()),
    ("symbol", lambda character: not character.isalnum() and not character.isspace()),
)
_OWN_WORDS = ("authserver", "password", "passwort", "letmein", "welcome", "changeme")
_OF_PERSON = (
    "email",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "preferred_username",
    "phone_number",
)
_NIST_LENGTH = 15
_LONGEST_RESTING = 255


def normalised(raw: str) -> str:
    """Return the form that is hashed (RFC 8265 §4.2); raise ValueError when it is too long."""
    if not fits(raw):
        message = "The password is longer than policy admits."
        raise ValueError(message)
    return unicodedata.normalize("NFKC", raw)


def fits(raw: str) -> bool:
    """Tell whether a password is short enough to be hashed; a longer one matches nothing."""
    longest = policy.current().passwords.max_length
    return len(raw) <= longest and len(unicodedata.normalize("NFKC", raw)) <= longest


def forms_of(raw: str, encoded: str) -> Iterator[str]:
    """Yield what this hash may have been made of: our form, or the raw one elsewhere.

    Somebody who does not exist costs one hash; so must whoever has one of ours, or none.
    """
    if fits(raw):
        form = normalised(raw)
        yield form
        if form != raw and hashers.is_password_usable(encoded) and not is_own(encoded):
            yield raw


def is_own(encoded: str) -> bool:
    """Tell whether a hash is of our make, at the costs in force: one made elsewhere hardly is."""
    own = hashers.get_hasher()
    return encoded.startswith(f"{own.algorithm}$argon2id$") and not own.must_update(encoded)


_PHC_PBKDF2 = re.compile(
    r"\$pbkdf2-(sha1|sha256|sha512)\$(?:i=)?([1-9][0-9]{0,7})\$([A-Za-z0-9+./_-]+={0,2})\$([A-Za-z0-9+./_-]+={0,2})"
)
_PHC_ARGON2 = re.compile(
    r"\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,3}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
)
_BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-9]|20)\$[./A-Za-z0-9]{53}")
_DJANGO = re.compile(
    r"(?:pbkdf2_sha256|pbkdf2_sha1)\$[1-9][0-9]{0,7}\$[^$\s]+\$[A-Za-z0-9+/]+={0,2}"
    r"|argon2\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,3}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
    r"|(?:bcrypt|bcrypt_sha256)\$\$2[aby]\$(?:0[4-9]|1[0-9]|20)\$[./A-Za-z0-9]{53}"
)


# What a foreign hash may ask of whoever checks it: anybody who knows the address can ask for that.
_COSTS = (
    (re.compile(r"argon2id\$v=19\$m=([0-9]+)"), 262_144, "argon2 may use at most %d KiB."),
    (re.compile(r"argon2id\$.*,t=([0-9]+)"), 10, "argon2 may make at most %d passes."),
    (re.compile(r"argon2id\$.*,p=([0-9]+)"), 8, "argon2 may use at most %d lanes."),
    (re.compile(r"\$2[aby]\$([0-9]+)"), 14, "bcrypt may have at most a cost of %d."),
    (
        re.compile(r"pbkdf2[-_]sha[0-9]+\$(?:i=)?([0-9]+)"),
        2_000_000,
        "PBKDF2 may make at most %d rounds.",
    ),
)
_LEAST_DIGEST = 16
_DIGEST = re.compile(r"(?:argon2id|pbkdf2)[-_$].*\$([^$]+)")


def refusal(text: str) -> str:
    """Say why a hash made elsewhere is not taken; an empty string when it is."""
    if _resting(text) is None:
        return "It is no hash of Django's, argon2id, bcrypt or PBKDF2 that we verify."
    for cost, most, sentence in _COSTS:
        asked = cost.search(text)
        if asked and int(asked[1]) > most:
            return sentence % most
    digest = _DIGEST.search(text)
    if digest and len(digest[1].rstrip("=")) * 6 // 8 < _LEAST_DIGEST:
        return f"A digest must have at least {_LEAST_DIGEST} bytes."
    return ""


def imported(text: str) -> str | None:
    """Return a hash made elsewhere as ours to keep, or None when there is a `refusal` of it."""
    return None if refusal(text) else _resting(text)


def _resting(text: str) -> str | None:
    if len(text) > _LONGEST_RESTING:
        return None
    if _DJANGO.fullmatch(text):
        return text
    if _PHC_ARGON2.fullmatch(text):
        return f"argon2{text}"
    if _BCRYPT.fullmatch(text):
        return f"bcrypt${text}"
    match = _PHC_PBKDF2.fullmatch(text)
    return _pbkdf2(*match.groups()) if match else None


def _pbkdf2(digest: str, rounds: str, salt: str, made: str) -> str | None:
    try:
        resting = f"pbkdf2_phc${digest}${rounds}${_base64(salt)}${_base64(made)}"
    except binascii.Error:
        return None
    return resting if len(resting) <= _LONGEST_RESTING else None


def _base64(text: str) -> str:
    plain = text.rstrip("=").translate(str.maketrans(".-_", "++/"))
    padded = plain + "=" * (-len(plain) % 4)
    base64.b64decode(padded, validate=True)
    return padded


class Rules:
    """What a new password must meet, every failure at once; named in AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with all that is wrong."""
        failures = [*_length(password), *_composition(password)]
        if fits(password):  # what is longer is not worth the time it takes
            failures += _guessable(password, user)
        if failures:
            raise ValidationError([ValidationError(text, code=code) for code, text in failures])

    def get_help_text(self) -> str:
        """Say beforehand what is asked."""
        least = _least()
        if _is_classic():
            return _(
                "At least %(count)d characters, with a lower-case letter, an upper-case letter,"
                " a digit and a symbol."
            ) % {"count": least}
        return _(
            "At least %(count)d characters. A few words that only you would put together are good."
        ) % {"count": least}


def _is_classic() -> bool:
    return policy.current().passwords.policy is policy.PasswordPolicy.CLASSIC


def _least() -> int:
    least = policy.current().passwords.min_length
    return least if _is_classic() else max(least, _NIST_LENGTH)


def _length(password: str) -> Iterator[tuple[str, str]]:
    least, most = _least(), policy.current().passwords.max_length
    if len(password) < least:
        yield (
            "password_too_short",
            ngettext(
                "It must have at least %(count)d character.",
                "It must have at least %(count)d characters.",
                least,
            )
            % {"count": least},
        )
    if not fits(password):
        yield "password_too_long", _("It may have at most %(count)d characters.") % {"count": most}


def _composition(password: str) -> Iterator[tuple[str, str]]:
    if not _is_classic():
        return
    texts = {
        "lower": _("It must contain a lower-case letter."),
        "upper": _("It must contain an upper-case letter."),
        "digit": _("It must contain a digit."),
        "symbol": _("It must contain a symbol, such as ! or -."),
    }
    for name, is_one in _CLASSES:
        if not any(is_one(character) for character in password):
            yield f"password_no_{name}", texts[name]


def _guessable(password: str, user: Any) -> Iterator[tuple[str, str]]:
    if password_lists.is_common(password):
        yield "password_too_common", _("It is on the lists that attackers try first.")
    if password_lists.is_known(password):
        yield (
            "password_compromised",
            _("It was stolen somewhere before, so attackers try it. Please choose another one."),
        )
    words, most = list(_words(user)), _least_guesses()
    if _is_little_else(password, user):
        yield _similar()
    elif len(password) >= _least() and password_lists.is_guessable(password, most, words):
        yield _simple() if password_lists.is_guessable(password, most) else _similar()


def _least_guesses() -> int:
    """Return how many guesses it has to withstand: never more than the shortest one can."""
    guesses: int = 10 ** min(policy.current().passwords.least_guesses, _least() - 1)
    return guesses


def _similar() -> tuple[str, str]:
    return (
        "password_too_similar",
        _("It is too close to your name, your e-mail address or the name of this server."),
    )


def _simple() -> tuple[str, str]:
    return (
        "password_too_simple",
        _("It is too easy to guess: a common word with a year or 123 behind it is tried early."),
    )


def _is_little_else(password: str, user: Any) -> bool:
    """Tell whether it is hardly more than the address, or a word that everybody thinks of here."""
    bare = re.sub(r"[\W\d_]+", "", password.casefold())
    local = (getattr(user, "email", "") or "").partition("@")[0].casefold()
    own = {re.sub(r"[\W\d_]+", "", word) for word in (*_OWN_WORDS, local)} - {""}
    return bare in own or (len(local) > 3 and local in password.casefold())


class _Known:
    """What the floor above knows of somebody that would make a bad password."""

    words: Callable[[Any], Iterable[str]] = staticmethod(lambda _user: ())


def also_avoid(words: Callable[[Any], Iterable[str]]) -> None:
    """Take these words, of a person, for ones that whoever guesses their password knows."""
    _Known.words = staticmethod(words)


def _words(user: Any) -> Iterator[str]:
    """Yield what is known of the person and of this place, whole and in its parts."""
    host = urlsplit(environment.current().issuer).hostname or ""
    brand = policy.current().branding
    theirs = [str(getattr(user, name, "") or "") for name in _OF_PERSON]
    texts = [*theirs, host, brand.name, *(words.name for _, words in brand.locales)]
    for text in (*texts, *_Known.words(user)):
        yield text
        yield from re.split(r"[\W_]+", text)
