"""RFC 9470 §4 — a passkey as the second step, and as proof that it is still them."""

import time

import pytest
import time_machine

from tests import authenticator, person, second_factors
from tests.authenticator import Authenticator, Es256
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.webauthn_passkeys import owner

pytestmark = pytest.mark.spec("RFC 9470 §4")


def switch_on(ada: Person) -> None:
    """Have a passkey asked for after every password."""
    there = ada.elsewhere()
    form = Page(there.visit(owner.url("security/"))).form_with("on")
    assert form
    there.browser.submit(form, "on")


class TestSecondStep:
    def test_it_is_asked_for_and_goes_on(
        self, ada: Person, device: Authenticator, rp: RelyingParty
    ) -> None:
        switch_on(ada)
        asked = rp.asking()
        page = ada.sign_in(ada.browser.open(rp.url(asked)))
        assert Page(page).heading == "The second step"
        (known,) = authenticator.options(page, "prove")["allowCredentials"]
        assert known["id"] == device.name
        assert not owner.is_signed_in(ada)
        page = owner.prove(ada, device, page)
        tokens = rp.redeem(rp.arrival(asked, ada.answer(page))).json()
        told = rp.claims(tokens["id_token"])
        assert told["acr"] == "phr"
        assert set(told["amr"]) == {"pwd", "pop", "user", "mfa"}

    def test_the_browser_need_not_say_whose_it_is(self, ada: Person, device: Authenticator) -> None:
        switch_on(ada)
        page = ada.sign_in(ada.browser.open(owner.url("login/")))
        owner.prove(ada, device, page, handle=None)
        assert owner.is_signed_in(ada)

    def test_one_of_somebody_else_is_none(self, ada: Person, way_in: Door) -> None:
        switch_on(ada)
        mallory, other = person.registered(way_in), Authenticator()
        owner.add(mallory, other)
        page = ada.sign_in(ada.browser.open(owner.url("login/")))
        page = owner.prove(ada, other, page)
        assert "does not belong" in page.text
        assert Page(page).heading == "The second step"
        assert not owner.is_signed_in(ada)

    def test_signing_in_with_it_is_both_steps(self, ada: Person, device: Authenticator) -> None:
        switch_on(ada)
        owner.sign_in(ada, device)
        assert owner.is_signed_in(ada)

    @pytest.mark.spec("ASVS 5.0 §6.6.3")
    def test_wrong_ones_do_not_count_against_the_app(
        self, ada: Person, device: Authenticator
    ) -> None:
        ada.app = second_factors.given_app(ada.subject)
        page = ada.sign_in(ada.browser.open(owner.url("login/")))
        for _ in range(8):
            page = owner.prove(ada, device, page, key=Es256())
            assert page.status_code == 200
        ada.answer(page)
        assert owner.is_signed_in(ada)

    def test_what_it_asked_for_is_of_no_use_elsewhere(
        self, ada: Person, device: Authenticator
    ) -> None:
        switch_on(ada)
        page = ada.sign_in(ada.browser.open(owner.url("login/")))
        answer = device.get(authenticator.options(page, "prove"))
        there = ada.elsewhere()
        form = authenticator.form(there.browser.open(owner.url("login/")))
        there.browser.submit(form, credential=answer)
        assert not owner.is_signed_in(there)


class TestAgain:
    def test_it_proves_that_it_is_still_them(self, ada: Person, device: Authenticator) -> None:
        owner.sign_in(ada, device)
        with time_machine.travel(time.time() + 16 * 60):
            page = ada.browser.open(owner.url("passkeys/add/"))
            assert Page(page).heading == "Is it still you?"
            page = owner.prove(ada, device, page)
            assert Page(page).heading == "Add a passkey"

    @pytest.mark.parametrize("told", [{"key": Es256()}, {"origin": "https://evil.test"}])
    def test_a_wrong_one_does_not(
        self, ada: Person, device: Authenticator, told: dict[str, object]
    ) -> None:
        owner.sign_in(ada, device)
        with time_machine.travel(time.time() + 16 * 60):
            page = owner.prove(ada, device, ada.browser.open(owner.url("passkeys/add/")), **told)
            assert Page(page).heading == "Is it still you?"
            page = ada.browser.open(owner.url("passkeys/add/"))
            assert Page(page).heading == "Is it still you?"

    def test_somebody_elses_does_not(
        self, ada: Person, device: Authenticator, way_in: Door
    ) -> None:
        mallory, other = person.registered(way_in), Authenticator()
        owner.add(mallory, other)
        owner.sign_in(ada, device)
        with time_machine.travel(time.time() + 16 * 60):
            page = owner.prove(ada, other, ada.browser.open(owner.url("passkeys/add/")))
            assert Page(page).heading == "Is it still you?"

    def test_an_application_that_wants_it_new_gets_it_new(
        self, ada: Person, device: Authenticator, rp: RelyingParty
    ) -> None:
        before = rp.claims(rp.tokens(ada)["id_token"])
        asked = rp.asking(max_age="0")
        with time_machine.travel(time.time() + 60):
            page = owner.prove(ada, device, ada.browser.open(rp.url(asked)))
            after = rp.claims(rp.redeem(rp.arrival(asked, ada.answer(page))).json()["id_token"])
        assert after["auth_time"] > before["auth_time"]
        assert after["acr"] == "phr"

    def test_who_is_nobody_is_asked_who_they_are(self, ada: Person) -> None:
        page = ada.browser.open(owner.url("passkeys/prove/"))
        assert Page(page).heading == "Sign in"
