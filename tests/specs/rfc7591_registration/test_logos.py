"""RFC 7591 §5 — logos are fetched once, by us, and shown from our own origin."""

from collections.abc import Iterator
from typing import Any

import pytest

from authserver import clients, logos, models, registrar
from config import environment, outbox, pictures
from config.models import Delivery
from tests import published
from tests.doors import Door, Response
from tests.published import Site
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §5")

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
PICTURES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0" + b"\0" * 64,
    "image/gif": b"GIF89a" + b"\0" * 64,
    "image/webp": b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 64,
}


@pytest.fixture
def site() -> Iterator[Site]:
    """Return where a client has its logo."""
    with published.site(PNG) as here:
        here.headers = {"Content-Type": "image/png"}
        yield here


def fetched(told: dict[str, Any]) -> str:
    """Let the outbox work, and return where the logo is now."""
    outbox.deliver_due()
    clients.evict_all()
    client = clients.find(told["client_id"])
    assert client
    return logos.address(client)


def shown(door: Door, address: str) -> Response:
    return door.get(environment.current().issuer_origin + address)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_is_shown_from_here(newcomer: Newcomer, site: Site, kind: str) -> None:
    site.document = PICTURES[kind]
    site.headers = {"Content-Type": "text/html"}  # what it is, is told by its bytes
    address = fetched(newcomer.register(logo_uri=f"{site.origin}/logo"))
    answer = shown(newcomer.door, address)
    assert (answer.status_code, answer.body) == (200, PICTURES[kind])
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policies = ", ".join(answer.headers.get_all("Content-Security-Policy"))
    assert "sandbox" in policies
    assert "default-src 'none'" in policies
    assert answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', id="SVG"),
        pytest.param(b'<?xml version="1.0"?><svg/>', id="SVG behind a declaration"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", id="a page"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"BM" + b"\0" * 64, id="BMP"),
        pytest.param(b"\0\0\1\0", id="an icon"),
        pytest.param(b"\0\0\0\0\0\0\0\0WEBP", id="WebP without RIFF"),
        pytest.param(b"%PDF-1.7", id="PDF"),
        pytest.param(b" " + PNG, id="PNG, not at the start"),
        pytest.param(PNG + b"\0" * pictures.MOST_BYTES, id="larger than 256 KB"),
    ],
)
def test_anything_else_is_not_kept(newcomer: Newcomer, site: Site, document: bytes) -> None:
    site.document = document
    assert fetched(newcomer.register(logo_uri=f"{site.origin}/logo")) == ""


def test_one_that_is_not_there_shows_nothing(newcomer: Newcomer, site: Site) -> None:
    site.status = 404
    told = newcomer.register(logo_uri=f"{site.origin}/logo")
    assert told["logo_uri"]
    assert fetched(told) == ""


def test_another_one_takes_its_place(newcomer: Newcomer, site: Site) -> None:
    told = newcomer.register(logo_uri=f"{site.origin}/old")
    old = fetched(told)
    site.document = PICTURES["image/gif"]
    newcomer.put(told, logo_uri=f"{site.origin}/new")
    new = fetched(told)
    assert old != new
    assert shown(newcomer.door, new).headers["Content-Type"] == "image/gif"
    newcomer.put(told)
    assert fetched(told) == ""
    assert not models.Logo.objects.filter(pk=told["client_id"]).exists()


def test_an_update_without_a_new_one_fetches_nothing(newcomer: Newcomer, site: Site) -> None:
    uri = f"{site.origin}/logo"
    told = newcomer.register(logo_uri=uri)
    fetched(told)
    newcomer.put(told, logo_uri=uri, client_name="New")
    assert fetched(told)
    assert len(site.asked) == 1


def test_naming_one_after_the_other_waits_for_one_fetch(newcomer: Newcomer, site: Site) -> None:
    told = newcomer.register(logo_uri=f"{site.origin}/0")
    for number in range(1, 6):
        newcomer.put(told, logo_uri=f"{site.origin}/{number}")
    assert Delivery.objects.filter(kind=logos.KIND, target=told["client_id"]).count() == 1
    assert fetched(told)
    assert site.asked == ["/5"]
    site.document = b"no picture"
    newcomer.put(told, logo_uri=f"{site.origin}/6")
    assert fetched(told) == ""
    given_up = Delivery.objects.filter(target=told["client_id"], delivered_at=None)
    assert not given_up.exists(), "which an operator would have to clear away"


def test_it_goes_with_its_client(newcomer: Newcomer, site: Site) -> None:
    told = newcomer.register(logo_uri=f"{site.origin}/logo")
    address = fetched(told)
    newcomer.manage("DELETE", told)
    site.document = PICTURES["image/jpeg"]
    assert not models.Logo.objects.filter(pk=told["client_id"]).exists()
    assert address


def test_work_that_comes_too_late_changes_nothing(newcomer: Newcomer, site: Site) -> None:
    told = newcomer.register(logo_uri=f"{site.origin}/logo")
    registrar.remove(told["client_id"])
    outbox.deliver_due()
    assert site.asked == []
    assert not models.Logo.objects.filter(pk=told["client_id"]).exists()


@pytest.mark.parametrize("digest", ["", "x", "../../etc/passwd", "A" * 43, "%00", "a" * 5000])
def test_an_unknown_one_is_not_there(newcomer: Newcomer, digest: str) -> None:
    answer = shown(newcomer.door, f"/client-logo?digest={digest}")
    assert answer.status_code in {400, 404}


def test_an_operators_client_has_one_too(site: Site) -> None:
    made = registrar.register(
        {"redirect_uris": ["https://app.example/cb"], "logo_uri": f"{site.origin}/logo"}
    )
    assert fetched({"client_id": made.client_id})
    registrar.change(made.client_id, {"logo_uri": ""})
    assert fetched({"client_id": made.client_id}) == ""
