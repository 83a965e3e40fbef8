"""A web application, written with Authlib, from its first visitor to the last sign-out."""

import secrets
import time
from typing import Any

import pytest
import time_machine
from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests import person
from tests.browser import Page
from tests.doors import Door, Response
from tests.journeys import authlib_client
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

SCOPE = "openid profile email offline_access"
AFTER = "https://app.example/bye"


class Application:
    """What a developer writes: sessions of people by state, everything else from discovery."""

    def __init__(self, rp: RelyingParty, scope: str = SCOPE) -> None:
        self.metadata = rp.metadata
        self.client = authlib_client.of(rp, scope=scope)
        self.begun: dict[str, tuple[str, str]] = {}

    def sign_in_url(self, **more: Any) -> str:
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(12)
        url, state = self.client.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more
        )
        self.begun[state] = (verifier, nonce)
        return str(url)

    def come_back(self, url: str, state: str) -> dict[str, Any]:
        verifier, nonce = self.begun.pop(state)
        token = self.client.fetch_token(
            authorization_response=url, state=state, code_verifier=verifier
        )
        return self.identity(token, nonce)

    def identity(self, token: Any, nonce: str | None) -> dict[str, Any]:
        keys = KeySet.import_key_set(self.client.get(self.metadata["jwks_uri"]).json())
        decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256", "ES256"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={"iss": {"value": self.metadata["issuer"]}},
            params={
                "client_id": self.client.client_id,
                "nonce": nonce,
                "access_token": token["access_token"],
            },
        )
        claims.validate(leeway=5)
        return dict(claims)

    def profile(self) -> dict[str, Any]:
        answer = self.client.get(self.metadata["userinfo_endpoint"])
        answer.raise_for_status()
        return dict(answer.json())


def arrive(app: Application, response: Response) -> dict[str, Any]:
    """Hand the redirect over to the application."""
    assert response.status_code == 303, response.text
    return app.come_back(response.location, next(iter(app.begun)))


def test_from_the_first_visitor_to_the_last_sign_out(enrol: Enrol, way_in: Door) -> None:
    rp = enrol(client_name="Notebook", post_logout_redirect_uris=[AFTER])
    app = Application(rp)
    ada = Person(browser=person.browser(way_in))

    # Ada has no account; she makes one on the way.
    page = ada.browser.open(app.sign_in_url())
    assert "To continue to" in page.text
    page = ada.sign_up(page)
    assert Page(page).heading == "Allow Notebook?"
    identity = arrive(app, ada.decide(page, "allow"))
    profile = app.profile()
    assert profile["sub"] == identity["sub"]
    assert (profile["name"], profile["email"]) == (ada.name, ada.email)

    # The access token runs out; Authlib refreshes by itself.
    old = app.client.token["access_token"]
    with time_machine.travel(time.time() + 1000):
        assert app.profile()["sub"] == identity["sub"]
        assert app.client.token["access_token"] != old
        again = app.identity(app.client.token, None)
    assert (again["auth_time"], again["sid"]) == (identity["auth_time"], identity["sid"])

    # She comes back tomorrow and is not asked anything.
    with time_machine.travel(time.time() + 86_400):
        assert arrive(app, ada.browser.open(app.sign_in_url()))["sub"] == identity["sub"]
        hint = app.client.token["id_token"]

        # She signs out: here, at the server, and back to the application.
        left = rp.end_session(ada, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s")
        assert (left.status_code, left.location) == (303, f"{AFTER}?state=s")
        page = ada.browser.open(app.sign_in_url())
        assert Page(page).form_with("login")

        # The application stayed connected, as it was allowed to; now it gives that up.
        app.client.refresh_token()
        answer = app.client.revoke_token(
            app.metadata["revocation_endpoint"], app.client.token["refresh_token"]
        )
        assert answer.status_code == 200
        with pytest.raises(OAuthError, match="invalid_grant"):
            app.client.refresh_token()


def test_one_sign_in_serves_two_applications_and_one_sign_out_ends_both(
    enrol: Enrol, someone: Person
) -> None:
    first, second = (enrol(post_logout_redirect_uris=[AFTER]) for _ in range(2))
    mail, files = Application(first, "openid email"), Application(second, "openid")
    mine = arrive(mail, someone.visit(mail.sign_in_url()))
    page = someone.browser.open(files.sign_in_url())
    assert Page(page).form_with("allow")  # no second sign-in
    theirs = arrive(files, someone.decide(page, "allow"))
    assert (mine["sub"], mine["sid"]) == (theirs["sub"], theirs["sid"])

    hint = files.client.token["id_token"]
    assert second.end_session(id_token_hint=hint).status_code == 200
    for app in (mail, files):
        with pytest.raises(OAuthError, match="invalid_grant"):
            app.client.refresh_token()
        assert app.client.get(app.metadata["userinfo_endpoint"]).status_code == 401


def test_a_person_refuses_and_thinks_again(enrol: Enrol, someone: Person) -> None:
    app = Application(enrol())
    refused = someone.visit(app.sign_in_url(), "deny")
    assert "error=access_denied" in refused.location
    app.begun.clear()
    assert arrive(app, someone.visit(app.sign_in_url()))["sub"] == someone.subject


def test_a_stolen_refresh_token_ends_what_the_thief_and_the_owner_hold(
    enrol: Enrol, someone: Person
) -> None:
    app = Application(enrol())
    arrive(app, someone.visit(app.sign_in_url()))
    stolen = app.client.token["refresh_token"]
    app.client.refresh_token()
    with time_machine.travel(time.time() + 60):
        with pytest.raises(OAuthError, match="invalid_grant"):
            app.client.refresh_token(refresh_token=stolen)
        with pytest.raises(OAuthError, match="invalid_grant"):
            app.client.refresh_token()
