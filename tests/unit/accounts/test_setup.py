"""The set-up link: half an hour, once, and never anywhere but on the terminal."""

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts import people
from accounts.models import User
from config import environment
from tests.unit.accounts import visitor


@pytest.fixture(autouse=True)
def no_administrator() -> Iterator[None]:
    """Begin as a new server does: with nobody who administers it."""
    staff = list(User.objects.filter(is_staff=True).values_list("pk", flat=True))
    User.objects.filter(pk__in=staff).update(is_staff=False)
    yield
    User.objects.filter(pk__in=staff).update(is_staff=True)


def _link(*arguments: str) -> str:
    out = StringIO()
    call_command("admin-link", *arguments, "--json", stdout=out)
    made = json.loads(out.getvalue())
    assert made["expires_in"] == 1800
    link: str = made["link"]
    assert link.startswith(f"{environment.current().issuer}/setup/")
    return urlsplit(link).path


def _form() -> dict[str, str]:
    return {"email": visitor.address(), "name": "Boss", "password": visitor.PASSWORD}


def test_the_first_administrator() -> None:
    link, form, client = _link(), _form(), visitor.browser(enforce_csrf_checks=False)
    for _ in range(2):  # a mail scanner, a preview: looking consumes nothing
        assert visitor.browser().get(link).status_code == 200
    assert client.post(link, {**form, "password": "weak"}).status_code == 200
    answer = client.post(link, form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    boss = people.find_by_email(form["email"])
    assert boss is not None
    assert (boss.is_staff, boss.email_verified, boss.name) == (True, True, "Boss")
    assert visitor.browser().post(link, _form()).status_code == 404
    assert visitor.browser().get(link).status_code == 404


def test_it_ends_after_half_an_hour() -> None:
    link = _link()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=30, seconds=1)):
        assert visitor.browser().get(link).status_code == 404
        assert visitor.browser().post(link, _form()).status_code == 404


def test_a_new_one_voids_the_old() -> None:
    old, new = _link(), _link()
    assert visitor.browser().get(old).status_code == 404
    assert visitor.browser().get(new).status_code == 200


def test_once_there_is_an_administrator_the_open_link_is_dead() -> None:
    link = _link()
    visitor.someone(is_staff=True)
    assert visitor.browser().post(link, _form()).status_code == 404
    with pytest.raises(CommandError, match="--email"):
        call_command("admin-link")


def test_a_named_administrator_comes_back() -> None:
    boss = visitor.someone(is_staff=True)
    thief = visitor.signed_in(boss)
    people.disable(str(boss.pk))
    link, client = _link("--email", boss.email.upper()), visitor.browser()
    assert visitor.shows(client.get(link), boss.email)
    client.post(link, {"password": visitor.NEW_PASSWORD})
    assert client.get("/admin/").status_code == 200
    assert not visitor.is_signed_in(thief)
    boss.refresh_from_db()
    assert boss.check_password(visitor.NEW_PASSWORD)
    assert visitor.browser().post(link, {"password": visitor.PASSWORD}).status_code == 404


def test_only_administrators_are_let_back() -> None:
    with pytest.raises(CommandError, match="not an administrator"):
        call_command("admin-link", "--email", visitor.someone().email)


def test_an_address_in_use_is_told() -> None:
    answer = visitor.browser().post(_link(), {**_form(), "email": visitor.someone().email})
    assert visitor.shows(answer, "There is already an account with this e-mail address.")


def test_the_path_leaks_neither_by_referrer_nor_by_cache(caplog: pytest.LogCaptureFixture) -> None:
    link = _link()
    answer = visitor.browser().get(link)
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert link not in answer.content.decode()
    assert link.rpartition("/")[2] not in caplog.text


def test_home_names_the_command_and_never_the_link() -> None:
    link = _link()
    page = visitor.browser().get("/").content.decode()
    assert "manage.py admin-link" in page
    assert link not in page
    visitor.someone(is_staff=True)
    assert "admin-link" not in visitor.browser().get("/").content.decode()
