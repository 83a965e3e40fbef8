"""accounts.letters: one template makes the text and the page of a mail, as its reader reads."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from accounts import languages, letters
from accounts.models import User
from config import environment

FOLDER = Path(letters.__file__).parent / "templates/account/email"
NAMES = sorted(file.name.removesuffix("_subject.txt") for file in FOLDER.glob("*_subject.txt"))
HOSTILE = "<img src=x onerror=alert(1)>\n\nhttps://evil.example/\n    STOLEN"


def about(**more: Any) -> dict[str, Any]:
    """Return what every template may ask for."""
    here = environment.current().issuer
    return {
        "at": dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC).isoformat(),
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0",
        "code": "BCDF-GHJK",
        "minutes": 15,
        "link": f"{here}/account/x/secret",
        "email": "ada@example.com",
        "from_email": "ada@example.com",
        "to_email": "countess@example.com",
        "deleted_email": "ada@example.com",
        "application": "App",
        "label": "Key",
        "provider": "Elsewhere",
        "left": 3,
        "days": 14,
        **more,
    }


def written(name: str, language: str = "en", **more: Any) -> letters.Letter:
    """Write one."""
    return letters.write(name, User(email="ada@example.com"), language, about(**more))


@pytest.mark.parametrize("language", languages.COMPLETE)
@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_whole_in_every_language(name: str, language: str) -> None:
    letter = written(name, language)
    assert letter.subject
    assert "\n" not in letter.subject
    assert letter.text.endswith(environment.current().issuer)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in letter.page
    for line in letter.text.partition("\n-- \n")[0].splitlines():
        if line.startswith("    "):
            assert f">{line.strip()}</p>" in letter.page
    assert not re.search(r"<img|<script|<link|url\(|@import|src=", letter.page), "loads nothing"
    links = re.findall(r'href="([^"]+)"', letter.page)
    assert all(link.startswith(environment.current().issuer + "/") for link in links)
    assert "{{" not in letter.text + letter.page


@pytest.mark.parametrize("name", NAMES)
def test_what_people_typed_stays_text_on_one_line(name: str) -> None:
    typed = dict.fromkeys(("application", "label", "provider", "email", "to_email"), HOSTILE)
    letter = written(name, **typed)
    assert "<img" not in letter.page
    assert 'href="https://evil' not in letter.page
    assert not re.search(r"^(https://evil|    STOLEN)", letter.text, re.MULTILINE)
    assert len(letter.subject.splitlines()) == 1


def test_parts() -> None:
    here = environment.current().issuer
    text = f"One\ntwo\n\n    CODE\n\nDo it:\n{here}/a\nor that:\n{here}/b\n\nhttps://evil.example/x"
    found = [(one.kind, one.lines, one.link) for one in letters.blocks(text)]
    assert found == [
        ("text", ("One", "two"), ""),
        ("code", ("CODE",), ""),
        ("link", ("Do it",), f"{here}/a"),
        ("link", ("or that",), f"{here}/b"),
        ("text", ("https://evil.example/x",), ""),
    ]


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Asia/Tokyo", "8:30"), ("", "11:30"), ("Not/There", "11:30"), ("/etc", "11:30")],
)
def test_times_are_the_reader_s(zone: str, said: str) -> None:
    user = User(email="ada@example.com", zoneinfo=zone)
    letter = letters.write("password_changed", user, "en", about())
    assert said in letter.text


@pytest.mark.parametrize(
    ("chosen", "page", "language"),
    [("de", "fr", "de"), ("", "fr", "fr"), ("xx", "de", "de"), ("de-AT", "", "de"), ("", "", "en")],
)
def test_the_language(chosen: str, page: str, language: str) -> None:
    assert letters.language_of(User(locale=chosen), page) == language
