"""examples/resource-server: what it takes, what it refuses, and how the two ways differ."""

import re

import pytest

from tests.browser import Page
from tests.doors import Response
from tests.examples.world import OTHER_RESOURCE, Wire, World

pytestmark = pytest.mark.leg("sqlite")
LOCALLY, ASKING = "/locally", "/by-introspection"
WAYS = pytest.mark.parametrize("way", [LOCALLY, ASKING])


def call(here: World, way: str, authorization: str | None) -> Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return Wire().get(here.api + way, headers=headers)


def outcome(answer: Response) -> tuple[int, str]:
    """Return status and error, as header and body say alike."""
    challenge = answer.headers["WWW-Authenticate"] or ""
    assert challenge.startswith("Bearer ") or answer.status_code == 200
    found = re.search(r'error="(\w+)"', challenge)
    error = found[1] if found else ""
    assert answer.status_code == 200 or answer.json()["error"] == (error or "no_token")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, error


def own_token(here: World, **more: str) -> str:
    answer = here.client("machine").client_credentials(scope="demo:read", **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@WAYS
def test_a_good_token_opens_it(here: World, way: str) -> None:
    answer = call(here, way, f"Bearer {own_token(here)}")
    assert outcome(answer) == (200, "")
    said = answer.json()
    assert (said["checked"], said["client_id"]) == (way[1:], "demo-machine")
    assert said["scope"] == "demo:read"


@WAYS
def test_the_scheme_may_be_written_in_any_case(here: World, way: str) -> None:
    assert outcome(call(here, way, f"bEARER {own_token(here)}")) == (200, "")


@WAYS
@pytest.mark.spec("RFC 6750 §3.1")
def test_without_a_token_only_the_scheme_is_named(here: World, way: str) -> None:
    assert outcome(call(here, way, None)) == (401, "")
    assert outcome(call(here, way, "Basic YTpi")) == (401, "")


@WAYS
@pytest.mark.spec("RFC 6750 §2.1")
@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer a, b", "Bearer é"])
def test_a_malformed_header_is_a_bad_request(here: World, way: str, header: str) -> None:
    assert outcome(call(here, way, header)) == (400, "invalid_request")


@WAYS
@pytest.mark.parametrize("text", ["x", "a.b.c", "....", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(here: World, way: str, text: str) -> None:
    assert outcome(call(here, way, f"Bearer {text}")) == (401, "invalid_token")


@WAYS
def test_a_token_in_the_query_is_not_looked_at(here: World, way: str) -> None:
    answer = call(here, f"{way}?access_token={own_token(here)}", None)
    assert outcome(answer) == (401, "")


@WAYS
def test_a_token_of_another_audience_is_refused(here: World, way: str) -> None:
    token = own_token(here, resource=OTHER_RESOURCE)
    assert outcome(call(here, way, f"Bearer {token}")) == (401, "invalid_token")


@WAYS
def test_a_token_without_the_scope_is_refused(here: World, way: str) -> None:
    token = here.client("machine").client_credentials(scope="profile").json()["access_token"]
    answer = call(here, way, f"Bearer {token}")
    assert outcome(answer) == (403, "insufficient_scope")
    assert 'scope="demo:read"' in (answer.headers["WWW-Authenticate"] or "")


@WAYS
def test_a_changed_token_is_refused(here: World, way: str) -> None:
    head, payload, mark = own_token(here).split(".")
    other = own_token(here).split(".")[1]
    for text in (f"{head}.{other}.{mark}", f"{head}.{payload}.{mark[:-4]}AAAA"):
        assert outcome(call(here, way, f"Bearer {text}")) == (401, "invalid_token")


@WAYS
def test_a_token_of_another_kind_is_refused(here: World, way: str) -> None:
    tokens = here.client("web").tokens(here.person(), scope="openid demo:read")
    assert outcome(call(here, way, f"Bearer {tokens['access_token']}")) == (200, "")
    for kind in ("id_token", "refresh_token"):
        assert outcome(call(here, way, f"Bearer {tokens[kind]}")) == (401, "invalid_token")


def test_a_revoked_token_is_refused_by_asking_and_works_locally_until_it_expires(
    here: World,
) -> None:
    token = own_token(here)
    assert here.client("machine").revoke(token).status_code == 200
    assert outcome(call(here, ASKING, f"Bearer {token}")) == (401, "invalid_token")
    assert outcome(call(here, LOCALLY, f"Bearer {token}")) == (200, "")


def test_signing_out_at_the_issuer_ends_the_tokens_of_the_session(here: World) -> None:
    someone = here.person()
    client = here.client("web")
    token = client.tokens(someone, scope="openid demo:read")["access_token"]
    assert outcome(call(here, ASKING, f"Bearer {token}")) == (200, "")
    page = Page(someone.browser.open(f"{here.issuer}/account/logout/"))
    form = page.form_with("csrfmiddlewaretoken")
    assert form
    someone.browser.submit(form)
    assert outcome(call(here, ASKING, f"Bearer {token}")) == (401, "invalid_token")


def test_it_says_what_it_offers(here: World) -> None:
    assert call(here, "/", None).json() == {"try": [LOCALLY, ASKING], "scope": "demo:read"}
    assert call(here, "/elsewhere", None).status_code == 404
