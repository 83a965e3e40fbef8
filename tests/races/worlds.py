"""A person, a client and everything that can be in flight between them when somebody is cut off.

After a cut nothing that was asked for before may count: whatever was obtained meanwhile is written
down by the flows, and `alive` presents all of it.
"""

import dataclasses
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import RequestFactory

from accounts import consent, deletion, people, sessions
from accounts.models import Session
from authserver import clients, registrar
from tests import credentials, person
from tests.browser import Page
from tests.doors import Door, Response
from tests.parties import CALLBACK
from tests.person import PASSWORD, Person
from tests.rp import Arrival, RelyingParty

FRONT = Door(name="front")
METADATA: dict[str, Any] = {
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    "scope": "openid profile email offline_access",
}
NEW_PASSWORD = "Another-Horse8battery"


@dataclass(slots=True, kw_only=True)
class World:
    """Somebody with a session, a live grant, a code nobody has redeemed, and a second browser."""

    rp: RelyingParty
    api: RelyingParty
    secret: str
    ada: Person
    elsewhere: Person
    tokens: dict[str, Any]
    code: Arrival
    signing_in: Page
    asked: Any
    sid: str
    arrivals: list[Arrival] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, *got: Arrival | Response) -> None:
        """Write down what a flow obtained."""
        with self.lock:
            self.arrivals += [each for each in got if isinstance(each, Arrival)]
            self.answers += [each for each in got if isinstance(each, Response)]


def parties(issuer: str) -> tuple[RelyingParty, RelyingParty, str]:
    """Return a new client, an API that may introspect, and the client's secret."""
    made, api = (
        registrar.register(METADATA),
        registrar.register({"grant_types": ["client_credentials"], "may_introspect": True}),
    )
    party = functools.partial(RelyingParty, door=FRONT, issuer=issuer)
    basic = credentials.Basic(client_id=made.client_id, secret=made.secret or "")
    asking = credentials.Basic(client_id=api.client_id, secret=api.secret or "")
    rp = party(credentials=basic, redirect_uri=CALLBACK)
    return rp, party(credentials=asking), made.secret or ""


def world(rp: RelyingParty, api: RelyingParty, secret: str, ada: Person) -> World:
    """Return a world in which everything is alive; `ada` may be out of an earlier one."""
    rp = dataclasses.replace(rp, person=ada)
    elsewhere = Person(browser=person.browser(FRONT), email=ada.email)
    tokens = rp.tokens()
    asked = rp.asking()
    return World(
        rp=rp,
        api=api,
        secret=secret,
        ada=ada,
        elsewhere=elsewhere,
        tokens=tokens,
        code=rp.ask(),
        signing_in=Page(elsewhere.browser.open(rp.url(asked))),
        asked=asked,
        sid=rp.claims(tokens["id_token"])["sid"],
    )


# What can be in flight


def redeem(here: World) -> None:
    """Redeem the code."""
    here.keep(here.rp.redeem(here.code))


def refresh(here: World) -> None:
    """Turn the refresh token."""
    here.keep(here.rp.refresh(here.tokens["refresh_token"]))


def authorize(here: World) -> None:
    """Ask for another code in the session that is there."""
    here.keep(here.rp.ask())


def sign_in(here: World) -> None:
    """Send the sign-in form in the second browser, and go on to a code."""
    form = here.signing_in.form_with("login")
    assert form
    browser = here.elsewhere.browser
    page = browser.submit(form, login=here.ada.email, password=PASSWORD)
    here.keep(here.rp.arrival(here.asked, page))


def own_token(here: World) -> None:
    """Let the client ask for a token of its own."""
    here.keep(here.rp.client_credentials(scope="profile"))


FLOWS: dict[str, Callable[[World], None]] = {
    "redeem": redeem,
    "refresh": refresh,
    "authorize": authorize,
    "sign in": sign_in,
    "own token": own_token,
}


# How somebody is cut off


def _disable(here: World) -> None:
    people.disable(here.ada.subject)


def _change_password(here: World) -> None:
    user = people.find(here.ada.subject)
    assert user
    people.set_password(user, NEW_PASSWORD)


def _ask_to_be_deleted(here: World) -> None:
    deletion.ask(here.ada.subject, RequestFactory().get("/"))


def _remove_client(here: World) -> None:
    """Remove the client, as another node does it: this one believes its copy for a second."""
    held = clients._cache.get(here.rp.client_id)
    registrar.remove(here.rp.client_id)
    if held:
        clients._cache[here.rp.client_id] = held


def _withdraw(here: World) -> None:
    consent.withdraw(here.ada.subject, here.rp.client_id)


def _end_session(here: World) -> None:
    assert sessions.end(here.sid) or not Session.objects.filter(sid=here.sid).exists()


CUTS: dict[str, Callable[[World], None]] = {
    "person disabled": _disable,
    "password changed": _change_password,
    "deletion asked": _ask_to_be_deleted,
    "client removed": _remove_client,
    "consent withdrawn": _withdraw,
    "session ended": _end_session,
}


def are_about_the_same(cut: str, flow: str) -> bool:
    """Tell whether a flow depends on what is cut off."""
    if flow == "own token":
        return cut == "client removed"
    if cut == "deletion asked":  # what else is in flight meets what disabling does
        return flow == "sign in"
    return (cut, flow) != ("session ended", "sign in")  # that is another session


def restored(here: World, cut: str) -> None:
    """Let the person and the client be able again, so that only what was cut off stays dead."""
    match cut:
        case "person disabled":
            people.enable(here.ada.subject)
        case "password changed":
            user = people.find(here.ada.subject)
            assert user
            people.set_password(user, PASSWORD)
        case "deletion asked":
            assert deletion.keep(here.ada.subject, RequestFactory().get("/"))
        case "client removed":
            again = {**METADATA, "client_id": here.rp.client_id, "client_secret": here.secret}
            registrar.register(again)
            clients.evict_all()


def alive(here: World, cut: str, *, is_brief: bool = False) -> list[str]:
    """Return what still counts, of all that was obtained; briefly, where it is used, not shown."""
    found = []
    if cut in {"person disabled", "password changed", "deletion asked"}:
        for who in (here.ada, here.elsewhere):
            found += ["a session"] if here.rp.ask(who).pairs else []
    if cut == "session ended":
        found += ["the session"] if here.rp.ask(here.ada).pairs else []
    for arrival in [here.code, *here.arrivals]:
        code = dict(arrival.pairs).get("code")
        answer = here.rp.redeem(arrival) if code else None
        found += ["a code"] if answer and answer.status_code == 200 else []
    answers = [answer.json() for answer in here.answers if answer.status_code == 200]
    for issued in [here.tokens, *answers]:
        if not is_brief and not here.api.is_dead(issued["access_token"]):
            found.append("an access token (introspection)")
        if here.rp.userinfo(issued["access_token"]).status_code != 401:
            found.append("an access token (userinfo)")
        refresh_token = issued.get("refresh_token", "")
        if not is_brief and refresh_token and not here.rp.is_dead(refresh_token):
            found.append("a refresh token (introspection)")
        if refresh_token and here.rp.refresh(refresh_token).status_code != 400:
            found.append("a refresh token")
    return found
