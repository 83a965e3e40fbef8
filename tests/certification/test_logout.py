"""The modules of the logout plans, as the conformance suite plays them."""

import secrets
import time
from typing import Any

import jwt
import pytest

from config import outbox
from tests import listening
from tests.browser import Page
from tests.certification import suite as suites
from tests.certification.suite import Suite, asked
from tests.doors import Response
from tests.rp import RelyingParty

pytestmark = [pytest.mark.spec("OIDC RP-Initiated Logout §2"), pytest.mark.leg("sqlite")]

AFTER = "https://suite.example/test/a/authserver/post_logout_redirect"


@pytest.fixture
def client(suite: Suite) -> RelyingParty:
    """Return the usual client, with an address for afterwards."""
    return suite.client(post_logout_redirect_uris=[AFTER])


def leave(client: RelyingParty, **changes: Any) -> tuple[Response, str]:
    """Sign in, and ask to be signed out as a module does; return the answer and the state."""
    token, state = client.tokens(**asked())["id_token"], secrets.token_urlsafe(96)
    usual = {"id_token_hint": token, "post_logout_redirect_uri": AFTER, "state": state}
    return client.end_session(**{**usual, **changes}), state


def is_signed_in(client: RelyingParty) -> bool:
    """Tell whether the server still knows the person, as the modules ask in the end."""
    arrival = client.ask(**asked(prompt="none"))
    assert arrival.error in {None, "login_required"}
    return arrival.error is None


def test_rp_initiated_logout(client: RelyingParty) -> None:
    answer, state = leave(client)
    assert answer.location == f"{AFTER}?state={state}"
    assert not is_signed_in(client)


def test_rp_initiated_logout_no_state(client: RelyingParty) -> None:
    answer, _ = leave(client, state=None)
    assert answer.location == AFTER
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"id_token_hint": None, "post_logout_redirect_uri": None, "state": None},
        {"post_logout_redirect_uri": None},
        {"id_token_hint": None, "post_logout_redirect_uri": None},
    ],
    ids=["no-params", "no-post-logout-redirect-uri", "only-state"],
)
def test_without_a_way_back_our_own_page_says_so(
    client: RelyingParty, changes: dict[str, Any]
) -> None:
    answer, _ = leave(client, **changes)
    assert client.person
    if Page(answer).form_with("sign_out"):
        answer = client.person.decide(answer, "sign_out")
    assert (answer.status_code, answer.location) == (200, "")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "address", ["https://suite.example/bad", f"{AFTER}?foo=bar"], ids=["bad", "query-added"]
)
def test_an_address_that_is_not_registered(client: RelyingParty, address: str) -> None:
    answer, _ = leave(client, post_logout_redirect_uri=address)
    assert answer.status_code in {200, 400}
    assert not answer.location


def test_rp_initiated_logout_no_id_token_hint(client: RelyingParty) -> None:
    answer, _ = leave(client, id_token_hint=None)
    assert not answer.location


def test_rp_initiated_logout_modified_id_token_hint(client: RelyingParty) -> None:
    claims = client.claims(client.tokens(**asked())["id_token"])
    unsigned = jwt.encode(claims, "", algorithm="none")
    answer, _ = leave(client, id_token_hint=unsigned)
    assert not answer.location


def test_rp_initiated_logout_bad_id_token_hint(client: RelyingParty) -> None:
    claims = client.claims(client.tokens(**asked())["id_token"])
    answer, _ = leave(client, id_token_hint=suites.key_pair().sign(claims))
    assert not answer.location


def test_frontchannel_rp_initiated_logout(suite: Suite) -> None:
    address = "https://suite.example/test/a/authserver/frontchannel_logout"
    client = suite.client(
        post_logout_redirect_uris=[AFTER],
        frontchannel_logout_uri=address,
        frontchannel_logout_session_required=True,
    )
    claims = client.claims(client.tokens(**asked())["id_token"])
    answer, state = leave(client)
    page = Page(answer)
    frames = [load for load in page.loads if load.startswith(address)]
    assert len(frames) == 1
    assert f"sid={claims['sid']}" in frames[0]
    assert frames[0].count("=") == 2, "iss and sid, no more"
    assert f"{AFTER}?state={state}" in page.links.values()
    assert not is_signed_in(client)


def test_backchannel_rp_initiated_logout(suite: Suite) -> None:
    with listening.listening() as ear, suites.let_through(ear.origin):
        client = suite.client(
            post_logout_redirect_uris=[AFTER],
            backchannel_logout_uri=f"{ear.origin}/backchannel_logout",
            backchannel_logout_session_required=True,
        )
        claims = client.claims(client.tokens(**asked())["id_token"])
        answer, _ = leave(client)
        outbox.deliver_due()
        (token,) = ear.tokens
    told = client.claims(token)
    assert (told["sub"], told["sid"]) == (claims["sub"], claims["sid"])
    assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in told
    assert abs(told["iat"] - time.time()) < 60
    assert answer.location.startswith(AFTER)
    assert not is_signed_in(client)
