"""OIDC Core §3.1.2.3 — what has to happen next before a request can be granted: one pure decision.

Every visit decides afresh from what is so now: login, consent and all that may stand between know
nothing of each other, and nothing can be skipped by editing a URL.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from accounts import authentication
from accounts.authentication import SignedIn
from authserver import errors, issuing
from authserver.authorization import AuthorizationRequest
from tokens import id_tokens

_NOT_THEM: Final = "The person who is named is not signed in, or has not agreed to this."
"""One sentence for both, or whoever guesses would learn when they are right."""


class Step(Enum):
    """The next thing."""

    LOGIN = auto()
    CREATE = auto()  # an account, or a sign-in after all (OIDC Prompt Create §4)
    FRESH_LOGIN = auto()  # the person is signed in and has to prove it again
    SELECT_ACCOUNT = auto()
    STEP_UP = auto()  # the person has to prove it more strongly
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
        case Step.CONSENT if _is_guessing(request):
            raise errors.LoginRequired(_NOT_THEM)
        case Step.CONSENT:
            raise errors.ConsentRequired
        case Step.SELECT_ACCOUNT:
            raise errors.AccountSelectionRequired
        case _:
            raise errors.LoginRequired


def _is_guessing(request: AuthorizationRequest) -> bool:
    """Tell whether a client names a person whom it need not know from us.

    Unless they agreed to something, it is not told that they are the one who is signed in.
    """
    if request.claims.subjects is not None:
        return True
    hint = id_tokens.hint(request.id_token_hint) if request.id_token_hint else None
    return hint is not None and hint["aud"] != request.client.client_id


def _step(
    request: AuthorizationRequest, person: SignedIn | None, progress: Progress, *, is_agreed: bool
) -> Step:
    has_chosen = person is not None and person.chosen_at > progress.started_at
    is_too_weak = _is_too_weak(request, person)
    if "create" in request.prompt and not has_chosen:
        return Step.CREATE
    if person is None:
        return Step.LOGIN
    if _has_to_choose(request, person, has_chosen=has_chosen):
        return Step.SELECT_ACCOUNT
    if person.auth_time <= progress.started_at and _wants_fresh(request, person):
        return Step.FRESH_LOGIN
    if is_too_weak:
        return Step.STEP_UP
    if progress.has_decided:
        return Step.ISSUE
    return Step.ISSUE if is_agreed and "consent" not in request.prompt else Step.CONSENT


def _wants_fresh(request: AuthorizationRequest, person: SignedIn) -> bool:
    if "login" in request.prompt:
        return True
    return request.max_age is not None and time.time() - person.auth_time > request.max_age


def _has_to_choose(request: AuthorizationRequest, person: SignedIn, *, has_chosen: bool) -> bool:
    """Tell whether the person has yet to say which account they mean.

    Raises:
        LoginRequired: when they have, or nobody may be asked (`prompt=none`), and it is not one
            the client named (`id_token_hint`, `sub` in `claims`). A hint that is not ours names
            nobody, and is enough only where somebody can be asked.
    """
    sub = issuing.sub_of(request.client, person.subject)
    hint = id_tokens.hint(request.id_token_hint) if request.id_token_hint else {"sub": sub}
    is_another = not request.claims.is_about(sub) or (hint is not None and hint["sub"] != sub)
    is_asking = "none" not in request.prompt
    if is_another and is_asking and not has_chosen:
        return True
    if is_another or (hint is None and not is_asking):
        raise errors.LoginRequired(_NOT_THEM)
    return "select_account" in request.prompt and not has_chosen


def wanted_levels(request: AuthorizationRequest) -> Sequence[str]:
    """Return the levels (`acr`) that the client asks for, insisting or wishing."""
    if request.claims.is_acr_essential:
        return request.claims.acr_values
    return request.acr_values or request.claims.acr_values


def _is_too_weak(request: AuthorizationRequest, person: SignedIn | None) -> bool:
    """Tell whether the person could prove more, and the client asks for more than they have.

    Only an essential `acr` insists (OIDC Core §5.5.1.1). `acr_values` are a wish: who has what it
    takes is asked for it, and nobody fails.

    Raises:
        UnmetAuthenticationRequirements: when nothing the person could do would be enough.
    """
    wanted, is_insisting = wanted_levels(request), request.claims.is_acr_essential
    if not wanted or (person is not None and authentication.satisfies(person.acr, wanted)):
        return False
    if person is None and not is_insisting:
        return False
    levels = authentication.reachable(person)
    if any(authentication.satisfies(level, wanted) for level in levels):
        return is_insisting or "none" not in request.prompt
    if is_insisting:
        raise errors.UnmetAuthenticationRequirements
    return False
