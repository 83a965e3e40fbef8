"""RFC 9101 §5.2 — request_uri: only a registered address is asked, once, and never for long."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from config import addresses, environment
from tests.parties import CALLBACK, Enrol
from tests.person import Person
from tests.specs.rfc9101_request_objects import signer
from tests.specs.rfc9101_request_objects.signer import Signer

pytestmark = pytest.mark.spec("RFC 9101 §5.2")


class Shelf(ThreadingHTTPServer):
    """An application's web server: one document, what it is called, and who asked for it."""

    text: str = ""
    kind: str = "application/jwt"
    status: int = 200
    asked: list[str]

    @property
    def address(self) -> str:
        """Where the document is."""
        return f"http://rp.example:{self.server_port}/request"


class _Handler(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.kind)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """Return a web server that our resolver and our guard let through under a name."""
    server = Shelf(("127.0.0.1", 0), _Handler)
    server.asked = []
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with _let_through(server.server_port):
        yield server
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def _let_through(port: int) -> Iterator[None]:
    here = [(socket.AF_INET, ("127.0.0.1", port))]
    hosts = frozenset({"rp.example"})
    with addresses.replaced(lambda *_: here), environment.replaced(allowed_private_hosts=hosts):
        yield


@pytest.fixture
def known(enrol: Enrol, shelf: Shelf) -> Signer:
    """Return a client that leaves its requests on the shelf, and whose user agreed already."""
    made = signer.enrolled(enrol, request_uris=[shelf.address])
    made.rp.tokens()
    return made


def _by(known: Signer, **beside: Any) -> Any:
    outer = known.outer(**beside)
    return known.rp.arrival(outer, known.browser.send("GET", known.rp.url(outer)))


@pytest.mark.parametrize(
    "kind", ["application/oauth-authz-req+jwt", "application/jwt", "text/plain", ""]
)
def test_a_registered_request_is_fetched(known: Signer, shelf: Shelf, kind: str) -> None:
    asked = known.rp.asking()
    shelf.text, shelf.kind = known.sign(known.claims(asked)) + "\n", kind
    outer = known.outer(request_uri=shelf.address, state="outside", nonce="outside")
    arrival = known.rp.arrival(asked, known.browser.send("GET", known.rp.url(outer)))
    assert arrival.outcome == "code"
    claims = known.rp.claims(known.rp.redeem(arrival).json()["id_token"])
    assert claims["nonce"] == asked.value("nonce")
    assert shelf.asked == ["/request"]


@pytest.mark.spec("OIDC Core §6.2")
def test_what_rests_there_need_not_expire(known: Signer, shelf: Shelf) -> None:
    asked = known.rp.asking()
    for changes in ({"exp": None, "iat": None}, {"exp": None, "iat": 1, "nbf": 1}):
        shelf.text = known.sign(known.claims(asked, **changes), typ=None)
        outer = known.outer(request_uri=shelf.address)
        answer = known.browser.send("GET", known.rp.url(outer))
        assert known.rp.arrival(asked, answer).outcome == "code"
    shelf.text = known.sign(known.claims(asked, exp=1))
    assert _by(known, request_uri=shelf.address).outcome == "shown"


@pytest.mark.spec("OIDC Core §6.2")
def test_a_digest_in_the_fragment_is_not_sent(enrol: Enrol, shelf: Shelf) -> None:
    address = f"{shelf.address}#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
    known = signer.enrolled(enrol, request_uris=[address])
    asked = known.rp.asking()
    shelf.text = known.sign(known.claims(asked))
    outer = known.outer(request_uri=address)
    answer = known.browser.send("GET", known.rp.url(outer))
    assert known.rp.arrival(asked, answer).outcome == "page"
    assert shelf.asked == ["/request"]
    assert _by(known, request_uri=shelf.address).outcome == "shown"  # registered with its fragment


def test_it_is_fetched_once_for_a_whole_sign_in(
    enrol: Enrol, shelf: Shelf, someone: Person
) -> None:
    known = signer.enrolled(enrol, request_uris=[shelf.address])
    asked = known.rp.asking()
    shelf.text = known.sign(known.claims(asked))
    page = someone.browser.open(known.rp.url(known.outer(request_uri=shelf.address)))
    shelf.text = "changed meanwhile"
    assert known.rp.arrival(asked, someone.answer(page)).outcome == "code"
    assert len(shelf.asked) == 1


def test_no_other_address_is_ever_asked(known: Signer, shelf: Shelf) -> None:
    """The guard is not even reached by what the client did not register."""
    others = [
        f"{shelf.address}/x",
        f"{shelf.address}?x=1",
        f"{shelf.address}#x",
        shelf.address.replace("rp.example", "127.0.0.1"),
        shelf.address.upper(),
        f"http://127.0.0.1:{shelf.server_port}/x",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "https://evil.example/r",
        "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c",
        "data:application/jwt,e30.e30.",
        "x",
    ]
    for uri in others:
        assert _by(known, request_uri=uri).outcome == "shown", uri
        arrival = _by(known, request_uri=uri, redirect_uri=CALLBACK, state="s")
        assert arrival.outcome == "invalid_request_uri", uri
    assert shelf.asked == []


def test_another_clients_address_is_not_mine(known: Signer, enrol: Enrol, shelf: Shelf) -> None:
    other = signer.enrolled(enrol)
    shelf.text = other.sign(other.claims(other.rp.asking()))
    assert _by(other, request_uri=shelf.address, redirect_uri=CALLBACK).outcome == (
        "invalid_request_uri"
    )
    assert shelf.asked == []


@pytest.mark.parametrize("status", [204, 302, 404, 500])
def test_any_other_answer_is_no_request(known: Signer, shelf: Shelf, status: int) -> None:
    shelf.text, shelf.status = known.sign(known.claims(known.rp.asking())), status
    arrival = _by(known, request_uri=shelf.address, redirect_uri=CALLBACK)
    assert arrival.outcome == "invalid_request_uri"
    assert shelf.asked == ["/request"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", "invalid_request_object", id="nothing"),
        pytest.param("garbage", "invalid_request_object", id="garbage"),
        pytest.param("x" * 20_000, "invalid_request_uri", id="too much"),
        pytest.param("\u00fc" * 100, "invalid_request_uri", id="other alphabet"),
        pytest.param("response_type=code", "invalid_request_object", id="a form"),
    ],
)
def test_a_document_that_is_no_object_asks_for_nothing(
    known: Signer, shelf: Shelf, text: str, error: str
) -> None:
    shelf.text = text
    arrival = _by(known, request_uri=shelf.address, redirect_uri=CALLBACK)
    assert arrival.outcome == error


def test_a_server_that_is_down_is_said_so(known: Signer, shelf: Shelf) -> None:
    shelf.shutdown()
    shelf.server_close()
    arrival = _by(known, request_uri=shelf.address, redirect_uri=CALLBACK)
    assert arrival.outcome == "invalid_request_uri"


def test_the_metadata_says_so(known: Signer) -> None:
    metadata = known.rp.metadata
    assert metadata["request_uri_parameter_supported"] is True
    assert metadata["require_request_uri_registration"] is True
