"""WCAG 2.2 §1.4.3 — pages in a brand's colour, and a refusal followed to its explanation."""

import json
import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config import colours
from tests.chromium import chromium
from tests.chromium.conftest import Open
from tests.examples import world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("WCAG 2.2 §1.4.3"),
]
DEPLOYMENT, SHOP = "#ffe100", "#7a1fa2"
POLICY = """
[branding]
name = "Acme Account"
tagline = "One account for all that Acme makes"
accent = "{accent}"
logo = "{logo}"
support_url = "https://help.acme.example/"
privacy_url = "https://acme.example/privacy"
imprint_url = "https://acme.example/imprint"
[branding.locales.de]
name = "Acme-Konto"
"""
CLIENT = {
    "client_id": "shop",
    "client_name": "Shop",
    "client_uri": "https://shop.example/",
    "redirect_uris": ["https://shop.example/callback"],
    "token_endpoint_auth_method": "none",
    "branding": {
        "accent": SHOP,
        "tagline": "Books by mail",
        "support_url": "https://shop.example/help",
        "locales": {"de": {"tagline": "Bücher per Post"}},
    },
}
ASKED = (
    "/oauth2/authorize?client_id=shop&response_type=code&scope=openid%20profile&code_challenge="
    f"{'x' * 43}&code_challenge_method=S256&redirect_uri=https%3A%2F%2Fshop.example%2Fcallback"
)


def square() -> bytes:
    """Return a picture: 32 by 32, yellow."""
    rows = (b"\0" + b"\xff\xe1\x00" * 32) * 32

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acme:
    """A deployment with a brand, and the administrator of it."""

    issuer: str
    settings: dict[str, str]
    email: str
    password: str


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    folder: Path = tmp_path_factory.mktemp("acme")
    logo, rules, issuer = folder / "logo.png", folder / "p.toml", world.free_address("localhost")
    logo.write_bytes(square())
    rules.write_text(POLICY.format(accent=DEPLOYMENT, logo=logo), encoding="utf-8")
    settings = {
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_DATA_DIR": str(folder / "var"),
        "AUTHSERVER_POLICY_FILE": str(rules),
    }
    email, password = f"{secrets.token_hex(4)}@example.com", "Correct-Horse7battery"
    add = ("users", "add", "--email", email, "--administrator", "--password-stdin")
    with world.process(issuer, folder / "server.log", "manage.py", "start", **settings):
        world.manage(settings, "clients", "import", "-", given=json.dumps([CLIENT]))
        world.manage(settings, *add, given=f"{password}\n")
        yield Acme(issuer=issuer, settings=settings, email=email, password=password)


def ground(tab: Any, selector: str) -> str:
    """Return the colour behind an element, as #rrggbb."""
    text = tab.locator(selector).first.evaluate("each => getComputedStyle(each).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in text[4:-1].split(","))


@pytest.mark.parametrize(
    ("look", "theme"),
    [
        pytest.param(
            {"viewport": {"width": 1100, "height": 800}, "color_scheme": "light"},
            colours.LIGHT,
            id="desk",
        ),
        pytest.param(
            {
                "viewport": {"width": 320, "height": 640},
                "color_scheme": "dark",
                "java_script_enabled": False,
            },
            colours.DARK,
            id="phone",
        ),
    ],
)
def test_pages_are_in_the_colour_of_who_asks(
    acme: Acme, window: Open, look: dict[str, Any], theme: colours.Theme
) -> None:
    tab, name = window(**look).tab(), f"brand-{look['viewport']['width']}"
    tab.goto(f"{acme.issuer}/account/login/")
    chromium.picture(tab, f"{name}-own")
    assert ground(tab, "main button[type=submit]") == colours.shades(DEPLOYMENT, theme).accent
    assert "Acme Account" in tab.title()
    assert tab.locator("header img").evaluate("each => each.naturalWidth") == 32
    assert tab.get_by_role("link", name="Privacy").count() == 1
    tab.goto(acme.issuer + ASKED)
    chromium.picture(tab, f"{name}-shop")
    assert ground(tab, "main button[type=submit]") == colours.shades(SHOP, theme).accent
    assert tab.get_by_text("Books by mail").count() == 1
    tab.goto(f"{acme.issuer}{ASKED}%2F")
    chromium.picture(tab, f"{name}-refused")
    assert ground(tab, "main .button") == colours.shades(SHOP, theme).accent
    assert tab.get_by_role("link", name="Go to Shop").count() == 1


def test_a_refusal_is_followed_to_its_explanation(acme: Acme, window: Open) -> None:
    tab = window(locale="de").tab()
    tab.goto(f"{acme.issuer}{ASKED}%2F")
    assert "Acme-Konto" in tab.title()
    reference = tab.locator("main strong code").inner_text()
    tab.goto(f"{acme.issuer}/oauth2/errors/{reference}")
    chromium.picture(tab, "brand-error-page")
    assert tab.locator("main a").count() == 0, "the rest is not for everybody"
    tab = window().tab()
    tab.goto(f"{acme.issuer}/account/login/")
    tab.get_by_label("E-mail address").fill(acme.email)
    tab.get_by_label("Password").fill(acme.password)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.goto(f"{acme.issuer}/oauth2/errors/{reference}")
    tab.get_by_role("link", name="What was received and expected").click()
    tab.get_by_text("path: trailing slash too many").wait_for()
    chromium.picture(tab, "admin-explanation")
    assert tab.locator("#content table").evaluate("each => each.scrollWidth <= each.offsetWidth")
    tab.get_by_role("link", name="shop", exact=True).click()
    tab.locator("#id_redirect_uris").wait_for()
