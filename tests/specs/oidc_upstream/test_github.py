"""RFC 6749 §4.1 as a client — GitHub speaks no OpenID Connect: its API says who came."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts import people
from accounts.upstream import identities
from config.upstream import Preset, SecretSent
from tests import idp
from tests.browser import Page
from tests.idp import Idp
from tests.person import Person

pytestmark = pytest.mark.spec("RFC 6749 §4.1")
USER = {"id": 4711, "login": "ada", "name": "Ada Hub"}


@pytest.fixture
def hub(newcomer: Person) -> Iterator[Idp]:
    """Return a GitHub of somebody's own, where the newcomer has an account."""
    here = Idp(name="hub", alg="none")
    here.settings = {
        "preset": Preset.GITHUB,
        "scope": ("read:user", "user:email"),
        "secret_sent": SecretSent.BODY,
    }
    say(here, user=USER, emails=addresses(newcomer.email))
    with idp.running(here):
        yield here


def say(hub: Idp, *, user: object, emails: object) -> None:
    """Set what the API says."""
    hub.answers["/api/v3/user"] = (200, json.dumps(user).encode())
    hub.answers["/api/v3/user/emails"] = (200, json.dumps(emails).encode())


def addresses(email: str, **changes: Any) -> list[dict[str, Any]]:
    """Return a list of addresses as GitHub has it."""
    spare = {"email": "spare@example.com", "primary": False, "verified": True}
    return [spare, {"email": email, "primary": True, "verified": True, **changes}]


def test_who_is_new_makes_an_account_and_comes_back(newcomer: Person, hub: Idp) -> None:
    url = idp.leave(newcomer, hub)
    asked = idp.query_of(url)
    assert (asked["code_challenge_method"], asked["scope"]) == (["S256"], ["read:user user:email"])
    form = Page(newcomer.browser.open(hub.arrive(url))).form_with("create")
    assert form
    assert form.fields["name"] == "Ada Hub"
    newcomer.browser.submit(form, "create")
    user = people.find_by_email(newcomer.email)
    assert user is not None
    assert [one.sub for one in identities.of(str(user.pk))] == ["4711"]
    say(hub, user={**USER, "login": "lovelace"}, emails=[])
    again = newcomer.elsewhere()
    idp.sign_in(again, hub)
    assert Page(idp.page_of(again, "/account/email/")).form_with("login") is None


@pytest.mark.parametrize("number", [None, "4711", 0, -1, True, 4711.5, [4711]])
def test_an_account_is_its_number(newcomer: Person, hub: Idp, number: object) -> None:
    say(hub, user={**USER, "id": number}, emails=addresses(newcomer.email))
    assert idp.sign_in(newcomer, hub).status_code == 400
    assert people.find_by_email(newcomer.email) is None


@pytest.mark.parametrize(
    "emails", [[], {}, "x", [7], [{"email": 7, "primary": True, "verified": True}], None]
)
def test_without_an_address_it_has_to_be_given_here(
    newcomer: Person, hub: Idp, emails: object
) -> None:
    say(hub, user=USER, emails=emails)
    assert Page(idp.sign_in(newcomer, hub)).heading == "Are you new here?"


@pytest.mark.parametrize("said", [{"verified": False}, {"verified": "true"}, {"primary": False}])
def test_an_address_that_is_not_proven_counts_as_none(
    newcomer: Person, hub: Idp, said: dict[str, Any]
) -> None:
    say(hub, user=USER, emails=addresses(newcomer.email, **said))
    assert Page(idp.sign_in(newcomer, hub)).heading == "Are you new here?"


@pytest.mark.parametrize("iss", ["https://github.com", "https://evil.example"])
def test_an_answer_of_another_issuer(newcomer: Person, hub: Idp, iss: str) -> None:
    url = hub.arrive(idp.leave(newcomer, hub), iss=iss)
    assert newcomer.browser.open(url).status_code == 400


def test_by_its_other_name_it_is_the_same_issuer(newcomer: Person, hub: Idp) -> None:
    url = hub.arrive(idp.leave(newcomer, hub), iss=f"{hub.origin}/login/oauth")
    assert newcomer.browser.open(url).status_code == 200


def test_an_error_with_status_200_is_an_error(newcomer: Person, hub: Idp) -> None:
    hub.answers["/login/oauth/access_token"] = (200, b'{"error": "bad_verification_code"}')
    assert idp.sign_in(newcomer, hub).status_code == 400
