"""Authentication: when, how and how strongly a person proved who they are, in this session.

What it stamps rests in the session: the sign-in's own `sid`, the sub-second `auth_time`, what was
proved and when, and the person's epoch, which is read before the row is looked at once more, and
from then on copied, never read again. Only this module, `stages` and `proving` read allauth's
internals of a sign-in.
"""

import datetime as dt
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.internal import stagekit
from allauth.account.internal.flows import reauthentication
from allauth.account.signals import authentication_step_completed
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import auth, messages
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import factors, history, levels, passkeys, people, sessions, signals
from accounts.models import User
from accounts.participation import Participant
from config import client_ip, policy
from tokens import epochs, instants

LEVELS: Final = levels.LEVELS
FIRST, SECOND, PASSKEY = "first", "second", "passkey"
"""What can be missing to a level."""
_AUTH_AT, _CHOSEN_AT, _PROOFS, _PROVEN = "auth_at", "chosen_at", "proofs", "proven"
_METHOD_OF: Final = {
    "password": levels.PASSWORD,
    "password_reset": levels.MAIL_CODE,
    "code": levels.MAIL_CODE,
}
"""Our names for the methods that allauth itself goes through."""
_AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in here. `epoch` is the person's, copied at sign-in and to be copied on.

    `chosen_at` is when they last said that this is the account they mean: by signing in, by proving
    themselves again, or on the page that asks.
    """

    subject: str
    auth_time: float
    amr: tuple[str, ...]
    acr: str
    sid: str
    epoch: int
    session_expires_at: dt.datetime
    chosen_at: float
    email: str


def signed_in(request: HttpRequest) -> SignedIn | None:
    """Return who is signed in, or None."""
    session, user = request.session, request.user
    if not user.is_authenticated or sessions.SID not in session:
        return None
    proofs = proofs_of(request)
    return SignedIn(
        subject=str(user.pk),
        auth_time=session[_AUTH_AT],
        amr=levels.amr(proofs),
        acr=levels.acr(proofs),
        sid=session[sessions.SID],
        epoch=session[sessions.EPOCH],
        session_expires_at=instants.moment(session[sessions.ENDS_AT]),
        chosen_at=session[_CHOSEN_AT],
        email=user.email,
    )


def proofs_of(request: HttpRequest) -> tuple[levels.Proof, ...]:
    """Return what was proved at `auth_time`, or so shortly before that it was one occasion."""
    session = request.session
    since = session[_AUTH_AT] - policy.current().factors.fresh_for.total_seconds()
    return tuple(one for one in levels.unpacked(session.get(_PROOFS, {})) if one.at >= since)


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the person who is signed in proved it a short while ago."""
    person = signed_in(request)
    most = policy.current().factors.fresh_for.total_seconds()
    return person is not None and time.time() - person.auth_time < most


def demand_fresh(request: HttpRequest) -> None:
    """Go on for who proved it a short while ago; what anybody else posts is done once they have.

    Whoever comes only to look takes back what was posted before: a button that was pressed and not
    confirmed, perhaps by somebody else, is not pressed by them.

    Raises:
        ReauthenticationRequired: which leads to the page that asks.
    """
    if is_fresh(request):
        return
    if request.method != "POST":
        request.session.pop(reauthentication.STATE_SESSION_KEY, None)
    raise ReauthenticationRequired


def reachable(person: SignedIn | None) -> tuple[str, ...]:
    """Return the `acr` values this person can reach with what they have; None: anybody at all."""
    has = factors.of(person.subject) if person else None
    if passkeys.is_possible() and (has is None or has.passkeys):
        return LEVELS
    return LEVELS[:2] if has is None or has.has_totp else LEVELS[:1]


def missing(request: HttpRequest, wanted: str) -> str | None:
    """Return what is still to be proved to a level: FIRST, SECOND, PASSKEY; None: nothing is.

    What was proved shortly before now still counts when the rest is.
    """
    if levels.satisfies(levels.acr(proofs_of(request)), [wanted]):
        return None
    if wanted == levels.PHISHING_RESISTANT:
        return PASSKEY
    since = time.time() - policy.current().factors.fresh_for.total_seconds()
    recent = [one for one in proofs_of(request) if one.at >= since]
    has_second = any(levels.METHODS[one.method].is_second for one in recent)
    return FIRST if has_second else SECOND


def can_reach(acr: str, person: SignedIn | None) -> bool:
    """Tell whether this person can reach a level."""
    return acr in reachable(person)


def satisfies(acr: str, wanted: Collection[str]) -> bool:
    """Tell whether a level that was reached is one of those wanted, or includes one."""
    return levels.satisfies(acr, wanted)


def login_url(next_url: str, *, hint: str = "") -> str:
    """Return the page that signs a person in and goes on to `next_url`."""
    return _with("account_login", next=next_url, login_hint=hint)


def fresh_login_url(request: HttpRequest, next_url: str) -> str:
    """Return the page that makes the person prove themselves again, whatever session there is."""
    if not request.user.is_authenticated:
        return login_url(next_url)
    if request.user.has_usable_password() or factors.of(str(request.user.pk)).has_second:
        return _with("account_reauthenticate", next=next_url)
    return _with(
        "switch", next=next_url, again="1"
    )  # nothing to ask for here: sign out and in again


def step_up_url(request: HttpRequest, next_url: str, wanted: Collection[str] = ()) -> str:
    """Return the page where the person proves what is missing to one of these levels."""
    if not request.user.is_authenticated:
        return login_url(next_url)
    level = next((one for one in LEVELS if levels.satisfies(one, wanted)), levels.TWO_FACTORS)
    return _with("step_up", next=next_url, acr=level)


def create_url(next_url: str, *, hint: str = "") -> str:
    """Return the page that creates an account and goes on to `next_url`."""
    return _with("create", next=next_url, login_hint=hint)


def sign_up_url(next_url: str, *, hint: str = "") -> str:
    """Return the sign-up page for somebody who is not signed in."""
    return _with("account_signup", next=next_url, email=hint)


def switch_url(next_url: str) -> str:
    """Return the page that asks which account to go on with."""
    return _with("switch", next=next_url)


def sign_out(request: HttpRequest) -> tuple[Participant, ...]:
    """End the session, and what is bound to it; return the clients that took part in it."""
    sid = request.session.get(sessions.SID)
    with transaction.atomic():
        clients = sessions.end_and_list(sid) if sid else ()
        auth.logout(request)
    return clients


def choose(request: HttpRequest) -> None:
    """Note that the person said: this account."""
    request.session[_CHOSEN_AT] = time.time()


def restamp(request: HttpRequest, epoch: int) -> None:
    """Let this session outlive the password change that it made itself."""
    request.session[sessions.EPOCH] = epoch


def pending_next(request: HttpRequest) -> str:
    """Return where a login that is still under way will go on to."""
    login = stagekit.unstash_login(request, peek=True)
    return (login.redirect_url if login else None) or ""


def _with(name: str, **parameters: str) -> str:
    query = urlencode({key: value for key, value in parameters.items() if value})
    return f"{reverse(name)}?{query}" if query else reverse(name)


def _epoch_of(user: User) -> int | None:
    """Read the epoch, then the row: one of them shows whatever changes in between."""
    epoch = epochs.read(epochs.PERSON, str(user.pk))
    row = people.find(str(user.pk))
    is_same = row is not None and row.is_active and row.password == user.password
    return epoch if is_same else None


def hold(request: HttpRequest, user: User, proof: levels.Proof, *, is_more: bool = False) -> None:
    """Remember what was right for somebody who is not yet signed in, and under which epoch.

    What was proved before counts too where this `is_more`: the next step of the same sign-in.
    """
    subject, epoch = str(user.pk), _epoch_of(user)
    if epoch is None and user.is_active:  # allauth tells those who are switched off, right after
        _refuse(request)
    held = request.session.get(_PROVEN) if is_more else None
    if not held or held["subject"] != subject:
        held = {"subject": subject, "epoch": epoch, "proofs": {}}
    proofs = {**held["proofs"], **levels.packed([proof])}
    request.session[_PROVEN] = {**held, "proofs": proofs}
    request.session.cycle_key()


def held(request: HttpRequest, user: User) -> tuple[levels.Proof, ...]:
    """Return what this person has proved of a sign-in that is still under way."""
    proven = request.session.get(_PROVEN) or {}
    return levels.unpacked(proven["proofs"]) if proven.get("subject") == str(user.pk) else ()


def renew(request: HttpRequest, user: User, proof: levels.Proof) -> None:
    """Note that who is signed in proved it again: a new `auth_time`, under a new key."""
    session = request.session
    session[_PROOFS] = {**session.get(_PROOFS, {}), **levels.packed([proof])}
    session[_AUTH_AT] = session[_CHOSEN_AT] = proof.at
    session.cycle_key()
    history.note(str(user.pk), "reauthenticated", request)


@receiver(authentication_step_completed, dispatch_uid="accounts.proved")
def _proved(request: HttpRequest, user: User, method: str, **_extra: Any) -> None:
    """Hear from allauth that a password or a code was right."""
    hold(request, user, levels.proof(_METHOD_OF[method], time.time()))


@receiver(user_logged_in, dispatch_uid="accounts.begin")
def _begin(request: HttpRequest, user: User, **_extra: Any) -> None:
    """Stamp a new sign-in, or refuse it when the person changed since they proved themselves."""
    session, subject = request.session, str(user.pk)
    epoch = _epoch_of(user)
    proven = session.pop(_PROVEN, None)
    if not proven or proven["subject"] != subject:
        first = levels.proof(levels.PASSWORD, time.time())  # chosen a moment ago, at a sign-up
        proven = {"epoch": epoch, "proofs": levels.packed([first])}
    if epoch is None or proven["epoch"] != epoch:
        _refuse(request)
    if sessions.SID in session:  # signed in again over a session: the new one has a name of its own
        sessions.end(session[sessions.SID])
        session.cycle_key()
    now = time.time()
    session[sessions.SID] = sid = sessions.new_sid()
    session[sessions.EPOCH] = epoch
    session[sessions.ENDS_AT] = sessions.lifetime_from_now()
    session[_AUTH_AT] = session[_CHOSEN_AT] = now
    proofs = [replace(one, at=now) for one in levels.unpacked(proven["proofs"])]
    session[_PROOFS] = levels.packed(proofs)
    session["agent"] = request.headers.get("User-Agent", "")[:_AGENT_LENGTH]
    session["address"] = client_ip.of(request.META)
    signals.signed_in.send(sender=None, subject=subject, sid=sid, amr=levels.amr(proofs))
    history.note(subject, "signed_in", request, sid=sid)


def _refuse(request: HttpRequest) -> None:
    sign_out(request)
    text = _("Your account changed while you were signing in. Please sign in again.")
    messages.warning(request, text, fail_silently=True)
    raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
