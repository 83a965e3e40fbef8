"""config.outgoing: whoever we ask, we connect only where we looked, not for long, not for much."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import addresses, environment, outgoing, policy
from config.addresses import Address
from config.outgoing import OutgoingError
from config.policy import Outgoing
from tests.network import NetworkIsOff
from tests.unit.config import listener
from tests.unit.config.listener import OK, Talk, answer, dribble, listening, silent

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"
SOON = Outgoing(deadline=timedelta(seconds=1))


def at(*hosts: str) -> list[Address]:
    return [
        (
            socket.AF_INET6 if ":" in host else socket.AF_INET,
            (host, 443) if "." in host else (host, 443, 0, 0),
        )
        for host in hosts
    ]


def here(host: str, port: int) -> list[Address]:
    """Resolve every name to loopback."""
    return [(socket.AF_INET, ("127.0.0.1", port))]


@pytest.fixture(autouse=True)
def resolver() -> Iterator[None]:
    with addresses.replaced(here):
        yield


@pytest.fixture
def allowed() -> Iterator[None]:
    with environment.replaced(allowed_private_hosts=frozenset({"rp.example"})):
        yield


def refusal(url: str, **options: int) -> str:
    with pytest.raises(OutgoingError) as caught:
        outgoing.get(url, accept="application/json", **options)
    return caught.value.reason


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


class TestTls:
    def test_an_authority_of_ours_is_trusted(self, tmp_path: Path) -> None:
        made = listener.certified(tmp_path, "rp.example")
        with (
            listening(answer(OK), context=made.context) as there,
            environment.replaced(
                allowed_private_hosts=frozenset({"rp.example"}), extra_ca_file=made.authority
            ),
        ):
            url = f"https://rp.example:{there.port}/"
            assert outgoing.get(url, accept="*/*").body == b"{}"
            assert outgoing.post_form(url, {"a": "b"}) == 200
            with environment.replaced(extra_ca_file=None):
                assert "certificate" in refusal(url)

    @pytest.mark.parametrize("name", ["other.example", "127.0.0.1", "*.rp.example", "xrp.example"])
    def test_the_name_is_proved_and_not_the_address(self, tmp_path: Path, name: str) -> None:
        made = listener.certified(tmp_path, name)
        with (
            listening(answer(OK), context=made.context) as there,
            environment.replaced(
                allowed_private_hosts=frozenset({"rp.example"}), extra_ca_file=made.authority
            ),
        ):
            assert "certificate" in refusal(f"https://rp.example:{there.port}/")
            with pytest.raises(OutgoingError, match="certificate"):
                outgoing.post_form(f"https://rp.example:{there.port}/", {"hush": "hush"})
        assert b"hush" not in b"".join(there.asked)

    def test_an_address_is_proved_as_an_address(self, tmp_path: Path) -> None:
        made = listener.certified(tmp_path, "127.0.0.1")
        with (
            listening(answer(OK), context=made.context) as there,
            environment.replaced(
                allowed_private_hosts=frozenset({"127.0.0.1"}), extra_ca_file=made.authority
            ),
        ):
            assert outgoing.get(f"https://127.0.0.1:{there.port}/", accept="*/*").status == 200

    @pytest.mark.usefixtures("allowed")
    def test_a_handshake_that_never_ends(self) -> None:
        with listening(silent) as there, policy.replaced(outgoing=SOON):
            assert "in time" in refusal(f"https://rp.example:{there.port}/")

    @pytest.mark.usefixtures("allowed")
    def test_plain_http_where_tls_is_due(self) -> None:
        with listening(answer(OK)) as there, policy.replaced(outgoing=SOON):
            assert refusal(f"https://rp.example:{there.port}/")


class TestGuard:
    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
    )
    def test_a_private_url_is_never_connected_to(self, host: str) -> None:
        with listening(answer(OK)) as there:
            refusal(f"https://{host}:{there.port}/")
            with pytest.raises(OutgoingError):
                outgoing.post_form(f"https://{host}:{there.port}/", {})
        assert there.connections == 0

    @pytest.mark.parametrize(
        "answers",
        [
            ["127.0.0.1"],
            ["10.0.0.1"],
            ["169.254.169.254"],
            ["::1"],
            ["::ffff:8.8.8.8"],
            ["fe80::1%lo"],
            ["8.8.8.8", "127.0.0.1"],
            ["2606:4700:4700::1111", "::1"],
        ],
    )
    def test_nor_is_a_name_with_any_private_address(
        self, answers: list[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        with addresses.replaced(lambda *_: at(*answers)), caplog.at_level(logging.INFO):
            assert refusal("https://rebound.example/") == "Its host is not a public one."
        events = [record.getMessage() for record in caplog.records]
        assert events == ["outgoing_refused", "outgoing_failed"]

    def test_a_name_that_changes_its_mind_changes_nothing(self) -> None:
        asked: list[str] = []

        def look_up(host: str, port: int) -> list[Address]:
            asked.append(host)
            return at("8.8.8.8") if len(asked) == 1 else here(host, port)

        # The network is off beyond loopback, and says where we were going.
        with addresses.replaced(look_up), pytest.raises(NetworkIsOff, match=r"8\.8\.8\.8"):
            outgoing.get("https://rebound.example/", accept="*/*")
        assert asked == ["rebound.example"]

    def test_no_address(self) -> None:
        with addresses.replaced(lambda *_: []):
            assert "no address" in refusal("https://nowhere.example/")

    def test_a_slow_look_up_counts(self) -> None:
        until = threading.Event()

        def look_up(host: str, port: int) -> list[Address]:
            until.wait()
            return []

        with addresses.replaced(look_up), policy.replaced(outgoing=SOON):
            assert "in time" in refusal("https://slow.example/")
        until.set()


@pytest.mark.usefixtures("allowed")
class TestLines:
    def test_only_some_wait_for_others_at_once(self) -> None:
        reasons: list[str] = []
        with listening(silent) as there, policy.replaced(outgoing=Outgoing(at_once=2)):
            url = f"http://rp.example:{there.port}/"
            crowd = [
                threading.Thread(target=lambda: reasons.append(refusal(url)), daemon=True)
                for _ in range(6)
            ]
            for each in crowd:
                each.start()
            deadline = time.monotonic() + 4
            while len(reasons) < 4 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert reasons == ["Too many requests to others are under way."] * 4
            assert there.connections == 2
            # Whoever delivers is not held up by those who fetch.
            with listening(answer(OK)) as other:
                assert outgoing.post_form(f"http://rp.example:{other.port}/", {}) == 200
            for each in crowd:
                each.join()
        with listening(answer(OK)) as there:
            assert outgoing.get(f"http://rp.example:{there.port}/", accept="*/*").status == 200

    def test_half_of_a_small_server_is_never_away(self) -> None:
        with (
            listening(silent) as there,
            environment.replaced(threads=2),
            policy.replaced(outgoing=Outgoing(deadline=timedelta(seconds=2))),
        ):
            url = f"http://rp.example:{there.port}/"
            first = threading.Thread(target=lambda: refusal(url), daemon=True)
            first.start()
            while there.connections == 0:
                time.sleep(0.01)
            assert "Too many" in refusal(url)
            first.join()


@pytest.mark.usefixtures("allowed")
class TestPost:
    @pytest.mark.parametrize("status", [200, 204, 302, 400, 501])
    def test_the_status_is_the_answer(self, status: int) -> None:
        with listening(answer(f"HTTP/1.1 {status} X\r\n\r\n".encode())) as there:
            fields = {"logout_token": "a.b.c", "odd": "ü&=\0"}
            assert outgoing.post_form(f"http://rp.example:{there.port}/bc", fields) == status
        head, _, body = there.asked[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /bc HTTP/1.1\r\n")
        assert b"Content-Type: application/x-www-form-urlencoded\r\n" in head
        assert f"Content-Length: {len(body)}".encode() in head
        assert body == b"logout_token=a.b.c&odd=%C3%BC%26%3D%00"

    def test_a_body_that_never_ends_is_not_waited_for(self) -> None:
        with listening(dribble(ENDLESS, b"x", 0.1)) as there:
            start = time.monotonic()
            assert outgoing.post_form(f"http://rp.example:{there.port}/", {}) == 200
            assert time.monotonic() - start < 2

    @pytest.mark.parametrize("talk", [silent, dribble(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n", 0.1)])
    def test_no_answer_is_an_error(self, talk: Talk) -> None:
        with (
            listening(talk) as there,
            policy.replaced(outgoing=SOON),
            pytest.raises(OutgoingError, match="in time"),
        ):
            outgoing.post_form(f"http://rp.example:{there.port}/", {})
