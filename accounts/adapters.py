"""What allauth asks us: names, words, addresses, and what a new password sets off."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts import (
    attempts,
    authentication,
    email_addresses,
    familiar,
    history,
    offers,
    passwords,
    people,
)
from accounts.mailing import MailAdapter
from accounts.models import User, email_key
from config import client_ip


class AccountAdapter(MailAdapter):
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

    def save_user(
        self,
        request: HttpRequest,
        user: Any,
        form: BaseForm,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> Any:
        """Keep the address as it was typed, the name, and the hash that the form made."""
        user = super().save_user(request, user, form, commit=False)
        user.password = getattr(form, "resting", "") or user.password
        typed = str(form.data.get("email", "")).strip()
        if email_key(typed) == email_key(user.email) and not email_addresses.fault(typed):
            user.email = typed
        user.name = form.cleaned_data.get("name") or ""
        if commit:
            user.save()
            history.note(str(user.pk), "account_created", request)
        return user

    def clean_password(self, password: str, user: Any = None) -> str:
        """Judge it with the name known that the sign-up page asks for as well."""
        if user is not None and not user.name and context.request:
            user.name = context.request.POST.get("name", "")
        judged: str = super().clean_password(password, user=user)
        return judged

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
        """Note it, at the same cost for who is not here; what was typed may be anybody's secret."""
        super().authentication_failed(request, **credentials)
        person = people.find_by_email(credentials.get("email", ""))
        history.note(str(person.pk) if person else "nobody", "sign_in_failed", request)

    def set_password(self, user: Any, password: str) -> None:
        """Change it, and let this session live and this browser be known, if they are its own."""
        request = context.request
        here = authentication.signed_in(request) if request else None
        own = here if here is not None and here.subject == str(user.pk) else None
        epoch = people.set_password(user, password, keep_sid=own.sid if own else None)
        if own is not None:
            authentication.restamp(request, epoch)
            familiar.keep(request, own.subject, before=own.epoch, epoch=epoch)

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

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponseBase:
        """Offer a passkey on the way, once, where the browser said that it could keep one."""
        response: HttpResponseBase = super().post_login(request, user, **options)
        going = response.url if isinstance(response, HttpResponseRedirect) else ""
        if not going or going.startswith(reverse("passkeys")) or not offers.is_due(request, user):
            return response
        return HttpResponseRedirect(f"{reverse('passkey_offer')}?{urlencode({'next': going})}")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go back to the account."""
        return reverse("account")

    def get_login_stages(self) -> list[str]:
        """Ask for a second factor last, whichever way somebody came in."""
        return [
            *super().get_login_stages(),
            "accounts.stages.SecondFactor",
            "accounts.staying.Staying",
        ]

    def is_reauthentication_required(self, *, app: str, **_options: Any) -> bool:
        """Let our own judgement decide what is fresh, on allauth's pages too.

        Raises:
            ReauthenticationRequired: at once, or allauth would let those through who have no
                password.
        """
        authentication.demand_fresh(context.request)
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Name our page, which offers what the person has."""
        url = reverse("account_reauthenticate")
        return [{"id": "reauthenticate", "url": url}] if user.is_authenticated else []

    def get_client_ip(self, request: HttpRequest) -> str:
        """Believe the proxies that the environment names, and nobody else."""
        return client_ip.of(request.META)
