"""OWASP API8:2023 — every answer is closed by its headers, and says nothing of what is inside."""

from dataclasses import replace

import pytest

from accounts.api import views
from config import environment
from tests import api
from tests.api import Program
from tests.doors import Door

pytestmark = pytest.mark.spec("OWASP API8")


def test_every_answer_is_closed(own: Program, way_in: Door) -> None:
    nobody = Program(door=way_in)
    answers = [own.get("/me"), nobody.get(), own.get("/none"), own.call("PUT"), own.patch("/me", 1)]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 405, 400]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in (answer.headers["Content-Security-Policy"] or "")
        assert answer.headers["X-Request-Id"]
        assert answer.headers["Set-Cookie"] is None
        assert answer.headers["Server"] is None
        assert "Authorization" in (answer.headers["Vary"] or "")


def test_a_fault_of_ours_shows_nothing(own: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("postgresql://secret@host/db")

    monkeypatch.setattr(views, "described", fail)
    answer = own.get("/me")
    assert (answer.status_code, api.codes(answer)) == (500, {})
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_what_came_in_the_clear_is_refused(own: Program) -> None:
    secure = environment.current().issuer.replace("http://", "https://")
    with environment.replaced(issuer=secure):
        plain = replace(own, door=replace(own.door, scheme="http")).get("/me")
    assert plain.status_code == 403
    assert api.codes(plain) == {}
    assert plain.headers["Location"] is None


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "", "a b"])
def test_no_host_gets_into_an_answer(host: str, service: Program) -> None:
    answer = service.get(query={"limit": "1"}, headers={"Host": host, "X-Forwarded-Host": host})
    assert answer.status_code == 200
    assert "evil" not in str(answer.headers) + answer.text
