"""RFC 7517 — the published keys: public, fresh, complete."""

import pytest

from tests.rp import RelyingParty
from tokens import keys, ring

pytestmark = pytest.mark.spec("RFC 7517 §5")

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_the_key_set_has_its_type_and_may_be_kept_for_a_while(rp: RelyingParty) -> None:
    answer = rp.door.get(rp.metadata["jwks_uri"])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] is None, "nobody of another origin asked"


def test_any_page_may_read_it(rp: RelyingParty) -> None:
    answer = rp.door.get(rp.metadata["jwks_uri"], headers={"Origin": "https://any.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Credentials"] is None


@pytest.mark.spec("RFC 7517 §9.2")
def test_nothing_private_is_in_it(rp: RelyingParty) -> None:
    published = rp.door.get(rp.metadata["jwks_uri"]).json()["keys"]
    assert {key["alg"] for key in published} >= {"ES256", "RS256"}
    for key in published:
        assert not PRIVATE & set(key)
        assert key["use"] == "sig"
    assert len({key["kid"] for key in published}) == len(published)


def test_everything_signed_names_one_of_its_keys(rp: RelyingParty, machine: RelyingParty) -> None:
    issued = rp.tokens()
    assert rp.claims(issued["id_token"])
    assert rp.claims(issued["access_token"], audience=f"{rp.issuer}/api")
    own = machine.client_credentials().json()["access_token"]
    assert machine.claims(own, audience=f"{rp.issuer}/api")


def test_a_coming_key_and_a_gone_key_are_in_it(rp: RelyingParty) -> None:
    before = rp.tokens()["access_token"]
    gone = ring.current().signer("ES256").kid
    coming = keys.rotate("ES256")
    keys.rotate("ES256", at_once=True)
    ring.forget()
    published = {key["kid"] for key in rp.door.get(rp.metadata["jwks_uri"]).json()["keys"]}
    assert {coming, gone} <= published
    assert rp.userinfo(before).status_code == 200
    keys.retire(coming)  # or it would begin to sign in somebody else's travel through time


def test_a_compromised_key_is_not_in_it_and_what_it_signed_is_dead(rp: RelyingParty) -> None:
    token = rp.tokens()["access_token"]
    kid = ring.current().signer("ES256").kid
    keys.retire(kid, compromised=True)
    ring.forget()
    published = {key["kid"] for key in rp.door.get(rp.metadata["jwks_uri"]).json()["keys"]}
    assert kid not in published
    assert rp.userinfo(token).status_code == 401
    assert rp.tokens()["access_token"]
