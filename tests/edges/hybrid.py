"""The hybrid flow, where Authlib leaves something to be done."""

from typing import Any

from tests.edges.world import World

HYBRID: dict[str, Any] = {
    "response_types": ["code", "code id_token"],
    "grant_types": ["authorization_code", "implicit"],
}
KIND = "code id_token"


def an_answer_without_a_challenge(here: World) -> None:
    """Refused: the challenge is the code's, whatever else comes with it."""
    without: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
    assert here.enrol(**HYBRID).authorize(response_type=KIND, **without).error == "invalid_request"


def an_id_token_in_the_query(here: World) -> None:
    arrival = here.enrol(**HYBRID).authorize(response_type=KIND, response_mode="query")
    assert (arrival.error, arrival.mode) == ("invalid_request", "fragment")


def a_missing_nonce_in_the_fragment(here: World) -> None:
    arrival = here.enrol(**HYBRID).ask(response_type=KIND, nonce=None)
    assert (arrival.error, arrival.mode) == ("invalid_request", "fragment")


def a_hybrid_mode_nobody_knows(here: World) -> None:
    arrival = here.enrol(**HYBRID).authorize(response_type=KIND, response_mode="junk")
    assert (arrival.error, arrival.mode) == ("invalid_request", "fragment")


def the_issuer_in_the_fragment(here: World) -> None:
    rp = here.enrol(**HYBRID)
    assert rp.authorize(response_type=KIND).parameters.get("iss") == rp.issuer


def what_belongs_to_an_access_token(here: World) -> None:
    """Without one there is nothing that expires or has a scope."""
    given = here.enrol(**HYBRID).authorize(response_type=KIND).parameters
    assert not {"expires_in", "scope"} & set(given)


EDGES = (
    an_answer_without_a_challenge,
    an_id_token_in_the_query,
    a_missing_nonce_in_the_fragment,
    a_hybrid_mode_nobody_knows,
    the_issuer_in_the_fragment,
    what_belongs_to_an_access_token,
)
