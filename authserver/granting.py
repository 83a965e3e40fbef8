"""OIDC Core §3.3.2.5 — what a granted request is answered with: a code, an ID token, or both.

Nothing is written for a code, which is the sealed record of what was granted, nor for an ID token.
An ID token is good as soon as it is out, so all that it rests on is looked at once more before.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from accounts import sessions
from accounts.authentication import SignedIn
from authserver import authorization_response, browser_state, clients, first_use, issuing
from authserver import response_types as types
from authserver.authorization import AuthorizationRequest
from config import policy
from tokens import codes, epochs, grants, instants
from tokens.grants import Taken
from tokens.records import Code, redirect_digest


class CutOffError(Exception):
    """The sign-in, the consent or the client ended a moment ago; the next visit sees it."""


def issue(
    page: HttpRequest, asked: AuthorizationRequest, person: SignedIn, *, epoch_consent: int
) -> HttpResponse:
    """Send the client what it asked for (§3.3.2.5, RFC 6749 §4.1.2).

    Raises:
        CutOffError: when there is nothing left to issue it on.
        ProtocolError: when the ID token cannot be made as the client registered to get it.
    """
    client = asked.client
    if not sessions.take_part(person.sid, client.client_id, client.display_name):
        raise CutOffError
    first_use.note(client)
    granted = _granted(asked, person, epoch_consent)
    answer: dict[str, str] = {}
    if types.CODE in asked.parts:
        answer["code"] = codes.put(granted)
    if types.TOKEN in asked.parts:
        answer |= _access_token(granted, asked)
    if types.ID_TOKEN in asked.parts:
        answer["id_token"] = _id_token(granted, asked, answer)
    return authorization_response.send(page, asked.target, answer | watched(page, asked))


def watched(page: HttpRequest, asked: AuthorizationRequest) -> dict[str, str]:
    """Return what an answer says of the browser's session (OIDC Session Management §2, §3.2)."""
    if "openid" not in asked.scope:
        return {}
    client_id, uri = asked.client.client_id, asked.target.redirect_uri
    state = browser_state.session_state(page, client_id, uri)
    return {"session_state": state} if state else {}


def _granted(asked: AuthorizationRequest, person: SignedIn, epoch_consent: int) -> Code:
    """Return the record of what was granted; whether or not it goes out as a code."""
    lifetime = policy.current().lifetimes.code
    return Code(
        grant_id=grants.new_id(),
        client_id=asked.client.client_id,
        subject=person.subject,
        sid=person.sid,
        session_ends_at=int(person.session_expires_at.timestamp()),
        scope=" ".join(asked.scope),
        resources=asked.resources,
        authorization_details="",
        claims=asked.claims.text,
        auth_time=int(person.auth_time * instants.SECOND),
        amr=person.amr,
        acr=person.acr,
        cnf="",
        nonce=asked.nonce,
        redirect=redirect_digest(asked.target.redirect_uri) if asked.is_redirect_named else "",
        challenge=asked.challenge,
        epoch_person=person.epoch,
        epoch_client=asked.client.epoch,
        epoch_consent=epoch_consent,
        expires_at=instants.seconds(instants.after(instants.now(), lifetime)),
    )


def _access_token(granted: Code, asked: AuthorizationRequest) -> dict[str, str]:
    """Return an access token on a grant of its own, which nothing renews (OIDC Core §3.2.2.5)."""
    form = issuing.token_form(asked.client, asked.resources)
    grant = issuing.born(granted, asked.client, form, is_renewable=False)
    if grants.take(grant) is not Taken.ALIVE:
        raise _cut_off(granted)
    answer = issuing.access_answer(grant, asked.client, scope=granted.scope, form=form)
    return {name: str(value) for name, value in answer.items()}


def _id_token(granted: Code, asked: AuthorizationRequest, beside: Mapping[str, str]) -> str:
    """Return the ID token; where it comes alone, it says what the scopes ask for (§5.4)."""
    consent = epochs.consent_id(granted.subject, granted.client_id)
    expected = {
        (epochs.PERSON, granted.subject): granted.epoch_person,
        (epochs.SESSION, granted.sid): 0,  # as at its birth: only its end moves it
        (epochs.CLIENT, granted.client_id): granted.epoch_client,
        (epochs.CONSENT, consent): granted.epoch_consent,
    }
    if epochs.read_many(expected) != list(expected.values()):
        raise _cut_off(granted)
    return issuing.id_token(
        asked.client,
        about=granted,
        access_token=beside.get("access_token", ""),
        code=beside.get("code", ""),
        state=asked.target.state or "",
        nonce=asked.nonce,
        scope=asked.scope if asked.parts == {types.ID_TOKEN} else (),
    )


def _cut_off(granted: Code) -> CutOffError:
    """Return the error; what this process remembers of the client may be what is out of date."""
    clients.evict(granted.client_id)
    return CutOffError()
