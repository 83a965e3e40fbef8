"""RFC 5322 — the development mailbox: there without a mail server, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import environment, mail, mail_url, outbox, roots
from config.variables import Mode
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.specs.account_recovery import mails
from tests.unit.accounts.test_notices import mailing

pytestmark = pytest.mark.spec("RFC 5322")
HERE = "/dev/mail/"


@pytest.fixture(autouse=True)
def desk(tmp_path: Path) -> Iterator[Path]:
    """Let mail land in a folder of this test."""
    with (
        environment.replaced(data_dir=tmp_path),
        mailing(**mail_url.mailer(None, is_production=False)),
    ):
        roots.make_folder(tmp_path / "mail")
        yield mail.folder()


def box(person: Person) -> str:
    """Return the address of the mailbox."""
    return person.browser.site + HERE


def test_a_code_is_found_there_from_the_page_that_asks_for_it(someone: Person) -> None:
    page = mails.ask_for_reset(someone)
    outbox.deliver_due()
    page = someone.browser.open(Page(page).links["Read the mail here"])
    link = box(someone) + name_of(someone)
    assert link in Page(page).links.values()
    shown = someone.browser.open(link)
    assert "With this code you choose a new password" in shown.text
    assert someone.email in shown.text
    assert any("password/reset/link/" in url for url in Page(shown).links.values())
    whole = someone.browser.send("GET", f"{link}?as=file")
    assert whole.headers["Content-Type"] == "message/rfc822"
    assert "attachment" in (whole.headers["Content-Disposition"] or "")


def name_of(person: Person) -> str:
    """Return the name of the mail to a person."""
    [file] = [one for one in mail.folder().glob("*.eml") if person.email in one.read_text()]
    return file.stem


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": Mode.PRODUCTION},
        {"email_url": mail_url.parse("smtp://mail.example.com")},
    ],
    ids=["production", "a mail server"],
)
def test_elsewhere_there_is_no_such_page(someone: Person, changes: dict[str, Any]) -> None:
    (mail.folder() / "20260101-000000-00000000.eml").write_bytes(b"Subject: x\r\n\r\nsecret")
    with environment.replaced(**changes):
        for path in (HERE, f"{HERE}20260101-000000-00000000"):
            answer = someone.browser.door.get(environment.current().issuer_origin + path)
            assert answer.status_code == 404
            assert "secret" not in answer.text
        page = mails.ask_for_reset(someone)
        assert "dev/mail" not in page.text


def test_strangers_do_not_find_it(someone: Person) -> None:
    stranger = Door(name=someone.browser.door.name, peer="8.8.8.8")
    assert stranger.get(box(someone)).status_code == 404


@pytest.mark.parametrize("name", ["..%2fdemo", "x", "20260101-000000-0000000g", "%00", "a" * 300])
def test_nothing_but_mail_is_read(someone: Person, name: str) -> None:
    assert someone.browser.send("GET", box(someone) + name).status_code in {400, 404}


def test_an_empty_one_and_a_broken_mail_are_pages_too(someone: Person) -> None:
    assert "Nothing yet" in someone.browser.open(box(someone)).text
    file = mail.folder() / "20260101-000000-00000000.eml"
    file.write_bytes(b"\xff\xfe\x00 no mail at all <script>alert(1)</script>")
    page = someone.browser.open(box(someone))
    assert page.status_code == 200
    shown = someone.browser.open(f"{box(someone)}{file.stem}")
    assert shown.status_code == 200
    assert "<script" not in shown.text
