"""RFC 9110 §15.5.1 — a malformed request for a page is refused, not stumbled over (once a 500)."""

import pytest

from tests.fuzz import wire
from tests.fuzz.wire import CSRF, FORM, Sent

PAGE = "/account/login/"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(Sent(path=PAGE, length="0x10"), id="a length that is no number"),
        pytest.param(Sent(path=PAGE, query="a=1&" * 3_000), id="too many fields"),
        pytest.param(Sent(path=PAGE, query="next=http://["), id="a next that is no address"),
        pytest.param(Sent(path=PAGE, query="login_hint=%00"), id="a NUL in the query"),
        pytest.param(Sent(path="/admin/tokens/grant/\0/change/"), id="a NUL in the path"),
    ],
)
def test_a_malformed_request_is_refused(sent: Sent) -> None:
    answer = wire.send("front", sent)
    assert answer.status_code == 400
    assert "This request cannot be read" in answer.text


def test_a_form_without_boundary_is_refused_even_where_there_is_no_page() -> None:
    answer = wire.send("front", wire.posted(b"x", {}, kind="multipart/form-data", path="/nowhere"))
    assert answer.status_code == 400


def test_a_nul_in_a_form_is_refused() -> None:
    body = f"csrfmiddlewaretoken={CSRF}&login=a%00b&password=x".encode()
    answer = wire.send("front", wire.posted(body, wire.passing_csrf(), kind=FORM, path=PAGE))
    assert answer.status_code == 400


def test_a_body_over_the_limit_is_413() -> None:
    assert wire.send("front", wire.posted(b"a=" + b"x" * 70_000, {}, path=PAGE)).status_code == 413
