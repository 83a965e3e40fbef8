"""What a browser fetches until somebody can sign in, uncompressed: the page, what it loads."""

import pytest

from accounts import languages
from tests.browser import Page
from tests.rp import RelyingParty

MOST = 50_000
STYLE = 15_000


@pytest.mark.parametrize("language", languages.COMPLETE)
def test_the_first_page_is_light(rp: RelyingParty, language: str) -> None:
    first = rp.door.get(rp.url(rp.asking(ui_locales=language)))
    page = rp.door.get(first.location)
    assert page.status_code == 200
    loaded = {url: rp.door.get(url) for url in Page(page).loads}
    assert all(answer.status_code == 200 for answer in loaded.values())
    weights = {url: len(answer.body) for url, answer in loaded.items()}
    assert len(page.body) + sum(weights.values()) <= MOST, (len(page.body), weights)
    assert all(weight <= STYLE for url, weight in weights.items() if url.endswith("/style.css"))
