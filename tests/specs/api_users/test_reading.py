"""What is no JSON object of a fair size is a clear error, and never a server error."""

import json

import pytest

from tests import api
from tests.api import Program

pytestmark = pytest.mark.spec("RFC 8259 §4")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b'{"name": NaN}', id="NaN"),
        pytest.param(b'{"age": 1e9999}', id="infinity"),
        pytest.param(b'{"age": ' + b"9" * 60_000 + b"}", id="a number of 60 000 digits"),
        pytest.param(b'{"name": "Ada", "name": "Eve"}', id="a member twice"),
        pytest.param(b'{"a":' * 20_000 + b"1" + b"}" * 20_000, id="nested too deep"),
        pytest.param(json.dumps({"name": "Ada"}).encode("utf-16"), id="UTF-16"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_cannot_be_read(method: str, body: bytes, own: Program, service: Program) -> None:
    program, path = (service, "") if method == "POST" else (own, "/me")
    answer = program.call(method, path, body)
    assert answer.status_code in {400, 413}
    assert answer.json()["success"] is False


def test_a_large_body_is_not_read(service: Program) -> None:
    answer = service.post(b'{"name": "' + b"a" * 70_000 + b'"}')
    assert answer.status_code == 413
    api.codes(answer)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json-patch+json",
    ],
)
def test_only_json_is_taken(kind: str, service: Program) -> None:
    answer = service.post(b"name=Ada", headers={"Content-Type": kind})
    assert answer.status_code == 415
    api.codes(answer)


def test_only_json_is_given(own: Program) -> None:
    for accept in ("text/html", "application/xml", "*/*", "q=;;,", "image/*;q=0"):
        answer = own.get("/me", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "", 405),
        ("DELETE", "", 405),
        ("POST", "/me", 405),
        ("DELETE", "/me", 405),
        ("TRACE", "/me", 405),
        ("GET", "/nothing", 404),
        ("GET", "/me/", 404),
        ("GET", "/../users", 404),
        ("GET", "/%00", 404),
        ("GET", "/%ff", 404),
        ("OPTIONS", "/me", 204),
    ],
)
def test_other_methods_and_places(method: str, path: str, status: int, own: Program) -> None:
    answer = own.call(method, path)
    assert answer.status_code == status
    if status == 405:
        assert "GET" in str(answer.headers["Allow"])
    if status >= 400:
        api.codes(answer)


def test_head_is_a_get_without_a_body(own: Program) -> None:
    whole, head = own.get("/me"), own.call("HEAD", "/me")
    assert head.status_code == 200
    assert head.body == b""
    assert head.headers["ETag"] == whole.headers["ETag"]
