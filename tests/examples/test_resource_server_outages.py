"""examples/resource-server: keys that change, floods, and an issuer that goes away."""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.doors import Response
from tests.examples import apis, impostor
from tests.examples.apis import ASKING, LOCALLY, outcome
from tests.examples.impostor import Impostor

pytestmark = [pytest.mark.leg("sqlite"), pytest.mark.spec("RFC 9068 §4")]
KEYS, INTROSPECTION = "/jwks", "/introspection"
GOOD, BAD, AWAY = (200, ""), (401, "invalid_token"), (503, "temporarily_unavailable")
RETRY = 1.0  # seconds until keys that could not be had are asked for again


def token(issuer: Impostor, *, kid: str = "ec", **changes: Any) -> str:
    usual = {"aud": "https://api.example", "client_id": "c", "jti": "j", "scope": "demo:read"}
    return issuer.sign(issuer.claims(**(usual | changes)), kid=kid, typ="at+jwt")


class Story:
    """One fresh API at an issuer of its own."""

    def __init__(self, issuer: Impostor, address: str) -> None:
        self.issuer, self.address = issuer, address

    def locally(self, text: str) -> tuple[int, str]:
        return outcome(self.call(LOCALLY, text))

    def asking(self, text: str) -> tuple[int, str]:
        return outcome(self.call(ASKING, text))

    def call(self, way: str, text: str) -> Response:
        return apis.call(self.address + way, f"Bearer {text}")

    def asked(self, path: str) -> int:
        """Return how often the issuer was asked for this since the last time."""
        times = self.issuer.asked.count(path)
        self.issuer.asked.clear()
        return times


@pytest.fixture(params=apis.VARIANTS)
def closing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Story, ExitStack]]:
    """Run a variant; closing the stack stops its issuer."""
    with ExitStack() as stack:
        issuer = stack.enter_context(impostor.running())
        variables = {"ISSUER": issuer.issuer, "AUDIENCE": "https://api.example", "REMEMBER": "60"}
        mine = variables | {"CLIENT_ID": "an api", "CLIENT_SECRET": "s"}
        with apis.running(tmp_path, request.param, **mine) as addresses:
            yield Story(issuer, addresses[request.param]), stack


def test_a_story(closing: tuple[Story, ExitStack]) -> None:
    story, stack = closing
    issuer = story.issuer

    # Nobody is let in, or called a cheat, while there are no keys; and the issuer is spared.
    del issuer.answers[KEYS]
    text = token(issuer)
    begun = time.monotonic()
    assert [story.locally(text) for _ in range(10)] == [AWAY] * 10
    assert story.asked(KEYS) <= 1 + (time.monotonic() - begun) / RETRY
    issuer.answers[KEYS] = issuer.jwks
    time.sleep(RETRY)
    assert [story.locally(text) for _ in range(10)] == [GOOD] * 10
    assert story.asked(KEYS) == 1

    # A key published a moment ago is found by one question, and no flood of names adds another.
    issuer.keys = {"ec": issuer.keys["ec"], "new": ec.generate_private_key(ec.SECP256R1())}
    assert [story.locally(token(issuer, kid="new")) for _ in range(3)] == [GOOD] * 3
    assert story.asked(KEYS) == 1
    for number in range(20):
        issuer.keys[f"made up {number}"] = issuer.keys["new"]
        assert story.locally(token(issuer, kid=f"made up {number}")) == BAD
    assert story.asked(KEYS) == 0
    assert story.locally(token(issuer)) == GOOD

    # What the issuer said yes to is remembered; a no is not.
    said: dict[str, Any] = {"active": False}
    issuer.answers[INTROSPECTION] = lambda: said
    once = secrets.token_hex()
    assert [story.asking(once) for _ in range(3)] == [BAD] * 3
    assert story.asked(INTROSPECTION) == 3
    said = {"active": True, "token_type": "Bearer", "aud": "https://api.example"}
    said |= {"scope": "demo:read"}
    assert [story.asking(once) for _ in range(3)] == [GOOD] * 3
    assert story.asked(INTROSPECTION) == 1

    # Without the issuer: what is known goes on, all else is nobody's fault.
    stack.close()
    assert story.locally(token(issuer)) == GOOD
    assert story.asking(once) == GOOD
    assert story.asking(secrets.token_hex()) == AWAY
    assert story.locally(token(issuer, aud="https://elsewhere.example")) == BAD
