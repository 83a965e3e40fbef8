"""A request's parameters come from one place, within limits, or not at all."""

import pytest
from django.test import RequestFactory

from authserver import errors, request
from config import policy
from tests.unit.authserver import wire

FORM = "application/x-www-form-urlencoded"


def test_a_post_is_read_from_its_body() -> None:
    asked = request.of_machine(wire.environ(body=b"token=x&empty="))
    assert (asked.required("token"), asked.optional("empty")) == ("x", None)
    assert asked.form == asked.payload.data == {"token": "x"}
    assert asked.args == {}


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        wire.asked().required("token")
    assert "token" in caught.value.description


def test_the_host_header_has_no_say() -> None:
    asked = request.of_machine(wire.environ(http_host="evil.test"))
    assert asked.uri == "http://localhost:8000/oauth2/token"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"query": "token=x"}, 400, id="parameters in the query"),
        pytest.param({"content_type": "application/json"}, 400, id="JSON"),
        pytest.param({"content_type": ""}, 400, id="no content type"),
        pytest.param({"content_type": "multipart/form-data; boundary=x"}, 400, id="multipart"),
        pytest.param(
            {"content_type": f"{FORM}; charset=latin-1"},
            400,
            id="charset",
        ),
        pytest.param({"content_length": "x"}, 400, id="length is no number"),
        pytest.param({"content_length": "-1"}, 400, id="length is negative"),
        pytest.param({"content_length": "²"}, 400, id="length is no ASCII number"),
        pytest.param({"content_length": "100"}, 400, id="shorter than announced"),
        pytest.param({"content_length": "9" * 30}, 413, id="huge"),
        pytest.param({"content_length": "65537"}, 413, id="too large"),
        pytest.param({"query": "x" * 20000}, 414, id="query too long"),
    ],
)
def test_what_is_refused(change: dict[str, str], status: int) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        request.of_machine(wire.environ(body=b"token=x", **change))
    assert caught.value.status_code == status


@pytest.mark.parametrize(
    "kind",
    [f"{FORM}; charset=UTF-8", FORM.upper()],
)
def test_spellings_of_the_content_type(kind: str) -> None:
    asked = request.of_machine(wire.environ(body=b"token=x", content_type=kind))
    assert asked.required("token") == "x"


def test_a_body_without_length_is_read_where_the_server_ends_it() -> None:
    chunked = wire.environ(body=b"token=x", content_length="")
    assert request.of_machine(dict(chunked)).form == {}
    assert request.of_machine(chunked | {"wsgi.input_terminated": True}).form == {"token": "x"}


def test_a_body_without_length_has_the_same_limit() -> None:
    rules = policy.Requests(max_body=4096)
    chunked = wire.environ(body=b"a=" + b"x" * 5000, content_length="")
    with policy.replaced(requests=rules), pytest.raises(errors.RequestTooLarge):
        request.of_machine(chunked | {"wsgi.input_terminated": True})


@pytest.mark.parametrize("query", ["client_id=a&client_id=b&state=s", "client_id=%00&state=s"])
def test_a_page_is_told_the_fault_and_keeps_what_is_sound(query: str) -> None:
    asked = request.of_page(RequestFactory().get("/oauth2/authorize?" + query))
    assert asked.fault
    assert asked.payload.data == {"state": "s"}


def test_a_page_reads_a_post_from_its_body() -> None:
    page = RequestFactory().post(
        "/oauth2/authorize", "client_id=a", content_type="application/x-www-form-urlencoded"
    )
    asked = request.of_page(page)
    assert asked.fault is None
    assert asked.required("client_id") == "a"
