"""config.branding: texts, links, a colour and a picture, and nothing that could be more."""

from pathlib import Path

import pytest

from config import policy_file
from config.branding import Branding, Words

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def read(tmp_path: Path, text: str) -> tuple[Branding, str]:
    file = tmp_path / "policy.toml"
    file.write_text(f"[branding]\n{text}\n", encoding="utf-8")
    found, faults = policy_file.read(file)
    return found.branding, "\n".join(str(fault) for fault in faults)


def test_a_brand_is_read(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG)
    found, faults = read(
        tmp_path,
        f'name = "Acme"\naccent = "#FFE100"\nlogo = "{logo}"\n'
        'support_url = "mailto:help@acme.example"\n'
        '[branding.locales.pt-BR]\nname = "Acme Conta"\n',
    )
    assert faults == ""
    assert found == Branding(
        name="Acme",
        accent="#ffe100",
        logo=str(logo),
        support_url="mailto:help@acme.example",
        locales=(("pt-br", Words(name="Acme Conta")),),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('nam = "Acme"', "Did you mean name?"),
        ("name = 3", "must be a text"),
        ('name = "  "', "must not be empty"),
        (f'name = "{"x" * 61}"', "longer than 60"),
        ('tagline = "a\\u202eb"', "cannot be seen"),
        ('tagline = "a\\nb"', "cannot be seen"),
        ('accent = "red"', "must be a colour"),
        ('accent = "#ffe10"', "must be a colour"),
        ('accent = "#ffffff;}"', "must be a colour"),
        ('support_url = "http://acme.example/"', "must start with https://"),
        ('support_url = "javascript:alert(1)"', "must start with https://"),
        ('support_url = "https:///x"', "names no host"),
        ('support_url = "https://[x/"', "names no host"),
        ('support_url = "https://acme.example/ x"', "hold no blank"),
        (f'support_url = "https://acme.example/{"x" * 500}"', "must start with"),
        ('logo = "/nowhere/logo.png"', "is not a PNG"),
        ('logo = "/"', "is not a PNG"),
        ('logo = "a\\u0000b"', "is not a PNG"),
        ("locales = 3", "must hold tables"),
        ('locales.d0.name = "x"', "is not a language tag"),
        ('locales.de.nam = "x"', "branding.locales.de.nam"),
        ('locales.de.accent = "#ffffff"', "is not a setting"),
        ('css = "*{}"', "is not a setting"),
    ],
)
def test_anything_else_stops_the_start(tmp_path: Path, text: str, sentence: str) -> None:
    found, faults = read(tmp_path, text)
    assert sentence in faults
    assert "docs/operations.md#branding" in faults
    assert found.name == "authserver"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
        pytest.param(b"", id="nothing"),
        pytest.param(PNG + b"\0" * 256 * 1024, id="too large"),
    ],
)
def test_a_logo_is_a_picture(tmp_path: Path, body: bytes) -> None:
    logo = tmp_path / "logo"
    logo.write_bytes(body)
    assert "is not a PNG" in read(tmp_path, f'logo = "{logo}"')[1]
