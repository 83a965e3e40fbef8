"""WebAuthn §7.1 — who has just proved that it is them adds a passkey, by a sound answer."""

import html
import time
from typing import Any

import pytest
import time_machine

from accounts import history
from config import environment
from tests import authenticator, letters, person
from tests.authenticator import (
    ATTESTED,
    PRESENT,
    SYNCED,
    USUAL,
    VERIFIED,
    Authenticator,
)
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.specs.webauthn_passkeys import owner

pytestmark = pytest.mark.spec("WebAuthn §7.1")
FAILS = "could not be checked"
NAME = "Ada <3 laptop & phone"


class Made:
    """A key told by hand."""

    def __init__(self, cose: dict[int, Any]) -> None:
        self.cose = cose

    def sign(self, message: bytes) -> bytes:
        """Sign nothing."""
        return message


def test_what_is_asked_for(someone: Person) -> None:
    asked = authenticator.options(someone.visit(owner.url("passkeys/add/")), "create")
    assert asked["rp"]["id"] == "localhost"
    assert asked["user"]["name"] == someone.email
    assert someone.email not in asked["user"]["id"]
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert {one["alg"] for one in asked["pubKeyCredParams"]} >= {-7, -8, -257}
    assert (asked["attestation"], asked["excludeCredentials"]) == ("none", [])


def test_one_that_is_there_is_not_made_again(ada: Person, device: Authenticator) -> None:
    asked = authenticator.options(ada.visit(owner.url("passkeys/add/")), "create")
    (known,) = asked["excludeCredentials"]
    assert (known["id"], known["transports"]) == (device.name, ["hybrid", "internal"])


def test_its_owner_reads_of_it(someone: Person, device: Authenticator) -> None:
    page = owner.add(someone, device, name=NAME)
    assert Page(page).heading == "Your passkeys"
    assert f"“{html.escape(NAME)}” is added" in page.text
    assert owner.names(someone) == [NAME]
    told = letters.to(someone.email)[-1]
    assert "passkey was added" in told.subject
    assert NAME in str(told.body)
    newest = next(one for one in history.of(someone.subject) if one.name == "passkey_added")
    assert newest.detail == NAME


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        (bytes(16), "Unknown device"),
        (bytes.fromhex("bada5566a7aa401fbd9645619a55120d"), "1Password"),
    ],
)
def test_it_is_called_by_what_keeps_it(someone: Person, aaguid: bytes, name: str) -> None:
    owner.add(someone, Authenticator(aaguid=aaguid))
    assert owner.names(someone) == [name]


def refused(someone: Person, device: Authenticator, text: str, **told: Any) -> None:
    page = owner.add(someone, device, **told)
    assert (Page(page).heading, text in page.text) == ("Add a passkey", True), page.text
    assert owner.has(someone) == 0


@pytest.mark.spec("WebAuthn §13.4.9")
@pytest.mark.parametrize(
    "origin", [pytest.param(one, id=name) for name, one in owner.STRANGE_ORIGINS.items()]
)
def test_an_origin_is_ours_or_none(someone: Person, device: Authenticator, origin: Any) -> None:
    refused(someone, device, "was used at another address", origin=origin)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        pytest.param({"rp_id": "evil.test"}, "at another address", id="for another name"),
        pytest.param({"type": "webauthn.get"}, FAILS, id="used, not made"),
        pytest.param({"more": {"crossOrigin": True}}, "at another address", id="framed"),
        pytest.param({"flags": PRESENT | ATTESTED}, "did not check", id="nobody verified"),
        pytest.param({"flags": VERIFIED | ATTESTED}, "did not check", id="nobody there"),
        pytest.param({"flags": USUAL | ATTESTED | SYNCED}, FAILS, id="synced, and cannot be"),
        pytest.param({"flags": USUAL}, FAILS, id="without a key"),
        pytest.param({"data": b""}, FAILS, id="nothing"),
        pytest.param({"challenge": "AAAA"}, "Please try again", id="a challenge made up"),
    ],
)
def test_whatever_is_not_right_adds_nothing(
    someone: Person, device: Authenticator, told: dict[str, Any], text: str
) -> None:
    refused(someone, device, text, **told)


@pytest.mark.parametrize(
    "cose",
    [
        pytest.param({1: 2, 3: -47, -1: 8, -2: bytes(32), -3: bytes(32)}, id="not asked for"),
        pytest.param({1: 2, 3: -65535}, id="SHA-1"),
        pytest.param({1: 2, 3: 0}, id="no algorithm"),
        pytest.param({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}, id="no point"),
        pytest.param({1: 2, 3: -7, -1: 2, -2: bytes(48), -3: bytes(48)}, id="another curve"),
        pytest.param({1: 2, 3: -7}, id="nothing but a name"),
        pytest.param({1: 1, 3: -8, -1: 6, -2: b"short"}, id="too short"),
        pytest.param({1: 3, 3: -257, -1: b"\x01", -2: b"\x01"}, id="RSA of nothing"),
        pytest.param({1: "x", 3: "y"}, id="texts"),
    ],
)
def test_a_key_that_cannot_be_checked_is_none(someone: Person, cose: dict[int, Any]) -> None:
    page = owner.add(someone, Authenticator(key=Made(cose)))
    assert Page(page).heading == "Add a passkey"
    assert owner.has(someone) == 0


@pytest.mark.parametrize("name", [bytes(0), bytes(1024)])
def test_an_id_has_its_length(someone: Person, name: bytes) -> None:
    device = Authenticator()
    page = someone.visit(owner.url("passkeys/add/"))
    device.id = name
    answer = device.create(authenticator.options(page, "create"))
    someone.browser.submit(authenticator.form(page), credential=answer)
    assert owner.has(someone) == 0


def test_whose_it_is_already_keeps_it(
    ada: Person, somebody_else: Person, device: Authenticator
) -> None:
    page = owner.add(somebody_else, Authenticator(id=device.id))
    assert "has been added already" in page.text
    assert owner.has(somebody_else) == 0
    owner.sign_in(ada, device)
    assert owner.is_signed_in(ada)


def test_there_is_room_for_twenty(someone: Person) -> None:
    for _ in range(20):
        owner.add(someone, Authenticator())
    page = owner.add(someone, Authenticator())
    assert "as many passkeys as there is room for" in page.text
    assert owner.has(someone) == 20


@pytest.mark.parametrize("name", ["a\0b", "line\nbreak", "x" * 61, "\u202eabc"])
def test_a_name_is_a_line_of_text(someone: Person, device: Authenticator, name: str) -> None:
    page = owner.add(someone, device, name=name)
    assert page.status_code in {200, 400}
    assert owner.has(someone) == 0


class TestWho:
    """Who adds one is signed in, has just proved it, and is at the page that asked."""

    pytestmark = pytest.mark.spec("ASVS 5.0 §7.5.1")

    def test_who_is_not_signed_in_does_so_first(self, someone: Person) -> None:
        page = someone.browser.open(owner.url("passkeys/add/"))
        assert Page(page).heading == "Sign in"

    def test_an_old_session_is_not_enough(self, someone: Person, device: Authenticator) -> None:
        page = someone.visit(owner.url("passkeys/add/"))
        asked, form = authenticator.options(page, "create"), authenticator.form(page)
        with time_machine.travel(time.time() + 16 * 60):
            page = someone.browser.open(owner.url("passkeys/add/"))
            assert Page(page).heading == "Is it still you?"
            page = someone.browser.submit(form, credential=device.create(asked))
            assert Page(page).heading == "Is it still you?"
            assert owner.has(someone) == 0
            someone.prove(page)
        assert owner.has(someone) == 1

    def test_what_it_asked_for_is_good_once(self, someone: Person, device: Authenticator) -> None:
        page = someone.visit(owner.url("passkeys/add/"))
        asked, form = authenticator.options(page, "create"), authenticator.form(page)
        someone.browser.submit(form, credential=device.create(asked))
        page = someone.browser.submit(form, credential=Authenticator().create(asked))
        assert "was used already" in page.text
        assert owner.has(someone) == 1

    def test_it_ends_with_the_session(self, someone: Person, device: Authenticator) -> None:
        page = someone.visit(owner.url("passkeys/add/"))
        asked, old = authenticator.options(page, "create"), authenticator.form(page)
        someone.sign_out()
        form = authenticator.form(someone.visit(owner.url("passkeys/add/")))
        page = someone.browser.submit(form, credential=device.create(asked))
        assert "was used already" in page.text
        someone.browser.submit(old, credential=device.create(asked))
        assert owner.has(someone) == 0

    def test_it_ends_with_the_password(self, someone: Person, device: Authenticator) -> None:
        page = someone.visit(owner.url("passkeys/add/"))
        asked = authenticator.options(page, "create")
        page = someone.browser.open(owner.url("password/change/"))
        form, new = Page(page).form_with("oldpassword"), "Another-Horse8battery"
        assert form
        someone.browser.submit(form, oldpassword=someone.password, password1=new, password2=new)
        someone.password = new
        form = authenticator.form(someone.visit(owner.url("passkeys/add/")))
        page = someone.browser.submit(form, credential=device.create(asked))
        assert "was used already" in page.text
        assert owner.has(someone) == 0

    def test_it_is_for_nobody_else(
        self, someone: Person, somebody_else: Person, device: Authenticator
    ) -> None:
        asked = authenticator.options(someone.visit(owner.url("passkeys/add/")), "create")
        form = authenticator.form(somebody_else.visit(owner.url("passkeys/add/")))
        somebody_else.browser.submit(form, credential=device.create(asked))
        assert owner.has(somebody_else) == owner.has(someone) == 0

    def test_another_site_adds_none(self, someone: Person, device: Authenticator) -> None:
        page = someone.visit(owner.url("passkeys/add/"))
        answer = device.create(authenticator.options(page, "create"))
        someone.browser.send("POST", owner.url("passkeys/add/"), {"credential": answer})
        assert owner.has(someone) == 0


def test_where_the_server_is_a_number_there_are_none(way_in: Door) -> None:
    with environment.replaced(issuer="http://127.0.0.1:8000"):
        visitor = person.registered(way_in)
        page = visitor.visit("http://127.0.0.1:8000/account/login/")
        assert "data-passkey" not in visitor.browser.visited[0].text
        page = visitor.browser.open("http://127.0.0.1:8000/account/passkeys/add/")
        assert (page.status_code, Page(page).heading) == (404, "There are no passkeys here")
        page = visitor.browser.open("http://127.0.0.1:8000/account/passkeys/")
        assert "reached by a number" in page.text
