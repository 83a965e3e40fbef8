"""What is logged, and how: one JSON object a line in production, readable lines in development.

Secrets are kept out twice: nobody logs one on purpose, and `redacted` blots out what looks like
one.
"""

import json
import logging
import re
import time
import traceback
from typing import Any

from config import request_id
from config.environment import Environment

SECURITY = "authserver.security"
FIELDS = "fields"  # the attribute of a record that carries its structured part
BLOT = "[redacted]"
CUT = "…"
_LONGEST = 2000  # of a value: whoever sends a huge one pays for sending, not we for searching it
_LONGEST_TRACE = 16_000

# Our own handles and sealed values, JWTs, credentials in headers, URLs and forms.
_HANDLE = re.compile(r"\b(?:as_[a-z]{2,8}|ask)_[A-Za-z0-9_-]{16,}")
_JWT = re.compile(
    r"\beyJ[A-Za-z0-9_-]{8,2000}+(?:\.[A-Za-z0-9_-]{0,2000}+){1,4}"  # a cut one has fewer parts
)
_HEADER = re.compile(r"(?i)\b(basic|bearer|dpop)\s+[A-Za-z0-9._~+/=-]{8,}")
_USERINFO = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@|…$)")
_NAMES = (
    "client_secret|client_assertion|code_verifier|code|password[12]?|oldpassword|passwd|secret"
    "|access_token|refresh_token|id_token|id_token_hint|token|csrfmiddlewaretoken|assertion"
    "|authorization|cookie|set-cookie|registration_access_token|logout_token|interaction"
)
_PAIR = re.compile(
    rf"""(?i)(?<![A-Za-z0-9_-])(['"]?(?:{_NAMES})['"]?\s*[=:]\s*)(['"]?)[^\s&'",;]+\2?"""
)
_IN_PATH = re.compile(r"(/(?:setup|link|not-me)/)[A-Za-z0-9_-]{8,}")  # what links by mail end with
_SECRET_FIELD = re.compile(rf"(?i)(?:{_NAMES})")
# What every pattern above needs at least; most values of a line have none of it.
_SUSPECT = re.compile(r"[\s=:/]|ask?_|eyJ")


def redacted(text: str) -> str:
    """Cut the text, and blot out everything in it that looks like a credential."""
    return _blotted(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + CUT


def _traced(text: str) -> str:
    """Return a traceback without secrets: each line cut as a value, of all of them the end."""
    text = "\n".join(_cut(line) for line in text.split("\n"))
    if len(text) > _LONGEST_TRACE:
        text = f"{CUT}\n" + text[-_LONGEST_TRACE:].partition("\n")[2]
    return _blotted(text)


def _blotted(text: str) -> str:
    if not _SUSPECT.search(text):
        return text
    text = _HANDLE.sub(BLOT, text)
    text = _JWT.sub(BLOT, text)
    text = _HEADER.sub(rf"\1 {BLOT}", text)
    text = _USERINFO.sub(BLOT, text)
    text = _IN_PATH.sub(rf"\1{BLOT}", text)
    return _PAIR.sub(rf"\1{BLOT}", text)


def security_event(name: str, **fields: Any) -> None:
    """Log one line about something that matters for somebody's security; never pass a secret."""
    logging.getLogger(SECURITY).info(name, extra={FIELDS: fields})


def described(record: logging.LogRecord) -> dict[str, Any]:
    """Return the record as plain values, without secrets."""
    line: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        + f".{int(record.msecs):03d}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": redacted(record.getMessage()),
    }
    if name := request_id.current():
        line["request_id"] = name
    for key, value in getattr(record, FIELDS, {}).items():
        line[key] = BLOT if _SECRET_FIELD.fullmatch(key) else _plain(value)
    if record.exc_info and record.exc_info[0]:
        line["traceback"] = _traced("".join(traceback.format_exception(*record.exc_info)))
    return line


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {
            str(key): BLOT if _SECRET_FIELD.fullmatch(str(key)) else _plain(each)
            for key, each in value.items()
        }
    return redacted(str(value))


class JsonLines(logging.Formatter):
    """One JSON object a line; a newline in a value cannot start another line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(described(record), default=str)


class Readable(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and a traceback below it."""
        line = described(record)
        trace = line.pop("traceback", "")
        head = f"{line.pop('at')[11:19]} {line.pop('level'):<7} {line.pop('logger')}: "
        said = _one_line(str(line.pop("event")))
        rest = "".join(f" {key}={_one_line(str(value))}" for key, value in line.items())
        return head + said + rest + (f"\n{trace.rstrip()}" if trace else "")


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def configuration(here: Environment) -> dict[str, Any]:
    """Return Django's LOGGING setting."""
    level = here.log_level.value.upper()
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": JsonLines if here.is_production else Readable},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            SECURITY: {"level": "INFO"},  # whatever the level of the rest
            # Their debug lines carry tokens, statements with parameters, and noise.
            "authlib": quiet,
            "joserfc": quiet,
            "asyncio": quiet,
            "django": {"handlers": [], "level": "INFO" if level == "DEBUG" else level},
            "django.db.backends": quiet,
            "django.request": {"level": "ERROR"},  # a 404 has its page line already
            "django.template": quiet,
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "psycopg": quiet,
            "redis": quiet,
        },
    }
