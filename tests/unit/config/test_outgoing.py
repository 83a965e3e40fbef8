"""config.outgoing: whatever answers, we wait not for long, and read not much."""

import logging
import socket
import time
from collections.abc import Iterator

import pytest

from config import addresses, environment, outgoing, policy
from config.addresses import Address
from tests.unit.config.asking import SOON, here, refusal
from tests.unit.config.listener import OK, Talk, answer, dribble, listening, silent

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.fixture(autouse=True)
def resolver() -> Iterator[None]:
    with addresses.replaced(here):
        yield


@pytest.fixture
def allowed() -> Iterator[None]:
    with environment.replaced(allowed_private_hosts=frozenset({"rp.example"})):
        yield


def asked_of(talk: Talk) -> str:
    with listening(talk) as there, policy.replaced(outgoing=SOON):
        start = time.monotonic()
        reason = refusal(f"http://rp.example:{there.port}/")
        assert time.monotonic() - start < 4
    return reason


@pytest.mark.usefixtures("allowed")
class TestGet:
    def test_a_document_comes_whole(self) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/jwk-set+json\r\n"
        with listening(answer(head + b"Cache-Control: public, Max-Age=60\r\n\r\n{}")) as there:
            found = outgoing.get(f"http://RP.example:{there.port}/a?b=c", accept="a/b")
        assert (found.status, found.content_type, found.body, found.max_age) == (
            200,
            "application/jwk-set+json",
            b"{}",
            60,
        )
        lines = there.asked[0].split(b"\r\n")
        assert lines[0] == b"GET /a?b=c HTTP/1.1"
        assert set(lines[1:-2]) == {
            f"Host: rp.example:{there.port}".encode(),
            b"Accept: a/b",
            b"Accept-Encoding: identity",
            b"User-Agent: authserver",
            b"Connection: close",
        }

    @pytest.mark.parametrize(
        ("said", "age"),
        [
            (b"", None),
            (b"Cache-Control: public\r\n", None),
            (b"Cache-Control: no-store\r\n", 0),
            (b"Cache-Control: max-age=60, no-cache\r\n", 0),
            (b"Cache-Control: max-age=-1\r\n", None),
            (b"Cache-Control: max-age=99999999999999999999\r\n", None),
            (b"Cache-Control: public\r\nCache-Control: max-age=5\r\n", 5),
        ],
    )
    def test_how_long_it_may_be_kept(self, said: bytes, age: int | None) -> None:
        with listening(answer(b"HTTP/1.1 200 OK\r\n" + said + b"\r\n{}")) as there:
            url = f"http://rp.example:{there.port}/"
            assert outgoing.get(url, accept="*/*").max_age == age

    @pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 308, 304, 400, 404, 500])
    def test_any_other_status_is_a_failure_and_nothing_is_followed(self, status: int) -> None:
        line = f"HTTP/1.1 {status} X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
        with listening(answer(line.encode())) as there:
            assert "200" in refusal(f"http://rp.example:{there.port}/")
        assert there.connections == 1

    @pytest.mark.parametrize(
        ("talk", "word"),
        [
            pytest.param(silent, "in time", id="no answer"),
            pytest.param(dribble(b"", b"H", 0.1), "in time", id="a slow status line"),
            pytest.param(
                dribble(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n", 0.1), "in time", id="slow headers"
            ),
            pytest.param(dribble(ENDLESS, b"x", 0.1), "in time", id="a slow body"),
            pytest.param(dribble(CHUNKED, b"1\r\nx\r\n", 0.1), "in time", id="slow chunks"),
            pytest.param(
                dribble(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1), "in time", id="for ever 100"
            ),
            pytest.param(dribble(ENDLESS, b"x" * 9999, 0), "too large", id="an endless body"),
            pytest.param(
                dribble(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n", 0),
                "too large",
                id="endless chunks",
            ),
            pytest.param(
                dribble(CHUNKED, b"1;" + b"x" * 9999 + b"\r\nx\r\n", 0),
                "too large",
                id="small chunks with endless words about them",
            ),
            pytest.param(
                dribble(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, 0), "too large", id="100s"
            ),
            pytest.param(
                answer(b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n"),
                "too large",
                id="announced",
            ),
            pytest.param(
                answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"),
                "compressed",
                id="gzip",
            ),
            pytest.param(
                answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n\x1f\x8b"),
                "compressed",
                id="gzip on the way",
            ),
            pytest.param(
                answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}"), "broke off", id="short"
            ),
            pytest.param(answer(CHUNKED + b"5\r\n{}"), "HTTP", id="a short chunk"),
            pytest.param(answer(CHUNKED + b"zz\r\n{}"), "HTTP", id="a chunk of no size"),
            pytest.param(answer(b""), "HTTP", id="hung up"),
            pytest.param(answer(b"220 mail.example ESMTP\r\n"), "HTTP", id="another protocol"),
            pytest.param(answer(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200), "HTTP", id="headers"),
            pytest.param(answer(b"HTTP/1.1 200 " + b"x" * 99999), "", id="a long line"),
        ],
    )
    def test_a_bad_answer_ends_in_time(self, talk: Talk, word: str) -> None:
        assert word in asked_of(talk)

    def test_the_size_is_exact(self) -> None:
        with listening(answer(ENDLESS + b"x" * 1000)) as there:
            url = f"http://rp.example:{there.port}/"
            assert len(outgoing.get(url, accept="*/*", max_bytes=1000).body) == 1000
            assert "too large" in refusal(url, max_bytes=999)

    def test_nobody_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as door:
            port = door.getsockname()[1]
        assert "reached" in refusal(f"http://rp.example:{port}/")

    def test_the_next_address_is_tried(self) -> None:
        def look_up(host: str, port: int) -> list[Address]:
            return [(socket.AF_INET, ("127.0.0.9", port)), *here(host, port)]

        with listening(answer(OK)) as there, addresses.replaced(look_up):
            assert outgoing.get(f"http://rp.example:{there.port}/", accept="*/*").body == b"{}"

    def test_the_environment_names_no_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with listening(answer(OK)) as proxy, listening(answer(OK)) as there:
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            outgoing.get(f"http://rp.example:{there.port}/", accept="*/*")
        assert (proxy.connections, there.connections) == (0, 1)

    def test_what_follows_the_question_mark_is_not_logged(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            refusal("http://rp.example:1/x?y=hush")
        assert caplog.records[-1].getMessage() == "outgoing_failed"
        assert "hush" not in str(vars(caplog.records[-1]))
