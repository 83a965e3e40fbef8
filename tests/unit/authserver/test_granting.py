"""What was cut off while a request was being decided gets nothing that counts at once."""

from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import RequestFactory

from accounts import consent, sessions
from accounts.authentication import SignedIn
from accounts.models import Session
from authserver import authorization, clients, forms, granting
from authserver.authorization import AuthorizationRequest
from authserver.request import ProtocolRequest
from config import policy
from tests.parties import Enrol
from tests.rp import RelyingParty
from tokens import epochs

METADATA: dict[str, Any] = {
    "response_types": ["code", "id_token", "code id_token"],
    "grant_types": ["authorization_code", "implicit"],
}


@pytest.fixture
def rp(enrol: Enrol) -> RelyingParty:
    """Return a client of every type whose user is signed in and has agreed."""
    made = enrol(**METADATA)
    made.authorize()
    return made


def asked(rp: RelyingParty, kind: str) -> AuthorizationRequest:
    single = {name: str(value) for name, value in rp.asking(response_type=kind).parameters.items()}
    environ = RequestFactory().get("/").META
    return authorization.validate(ProtocolRequest(environ, forms.Form(single, {})))


def here(rp: RelyingParty) -> SignedIn:
    """Return who is signed in at the client's browser, as a request read it a moment ago."""
    assert rp.person
    row = Session.objects.get(subject=rp.person.subject)
    return SignedIn(
        subject=row.subject,
        auth_time=1.5,
        amr=("pwd",),
        acr="1",
        sid=row.sid,
        epoch=row.epoch_person,
        session_expires_at=row.expires_at,
        chosen_at=1.5,
        email=rp.person.email,
    )


def issued(rp: RelyingParty, kind: str, person: SignedIn) -> str:
    page = HttpRequest()
    page.META = RequestFactory().get("/").META
    page.session = SessionBase()
    epoch = epochs.read(epochs.CONSENT, epochs.consent_id(person.subject, rp.client_id))
    return granting.issue(page, asked(rp, kind), person, epoch_consent=epoch).headers["Location"]


@pytest.mark.parametrize("kind", ["code", "id_token", "code id_token"])
def test_who_is_still_here_gets_it(rp: RelyingParty, kind: str) -> None:
    location = issued(rp, kind, here(rp))
    for part in kind.split():
        assert f"{part}=" in location


@pytest.mark.parametrize("kind", ["code", "id_token", "code id_token"])
def test_a_session_that_has_just_ended_gets_nothing(rp: RelyingParty, kind: str) -> None:
    person = here(rp)
    sessions.end(person.sid)
    with pytest.raises(granting.CutOffError):
        issued(rp, kind, person)


@pytest.mark.parametrize("kind", ["id_token", "code id_token"])
def test_a_person_who_has_just_changed_gets_no_id_token(rp: RelyingParty, kind: str) -> None:
    person = here(rp)
    epochs.bump(epochs.PERSON, person.subject)
    with pytest.raises(granting.CutOffError):
        issued(rp, kind, person)


def test_a_consent_withdrawn_a_moment_ago_gives_no_id_token(rp: RelyingParty) -> None:
    person = here(rp)
    before = epochs.read(epochs.CONSENT, epochs.consent_id(person.subject, rp.client_id))
    consent.withdraw(person.subject, rp.client_id)
    page = HttpRequest()
    with pytest.raises(granting.CutOffError):
        granting.issue(page, asked(rp, "id_token"), person, epoch_consent=before)


def test_a_client_that_is_out_of_date_is_read_again(rp: RelyingParty) -> None:
    person, request = here(rp), asked(rp, "id_token")
    epochs.bump(epochs.CLIENT, rp.client_id)
    with pytest.raises(granting.CutOffError):
        granting.issue(HttpRequest(), request, person, epoch_consent=0)
    fresh = clients.find(rp.client_id)
    assert fresh is not None
    assert fresh.epoch == request.client.epoch + 1


def test_an_access_token_in_a_url_needs_all_of_it_too(enrol: Enrol) -> None:
    with policy.replaced(responses=policy.Responses(danger_access_token_in_url=True)):
        rp = enrol(response_types=["id_token token"], grant_types=["implicit"])
        rp.authorize(response_type="id_token token")
        person, request = here(rp), asked(rp, "id_token token")
        epochs.bump(epochs.PERSON, person.subject)
        with pytest.raises(granting.CutOffError):
            granting.issue(HttpRequest(), request, person, epoch_consent=0)
