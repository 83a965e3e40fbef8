"""RFC 9110 §10.1.5 — devices in their owners' words, and places from the operator's file."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from accounts import devices
from config import environment

pytestmark = pytest.mark.spec("RFC 9110 §10.1.5")
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
PHONE = f"(iPhone; CPU iPhone OS 17_5 like Mac OS X) {APPLE} Version/17.5 Mobile/15E148"
TABLET = f"(iPad; CPU OS 17_5 like Mac OS X) {APPLE} CriOS/126.0 Mobile/15E148"
MAC = f"(Macintosh; Intel Mac OS X 10_15_7) {BLINK} Chrome/126.0.0.0"
BERLIN: Mapping[str, Any] = {
    "city": {"names": {"en": "Berlin", "fr": "Berlin-sur-Spree"}},
    "country": {"names": {"en": "Germany", "fr": "Allemagne"}},
}


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (f"Mozilla/5.0 {PHONE} Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 {MAC} Safari/537.36", "Chrome on macOS"),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/130.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} HeadlessChrome/130.0.0.0", "Chrome on Linux"),
        (f"Mozilla/5.0 {TABLET} Safari/604.1", "Chrome on iPad"),
        ("curl/8.1", "curl"),
        ("", "Unknown device"),
        ("x" * 100_000, "Unknown device"),
        ("\x00\ud800<script>\n", "Unknown device"),
    ],
)
def test_a_device_is_called_what_its_owner_calls_it(agent: str, words: str) -> None:
    assert devices.describe(agent) == words
    assert "\ud800" not in devices.kind(agent)


def _encoded(value: Any) -> bytes:
    """Return a value of the MaxMind DB format 2.0: maps, texts and numbers."""
    match value:
        case dict():
            head, body = 7, b"".join(_encoded(k) + _encoded(v) for k, v in value.items())
            return bytes([head << 5 | len(value)]) + body
        case list():
            return bytes([len(value), 11 - 7]) + b"".join(_encoded(each) for each in value)
        case str():
            text = value.encode()
            size = [2 << 5 | len(text)] if len(text) < 29 else [2 << 5 | 29, len(text) - 29]
            return bytes(size) + text
        case _:
            return bytes([6 << 5 | 4]) + struct.pack(">I", value)


def _database(path: Path, record: Mapping[str, Any]) -> None:
    """Write a file that knows 128.0.0.0/1 and nothing else: one node, and one record behind it."""
    empty, found = 1, 1 + 16
    about = {
        "node_count": 1,
        "record_size": 24,
        "ip_version": 4,
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1,
        "description": {"en": "Test"},
    }
    node = empty.to_bytes(3, "big") + found.to_bytes(3, "big")
    marker = b"\xab\xcd\xefMaxMind.com"
    path.write_bytes(node + bytes(16) + _encoded(dict(record)) + marker + _encoded(about))


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "places.mmdb"
    _database(path, BERLIN)
    with _naming(path):
        yield path


def _naming(path: Path) -> AbstractContextManager[Any]:
    return environment.replaced(geoip_file=path)


@pytest.mark.parametrize(
    ("address", "language", "name"),
    [
        ("192.0.2.7", "en", "Berlin, Germany"),
        ("192.0.2.7", "fr", "Berlin-sur-Spree, Allemagne"),
        ("192.0.2.7", "ar", "Berlin, Germany"),
        ("10.0.0.1", "en", ""),
        ("2001:db8::1", "en", ""),
        ("", "en", ""),
        ("nonsense", "en", ""),
    ],
)
@pytest.mark.usefixtures("file")
def test_a_place_is_said_in_the_readers_language(address: str, language: str, name: str) -> None:
    with translation.override(language):
        assert devices.place(address) == name
        assert devices.where(address) == (name or address)


def test_a_new_file_is_read_and_a_broken_one_is_no_outage(file: Path) -> None:
    assert devices.place("192.0.2.7") == "Berlin, Germany"
    _database(file, {"country": {"names": {"en": "Spain"}}})
    assert devices.place("192.0.2.7") == "Spain"
    file.write_bytes(b"no database at all")
    assert devices.place("192.0.2.7") == ""
    file.unlink()
    assert devices.place("192.0.2.7") == ""


def test_without_a_file_no_place_is_known() -> None:
    assert devices.place("192.0.2.7") == ""
