"""RFC 9110 §9.2.1 — pages behind mailed links: looking changes nothing, a button does.

Programs that look for danger in mail open every link in it. So a link shows a page, and what the
mail was for happens when somebody presses its button; the secret then works once.
"""

from typing import Any, Final
from urllib.parse import urlencode

from allauth.account import views
from allauth.account.adapter import get_adapter
from allauth.account.internal import stagekit
from allauth.account.internal.flows.email_verification_by_code import (
    EMAIL_VERIFICATION_CODE_SESSION_KEY,
)
from allauth.account.internal.flows.password_reset_by_code import (
    PASSWORD_RESET_VERIFICATION_SESSION_KEY as _RESETTING,
)
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage, LoginStageController
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import authentication, mailed_proofs, mailing, people
from accounts.mailed_proofs import Proof
from accounts.models import User, email_key
from accounts.pages import addresses, message

_ORIGIN_ONLY: Final = "strict-origin"  # the path is a secret, and `no-referrer` fails CSRF


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, secret: str) -> HttpResponse:
    """Open the choice of a new password to whoever has the link, in this browser."""
    return _quietly(_reset(request, secret))


def _reset(request: HttpRequest, secret: str) -> HttpResponse:
    proof = mailed_proofs.find(mailed_proofs.RESET, secret)
    if request.method == "POST" and mailed_proofs.prove(mailed_proofs.RESET, secret) and proof:
        user = _person(proof)
        state = PasswordResetVerificationProcess.initial_state(user, user.email_key)
        state["code"] = secret
        is_here = (request.session.get(_RESETTING) or {}).get("code") == secret
        PasswordResetVerificationProcess(request, state, user).confirm_code()
        url = reverse("account_complete_password_reset")
        following = mailing.next_of(request) if is_here else ""
        return addresses.see_other(f"{url}?{urlencode({'next': following})}" if following else url)
    if proof is None:
        return _gone(request, reverse("account_reset_password"))
    return render(request, "accounts/mailed_reset.html", {"email": proof.email})


class CompleteReset(views.CompletePasswordResetView):  # type: ignore[misc]  # it carries no types
    """Choose the new password: this is what spends the code or the link."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form while it can still come to something."""
        return super().get(request, *args, **kwargs) if self._is_open() else self._gone()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Judge it while it can still come to something."""
        return super().post(request, *args, **kwargs) if self._is_open() else self._gone()

    def form_valid(self, form: Any) -> Any:
        """Change the password, once."""
        with mailed_proofs.spending(mailed_proofs.RESET, self._process.code) as proof:
            if proof is None or proof.subject != str(self._process.user.pk):
                return self._gone()
            response = super().form_valid(form)
            self._keep_next()
            return response

    def _keep_next(self) -> None:
        """Let a sign-in that has more to ask remember where the person was going."""
        login = stagekit.unstash_login(self.request, peek=True)
        if login is not None:
            login.redirect_url = self.get_next_url()
            stagekit.stash_login(self.request, login)

    def _is_open(self) -> bool:
        proof = mailed_proofs.find(mailed_proofs.RESET, self._process.code)
        return proof is not None and proof.is_proven

    def _gone(self) -> HttpResponse:
        self._process.abort()
        return _gone(self.request, reverse("account_reset_password"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, secret: str) -> HttpResponse:
    """Confirm an e-mail address by its link."""
    return _quietly(_address(request, secret))


def _address(request: HttpRequest, secret: str) -> HttpResponse:
    proof = mailed_proofs.find(mailed_proofs.VERIFY, secret)
    if proof is None:
        return _gone(request, reverse("account_login"))
    user = _person(proof)
    is_new = email_key(proof.email) != user.email_key
    is_theirs = request.user.is_authenticated and request.user.pk == user.pk
    if is_new and not is_theirs:  # only whoever asked for it may give their account an address
        login = authentication.login_url(request.path)  # whose it is, strangers are not told
        return render(request, "accounts/mailed_elsewhere.html", {"login": login})
    if request.method == "POST":
        return _answered(request, secret, proof, user)
    pending = request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY) or {}
    about = {"email": proof.email, "is_here": is_theirs or pending.get("code") == secret}
    return render(request, "accounts/mailed_address.html", about)


def _answered(request: HttpRequest, secret: str, proof: Proof, user: User) -> HttpResponse:
    is_yes = request.POST.get("decision") == "confirm"
    mailed_proofs.prove(mailed_proofs.VERIFY, secret)
    if mailed_proofs.take(mailed_proofs.VERIFY, secret) is None:
        return _gone(request, reverse("account_login"))
    if not is_yes:
        text = _("Nothing was confirmed. Without that nobody can sign in to that account.")
        return message.error_page(request, 200, _("Thank you for saying so"), text)
    key = email_key(proof.email)
    known = EmailAddress.objects.filter(user_id=user.pk, email=key).first()
    adapter = get_adapter()
    if not adapter.confirm_email(request, known or EmailAddress(user=user, email=key)):
        return addresses.see_other(reverse("account_login"))
    if request.user.is_authenticated:
        request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
        return addresses.see_other(reverse("account"))
    return _gone_on(request, user) or message.error_page(
        request,
        200,
        _("Your address is confirmed"),
        _("Go on where you created the account, or sign in here."),
        back_url=authentication.login_url("", hint=user.email),
        back_text=_("Sign in"),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_code(request: HttpRequest) -> Any:
    """Type the code that confirms an address, unless its link was used meanwhile."""
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    user = stage.login.user if stage and not request.user.is_authenticated else None
    if user is None or not user.email_verified:
        return views.email_verification_sent(request)
    if request.method == "POST":
        return _gone_on(request, user)
    return render(request, "accounts/mailed_done.html", {"email": user.email})


def _gone_on(request: HttpRequest, user: User) -> HttpResponse | None:
    """Go on with the sign-in of this very person that waits for the address in this browser."""
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    if stage is None or stage.login.user != user:
        return None
    request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
    response: HttpResponse = stage.exit()
    return response


def _person(proof: Proof) -> User:
    user = people.find(proof.subject)
    assert user is not None, "a proof is found for people who exist"  # noqa: S101
    return user


def _quietly(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = _ORIGIN_ONLY
    return response


def _gone(request: HttpRequest, again: str) -> HttpResponse:
    return message.error_page(
        request,
        404,
        _("This link or code is no longer good"),
        _("It works once and for a short while, and not after a sign-in or a new password."),
        back_url=again,
        back_text=_("Start again"),
    )
