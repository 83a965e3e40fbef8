"""WebAuthn §7.2 — who shows a passkey is in; whatever else is shown signs nobody in."""

import time
from typing import Any

import pytest
import time_machine

from accounts import people
from tests import authenticator, person
from tests.authenticator import (
    CAN_SYNC,
    PRESENT,
    SYNCED,
    USUAL,
    VERIFIED,
    Authenticator,
    Ed25519,
    Es256,
    Rs256,
    Signer,
)
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.webauthn_passkeys import owner
from tests.throttling import permitting
from tokens import encoding

pytestmark = pytest.mark.spec("WebAuthn §7.2")
FAILS = "could not be checked"


@pytest.mark.parametrize("make", [Es256, Ed25519, Rs256])
def test_every_kind_of_key_signs_in(someone: Person, make: type[Signer]) -> None:
    device = Authenticator(key=make())
    owner.add(someone.elsewhere(), device)
    owner.sign_in(someone, device)
    assert owner.is_signed_in(someone)


def test_it_goes_on_to_the_application_and_says_how_strong_it_was(
    ada: Person, device: Authenticator, rp: RelyingParty
) -> None:
    asked = rp.asking(acr_values="phr")
    page = owner.sign_in(ada, device, ada.browser.open(rp.url(asked)))
    tokens = rp.redeem(rp.arrival(asked, ada.answer(page))).json()
    told = rp.claims(tokens["id_token"])
    assert (told["acr"], told["sub"]) == ("phr", ada.subject)
    assert set(told["amr"]) == {"pop", "user", "mfa"}


def refused(ada: Person, device: Authenticator, text: str, **told: Any) -> None:
    """See that an answer signs nobody in, and that a sentence says so; the right one still does."""
    page = owner.sign_in(ada, device, **told)
    assert (Page(page).heading, text in page.text) == ("Sign in", True), page.text
    assert not owner.is_signed_in(ada)
    owner.sign_in(ada, device)
    assert owner.is_signed_in(ada)


@pytest.mark.spec("WebAuthn §13.4.9")
@pytest.mark.parametrize(
    "origin", [pytest.param(one, id=name) for name, one in owner.STRANGE_ORIGINS.items()]
)
def test_an_origin_is_ours_or_none(ada: Person, device: Authenticator, origin: Any) -> None:
    refused(ada, device, "was used at another address", origin=origin)


@pytest.mark.spec("WebAuthn §13.4.2")
@pytest.mark.parametrize(
    "more",
    [{"crossOrigin": True}, {"topOrigin": "https://evil.test"}, {"crossOrigin": "false"}],
)
def test_a_framed_page_is_not_ours(
    ada: Person, device: Authenticator, more: dict[str, Any]
) -> None:
    refused(ada, device, "was used at another address", more=more)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        pytest.param({"rp_id": "evil.test"}, "at another address", id="for another name"),
        pytest.param({"rp_id": "ocalhost"}, "at another address", id="for a part of our name"),
        pytest.param({"type": "webauthn.create"}, FAILS, id="made, not used"),
        pytest.param({"type": "payment.get"}, FAILS, id="a payment"),
        pytest.param({"flags": PRESENT}, "did not check that it is you", id="nobody verified"),
        pytest.param({"flags": VERIFIED}, "did not check that it is you", id="nobody there"),
        pytest.param({"flags": USUAL | SYNCED}, FAILS, id="synced, and cannot be"),
        pytest.param({"flags": USUAL | CAN_SYNC}, FAILS, id="can be synced, and could not"),
        pytest.param({"key": Es256()}, FAILS, id="signed by another key"),
        pytest.param({"challenge": ""}, "Please try again", id="no challenge"),
        pytest.param({"challenge": "AAAA"}, "Please try again", id="a challenge made up"),
        pytest.param({"challenge": None}, FAILS, id="no text for a challenge"),
        pytest.param({"handle": None}, "does not belong", id="nobody's"),
        pytest.param(
            {"handle": encoding.b64(b"5f0c4b0e-8f5a-4f0e-9d39-2f4a3c1b7e10")},
            "does not belong",
            id="another person's",
        ),
    ],
)
def test_whatever_is_not_right_signs_nobody_in(
    ada: Person, device: Authenticator, told: dict[str, Any], text: str
) -> None:
    refused(ada, device, text, **told)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "\0", '{"id":"AAAA"}', "{" * 5000])
def test_what_is_no_answer_is_none(ada: Person, text: str) -> None:
    page = ada.browser.open(owner.url("login/"))
    page = ada.browser.submit(authenticator.form(page), credential=text)
    assert page.status_code in {200, 400}
    assert not owner.is_signed_in(ada)


def test_one_that_nobody_has(ada: Person) -> None:
    page = owner.sign_in(ada, Authenticator(handle=encoding.b64(ada.subject.encode())))
    assert "does not belong to an account" in page.text
    assert not owner.is_signed_in(ada)


class TestChallenge:
    """WebAuthn §13.4.3: good once, in its own browser, for a while, for one purpose."""

    pytestmark = pytest.mark.spec("WebAuthn §13.4.3")

    def test_it_is_good_once(self, ada: Person, device: Authenticator) -> None:
        page = ada.browser.open(owner.url("login/"))
        answer = device.get(authenticator.options(page, "sign_in"))
        form = authenticator.form(page)
        ada.browser.submit(form, credential=answer)
        assert owner.is_signed_in(ada)
        ada.sign_out()
        form = authenticator.form(ada.browser.open(owner.url("login/")))
        page = ada.browser.submit(form, credential=answer)
        assert "was used already" in page.text
        assert not owner.is_signed_in(ada)

    def test_a_wrong_answer_uses_it_up(self, ada: Person, device: Authenticator) -> None:
        page = ada.browser.open(owner.url("login/"))
        asked, form = authenticator.options(page, "sign_in"), authenticator.form(page)
        ada.browser.submit(form, credential=device.get(asked, key=Es256()))
        page = ada.browser.submit(form, credential=device.get(asked))
        assert "was used already" in page.text

    def test_it_is_good_in_its_own_browser_only(self, ada: Person, device: Authenticator) -> None:
        asked = authenticator.options(ada.browser.open(owner.url("login/")), "sign_in")
        there = ada.elsewhere()
        form = authenticator.form(there.browser.open(owner.url("login/")))
        page = there.browser.submit(form, credential=device.get(asked))
        assert "was used already" in page.text
        assert not owner.is_signed_in(there)

    def test_it_ends(self, ada: Person, device: Authenticator) -> None:
        page = ada.browser.open(owner.url("login/"))
        with time_machine.travel(time.time() + 3601):
            assert "open for too long" in owner.sign_in(ada, device, page).text
            assert not owner.is_signed_in(ada)

    def test_two_tabs_do_not_disturb_each_other(self, ada: Person, device: Authenticator) -> None:
        first = ada.browser.open(owner.url("login/"))
        ada.browser.open(owner.url("login/"))
        owner.sign_in(ada, device, first)
        assert owner.is_signed_in(ada)

    def test_what_was_asked_for_another_purpose_signs_nobody_in(
        self, ada: Person, device: Authenticator
    ) -> None:
        ada.visit(owner.url(""))
        page = ada.browser.open(owner.url("reauthenticate/"))
        asked = authenticator.options(page, "prove")
        there = ada.elsewhere()
        form = authenticator.form(there.browser.open(owner.url("login/")))
        there.browser.submit(form, credential=device.get(asked))
        assert not owner.is_signed_in(there)


class TestCounter:
    """WebAuthn §6.1.1: one that goes back is a copy's."""

    pytestmark = pytest.mark.spec("WebAuthn §6.1.1")

    @pytest.mark.parametrize(
        ("counts", "last_is_in"),
        [((5, 6), True), ((5, 5), False), ((5, 4), False), ((5, 0), False), ((0, 0), True)],
    )
    def test_it_counts_on(
        self, ada: Person, device: Authenticator, counts: tuple[int, int], last_is_in: bool
    ) -> None:
        first, last = counts
        owner.sign_in(ada.elsewhere(), device, counter=first)
        owner.sign_in(ada, device, counter=last)
        assert owner.is_signed_in(ada) is last_is_in


def test_nobody_signs_in_by_opening_an_address(ada: Person, device: Authenticator) -> None:
    page = ada.browser.open(owner.url("login/"))
    answer = device.get(authenticator.options(page, "sign_in"))
    ada.browser.send("GET", f"{owner.url('login/passkey/')}?credential={answer}")
    assert not owner.is_signed_in(ada)


def test_a_form_without_its_token_signs_nobody_in(ada: Person, device: Authenticator) -> None:
    page = ada.browser.open(owner.url("login/"))
    answer = device.get(authenticator.options(page, "sign_in"))
    ada.browser.send("POST", owner.url("login/passkey/"), {"credential": answer})
    assert not owner.is_signed_in(ada)


def test_who_is_switched_off_stays_out(ada: Person, device: Authenticator) -> None:
    people.disable(ada.subject)
    page = owner.sign_in(ada, device)
    assert "may not sign in" in page.text or "inactive" in page.url
    assert not owner.is_signed_in(ada)


def test_the_address_is_one_of_ours(ada: Person, device: Authenticator) -> None:
    page = ada.browser.open(f"{owner.url('login/')}?next=https://evil.test/")
    answer, form = device.get(authenticator.options(page, "sign_in")), authenticator.form(page)
    assert "evil" not in form.fields["next"]
    form.fields["next"] = "https://evil.test/"
    page = ada.browser.press(form, credential=answer)
    assert page.location.startswith(owner.ISSUER)


@pytest.mark.spec("WebAuthn §14.6.2")
def test_what_is_asked_tells_nothing_of_anybody(way_in: Door, ada: Person) -> None:
    asked = []
    for address in (ada.email, person.address(), ""):
        visitor = person.browser(way_in)
        page = visitor.open(f"{owner.url('login/')}?login_hint={address}")
        asked.append(authenticator.options(page, "sign_in"))
    lengths = {len(one.pop("challenge")) for one in asked}
    assert len(lengths) == 1
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]["allowCredentials"] == []
    assert asked[0]["userVerification"] == "required"


@pytest.mark.spec("ASVS 5.0 §6.3.1")
def test_wrong_passwords_of_others_do_not_keep_its_owner_out(
    ada: Person, device: Authenticator
) -> None:
    stranger = ada.elsewhere()
    stranger.password = "Wrong-Horse9battery"
    for _ in range(8):
        stranger.browser.jar.cookies.clear()
        form = Page(stranger.browser.open(owner.url("login/"))).form_with("login")
        if form is None:
            break
        stranger.browser.submit(form, login=ada.email, password=stranger.password)
    owner.sign_in(ada, device)
    assert owner.is_signed_in(ada)


@pytest.mark.spec("RFC 6585 §4")
def test_whoever_sends_many_that_are_not_taken_waits(ada: Person, device: Authenticator) -> None:
    with permitting(passkeys="3/10m"):
        for _ in range(5):
            owner.sign_in(ada.elsewhere(), device)  # those that are taken do not count
        for _ in range(3):
            assert owner.sign_in(ada, device, key=Es256()).status_code == 200
        page = owner.sign_in(ada, device)
        assert (page.status_code, "Retry-After" in page.headers) == (429, True)
        there = ada.elsewhere()
        owner.sign_in(there, device)
        assert owner.is_signed_in(there), "from another address"
