"""RFC 6749 §2.3 — exactly one method per request, and the one that is registered."""

import base64
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, quote_plus

import pytest
import time_machine

from authserver import clients, registrar
from tests.credentials import Basic, Credentials, Key, KeyAssertion, Nothing, Post, SecretAssertion
from tests.doors import Response
from tests.parties import MACHINE, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §2.3")

WITH_SECRET: tuple[type[Basic] | type[Post], ...] = (Basic, Post)
METHODS = {
    "client_secret_basic": Basic,
    "client_secret_post": Post,
    "private_key_jwt": KeyAssertion,
    "client_secret_jwt": SecretAssertion,
}
ENDPOINTS = {
    "token": {"grant_type": "client_credentials"},
    "introspection": {"token": "x"},
    "revocation": {"token": "x"},
}


def _header(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _refused(answer: Response, *, challenged: bool) -> None:
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge == ('Basic realm="authserver"' if challenged else None)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_each_method_proves_its_client_everywhere(enrol: Enrol, method: str, endpoint: str) -> None:
    machine = enrol(**MACHINE, token_endpoint_auth_method=method)
    assert machine.post(endpoint, ENDPOINTS[endpoint]).status_code == 200


@pytest.mark.parametrize(
    ("method", "tried"),
    [(own, other) for own in METHODS for other in [*METHODS, "none"] if other != own],
)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_any_other_method_is_refused_everywhere(
    enrol: Enrol, method: str, tried: str, endpoint: str
) -> None:
    """With its own good secret or key, only in another way than the client registered."""
    machine = enrol(**MACHINE, token_endpoint_auth_method=method)
    secret = getattr(machine.credentials, "secret", "as_cs_" + "x" * 43)
    key = getattr(machine.credentials, "key", None) or Key()
    ways: dict[str, Credentials] = {
        "client_secret_basic": Basic(client_id=machine.client_id, secret=secret),
        "client_secret_post": Post(client_id=machine.client_id, secret=secret),
        "private_key_jwt": KeyAssertion(client_id=machine.client_id, key=key),
        "client_secret_jwt": SecretAssertion(client_id=machine.client_id, secret=secret),
        "none": Nothing(client_id=machine.client_id),
    }
    answer = machine.post(endpoint, ENDPOINTS[endpoint], ways[tried])
    _refused(answer, challenged=tried == "client_secret_basic")


def test_a_public_client_names_itself(public: RelyingParty) -> None:
    assert public.tokens()["access_token"]
    for kind in WITH_SECRET:
        wrong = kind(client_id=public.client_id, secret="anything-at-all")
        assert public.post("revocation", {"token": "x"}, wrong).status_code == 401


def test_two_methods_at_once_are_too_many(enrol: Enrol) -> None:
    machine = enrol(**MACHINE)
    headers, _ = machine.credentials.proof(machine.issuer)
    _, posted = Post(client_id=machine.client_id, secret="x" * 43).proof(machine.issuer)
    assertion = SecretAssertion(client_id=machine.client_id, secret="x" * 43)
    _, asserted = assertion.proof(machine.issuer)
    for form, more in (
        (posted, headers),
        (asserted, headers),
        ({**asserted, **posted}, {}),
        ({"client_assertion": "x"}, headers),
        ({"client_assertion_type": "x"}, headers),
    ):
        whole = {"grant_type": "client_credentials", **form}
        answer = machine.door.post(machine.address("token"), whole, headers=more)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("method", METHODS)
def test_a_client_id_beside_it_must_be_the_same(enrol: Enrol, method: str) -> None:
    machine, other = (enrol(**MACHINE, token_endpoint_auth_method=method) for _ in range(2))
    assert machine.client_credentials(client_id=machine.client_id).status_code == 200
    answer = machine.client_credentials(client_id=other.client_id)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_nobody_is_nobody(machine: RelyingParty) -> None:
    form = {"grant_type": "client_credentials"}
    _refused(machine.door.post(machine.address("token"), form), challenged=False)


def test_who_does_not_exist_is_answered_like_who_has_another_secret(machine: RelyingParty) -> None:
    form = {"grant_type": "client_credentials"}
    for kind in WITH_SECRET:
        known, unknown = (
            machine.post("token", form, kind(client_id=name, secret="as_cs_no"))
            for name in (machine.client_id, "nobody-here")
        )
        assert (known.status_code, known.body) == (unknown.status_code, unknown.body)
        _refused(known, challenged=kind is Basic)


@pytest.mark.spec("RFC 6749 §2.3.1")
@pytest.mark.parametrize("how", ["form-encoded", "percent-encoded", "raw"])
@pytest.mark.parametrize("secret", ["p:a%2Bs+s /ä&=é?-1", "with:colon%", "a b+c%zz/12345"])
def test_basic_is_decoded_and_taken_raw(enrol: Enrol, how: str, secret: str) -> None:
    client_id = f"my:app/{secrets.token_hex(4)} %41" if how != "raw" else secrets.token_hex(4)
    machine = enrol(**MACHINE, client_id=client_id, client_secret=secret)
    ways: dict[str, Callable[[str], str]] = {"form-encoded": quote_plus, "percent-encoded": quote}
    write = ways.get(how, str)
    headers = _header(f"{write(client_id)}:{write(secret)}")
    form = {"grant_type": "client_credentials"}
    answer = machine.door.post(machine.address("token"), form, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.spec("RFC 6749 §2.3.1")
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic ====",
        "Basic \xff",
        "Bearer abc",
        "Digest a",
        "basic:x",
        "Basic Og==",
    ],
)
def test_a_header_that_is_no_basic_is_refused(machine: RelyingParty, header: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": machine.client_id}
    headers = {"Authorization": header}
    _refused(machine.door.post(machine.address("token"), form, headers=headers), challenged=True)


def test_the_scheme_has_no_case(machine: RelyingParty) -> None:
    headers, _ = machine.credentials.proof(machine.issuer)
    lower = {"Authorization": headers["Authorization"].replace("Basic", "bAsIc")}
    form = {"grant_type": "client_credentials"}
    assert machine.door.post(machine.address("token"), form, headers=lower).status_code == 200


# Rotation


def _with(machine: RelyingParty, secret: str) -> int:
    basic = Basic(client_id=machine.client_id, secret=secret)
    return machine.post("token", {"grant_type": "client_credentials"}, basic).status_code


def test_two_secrets_work_while_one_gives_way(machine: RelyingParty) -> None:
    first = str(getattr(machine.credentials, "secret"))  # noqa: B009  not every method has one
    second = registrar.rotate_secret(machine.client_id)
    assert second
    assert (_with(machine, first), _with(machine, second)) == (200, 200)
    third = registrar.rotate_secret(machine.client_id)
    assert third
    assert [_with(machine, each) for each in (first, second, third)] == [401, 200, 200]


def test_the_old_secret_ends_on_time(machine: RelyingParty) -> None:
    first = str(getattr(machine.credentials, "secret"))  # noqa: B009  not every method has one
    second = registrar.rotate_secret(machine.client_id, keep_old_for=timedelta(hours=1))
    assert second
    assert _with(machine, first) == 200
    with time_machine.travel(time.time() + 3_601):
        assert [_with(machine, each) for each in (first, second)] == [401, 200]


def test_a_secret_made_on_another_node_works_at_once(machine: RelyingParty) -> None:
    assert machine.client_credentials().status_code == 200
    held = dict(clients._cache)
    second = registrar.rotate_secret(machine.client_id)
    assert second
    clients._cache.update(held)  # as if somebody else had changed it
    assert _with(machine, second) == 200


def test_a_client_secret_jwt_client_rotates_too(enrol: Enrol) -> None:
    machine = enrol(**MACHINE, token_endpoint_auth_method="client_secret_jwt")
    second = registrar.rotate_secret(machine.client_id)
    assert second
    assert machine.client_credentials().status_code == 200
    fresh = SecretAssertion(client_id=machine.client_id, secret=second)
    assert machine.post("token", {"grant_type": "client_credentials"}, fresh).status_code == 200


@pytest.mark.parametrize("act", [registrar.disable, registrar.remove])
def test_a_client_that_is_switched_off_is_nobody(
    machine: RelyingParty, act: Callable[[str], bool]
) -> None:
    assert machine.client_credentials().status_code == 200
    act(machine.client_id)
    _refused(machine.client_credentials(), challenged=True)
