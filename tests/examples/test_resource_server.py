"""examples/resource-server: what it takes, what it refuses, and how the two ways differ."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser import Page
from tests.examples import apis
from tests.examples.apis import ASKING, LOCALLY, PATHS, SENSITIVE, call, outcome
from tests.examples.world import OTHER_RESOURCE, World

pytestmark = pytest.mark.leg("sqlite")
WAYS = pytest.mark.parametrize("way", [LOCALLY, ASKING])
REMEMBERED = 1.0  # seconds a yes of the issuer is remembered here


@pytest.fixture(params=apis.VARIANTS)
def api(at_server: dict[str, str], request: pytest.FixtureRequest) -> str:
    """Return the address of each variant in turn."""
    return at_server[request.param]


def own_token(here: World, **more: str) -> str:
    answer = here.client("machine").client_credentials(scope="demo:read", **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@WAYS
def test_a_good_token_opens_it(here: World, api: str, way: str) -> None:
    answer = call(api + way, f"Bearer {own_token(here)}")
    assert outcome(answer) == (200, "")
    said = answer.json()
    assert (said["checked"], said["client_id"]) == (way[1:], "demo-machine")
    assert said["scope"] == "demo:read"


def test_make_example_api_is_set_up_for_make_run(here: World) -> None:
    for way in (LOCALLY, ASKING):
        assert outcome(call(here.api + way, f"Bearer {own_token(here)}")) == (200, "")
    assert call(f"{here.api}/", None).json() == {"try": PATHS, "scope": "demo:read"}


@WAYS
def test_the_scheme_may_be_written_in_any_case(here: World, api: str, way: str) -> None:
    assert outcome(call(api + way, f"bEARER {own_token(here)}")) == (200, "")


@WAYS
@pytest.mark.spec("RFC 6750 §3.1")
def test_without_a_token_only_what_is_wanted_is_said(api: str, way: str) -> None:
    for header in (None, "", "Basic YTpi", "Bearerx"):
        assert outcome(call(api + way, header)) == (401, "")


@WAYS
@pytest.mark.spec("RFC 6750 §2.1")
@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer a, b", "Bearer é"])
def test_a_malformed_header_is_a_bad_request(api: str, way: str, header: str) -> None:
    assert outcome(call(api + way, header)) == (400, "invalid_request")


def test_two_headers_are_a_malformed_one(here: World, api: str) -> None:
    good = f"Bearer {own_token(here)}"
    assert apis.with_two_headers(api + LOCALLY, good, good) == 400
    assert apis.with_two_headers(api + LOCALLY, good, "Bearer other") == 400


@WAYS
@pytest.mark.parametrize(
    "text", ["x", "a.b.c", "....", "e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "x" * 9000]
)
def test_what_is_no_token_is_refused(api: str, way: str, text: str) -> None:
    assert outcome(call(api + way, f"Bearer {text}")) == (401, "invalid_token")


@WAYS
def test_a_token_in_the_query_is_not_looked_at(here: World, api: str, way: str) -> None:
    answer = call(f"{api}{way}?access_token={own_token(here)}", None)
    assert outcome(answer) == (401, "")


@WAYS
def test_a_token_of_another_audience_is_refused(here: World, api: str, way: str) -> None:
    token = own_token(here, resource=OTHER_RESOURCE)
    assert outcome(call(api + way, f"Bearer {token}")) == (401, "invalid_token")


@WAYS
def test_a_token_without_the_scope_is_refused(here: World, api: str, way: str) -> None:
    token = here.client("machine").client_credentials(scope="profile").json()["access_token"]
    answer = call(api + way, f"Bearer {token}")
    assert outcome(answer) == (403, "insufficient_scope")
    assert 'scope="demo:read"' in (answer.headers["WWW-Authenticate"] or "")


@WAYS
def test_a_changed_token_is_refused(here: World, api: str, way: str) -> None:
    head, payload, mark = own_token(here).split(".")
    other = own_token(here).split(".")[1]
    for text in (f"{head}.{other}.{mark}", f"{head}.{payload}.{mark[:-4]}AAAA"):
        assert outcome(call(api + way, f"Bearer {text}")) == (401, "invalid_token")


def test_a_token_of_another_kind_is_refused(here: World, at_server: dict[str, str]) -> None:
    tokens = here.client("web").tokens(here.person(), scope="openid demo:read")
    for api in at_server.values():
        for way in (LOCALLY, ASKING):
            assert outcome(call(api + way, f"Bearer {tokens['access_token']}")) == (200, "")
            for kind in ("id_token", "refresh_token"):
                answer = call(api + way, f"Bearer {tokens[kind]}")
                assert outcome(answer) == (401, "invalid_token")


@pytest.mark.spec("RFC 9470 §3")
def test_what_is_sensitive_wants_a_recent_sign_in(here: World, at_server: dict[str, str]) -> None:
    tokens = here.client("web").tokens(here.person(), scope="openid demo:read")
    for api in at_server.values():
        answer = call(api + SENSITIVE, f"Bearer {tokens['access_token']}")
        assert outcome(answer) == (200, "")
        answer = call(api + SENSITIVE, f"Bearer {own_token(here)}")
        assert outcome(answer) == (401, "insufficient_user_authentication")
        assert 'max_age="300"' in (answer.headers["WWW-Authenticate"] or "")


def test_a_revoked_token_is_refused_by_asking_and_works_locally_until_it_expires(
    here: World, at_server: dict[str, str]
) -> None:
    token = own_token(here)
    for api in at_server.values():
        assert outcome(call(api + ASKING, f"Bearer {token}")) == (200, "")
    assert here.client("machine").revoke(token).status_code == 200
    time.sleep(REMEMBERED)
    for api in at_server.values():
        assert outcome(call(api + ASKING, f"Bearer {token}")) == (401, "invalid_token")
        assert outcome(call(api + LOCALLY, f"Bearer {token}")) == (200, "")


def test_signing_out_at_the_issuer_ends_the_tokens_of_the_session(
    here: World, at_server: dict[str, str]
) -> None:
    someone = here.person()
    token = here.client("web").tokens(someone, scope="openid demo:read")["access_token"]
    api = at_server["plain"]
    assert outcome(call(api + ASKING, f"Bearer {token}")) == (200, "")
    page = Page(someone.browser.open(f"{here.issuer}/account/logout/"))
    form = page.form_with("csrfmiddlewaretoken")
    assert form
    someone.browser.submit(form)
    time.sleep(REMEMBERED)
    assert outcome(call(api + ASKING, f"Bearer {token}")) == (401, "invalid_token")


def test_a_server_that_hangs_stops_nobody_whose_key_is_known(
    here: World, at_server: dict[str, str]
) -> None:
    token = own_token(here)
    known = [api + LOCALLY for api in at_server.values()]
    assert [outcome(call(each, f"Bearer {token}")) for each in known] == [(200, "")] * 3
    os.killpg(here.server.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as pool:
            asking = [
                pool.submit(call, api + ASKING, f"Bearer {token}") for api in at_server.values()
            ]
            assert [outcome(call(each, f"Bearer {token}")) for each in known] == [(200, "")] * 3
        answers = [outcome(each.result()) for each in asking]
        assert answers == [(503, "temporarily_unavailable")] * 3
    finally:
        os.killpg(here.server.pid, signal.SIGCONT)


def test_it_says_what_it_offers(api: str) -> None:
    assert call(f"{api}/", None).json() == {"try": PATHS, "scope": "demo:read"}
    assert call(f"{api}/elsewhere", None).status_code == 404
