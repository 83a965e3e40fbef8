"""OIDC Core §3.1.2.3 — what has to happen next before a request can be granted: one pure decision.

Every visit decides afresh from what is so now: login, consent and all that may stand between know
nothing of each other, and nothing can be skipped by editing a URL.
"""

import time
from dataclasses import dataclass
from enum import Enum, auto

from accounts.authentication import SignedIn
from authserver import errors
from authserver.authorization import AuthorizationRequest
from tokens import id_tokens


class Step(Enum):
    """The next thing."""

    LOGIN = auto()
    FRESH_LOGIN = auto()  # the person is signed in and has to prove it again
    SELECT_ACCOUNT = auto()
    CONSENT = auto()
    ISSUE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the person has done within this interaction, and when it began (seconds since 1970)."""

    started_at: float
    has_decided: bool = False  # by pressing Allow a moment ago


def next_step(
    request: AuthorizationRequest, person: SignedIn | None, progress: Progress, *, is_agreed: bool
) -> Step:
    """Return what has to happen; with `prompt=none`, raise the error that says so instead."""
    step = _step(request, person, progress, is_agreed=is_agreed)
    if "none" not in request.prompt or step is Step.ISSUE:
        return step
    match step:
        case Step.CONSENT:
            raise errors.ConsentRequired
        case Step.SELECT_ACCOUNT:
            raise errors.AccountSelectionRequired
        case _:
            raise errors.LoginRequired


def _step(
    request: AuthorizationRequest, person: SignedIn | None, progress: Progress, *, is_agreed: bool
) -> Step:
    if person is None:
        return Step.LOGIN
    if _has_to_choose(request, person, progress):
        return Step.SELECT_ACCOUNT
    if person.auth_time <= progress.started_at and _wants_fresh(request, person):
        return Step.FRESH_LOGIN
    if progress.has_decided:
        return Step.ISSUE
    return Step.ISSUE if is_agreed and "consent" not in request.prompt else Step.CONSENT


def _wants_fresh(request: AuthorizationRequest, person: SignedIn) -> bool:
    if "login" in request.prompt:
        return True
    return request.max_age is not None and time.time() - person.auth_time > request.max_age


def _has_to_choose(request: AuthorizationRequest, person: SignedIn, progress: Progress) -> bool:
    """Tell whether the person has yet to say which account they mean.

    Raises:
        LoginRequired: when they have, or nobody may be asked (`prompt=none`), and it is not the
            one the client named (`id_token_hint`). A hint that is not ours names nobody.
    """
    has_chosen = person.chosen_at > progress.started_at
    if request.id_token_hint:
        hint = id_tokens.hint(request.id_token_hint)
        is_meant = hint is not None and hint["sub"] == person.subject
        if not is_meant and ("none" in request.prompt or (hint is not None and has_chosen)):
            raise errors.LoginRequired("Another person than the one named is signed in.")
        if hint is not None and not is_meant:
            return True
    return "select_account" in request.prompt and not has_chosen
