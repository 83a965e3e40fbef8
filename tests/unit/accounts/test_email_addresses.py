"""Addresses that fold into somebody else's: refused at every door, and never written to."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import email_addresses, forms, people
from accounts.models import User
from tests import letters
from tests.unit.accounts import visitor

LOOKALIKES = [
    pytest.param("boss@fa\u00df-ag.de", id="sharp s"),
    pytest.param("\u212airk@example.com", id="Kelvin sign"),
    pytest.param("bo\u017fs@example.com", id="long s"),
    pytest.param("\uff42oss@example.com", id="fullwidth"),
    pytest.param("o\ufb03ce@example.com", id="ligature"),
    pytest.param("nikola\u03c2@example.com", id="final sigma"),
    pytest.param("al\u0131ce@example.com", id="dotless i"),
    pytest.param("al\u0130ce@example.com", id="dotted capital I"),
    pytest.param("jose\u0301@example.com", id="decomposed"),
    pytest.param("boss@ex\u00adample.com", id="soft hyphen in the domain"),
]
everyone = pytest.mark.parametrize("email", LOOKALIKES)


@pytest.mark.parametrize(
    "email", ["Boss@Example.COM", "b\u00fccher@b\u00fccher.de", "a@xn--fa-hia.de", "", "nobody"]
)
def test_an_address_that_means_one_mailbox_is_no_fault(email: str) -> None:
    assert email_addresses.fault(email) == ""


@everyone
def test_a_look_alike_is_not_created(email: str) -> None:
    with pytest.raises(ValueError, match="more than one way"):
        visitor.someone(email=email)


@everyone
def test_a_look_alike_cannot_sign_up(email: str) -> None:
    form = {"email": email, "password1": visitor.PASSWORD}
    answer = visitor.browser().post("/account/signup/", form)
    assert answer.status_code == 200
    assert visitor.shows(answer, str(email_addresses.SPELLING))


@everyone
def test_a_look_alike_cannot_be_changed_to(email: str) -> None:
    user = visitor.someone()
    form = forms.AddEmailForm(user, {"email": email})
    assert not form.is_valid()
    assert str(email_addresses.SPELLING) in form.errors["email"]


@everyone
def test_a_look_alike_is_not_set_up(email: str) -> None:
    form = forms.SetupForm({"email": email, "password": visitor.PASSWORD})
    assert str(email_addresses.SPELLING) in form.errors["email"]


@everyone
def test_an_administrator_cannot_write_a_look_alike(email: str) -> None:
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    answer = boss.post("/admin/accounts/user/add/", {"email": email, "address": "{}"})
    assert answer.status_code == 200  # shown again, with what is wrong
    assert not User.objects.filter(email=email).exists()


@everyone
def test_the_command_line_does_not_take_a_look_alike(email: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="email: "):
        call_command("users", "add", "--email", email, stdout=StringIO())
    file = tmp_path / "people.json"
    file.write_text(json.dumps([{"email": email}]), encoding="utf-8")
    with pytest.raises(CommandError, match="email: This address"):
        call_command("users", "import", str(file), stdout=StringIO())


def test_a_reset_code_goes_to_the_address_as_given_and_not_to_its_key() -> None:
    email = f"Boss.{visitor.address()}"
    visitor.someone(email=email)
    visitor.browser().post("/account/password/reset/", {"email": email.lower()})
    assert letters.delivered()[-1].to == [email]


def test_a_look_alike_that_rests_already_gets_no_code_that_another_could_read() -> None:
    local = visitor.address().partition("@")[0]
    user = User(email=f"{local}@fa\u00df-ag.de")
    user.set_password(visitor.PASSWORD)
    user.save()
    people.agree(user)
    before = len(letters.delivered())
    visitor.browser().post("/account/password/reset/", {"email": f"{local}@fass-ag.de"})
    assert len(letters.delivered()) == before
