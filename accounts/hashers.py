"""Hashers of passwords: ours, and those of people who were imported; each takes its turn."""

import base64
import functools
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, TypeVar

import bcrypt
from django.contrib.auth import hashers
from django.utils.translation import gettext as _

from config import hashing, policy

_BCRYPT_BYTES = 72


H = TypeVar("H", bound=type[hashers.BasePasswordHasher])


def _in_turn(hasher: H) -> H:
    """Let a hasher wait for its turn, whatever it is asked."""
    for name in ("encode", "verify"):
        setattr(hasher, name, _waiting(getattr(hasher, name)))
    return hasher


def _waiting(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def when_it_is_its_turn(*args: Any, **options: Any) -> Any:
        return hashing.run(functools.partial(method, *args, **options))

    return when_it_is_its_turn


@_in_turn
class Argon2id(hashers.Argon2PasswordHasher):
    """RFC 9106 §4 — Argon2id at the costs that policy names."""

    def params(self) -> Any:
        """Return the costs in force; Django renews hashes that were made with others."""
        rules = policy.current().passwords
        self.time_cost = rules.argon2_time_cost
        self.memory_cost = rules.argon2_memory_kib
        self.parallelism = rules.argon2_parallelism
        return super().params()

    def encode(self, password: str, salt: str) -> str:
        """Hash at the costs in force."""
        self.params()
        return super().encode(password, salt)


@_in_turn
class Pbkdf2(hashers.PBKDF2PasswordHasher):
    """Imported hashes of Django's."""


@_in_turn
class Pbkdf2Sha1(hashers.PBKDF2SHA1PasswordHasher):
    """Imported hashes of Django's."""


@_in_turn
class BcryptSha256(hashers.BCryptSHA256PasswordHasher):
    """Imported hashes of Django's."""


@_in_turn
class Scrypt(hashers.ScryptPasswordHasher):
    """Imported hashes of Django's."""


@_in_turn
class Bcrypt(hashers.BCryptPasswordHasher):
    """Imported bcrypt hashes, which have only ever seen the first 72 bytes."""

    def encode(self, password: str, salt: Any) -> str:
        """Hash as the servers did that made these."""
        data = bcrypt.hashpw(password.encode()[:_BCRYPT_BYTES], salt)
        return f"{self.algorithm}${data.decode('ascii')}"


@_in_turn
class Pbkdf2Phc(hashers.BasePasswordHasher):
    """Imported PBKDF2 hashes whose salt is bytes: `pbkdf2_phc$sha256$29000$salt$hash`, base64."""

    algorithm = "pbkdf2_phc"

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether the password made this hash."""
        _name, digest, rounds, salt, expected = encoded.split("$")
        wanted = base64.b64decode(expected)
        made = hashlib.pbkdf2_hmac(
            digest, password.encode(), base64.b64decode(salt), int(rounds), len(wanted)
        )
        return hmac.compare_digest(made, wanted)

    def safe_summary(self, encoded: str) -> Any:
        """Return what the admin may show."""
        _name, digest, rounds, *_rest = encoded.split("$")
        return {_("algorithm"): f"pbkdf2-{digest}", _("iterations"): rounds}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing: this is never the preferred hasher."""
