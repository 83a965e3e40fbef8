"""What allauth asks us: names, words, addresses, and what a new password sets off."""

import logging
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts import attempts, authentication, email_addresses, passwords, people
from accounts.models import User, email_key
from config import client_ip, environment, logs

log = logging.getLogger("authserver.mail")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Named in ACCOUNT_ADAPTER."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account may not sign in at the moment."),
        "email_password_mismatch": _("This e-mail address and password do not belong together."),
        "email_taken": _("There is already an account with this e-mail address."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This is not the code we sent. Please look again."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("That was a little fast. Please wait a moment and try again."),
        "same_as_current": _("This is the address you already have."),
    }

    def clean_email(self, email: str) -> str:
        """Compare addresses by the key that they are unique by; forms refuse what is ambiguous."""
        return email_key(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to a person as they gave their address: the key may be another's mailbox."""
        owner = people.find_by_email(email)
        to = owner.email if owner else email
        if email_addresses.fault(to):  # it rests from before such were refused
            log.warning("mail_not_sent", extra={logs.FIELDS: {"why": "ambiguous address"}})
            return
        super().send_mail(template_prefix, to, context)

    def save_user(
        self,
        request: HttpRequest,
        user: Any,
        form: BaseForm,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> Any:
        """Keep the address as it was typed, and the name."""
        user = super().save_user(request, user, form, commit=False)
        typed = str(form.data.get("email", "")).strip()
        if email_key(typed) == email_key(user.email) and not email_addresses.fault(typed):
            user.email = typed
        user.name = form.cleaned_data.get("name") or ""
        if commit:
            user.save()
        return user

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Look nobody up for a password that nobody can have; count failures."""
        if not passwords.fits(credentials.get("password", "")):
            return None
        attempt = attempts.begin(request, credentials.get("email", ""))
        try:
            user = super().authenticate(request, **credentials)
        except Exception:
            attempt.give_back()  # an outage is nobody's wrong password
            raise
        if user is not None:
            attempt.was_right()
        return user

    def should_send_confirmation_mail(
        self,
        request: HttpRequest,
        email_address: Any,
        signup: bool,  # noqa: FBT001
    ) -> bool:
        """Count mails that signing in sends; those of the pages that ask for mail are already."""
        if not signup:
            attempts.mail(request, email_address.email)
        return super().should_send_confirmation_mail(request, email_address, signup)  # type: ignore[no-any-return]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Let watchers count; the address tried is somebody's secret more often than one thinks."""
        super().authentication_failed(request, **credentials)
        logs.security_event("login_failed", address=client_ip.of(request.META))

    def set_password(self, user: Any, password: str) -> None:
        """Change it, end the other sessions, and let this one live if it is the person's own."""
        request = context.request
        here = authentication.signed_in(request) if request else None
        is_own = here is not None and here.subject == str(user.pk)
        epoch = people.set_password(user, password, keep_sid=here.sid if here and is_own else None)
        if is_own:
            authentication.restamp(request, epoch)

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Verify the address, and let the person's row say so too."""
        try:
            with transaction.atomic():
                confirmed = bool(super().confirm_email(request, email_address))
                if confirmed:
                    User.objects.filter(
                        pk=email_address.user_id, email_key=email_key(email_address.email)
                    ).update(email_verified=True)
                return confirmed
        except IntegrityError:  # somebody else proved the same address a moment ago
            return False

    def respond_email_verification_sent(self, request: HttpRequest, user: Any) -> HttpResponseBase:
        """Keep `next`, for a person who exists and for one we only pretend to know."""
        url = reverse("account_email_verification_sent")
        chosen = request.POST.get("next") or request.GET.get("next") or ""
        if chosen and self.is_safe_url(chosen):
            url = f"{url}?{urlencode({'next': chosen})}"
        return HttpResponseRedirect(url)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go back to the account."""
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Believe the proxies that the environment names, and nobody else."""
        return client_ip.of(request.META)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Sign every mail with the issuer."""
        where = {"issuer": environment.current().issuer, "minutes": _minutes(template_prefix)}
        mail: EmailMessage = super().render_mail(
            template_prefix, email, {**context, **where}, headers=headers
        )
        return mail


def _minutes(template_prefix: str) -> int:
    is_reset = "password_reset" in template_prefix
    timeout: int = (
        app_settings.PASSWORD_RESET_BY_CODE_TIMEOUT
        if is_reset
        else app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT
    )
    return timeout // 60
