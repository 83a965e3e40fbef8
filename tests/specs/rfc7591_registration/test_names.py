"""RFC 7591 §5 — a name shows what it says, and a page says that nobody verified it."""

import html

import pytest

from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §5")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Bank\u202eknaB", id="bidi override"),
        pytest.param("Bank\u2066x\u2069", id="bidi isolate"),
        pytest.param("Ba\u200bnk", id="zero width space"),
        pytest.param("Ba\u200dnk", id="zero width joiner"),
        pytest.param("Ba\ufeffnk", id="byte order mark"),
        pytest.param("Bank\n", id="newline"),
        pytest.param("Bank\r\nX", id="CRLF"),
        pytest.param("Bank\t", id="tab"),
        pytest.param("Ba\0nk", id="NUL"),
        pytest.param("Bank\x7f", id="DEL"),
        pytest.param("Bank\u2028", id="line separator"),
        pytest.param("Bank\ue000", id="private use"),
        pytest.param("Bank\U000e0041", id="tag"),
        pytest.param(" ", id="a space"),
        pytest.param("\xa0\u3000", id="wide spaces"),
        pytest.param("\u3164", id="a letter without ink"),
        pytest.param("\u2800\u2800", id="braille without dots"),
        pytest.param("\ufe0f", id="a variation of nothing"),
        pytest.param("\u0301", id="an accent of nothing"),
        pytest.param("B" * 121, id="longer than a line"),
        pytest.param("B" * 10_240, id="10 KB"),
    ],
)
@pytest.mark.parametrize("member", ["client_name", "client_name#de"])
def test_a_name_that_hides_something_is_refused(newcomer: Newcomer, member: str, name: str) -> None:
    answer = newcomer.send(**{member: name})
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_client_metadata", "invalid_request"}


@pytest.mark.parametrize("name", ["Ünïcode & <b>Söhne</b>", "应用", "تطبيق", 'O\'Hara "quoted"'])
def test_an_honest_name_is_shown_as_text(newcomer: Newcomer, name: str) -> None:
    rp = newcomer.party(newcomer.register(client_name=name))
    assert rp.person
    page = rp.person.sign_in(rp.person.browser.open(rp.url(rp.asking())))
    assert html.escape(name) in page.text
    assert "<b>Söhne" not in page.text
    assert "app.example" in page.text
    assert "not verified" in page.text.lower()
