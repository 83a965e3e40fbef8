"""RFC 6265 §8.6 — a cookie that a neighbour planted beside ours opens nothing and hides nothing."""

from typing import Any

import pytest

from tests import person
from tests.doors import Door

pytestmark = pytest.mark.spec("RFC 6265 §8.6")


@pytest.mark.parametrize("path", ["/account/", "/account/login/", "/oauth2/authorize"])
@pytest.mark.parametrize("name", ["as_session", "as_csrf", "as_browser", "as_accounts"])
def test_a_cookie_of_ours_that_comes_twice_is_refused(path: str, name: str, way_in: Door) -> None:
    someone = person.registered(way_in)
    own = "; ".join(f"{kept}={morsel.value}" for kept, morsel in _kept(someone).items())
    url = f"{someone.browser.site}{path}"
    for cookies in (f"{own}; {name}=a; {name}=b", f"{name}=a; {own}; {name} =b"):
        answer = way_in.get(url, headers={"Cookie": cookies})
        assert answer.status_code == 400
        assert "twice" in answer.text
        assert answer.headers["Set-Cookie"] is None


def test_cookies_of_others_may_come_as_often_as_they_like(way_in: Door) -> None:
    url = f"{person.browser(way_in).site}/account/login/"
    answer = way_in.get(url, headers={"Cookie": "theme=a; theme=b; x; x; ;=; as="})
    assert answer.status_code == 200


def _kept(someone: person.Person) -> dict[str, Any]:
    return dict(someone.browser.jar.cookies)
