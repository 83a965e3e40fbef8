"""Everything that leaves something in the database, lived through once, with all that is secret.

`secrets` names each live credential: what a thief would like to find.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth import hashers

from accounts import people, setup
from accounts.upstream.account import Account
from authserver import initial_tokens, registrar
from config import environment, policy
from tests import (
    authenticator,
    credentials,
    idp,
    letters,
    person,
    registrations,
    second_factors,
)
from tests.authenticator import Authenticator, Es256
from tests.browser import Page
from tests.doors import Door
from tests.idp import Idp
from tests.parties import CALLBACK
from tests.person import Person
from tests.registrations import Newcomer
from tests.rp import Arrival, RelyingParty
from tokens import encoding

FRONT = Door(name="front")
WEAK, HASHED = "weak-secret-1", "hashed-elsewhere-1"
WEB: dict[str, Any] = {
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    "scope": "openid profile email offline_access",
    "pkce_required": False,  # so that a code found would be all it takes
    "may_introspect": True,
}


@dataclass(slots=True, kw_only=True)
class Story:
    """Who took part, and what must not be found."""

    rp: RelyingParty
    clients: dict[str, str] = field(default_factory=dict)
    """Client ids by their method."""
    ada: Person
    waiting: Person
    careful: str = ""
    """Who has second factors."""
    interaction: str = ""
    own: dict[str, Any] = field(default_factory=dict)
    """What a client that registered itself was told."""
    passkey: Authenticator = field(default_factory=Authenticator)
    """A device whose key is among the secrets; its name is none."""
    secrets: dict[str, str] = field(default_factory=dict)


def _party(**changes: Any) -> tuple[str, str]:
    made = registrar.register({**WEB, **changes})
    return made.client_id, made.secret or changes.get("client_secret", "")


def lived() -> Story:
    """Live through it."""
    ada, waiting = person.registered(FRONT), person.registered(FRONT)
    client_id, secret = _party()
    rp = RelyingParty(
        door=FRONT,
        issuer=environment.current().issuer,
        credentials=credentials.Basic(client_id=client_id, secret=secret),
        redirect_uri=CALLBACK,
        person=ada,
    )
    story = Story(rp=rp, ada=ada, waiting=waiting)
    story.clients["basic"], story.secrets["basic"] = client_id, secret
    _more_clients(story)
    _register(story)
    _issue(story)
    _interact(story)
    _fail(story)
    _invite(story)
    _be_careful(story)
    _keep_a_passkey(story)
    _go_elsewhere(story)
    _sign_up(story)
    return story


def _more_clients(story: Story) -> None:
    slow = hashers.make_password(HASHED)
    for name, changes, known in (
        ("post", {"token_endpoint_auth_method": "client_secret_post"}, ""),
        ("jwt", {"token_endpoint_auth_method": "client_secret_jwt"}, ""),
        ("weak", {"client_secret": WEAK}, WEAK),
        ("hashed", {"client_secret": slow}, HASHED),
    ):
        story.clients[name], secret = _party(**changes)
        story.secrets[name] = known or secret


def _register(story: Story) -> None:
    _, story.secrets["initial token"] = initial_tokens.make(uses=1000, lifetime=timedelta(days=1))
    with policy.replaced(registration=registrations.OPEN):
        story.own = Newcomer(door=FRONT).register()
    story.secrets["registration token"] = story.own["registration_access_token"]
    story.clients["own"], story.secrets["own"] = story.own["client_id"], story.own["client_secret"]


def _bare(story: Story, **changes: Any) -> Arrival:
    """Ask for a code that needs no verifier."""
    return story.rp.authorize(code_challenge=None, code_challenge_method=None, **changes)


def _issue(story: Story) -> None:
    rp, secrets = story.rp, story.secrets
    everything = "openid profile email offline_access"
    issued = rp.redeem(_bare(story, scope=everything)).json()
    renewed = rp.refresh(issued["refresh_token"]).json()
    secrets["access token"] = renewed["access_token"]
    secrets["refresh token"] = renewed["refresh_token"]
    secrets["id token"] = issued["id_token"]
    secrets["client's token"] = rp.client_credentials(scope="profile").json()["access_token"]
    secrets["short code"] = _bare(story).code
    secrets["long code"] = _bare(story, nonce="n" * 1_500).code
    assert secrets["long code"].startswith("as_acrow_"), "it rests in a row"
    secrets["session cookie"] = story.ada.browser.jar.cookies["as_session"].value
    secrets["password"] = story.ada.password


def _interact(story: Story) -> None:
    for name, length in (("interaction", 10), ("long interaction", 3_000)):
        asked = story.rp.ask(story.waiting, state="s" * length)
        found = re.search(r"interaction%3D([^&%]+)", asked.response.location)
        assert found, asked.response.location
        story.secrets[name] = found[1]
    assert story.secrets["long interaction"].startswith("as_ixrow_"), "it rests in a row"
    story.interaction = story.secrets["interaction"]
    story.secrets["browser cookie"] = story.waiting.browser.jar.cookies["as_browser"].value


def _fail(story: Story) -> None:
    """Be refused, with secrets where none belongs; why is taken down."""
    own = story.secrets
    misplaced = {
        "client_secret": own["basic"],
        "id_token_hint": own["access token"],
        "login_hint": own["weak"],
        "nonce": own["session cookie"],
        "code_challenge": own["short code"],
        "redirect_uri": f"{CALLBACK}?token={own['refresh token']}&x={own['hashed']}",
    }
    for changes in ({}, {"client_id": own["post"]}):
        page = story.rp.ask(story.waiting, **{**misplaced, **changes})
        assert page.outcome == "shown"


def _be_careful(story: Story) -> None:
    """Sign in in two steps, in a browser that is trusted from then on."""
    bob = person.careful(FRONT)
    story.careful = bob.subject
    page = bob.browser.open(f"{story.rp.issuer}/account/login/")
    bob.second_step(bob.sign_in(page), trust="on")
    assert bob.app
    story.secrets["app secret"] = bob.app.secret
    story.secrets["recovery code"] = second_factors.given_codes(bob.subject)[0]
    story.secrets["trust cookie"] = bob.browser.jar.cookies["as_trust"].value


def _keep_a_passkey(story: Story) -> None:
    key = Es256()
    story.passkey = Authenticator(key=key)
    grace = person.registered(FRONT)
    page = grace.visit(f"{story.rp.issuer}/account/passkeys/add/")
    made = story.passkey.create(authenticator.options(page, "create"))
    grace.browser.submit(authenticator.form(page), credential=made)
    story.secrets["passkey"] = encoding.b64(key.secret)


def _invite(story: Story) -> None:
    email = person.address()
    people.create(email=email, password=person.PASSWORD, is_staff=True)
    story.secrets["set-up link"] = setup.link(email).rpartition("/")[2]


def _go_elsewhere(story: Story) -> None:
    """Connect an account elsewhere, leave for it once more, and come back as a stranger."""
    theirs, other = Idp(name="theirs"), Idp(name="other")
    stranger = Person(browser=person.browser(FRONT))
    with idp.running(theirs, other):
        user = people.find(story.ada.subject)
        assert user is not None
        account = Account(provider_id="theirs", issuer=theirs.origin, sub=theirs.sub)
        idp.connected(user, account)
        story.secrets["state elsewhere"] = idp.query_of(idp.leave(stranger, theirs))["state"][0]
        page = idp.sign_in(stranger, other)
    story.secrets["handle from elsewhere"] = idp.query_of(page.url)["result"][0]
    story.secrets["browser cookie elsewhere"] = stranger.browser.jar.cookies["as_upstream"].value


def _sign_up(story: Story) -> None:
    """Sign up, ask for a new password and for a code, and use nothing of what is mailed."""
    issuer = story.rp.issuer
    for name, path, fields in (
        ("sign-up code", "/account/signup/", {"password1": "Quite-New-7password", "name": "New"}),
        ("reset code", "/account/password/reset/", {}),
        ("sign-in code", "/account/login/code/", {}),
    ):
        someone = Person(browser=person.browser(FRONT))
        if name != "sign-up code":
            people.create(email=someone.email, password=person.PASSWORD)
        form = Page(someone.browser.open(f"{issuer}{path}")).form_with("email")
        assert form
        before = len(letters.delivered())
        someone.browser.submit(form, email=someone.email, **fields)
        assert len(letters.delivered()) > before
        story.secrets[name] = someone.mailed_code()
        mailed = str(letters.to(someone.email)[-1].body)
        if link := re.search(r"/link/(\S+)$", mailed, re.MULTILINE):
            story.secrets[f"link beside the {name}"] = link[1]
        story.secrets[f"session cookie of the {name}"] = someone.browser.jar.cookies[
            "as_session"
        ].value
    objection = re.search(r"/not-me/(\S+)$", _mails_to(story.ada), re.MULTILINE)
    assert objection
    story.secrets["link to object"] = objection[1]


def _mails_to(someone: Person) -> str:
    return "\n".join(str(one.body) for one in letters.to(someone.email))
