"""OIDC Core §5.1 — people write their own claims, and applications see just that."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts import history
from accounts.models import User
from tests import person as persons
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_sessions import pages

pytestmark = pytest.mark.spec("OIDC Core §5.1")
WHOLE = {
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "middle_name": "King",
    "family_name": "Lovelace",
    "nickname": "Countess",
    "preferred_username": "ada",
    "gender": "female",
    "birthdate": "1915-12-10",
    "locale": "fr",
    "zoneinfo": "Europe/London",
    "picture": "https://img.example/ada.png",
    "profile": "https://people.example/ada",
    "website": "https://ada.example/",
    "phone_number": "+44 20 7946 0958",
}
ADDRESS = {
    "street_address": "12 St James's Square\r\nFirst floor",
    "postal_code": "SW1Y 4JH",
    "locality": "London",
    "region": "Greater London",
    "country": "United Kingdom",
}


def save(person: Person, **fields: str) -> Response:
    """Change these fields of the form and press Save."""
    form = pages.form_of(pages.open_page(person, "profile"), "family_name")
    return person.browser.submit(form, **fields)


def row(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = User.objects.values().get(pk=person.subject)
    return found


def test_every_claim_that_is_theirs_reaches_applications(someone: Person, rp: RelyingParty) -> None:
    pages.enter(someone)
    save(someone, **WHOLE, **ADDRESS)
    token = rp.tokens(scope="openid profile email phone address")["access_token"]
    claims = rp.userinfo(token).json()
    for name, value in WHOLE.items():
        assert claims[name] == value, name
    street = ADDRESS["street_address"].replace("\r\n", "\n")
    assert {**claims["address"], "street_address": street} == {**ADDRESS, "street_address": street}
    assert claims["phone_number_verified"] is False
    assert history.of(someone.subject)[0].name != "profile_changed", "the sign-in to the client"
    assert "profile_changed" in [one.name for one in history.of(someone.subject)]


def test_what_is_emptied_is_gone_and_what_is_left_alone_stays(way_in: Door) -> None:
    someone = persons.registered(
        way_in, nickname="A", address={"country": "UK", "locality": "London", "formatted": "x"}
    )
    pages.enter(someone)
    before = row(someone)
    save(someone)
    assert {**row(someone), "updated_at": 0} == {**before, "updated_at": 0}
    save(someone, nickname="", locality="")
    assert row(someone)["nickname"] == ""
    assert row(someone)["address"] == {"country": "UK"}


def test_a_new_number_is_not_a_verified_one(way_in: Door) -> None:
    someone = persons.registered(way_in, phone_number="+1 555", phone_number_verified=True)
    pages.enter(someone)
    save(someone, name="Same Number")
    assert row(someone)["phone_number_verified"] is True, "what is there is not judged anew"
    save(someone, phone_number="+49 30 123456")
    assert row(someone)["phone_number_verified"] is False


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("name", "Ada\u202egnp.exe", "Use visible characters only."),
        ("name", "x" * 201, "at most 200"),
        ("birthdate", "tomorrow", "Enter a valid date."),
        (
            "birthdate",
            (timezone.now() + dt.timedelta(days=2)).date().isoformat(),
            "This day is still to come.",
        ),
        ("locale", "tlh", "Select a valid choice."),
        ("zoneinfo", "../../etc/passwd", "Select a valid choice."),
        ("website", "javascript:alert(1)", "valid URL"),
        ("picture", "https://user:pass@img.example/x.png", "without credentials"),
        ("phone_number", "0301234567", "Begin with + and the country code"),
        ("country", "U\u2028K", "Use visible characters only."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(
    someone: Person, name: str, value: str, sentence: str
) -> None:
    pages.enter(someone)
    before = row(someone)
    page = save(someone, family_name="New", **{name: value})
    assert Page(page).title.startswith("Error:")
    assert page.text.count(sentence) == 2, "in the summary and beside the field"
    assert row(someone) == before


def test_nothing_else_is_ever_written(someone: Person, somebody_else: Person) -> None:
    pages.enter(someone)
    before = row(someone)
    form = pages.form_of(pages.open_page(someone, "profile"), "family_name")
    extra = {
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "",
        "is_demo": "on",
        "groups": "1",
        "id": somebody_else.subject,
        "pk": somebody_else.subject,
        "sub": somebody_else.subject,
        "email": "other@example.com",
        "email_verified": "",
        "email_key": "other@example.com",
        "phone_number_verified": "on",
        "password": "Quite-Another-7password",
        "age": "99",
        "created_at": "2000-01-01",
    }
    sent = {**form.fields, **extra, "nickname": "Only this"}
    assert someone.browser.send("POST", pages.address("profile"), sent).status_code == 303
    expected = {**before, "nickname": "Only this"}
    assert {**row(someone), "updated_at": 0} == {**expected, "updated_at": 0}
    assert row(somebody_else)["nickname"] == ""


def test_signing_up_writes_nothing_else_either(way_in: Door, someone: Person) -> None:
    newcomer = Person(browser=persons.browser(way_in))
    page = newcomer.browser.open(pages.address("signup"))
    form = pages.form_of(page, "password1")
    extra = {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": "1",
        "tenant": "x",
        "email_verified": "on",
        "verified": "on",
        "id": someone.subject,
        "sub": someone.subject,
        "is_active": "",
        "created_at": "2000-01-01",
    }
    fields = {"email": newcomer.email, "password1": newcomer.password, "name": "New"}
    newcomer.browser.send("POST", page.url, {**form.fields, **fields, **extra})
    made = User.objects.get(email=newcomer.email)
    assert str(made.pk) != someone.subject
    assert (made.is_staff, made.is_active, made.email_verified) == (False, True, False)
    assert made.created_at.year >= timezone.now().year


def test_times_are_those_of_the_zone_that_was_chosen(someone: Person) -> None:
    pages.enter(someone)
    assert "Times are those of UTC." in pages.open_page(someone, "sessions").text
    save(someone, zoneinfo="Asia/Kathmandu")
    page = pages.open_page(someone, "sessions").text
    assert "Asia/Kathmandu" in page
    assert "+05:45" in page


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe"])
def test_a_zone_that_is_none_is_utc(way_in: Door, zone: str) -> None:
    someone = persons.registered(way_in, zoneinfo=zone)
    pages.enter(someone)
    assert "Times are those of UTC." in pages.open_page(someone, "history").text
    pages.open_page(someone, "profile")


def test_the_language_is_that_of_the_next_page(someone: Person) -> None:
    pages.enter(someone)
    assert 'lang="de"' in save(someone, locale="de").text
