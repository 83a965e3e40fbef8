"""OWASP API7:2023 — the API fetches nothing: no member of it is an address to go to."""

import socket
from typing import Any, NoReturn

import pytest

from tests import api
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API7")
TARGETS = ["http://127.0.0.1:1/", "http://169.254.169.254/latest/", "file:///etc/passwd"]


@pytest.mark.leg("sqlite")  # where the server itself needs no network
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_asked(target: str, service: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    extra = dict.fromkeys(("picture", "website", "profile", "callback", "jwks_uri"), target)
    assert service.post(api.new_user() | extra).status_code == 201
    assert service.post(api.new_user(name=target)).status_code == 400
    assert service.get(query={"search": target, "url": target}).status_code == 200
