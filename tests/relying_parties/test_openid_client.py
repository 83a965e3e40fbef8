"""openid-client, a certified relying party library: everything it checks, it finds in order."""

import json
from typing import Any

import pytest

from tests.relying_parties import program, registrations, world
from tests.relying_parties.program import RefusedError
from tests.relying_parties.world import World

pytestmark = [pytest.mark.npm, pytest.mark.leg("sqlite")]
SCRIPT = "openid_client.mjs"


def act(here: World, name: str, *, decision: str = "allow", **more: Any) -> dict[str, Any]:
    """Let the library sign somebody in as one of the registered clients."""

    def publish(document: str) -> str:
        return here.documents.publish("/request", "application/jwt", document)

    task = world.scenario(here, name, **more)
    return program.run(SCRIPT, task, here.person(), decision, publish=publish)


@pytest.mark.parametrize("method", registrations.METHODS)
def test_the_whole_journey(here: World, method: str) -> None:
    told = act(here, method)
    assert told["claims"]["aud"] == f"rp-{method}"
    assert told["userinfo"]["email"] == world.EMAIL
    assert told["refreshed"]["sub"] == told["claims"]["sub"]
    assert told["refreshed"]["is_new"]
    if method != "none":
        assert told["introspection"]["active"] is True
        assert told["revoked"] == {"active": False}
    assert told["left"] == registrations.AFTER


@pytest.mark.parametrize("alg", registrations.ALGORITHMS)
def test_the_id_token_is_signed_as_registered(here: World, alg: str) -> None:
    assert act(here, alg)["algorithm"] == alg


@pytest.mark.parametrize("alg", registrations.ENCRYPTED)
def test_the_id_token_and_userinfo_are_encrypted_as_registered(here: World, alg: str) -> None:
    told = act(here, alg)
    assert told["algorithm"] == alg, "the header of what came is the encryption's"
    assert told["userinfo"]["sub"] == told["claims"]["sub"]
    assert told["left"] == registrations.AFTER


def test_userinfo_is_signed_as_registered(here: World) -> None:
    told = act(here, "signed-userinfo")
    assert told["userinfo"]["aud"] == "rp-signed-userinfo"
    assert told["userinfo"]["email"] == world.EMAIL


def test_a_subject_for_one_sector_only(here: World) -> None:
    told = act(here, "pairwise")
    public = act(here, "client_secret_basic")["claims"]
    assert told["claims"]["sub"] != public["sub"]
    assert told["introspection"]["sub"] == told["userinfo"]["sub"] == told["claims"]["sub"]
    assert told["left"] == registrations.AFTER, "the hint is understood with its own subject"


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_signed_request(here: World, mode: str) -> None:
    told = act(here, "request-object", parameters={"response_mode": mode})
    assert told["claims"]["aud"] == "rp-request-object"


def test_a_signed_request_that_the_server_fetches(here: World) -> None:
    told = act(here, "request-reference")
    assert told["claims"]["aud"] == "rp-request-reference"


def test_keys_that_the_server_fetches_may_change(here: World) -> None:
    for alg in ("ES256", "PS256"):
        key = registrations.private_key(alg)
        keys = json.dumps(registrations.public(key))
        here.documents.publish("/keys", "application/json", keys)
        assert act(here, "jwks-uri", key=key)["claims"]["aud"] == "rp-jwks-uri"


def test_an_unsigned_request_where_signed_ones_are_required(here: World) -> None:
    with pytest.raises(RefusedError) as refusal:
        act(here, "request-object", request_object_key=None)
    assert refusal.value.told["error"] == "invalid_request"


@pytest.mark.parametrize("parameters", [{}, {"response_mode": "form_post"}])
@pytest.mark.parametrize("is_detached", [False, True])
def test_code_and_id_token_together(
    here: World, parameters: dict[str, str], is_detached: bool
) -> None:
    told = act(here, "code id_token", parameters=parameters, is_detached=is_detached)
    assert told["claims"]["aud"] == "rp-hybrid"
    assert told["userinfo"]["sub"] == told["claims"]["sub"]


@pytest.mark.parametrize("parameters", [{}, {"response_mode": "form_post"}])
def test_nothing_but_an_id_token(here: World, parameters: dict[str, str]) -> None:
    claims = act(here, "id_token", parameters=parameters)["claims"]
    assert (claims["aud"], claims["email"]) == ("rp-implicit", world.EMAIL)


def test_a_person_who_refuses(here: World) -> None:
    with pytest.raises(RefusedError) as refusal:
        act(here, "client_secret_basic", decision="deny", parameters={"prompt": "consent"})
    assert refusal.value.told["error"] == "access_denied"


def test_nobody_is_signed_in(here: World) -> None:
    with pytest.raises(RefusedError) as refusal:
        act(here, "client_secret_basic", parameters={"prompt": "none"})
    assert refusal.value.told["error"] == "login_required"


def test_a_wrong_secret(here: World) -> None:
    with pytest.raises(RefusedError) as refusal:
        act(here, "client_secret_basic", secret="not the secret")
    told = refusal.value.told
    assert (told["status"], told["code"]) == (401, "OAUTH_WWW_AUTHENTICATE_CHALLENGE")


def test_the_answer_may_come_as_a_form(here: World) -> None:
    told = act(here, "client_secret_basic", parameters={"response_mode": "form_post"})
    assert told["userinfo"]["sub"] == told["claims"]["sub"]


def test_the_sign_in_is_as_fresh_as_asked(here: World) -> None:
    told = act(here, "client_secret_basic", max_age=300)
    assert told["claims"]["auth_time"] <= told["claims"]["iat"]


def test_the_end_of_the_session_is_heard_at_the_back(here: World) -> None:
    told = act(here, "back-channel")
    posted = here.documents.posted("/back-channel")
    assert set(posted) == {"logout_token"}
    task = {"issuer": here.issuer, "client_id": "rp-back-channel", **posted}
    heard = program.run("logout_token.mjs", task, here.person())
    assert (heard["sub"], heard["sid"]) == (told["claims"]["sub"], told["claims"]["sid"])


@pytest.mark.parametrize("method", ["client_secret_post", "private_key_jwt"])
def test_a_client_that_registers_itself(here: World, method: str) -> None:
    key = registrations.private_key("ES256") if method == "private_key_jwt" else None
    told = act(
        here,
        method,
        key=key,
        redirect_uri=registrations.SECURE,
        introspects=False,
        register={
            "client_name": "Newcomer",
            "redirect_uris": [registrations.SECURE],
            "post_logout_redirect_uris": ["https://app.example/after"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": method,
            **({"jwks": registrations.public(key)} if key else {}),
        },
        after="https://app.example/after",
    )
    assert told["claims"]["aud"] == told["registered"]["client_id"]
    assert told["refreshed"]["is_new"]
    assert told["left"] == "https://app.example/after"


def test_a_registration_that_is_refused(here: World) -> None:
    wrong = {"redirect_uris": [f"{registrations.SECURE}#fragment"]}
    with pytest.raises(RefusedError) as refusal:
        act(here, "client_secret_post", register=wrong)
    assert refusal.value.told["error"] == "invalid_redirect_uri"
