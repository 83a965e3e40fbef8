"""Machine endpoints: methods, HTTPS, CORS, caching, headers, and the outermost guard."""

import json
import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError

from authserver import errors, http
from authserver.request import ProtocolRequest
from config import environment, logs
from config.answer import Answer, json_answer
from config.variables import Mode
from tests.unit.authserver import wire

Endpoint = Callable[[ProtocolRequest], Answer]


def fine(_asked: ProtocolRequest) -> Answer:
    return json_answer({"ok": True})


def machine(*methods: str, endpoint: Endpoint = fine, **options: http.Cors) -> http.Machine:
    return http.machine_endpoint(*methods, **options)(endpoint)  # type: ignore[arg-type]


def test_an_answer_carries_what_every_answer_carries() -> None:
    answered = machine("POST")(wire.environ())
    assert (answered.status, answered.body) == (200, b'{"ok":true}')
    assert wire.header(answered, "Cache-Control") == "no-store"
    assert wire.header(answered, "Pragma") == "no-cache"
    assert wire.header(answered, "X-Content-Type-Options") == "nosniff"
    assert len(wire.header(answered, "X-Request-Id") or "") == 16
    assert "Set-Cookie" not in dict(answered.headers)


def test_what_may_be_cached_says_so_itself() -> None:
    def cached(_asked: ProtocolRequest) -> Answer:
        return json_answer({}, headers=(("Cache-Control", "public, max-age=300"),))

    answered = machine("GET", endpoint=cached)(wire.environ("GET"))
    assert [value for name, value in answered.headers if name == "Cache-Control"] == [
        "public, max-age=300"
    ]
    assert wire.header(answered, "Pragma") is None


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "BREW"])
def test_another_method_is_refused_by_name(method: str) -> None:
    answered = machine("POST")(wire.environ(method))
    assert (answered.status, wire.header(answered, "Allow")) == (405, "POST, OPTIONS")


def test_head_comes_with_get() -> None:
    assert machine("GET")(wire.environ("HEAD")).status == 200


def test_a_fault_of_the_request_is_an_answer() -> None:
    answered = machine("POST")(wire.environ(body=b"a=1&a=2"))
    assert (answered.status, json.loads(answered.body)["error"]) == (400, "invalid_request")


def test_plain_http_is_refused_where_the_issuer_is_https() -> None:
    with environment.replaced(issuer="https://id.example", mode=Mode.PRODUCTION):
        refused = machine("POST")(wire.environ())
        served = machine("POST")(wire.environ() | {"wsgi.url_scheme": "https"})
    assert refused.status == 400
    assert wire.header(refused, "Location") is None
    assert wire.header(refused, "Strict-Transport-Security") is None
    assert served.status == 200
    assert wire.header(served, "Strict-Transport-Security") == "max-age=31536000"


def test_the_unforeseen_is_a_500_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_asked: ProtocolRequest) -> Answer:
        raise ValueError("as_cs_a-secret-that-must-not-be-logged")

    with caplog.at_level(logging.INFO):
        answered = machine("POST", endpoint=broken)(wire.environ())
    assert (answered.status, json.loads(answered.body)["error"]) == (500, "server_error")
    told = " ".join(str(logs.described(record)) for record in caplog.records)
    assert "ValueError" in told
    assert "as_cs" not in told
    assert b"ValueError" not in answered.body


def test_a_lost_database_is_a_503_that_says_when_to_come_back() -> None:
    def lost(_asked: ProtocolRequest) -> Answer:
        raise OperationalError("server closed the connection")

    answered = machine("POST", endpoint=lost)(wire.environ())
    assert (answered.status, wire.header(answered, "Retry-After")) == (503, "2")


def test_an_error_of_ours_keeps_its_headers() -> None:
    def refusing(_asked: ProtocolRequest) -> Answer:
        raise errors.InvalidClient(used_basic=True)

    answered = machine("POST", endpoint=refusing)(wire.environ())
    assert wire.header(answered, "WWW-Authenticate") == 'Basic realm="authserver"'
    assert wire.header(answered, "Cache-Control") == "no-store"


@pytest.mark.parametrize("open_to", list(http.Cors))
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_only_registered_origins_may_read(open_to: http.Cors, method: str) -> None:
    wire.new_client(cors_origins=["https://spa.example"])
    served = machine("POST", open_to=open_to)
    theirs = served(wire.environ(method, http_origin="https://spa.example"))
    others = served(wire.environ(method, http_origin="https://evil.test"))
    allow = "Access-Control-Allow-Origin"
    match open_to:
        case http.Cors.NOBODY:
            assert wire.header(theirs, allow) is wire.header(others, allow) is None
        case http.Cors.CLIENTS:
            assert wire.header(theirs, allow) == "https://spa.example"
            assert wire.header(others, allow) is None
            assert wire.header(others, "Vary") == "Origin"
        case http.Cors.ANYBODY:
            assert wire.header(theirs, allow) == wire.header(others, allow) == "*"
    assert "Access-Control-Allow-Credentials" not in dict(theirs.headers)
    may_ask = wire.header(theirs, "Access-Control-Allow-Headers") or ""
    is_preflight = method == "OPTIONS" and open_to is not http.Cors.NOBODY
    assert ("Authorization" in may_ask) is is_preflight


def test_the_line_names_the_client_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="authserver.http"):
        machine("POST")(wire.environ(body=b"client_secret=hunter2hunter2"))
    line = logs.described(caplog.records[-1])
    assert (line["event"], line["status"], line["peer"]) == ("fine", 200, "127.0.0.1")
    assert "hunter2" not in str(line)
