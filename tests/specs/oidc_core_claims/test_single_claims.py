"""OIDC Core §5.5 — single claims: told where they were asked for, and no others with them."""

import pytest

from authserver import registrar
from tests.doors import Door
from tests.parties import WEB, Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_core_claims.asking import PROFILE, PROTOCOL, SCOPES, claims, described

pytestmark = pytest.mark.spec("OIDC Core §5.5")

EVERY = {name: scope for scope, names in SCOPES.items() for name in names}


@pytest.fixture
def ada(way_in: Door) -> Person:
    """Return a person of whom everything is known."""
    return described(way_in)


@pytest.mark.spec("OIDC Core §5.4")
@pytest.mark.parametrize("scope", [*SCOPES, "offline_access", ""])
def test_a_scope_opens_its_claims_and_no_others(rp: RelyingParty, ada: Person, scope: str) -> None:
    tokens = rp.tokens(ada, scope=f"openid {scope}".strip())
    shown = rp.userinfo(tokens["access_token"]).json()
    assert set(shown) == {"sub", *SCOPES.get(scope, ())}
    assert set(rp.claims(tokens["id_token"])) == PROTOCOL


@pytest.mark.spec("OIDC Core §5.1")
def test_the_whole_standard_set_reads_as_the_specification_types_it(
    rp: RelyingParty, ada: Person
) -> None:
    token = rp.tokens(ada, scope="openid profile email phone address")["access_token"]
    shown = rp.userinfo(token).json()
    moment = shown.pop("updated_at")
    assert isinstance(moment, int)
    assert moment > 1_600_000_000
    assert shown == {
        **PROFILE,
        "sub": ada.subject,
        "name": "Ada Example",
        "birthdate": "1990-02-03",
        "email": ada.email,
        "email_verified": True,
    }


@pytest.mark.parametrize("name", EVERY)
def test_a_claim_is_told_where_it_was_asked_for(rp: RelyingParty, ada: Person, name: str) -> None:
    tokens = rp.tokens(ada, scope="openid", claims=claims(userinfo=[name]))
    shown = rp.userinfo(tokens["access_token"]).json()
    assert set(shown) == {"sub", name}
    assert set(rp.claims(tokens["id_token"])) == PROTOCOL
    tokens = rp.tokens(ada, scope="openid", claims=claims(id_token=[name]))
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub"}
    told = rp.claims(tokens["id_token"])
    assert set(told) == {*PROTOCOL, name}
    assert told[name] == shown[name]


def test_claims_come_beside_those_of_the_scopes(rp: RelyingParty, ada: Person) -> None:
    asked = claims(userinfo={"nickname": {"essential": True}, "email": None}, id_token=["gender"])
    tokens = rp.tokens(ada, scope="openid email", claims=asked)
    shown = rp.userinfo(tokens["access_token"]).json()
    assert set(shown) == {"sub", "email", "email_verified", "nickname"}
    assert set(rp.claims(tokens["id_token"])) == {*PROTOCOL, "gender"}


def test_what_is_not_known_is_left_out_however_essential(rp: RelyingParty, someone: Person) -> None:
    how = {name: {"essential": True} for name in EVERY}
    tokens = rp.tokens(scope="openid", claims=claims(userinfo=how, id_token=how))
    known = {"name", "updated_at", "email", "email_verified"}
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub", *known}
    assert set(rp.claims(tokens["id_token"])) == {*PROTOCOL, *known}
    assert someone.subject


@pytest.mark.parametrize(
    "name",
    [
        "nickname#de", "name#ja-Kana-JP", "https://claims.example/groups", "groups", "roles",
        "password", "is_staff", "age", "id", "email_key", "last_login", "", "NICKNAME",
    ],
)  # fmt: skip
def test_what_we_do_not_know_is_passed_over(rp: RelyingParty, ada: Person, name: str) -> None:
    asked = claims(userinfo=[name, "nickname"], id_token={name: {"essential": True}}, x={"y": []})
    tokens = rp.tokens(ada, scope="openid", claims=asked)
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub", "nickname"}
    assert set(rp.claims(tokens["id_token"])) == PROTOCOL


@pytest.mark.spec("OIDC Core §5.5.1")
@pytest.mark.parametrize(
    ("how", "is_told"),
    [
        ({"value": "Countess"}, True),
        ({"essential": True, "values": ["Duchess", "Countess"]}, True),
        ({"value": "Duchess"}, False),
        ({"essential": True, "values": ["Duchess", "countess", 1, True]}, False),
    ],
)
def test_a_claim_with_another_value_than_asked_is_left_out(
    rp: RelyingParty, ada: Person, how: dict[str, object], *, is_told: bool
) -> None:
    asked = claims(userinfo={"nickname": how}, id_token={"nickname": how})
    tokens = rp.tokens(ada, scope="openid", claims=asked)
    assert ("nickname" in rp.userinfo(tokens["access_token"]).json()) is is_told
    assert ("nickname" in rp.claims(tokens["id_token"])) is is_told


@pytest.mark.spec("OIDC Core §5.5.2")
def test_one_is_not_true(rp: RelyingParty, ada: Person) -> None:
    wanted = {"email_verified": {"value": 1}, "phone_number_verified": {"value": True}}
    asked = claims(userinfo=wanted)
    token = rp.tokens(ada, scope="openid", claims=asked)["access_token"]
    assert set(rp.userinfo(token).json()) == {"sub", "phone_number_verified"}


@pytest.mark.spec("OIDC Core §5.4")
@pytest.mark.parametrize("name", EVERY)
def test_a_client_gets_no_claim_whose_scope_it_may_not_ask_for(
    enrol: Enrol, ada: Person, name: str
) -> None:
    others = [scope for scope in SCOPES if scope != EVERY[name]]
    rp = enrol(scope=" ".join(["openid", *others]))
    asked = claims(userinfo=[name], id_token={name: {"essential": True}})
    tokens = rp.tokens(ada, scope="openid", claims=asked)
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub"}
    assert set(rp.claims(tokens["id_token"])) == PROTOCOL


@pytest.mark.spec("OIDC Core §12.2")
def test_a_refresh_tells_them_again_and_as_they_are_now(rp: RelyingParty, ada: Person) -> None:
    asked = claims(userinfo=["nickname"], id_token=["gender", "email"])
    tokens = rp.tokens(ada, scope="openid phone", claims=asked)
    for scope in (None, "openid"):
        tokens = rp.refresh(tokens["refresh_token"], scope=scope).json()
        told = rp.claims(tokens["id_token"])
        assert set(told) == {*PROTOCOL, "gender", "email"} - {"nonce"}
        shown = rp.userinfo(tokens["access_token"]).json()
        phone = () if scope else SCOPES["phone"]
        assert set(shown) == {"sub", "nickname", *phone}


def test_a_registration_that_was_narrowed_narrows_what_is_told(enrol: Enrol, ada: Person) -> None:
    rp = enrol(scope="openid profile email")
    asked = claims(userinfo=["nickname", "email"], id_token=["gender", "email"])
    tokens = rp.tokens(ada, scope="openid", claims=asked)
    registrar.update(rp.client_id, {**WEB, "scope": "openid email"})
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub", "email"}
    again = rp.refresh(tokens["refresh_token"]).json()
    assert set(rp.claims(again["id_token"])) == {*PROTOCOL, "email"} - {"nonce"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_keeps_its_claims_through_sign_in_and_consent(
    rp: RelyingParty, ada: Person, method: str
) -> None:
    asked = rp.asking(scope="openid", claims=claims(userinfo=["nickname"], id_token=["gender"]))
    if method == "GET":
        page = ada.browser.open(rp.url(asked))
    else:
        page = ada.browser.follow(
            ada.browser.send("POST", rp.address("authorization"), asked.parameters)
        )
    tokens = rp.redeem(rp.arrival(asked, ada.answer(page))).json()
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub", "nickname"}
    assert set(rp.claims(tokens["id_token"])) == {*PROTOCOL, "gender"}


def test_each_request_is_answered_by_what_it_asked_itself(rp: RelyingParty, ada: Person) -> None:
    """Two tabs, and an earlier consent to more: neither enlarges what another request gets."""
    many = rp.authorize(ada, scope="openid", claims=claims(userinfo=list(EVERY)))
    few = rp.ask(ada, scope="openid", claims=claims(userinfo=["nickname"]))
    none = rp.ask(ada, scope="openid")
    for arrival, expected in ((none, set()), (few, {"nickname"}), (many, set(EVERY))):
        token = rp.redeem(arrival).json()["access_token"]
        assert set(rp.userinfo(token).json()) == {"sub", *expected}


def test_without_openid_the_parameter_means_nothing(rp: RelyingParty, ada: Person) -> None:
    tokens = rp.tokens(ada, scope="profile", claims="[nonsense")
    assert "id_token" not in tokens
    assert rp.userinfo(tokens["access_token"]).status_code == 403


def test_it_is_said_in_the_metadata(rp: RelyingParty) -> None:
    assert rp.metadata["claims_parameter_supported"] is True
    told = {"sub", "acr", "amr", "auth_time", "sid", *EVERY}
    assert set(rp.metadata["claims_supported"]) == told
    assert rp.metadata["claim_types_supported"] == ["normal"]
    assert "claims_locales_supported" not in rp.metadata
