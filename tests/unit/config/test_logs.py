"""config.logs: one line for one event, and never a secret in it."""

import json
import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import environment, logs, request_id
from config.variables import LogLevel, Mode

SECRET = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MDEy"


def record(message: str, *args: object, **fields: Any) -> logging.LogRecord:
    made = logging.LogRecord("authserver.x", logging.INFO, __file__, 1, message, args, None)
    setattr(made, logs.FIELDS, fields)
    return made


@pytest.mark.parametrize(
    "text",
    [
        f"as_rt_{SECRET}",
        f"token as_at_{SECRET} refused",
        f"eyJhbGciOiJFUzI1NiJ9.{SECRET}.{SECRET}",
        f"Authorization: Basic {SECRET}",
        f"authorization: bearer {SECRET}",
        f"DPoP {SECRET}",
        f"/setup/{SECRET}",
        f"/account/password/reset/link/{SECRET}",
        f"/account/confirm-email/link/{SECRET}",
        f"/account/not-me/{SECRET}",
        f"postgresql://me:{SECRET}@db/x",
        f"redis://:{SECRET}@db/x",
        f"https://app.example/cb?code={SECRET}&state=1",
        f"grant_type=authorization_code&code_verifier={SECRET}",
        f"client_secret={SECRET}",
        f"password={SECRET}",
        f"{{'password': '{SECRET}', 'x': 1}}",
        f'{{"refresh_token": "{SECRET}"}}',
        f"client_assertion={SECRET}",
        f"Cookie: as_session={SECRET}",
    ],
)
@pytest.mark.parametrize("formatter", [logs.JsonLines(), logs.Readable()])
def test_no_secret_gets_through(text: str, formatter: logging.Formatter) -> None:
    with_trace = record("%s", text)
    with_trace.exc_info = (ValueError, ValueError(text), None)
    for each in (record(text), record("got %s", text), record("x", note=text), with_trace):
        assert SECRET not in formatter.format(each)
    nested = record("x", note={"deep": [text]})
    assert SECRET not in formatter.format(nested)


@pytest.mark.parametrize("name", ["password", "code", "client_secret", "token", "Authorization"])
def test_a_field_with_a_secrets_name_is_blotted(name: str) -> None:
    line = json.loads(logs.JsonLines().format(record("x", **{name: SECRET})))
    assert line[name] == logs.BLOT


@pytest.mark.parametrize(
    "text", ["status_code=200", "grant_type=refresh_token", "client_id=demo-web", "12 codes left"]
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert logs.redacted(text) == text


@pytest.mark.parametrize("unit", ["/a", "eyJaaaaaaaaa-", "://a:b", "code = ", "x\n"])
def test_a_huge_value_is_cut_before_anything_searches_it(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = unit * (60_000 // len(unit))
    seen: list[int] = []
    patterns = [name for name, it in vars(logs).items() if isinstance(it, re.Pattern)]
    assert len(patterns) > 5
    for name in patterns:
        monkeypatch.setattr(logs, name, Watched(vars(logs)[name], seen))
    with_trace = record("%s", huge, path=huge, nested={"deep": [huge]})
    with_trace.exc_info = (ValueError, ValueError(huge), None)
    assert len(logs.JsonLines().format(with_trace)) < 40_000
    assert max(seen) <= 16_100
    assert logs.redacted(huge).endswith("\u2026")
    assert len(logs.redacted(huge)) < 20_100


class Watched:
    """A pattern that notes how long the texts are which it gets."""

    def __init__(self, pattern: re.Pattern[str], seen: list[int]) -> None:
        self.pattern, self.seen = pattern, seen

    def search(self, text: str) -> re.Match[str] | None:
        self.seen.append(len(text))
        return self.pattern.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        self.seen.append(len(text))
        return self.pattern.fullmatch(text)

    def sub(self, replacement: str, text: str) -> str:
        self.seen.append(len(text))
        return self.pattern.sub(replacement, text)


def test_no_part_of_a_token_is_searched_without_bound() -> None:
    assert not re.search(r"\][*+](?!\+)|\{\d+,\}(?!\+)", logs._JWT.pattern)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"password": "{SECRET}',
        f"postgresql://me:{SECRET}",
        f"eyJhbGciOiJFUzI1NiJ9.{SECRET}",
        f"as_rt_{SECRET}",
    ],
)
def test_a_secret_that_is_cut_in_the_middle_is_not_shown(text: str) -> None:
    padding = " " * (2000 - len(text) + 4)
    assert SECRET[:8] not in logs.redacted(padding + text + SECRET)


def test_the_end_of_a_long_traceback_is_kept() -> None:
    told = record("x")
    told.exc_info = (ValueError, ValueError("line\n" * 9000 + "the last words"), None)
    trace = json.loads(logs.JsonLines().format(told))["traceback"]
    assert trace.startswith("\u2026\n")
    assert trace.rstrip().endswith("the last words")


@given(st.text())
def test_whatever_is_logged_stays_one_line(text: str) -> None:
    line = logs.JsonLines().format(record("%s", text, x=text))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["level"] == "info"
    assert len(logs.Readable().format(record("%s", text, x=text)).splitlines()) == 1


def test_a_line_says_when_what_and_for_which_request() -> None:
    name = request_id.begin()
    try:
        line = json.loads(logs.JsonLines().format(record("login", subject="s", ms=1.5, ok=True)))
    finally:
        request_id.end()
    assert (line["event"], line["request_id"], line["logger"]) == ("login", name, "authserver.x")
    assert (line["subject"], line["ms"], line["ok"]) == ("s", 1.5, True)
    assert line["at"].endswith("Z")


def test_security_events_are_logged_whatever_the_level(caplog: pytest.LogCaptureFixture) -> None:
    logs.security_event("refresh_reused", client_id="c")
    assert caplog.records[-1].getMessage() == "refresh_reused"
    here = environment.current()
    with environment.replaced(log_level=LogLevel.ERROR, mode=Mode.PRODUCTION) as quiet:
        told = logs.configuration(quiet)
    assert told["loggers"][logs.SECURITY]["level"] == "INFO"
    assert told["formatters"]["line"]["()"] is logs.JsonLines
    assert logs.configuration(here)["formatters"]["line"]["()"] is logs.Readable


@pytest.mark.parametrize("name", ["authlib", "django.db.backends", "psycopg"])
def test_debug_does_not_open_the_mouths_of_libraries(name: str) -> None:
    with environment.replaced(log_level=LogLevel.DEBUG) as loud:
        assert logs.configuration(loud)["loggers"][name]["level"] == "WARNING"
