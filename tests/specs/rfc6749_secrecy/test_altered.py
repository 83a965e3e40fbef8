"""RFC 6749 §10.10 — nothing but the exact text of a token counts, and only where it is meant."""

import string
from collections.abc import Callable
from typing import Any

import pytest

from tests.parties import Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §10.10")

ALPHABET = string.ascii_letters + string.digits + "-_"
ALTERED: dict[str, Callable[[str], str]] = {
    "last character dropped": lambda text: text[:-1],
    "a character appended": lambda text: f"{text}A",
    "padded": lambda text: f"{text}=",
    "the first half": lambda text: text[: len(text) // 2],
    "in other case": str.swapcase,
    "followed by a space": lambda text: f"{text} ",
    "after a space": lambda text: f" {text}",
    "with a wildcard": lambda text: f"{text[:-1]}%",
    "without its beginning": lambda text: text[len("as_rt_") :],
    "twice": lambda text: text * 2,
}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_token_is_none(rp: RelyingParty, alter: Callable[[str], str], kind: str) -> None:
    text = rp.tokens()[kind]
    assert rp.is_dead(alter(text))
    assert not rp.is_dead(text)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_the_last_character_has_one_spelling(rp: RelyingParty, kind: str) -> None:
    """Base64 leaves bits unused at the end; another spelling of them would be another text."""
    text = rp.tokens()[kind]
    others = [text[:-1] + last for last in ALPHABET if last != text[-1]]
    assert [each for each in others if not rp.is_dead(each)] == []


SLOTS: dict[str, Callable[[RelyingParty, str], bool]] = {
    "code": lambda rp, text: rp.redeem(text).status_code == 200,
    "refresh_token": lambda rp, text: rp.refresh(text).status_code == 200,
    "access_token": lambda rp, text: rp.userinfo(text).status_code == 200,
    "id_token": lambda rp, text: rp.ask(prompt="none", id_token_hint=text).outcome == "code",
}


@pytest.mark.parametrize("slot", SLOTS)
def test_an_artefact_counts_in_its_own_slot_alone(enrol: Enrol, slot: str) -> None:
    rp = enrol(pkce_required=False)
    tokens = rp.tokens()
    without: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
    page = rp.ask(prompt="consent").response
    artefacts = {
        **{name: tokens[name] for name in ("access_token", "refresh_token", "id_token")},
        "code": rp.authorize(**without).code,
        "interaction": page.text.partition('name="interaction" value="')[2].partition('"')[0],
        "session": rp.person.browser.jar.cookies["as_session"].value if rp.person else "",
        "secret": rp.credentials.secret,  # type: ignore[attr-defined]
    }
    assert all(artefacts.values())
    opened = [name for name, text in artefacts.items() if SLOTS[slot](rp, text)]
    assert opened == [slot]
