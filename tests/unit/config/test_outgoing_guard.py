"""config.outgoing: only whom we looked up and who proves the name is asked, and never for all."""

import logging
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
from tests.unit.config.asking import SOON, at, here, refusal
from tests.unit.config.listener import OK, Talk, answer, dribble, listening, silent

ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.fixture(autouse=True)
def resolver() -> Iterator[None]:
    with addresses.replaced(here):
        yield


@pytest.fixture
def allowed() -> Iterator[None]:
    with environment.replaced(allowed_private_hosts=frozenset({"rp.example", "own.example"})):
        yield


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
            urls = [f"http://{name}.example:{there.port}/" for name in ("rp", "own")]
            crowd = [
                threading.Thread(target=lambda url: reasons.append(refusal(url)), args=(url,))
                for url in urls * 3
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

    @pytest.mark.parametrize("names", [["rp.example"], ["a.rp.example", "b.rp.example"]])
    def test_a_slow_site_leaves_lines_to_others(self, names: list[str]) -> None:
        hosts = frozenset({"own.test", *names})
        with (
            listening(silent) as there,
            listening(answer(OK)) as other,
            environment.replaced(allowed_private_hosts=hosts),
            policy.replaced(outgoing=Outgoing(deadline=timedelta(seconds=3))),
        ):
            urls = [f"http://{name}:{there.port}/" for name in names for _ in range(8)]
            crowd = [threading.Thread(target=refusal, args=(url,)) for url in urls]
            for each in crowd:
                each.start()
            while there.connections < 2:
                time.sleep(0.01)
            assert outgoing.get(f"http://own.test:{other.port}/", accept="*/*").status == 200
            assert there.connections == 2
            for each in crowd:
                each.join()

    def test_those_who_wait_are_never_all_our_threads(self) -> None:
        refused: list[float] = []

        def ask(url: str) -> None:
            started = time.monotonic()
            refusal(url)
            refused.append(time.monotonic() - started)

        with listening(silent) as there, policy.replaced(outgoing=Outgoing(at_once=2)):
            urls = [f"http://{name}.example:{there.port}/" for name in ("rp", "own")] * 10
            crowd = [threading.Thread(target=ask, args=(url,)) for url in urls]
            for each in crowd:
                each.start()
            for each in crowd:
                each.join()
        held = [seconds for seconds in refused if seconds > 0.5]
        assert len(held) == 6, "of eight threads, two of them by those who got a line"

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
