"""config.answer and config.wsgi: the same answer through both doors."""

import io
import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import RequestFactory

from config import answer, wsgi
from config.answer import Answer


def front(path: str, method: str = "GET", **environ: Any) -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        said.extend([status, dict(headers)])

    asked = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "localhost:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **environ,
    }
    body = b"".join(wsgi.application(asked, start))
    return said[0], said[1], body


@pytest.mark.spec("RFC 9110 §9.3.2")
def test_head_has_the_headers_of_get_and_no_body() -> None:
    made = answer.json_answer({"a": 1})
    assert made.for_wire("HEAD") == (made.for_wire("GET")[0], b"")
    assert ("Content-Length", "7") in made.for_wire("HEAD")[0]


@pytest.mark.spec("RFC 9110 §8.6")
@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_has_no_length(status: int) -> None:
    assert Answer(status=status, body=b"x").for_wire("GET") == ([], b"")


@pytest.mark.parametrize(
    ("status", "line"), [(200, "200 OK"), (421, "421 Misdirected Request"), (499, "499 Unknown")]
)
def test_the_status_line(status: int, line: str) -> None:
    assert Answer(status=status).status_line == line


def test_a_view_adds_nothing_and_loses_nothing() -> None:
    made = Answer(status=HTTPStatus.ACCEPTED, headers=(("Vary", "Origin"),), body=b"\x00x")
    view = answer.as_view(lambda _: made)
    answered = view(RequestFactory().post("/"))
    assert (answered.status_code, answered.content) == (202, b"\x00x")
    assert dict(answered.items()) == {"Vary": "Origin", "Content-Length": "2"}
    assert (view.is_machine, view.csrf_exempt) == (True, True)  # type: ignore[attr-defined]


def test_a_view_keeps_a_header_that_comes_twice() -> None:
    twice = (("WWW-Authenticate", "Basic"), ("WWW-Authenticate", "Bearer"))
    answered = answer.as_view(lambda _: Answer(headers=twice))(RequestFactory().get("/"))
    assert answered["WWW-Authenticate"] == "Basic, Bearer"


class TestFrontDoor:
    def test_a_machine_path_is_answered_before_django(self) -> None:
        status, headers, body = front("/livez", HTTP_HOST="anything")
        assert (status, json.loads(body)) == ("200 OK", {"status": "ok"})
        assert "Set-Cookie" not in headers

    def test_head(self) -> None:
        status, headers, body = front("/livez", "HEAD")
        assert (status, body, headers["Content-Length"]) == ("200 OK", b"", "15")

    @pytest.mark.parametrize("path", ["/livez/", "//livez", "/LIVEZ", "", "/livez\n"])
    def test_a_path_is_matched_whole(self, path: str) -> None:
        assert front(path)[2] != b'{"status":"ok"}'

    def test_a_path_split_by_the_front_server_is_put_together(self) -> None:
        assert front("ez", SCRIPT_NAME="/liv")[2] == b'{"status":"ok"}'
        assert front("/nowhere", SCRIPT_NAME="/x")[0].startswith("404")

    def test_an_exception_becomes_an_answer_without_its_text(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(_: answer.Environ) -> Answer:
            raise RuntimeError("what nobody must see")

        monkeypatch.setitem(wsgi.MACHINES, "/broken", broken)
        status, _, body = front("/broken")
        assert status == "500 Internal Server Error"
        assert json.loads(body)["error"] == "server_error"
        assert b"nobody" not in body
        assert "what nobody must see" in caplog.text

    @pytest.mark.parametrize("path", ["/\x00", "/\xff\xfe", "/%", "/a\r\nb", "/" + "a" * 9000])
    def test_no_path_breaks_it(self, path: str) -> None:
        assert front(path)[0][:3] in {"404", "400"}
