"""What a start prints: the mailbox, while there is one."""

from typing import Any

import pytest

from authserver import welcome
from authserver.serving import Prepared
from config import environment, mail_url
from config.variables import Mode

STARTED = Prepared(setup_link="", demo=None)


def test_it_says_where_mail_is_read() -> None:
    with environment.replaced(email_url=None):
        here = environment.current()
        assert f"Mail       {here.issuer_origin}/dev/mail/" in welcome.banner(STARTED)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": Mode.PRODUCTION},
        {"email_url": mail_url.parse("smtp://mail.example.com")},
    ],
    ids=["production", "a mail server"],
)
def test_where_no_mail_stays_it_says_nothing_of_it(changes: dict[str, Any]) -> None:
    with environment.replaced(**changes):
        assert "/dev/mail/" not in welcome.banner(STARTED)
