"""Whatever a browser answers is an answer or is refused; nothing else ever comes of it."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import ceremonies, webauthn
from accounts.ceremonies import Ceremony, Purpose
from accounts.webauthn import RefusedError
from config import environment
from tests.authenticator import Authenticator
from tokens import encoding

pytestmark = [pytest.mark.spec("WebAuthn §7"), pytest.mark.usefixtures("database")]
ADDING = Ceremony(purpose=Purpose.ADD, browser="b", subject="s")
SIGNING_IN = Ceremony(purpose=Purpose.SIGN_IN, browser="b")


def answers() -> list[tuple[Callable[[str, Ceremony], Any], Ceremony, str]]:
    """Return a right answer of each kind."""
    device = Authenticator()
    made = device.create(ceremonies.creation_options(ADDING, email="e", name="n", known=()))
    got = device.get(ceremonies.request_options(SIGNING_IN))
    return [(webauthn.made, ADDING, made), (webauthn.claim, SIGNING_IN, got)]


def test_right_ones_are_right() -> None:
    for judge, ceremony, text in answers():
        assert judge(text, ceremony)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts),
    max_leaves=5,
)
JUDGED_LATER = {"id", "signature", "userHandle", "transports"}
"""Parts that a row or a key decides on, or nobody."""


@given(data=st.data(), value=JSON | st.binary(max_size=64).map(encoding.b64))
def test_with_a_part_replaced(data: st.DataObject, value: Any) -> None:
    for judge, ceremony, text in answers():
        whole = json.loads(text)
        part = data.draw(st.sampled_from(["id", "response", *whole["response"]]))
        (whole if part in whole else whole["response"])[part] = value
        try:
            judge(json.dumps(whole), ceremony)
        except RefusedError:
            continue
        assert part in JUDGED_LATER


@given(data=st.data(), byte=st.integers(0, 255))
def test_with_a_byte_replaced(data: st.DataObject, byte: int) -> None:
    for judge, ceremony, text in answers():
        whole = json.loads(text)
        parts = [name for name in whole["response"] if name not in JUDGED_LATER]
        part = data.draw(st.sampled_from(parts))
        octets = bytearray(encoding.unb64(whole["response"][part]) or b"")
        octets[data.draw(st.integers(0, len(octets) - 1))] = byte
        whole["response"][part] = encoding.b64(bytes(octets))
        with contextlib.suppress(RefusedError):
            judge(json.dumps(whole), ceremony)


@pytest.mark.parametrize("inner", [b"\x81" * 5000, b"\xa1\x00" * 3000, b"\xff", b""])
def test_what_nests_without_end_is_refused(inner: bytes) -> None:
    (judge, ceremony, text), _ = answers()
    whole = json.loads(text)
    whole["response"]["attestationObject"] = encoding.b64(inner)
    with pytest.raises(RefusedError):
        judge(json.dumps(whole), ceremony)


def test_another_ceremony_s_challenge_is_stale() -> None:
    for judge, ceremony, text in answers():
        for other in (
            Ceremony(purpose=Purpose.AGAIN, browser="b", subject=ceremony.subject),
            Ceremony(purpose=ceremony.purpose, browser="c", subject=ceremony.subject),
            Ceremony(purpose=ceremony.purpose, browser="b", subject="another"),
        ):
            with pytest.raises(RefusedError) as refusal:
                judge(text, other)
            assert refusal.value.why is webauthn.Why.STALE
        assert judge(text, ceremony), "what others tried did not use it up"
        with pytest.raises(RefusedError):
            judge(text, ceremony)


@pytest.mark.parametrize(
    ("issuer", "rp_id"),
    [
        ("https://id.example.com", "id.example.com"),
        ("https://id.example.com:8443/idp", "id.example.com"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", ""),
        ("http://[::1]:8000", ""),
    ],
)
def test_passkeys_are_for_a_name(issuer: str, rp_id: str) -> None:
    with environment.replaced(issuer=issuer):
        assert ceremonies.rp_id() == rp_id
