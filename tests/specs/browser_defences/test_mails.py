"""RFC 5322 §2.2 — what a person calls themselves is text in our mails, and never a header."""

import pytest

from tests import letters
from tests import person as people
from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 5322 §2.2")


def sign_up(rp: RelyingParty, name: str, email: str = "") -> tuple[Person, Response]:
    """Fill in the sign-up page; the answer is the next page, or the same with a fault."""
    somebody = Person(browser=people.browser(rp.door), name=name)
    somebody.email = email or somebody.email
    form = Page(somebody.browser.open(f"{rp.issuer}/account/signup/")).form_with("password1")
    assert form
    fields = {"name": name, "email": somebody.email, "password1": somebody.password}
    return somebody, somebody.browser.submit(form, **fields)


@pytest.mark.parametrize(
    "name",
    [
        '<a href="//evil.example">Click</a>',
        "{{9173*7}}{%x%}{{config}}",
        "x\r\nBcc: m@evil.example",
        "x\nSubject: other",
        "=?utf-8?q?=0D=0ABcc:_m@evil.example?=",
    ],
)
def test_a_hostile_name(rp: RelyingParty, name: str) -> None:
    somebody, _ = sign_up(rp, name)
    for sent in [one for one in letters.delivered() if somebody.email in one.recipients()]:
        assert sent.recipients() == [somebody.email]
        assert "64211" not in sent.body
        assert "evil.example" not in sent.subject
        assert sent.message().get_content_type() == "multipart/alternative"
        assert '<a href="//evil' not in str(sent.message())
        lines = str(sent.message()).partition("\n\n")[0]
        assert "evil.example" not in lines
        assert "Bcc" not in lines


@pytest.mark.parametrize(
    "email",
    [
        "a@example.com\r\nBcc: m@evil.example",
        "a@example.com,m@evil.example",
        "a@example.com m@evil.example",
        '"a\r\nBcc: m@evil.example"@example.com',
        "<m@evil.example>",
    ],
)
def test_a_hostile_address_gets_no_mail(rp: RelyingParty, email: str) -> None:
    before = len(letters.delivered())
    _, page = sign_up(rp, "x", email)
    assert Page(page).form_with("password1"), "the form comes back with what is wrong"
    assert [one.recipients() for one in letters.delivered()[before:] if "evil" in str(one.to)] == []


def test_a_name_that_is_a_page_is_text_where_it_is_shown(rp: RelyingParty) -> None:
    somebody, page = sign_up(rp, "<svg onload=alert(1)>")
    code = Page(page).form_with("code")
    assert code
    page = somebody.browser.submit(code, code=somebody.mailed_code())
    page = somebody.browser.open(f"{rp.issuer}/account/")
    assert "&lt;svg onload=alert(1)&gt;" in page.text
    assert "<svg" not in page.text
