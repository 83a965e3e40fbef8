"""ASVS 5.0 §4.1.3, §16.2.5 — a mailed link leads here whatever is said, and no log has it."""

import re

import pytest

from accounts import mailed_proofs, urls
from config import environment, logs
from tests import letters
from tests.person import Person
from tests.specs.account_recovery import mails
from tests.specs.account_recovery.test_reset import LINK


@pytest.mark.spec("ASVS 5.0 §4.1.3")
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.test"},
        {"X-Forwarded-Host": "evil.test"},
        {"Forwarded": "host=evil.test;proto=https"},
        {"X-Forwarded-Prefix": "//evil.test"},
        {"X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "666"},
        {"X-Original-URL": "https://evil.test/", "X-Rewrite-URL": "https://evil.test/"},
    ],
    ids=str,
)
def test_links_lead_to_the_issuer_whatever_a_request_says(
    someone: Person, headers: dict[str, str]
) -> None:
    page = someone.browser.open(mails.account("password/reset/"))
    asking = mails.form(page, "email")
    whole = {
        "Cookie": someone.browser.jar.header(asking.action),
        "Origin": someone.browser.site,
        **headers,
    }
    fields = {**asking.fields, "email": someone.email}
    answer = someone.browser.door.post(asking.action, fields, headers=whole)
    sent = letters.to(someone.email)
    assert answer.status_code == 302 or (answer.status_code in {400, 421} and not sent)
    here = re.escape(f"{environment.current().issuer}/")
    for one in sent:
        assert "evil" not in str(one.message())
        assert all(re.match(here, link) for link in re.findall(r"https?://\S+/\S+", str(one.body)))


@pytest.mark.spec("ASVS 5.0 §16.2.5")
def test_no_log_holds_what_a_mailed_link_ends_with(
    someone: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads logs would choose the password of whoever opens the link."""
    mails.ask_for_reset(someone)
    link = mails.link(someone, LINK)
    someone.browser.open(link)
    someone.elsewhere().browser.send("POST", link)  # refused, which is logged too
    lines = [logs.Readable().format(each) for each in caplog.records]
    assert sum(LINK in line for line in lines) >= 3
    assert not [line for line in lines if link.rpartition("/")[2] in line]


@pytest.mark.spec("ASVS 5.0 §16.2.5")
@pytest.mark.parametrize(
    "path", [one.pattern for one in urls.urlpatterns if "<str:secret>" in str(one.pattern)], ids=str
)
def test_every_page_whose_address_is_a_secret_is_one_that_logs_know(path: object) -> None:
    secret = mailed_proofs.new_secret()
    assert secret not in logs.redacted("/" + str(path).replace("<str:secret>", secret))
