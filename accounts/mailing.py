"""What allauth would mail, put into the outbox instead: as a code and a link that prove one thing.

Where it believes to hold a code it holds the secret of a row (`mailed_proofs`), so that what rests
in the session proves nothing, and a code that was used or tried too often is dead everywhere.
"""

import logging
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import email_addresses, history, mailed_proofs, new_devices, notices, people
from accounts.models import User
from config import environment, logs

_KIND_OF: Final = {
    "login_code": mailed_proofs.SIGN_IN,
    "password_reset_code": mailed_proofs.RESET,
    "email_confirmation": mailed_proofs.VERIFY,
    "email_confirmation_signup": mailed_proofs.VERIFY,
}
_NOTED: Final = frozenset({"email_changed", "password_changed", "password_reset", "password_set"})
_ASKED_ON: Final = {
    "account_request_login_code": mailed_proofs.SIGN_IN,
    "account_reset_password": mailed_proofs.RESET,
}
_LINK_OF: Final = {mailed_proofs.RESET: "mailed_reset", mailed_proofs.VERIFY: "mailed_address"}

_UNKNOWN: Final = "unknown_account"
_NEXT: Final = "mailed_next"

log = logging.getLogger("authserver.mail")


class MailAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The part of our adapter that has mail sent."""

    def generate_login_code(self) -> str:
        """Return the secret of the row that is made when the mail is put."""
        return mailed_proofs.new_secret()

    generate_password_reset_code = generate_login_code
    generate_email_verification_code = generate_login_code

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to a person as they gave their address: the key may be another's mailbox."""
        owner = people.find_by_email(email)
        to = owner.email if owner else email
        if email_addresses.fault(to):  # it rests from before such were refused
            log.warning("mail_not_sent", extra={logs.FIELDS: {"why": "ambiguous address"}})
            return
        name = template_prefix.rpartition("/")[2]
        user = context.get("user") or owner
        if name in _KIND_OF and user is not None:
            _put_code(name, user, to, context["code"])
        else:
            _pretend(name, owner, to)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what happened to their account; to `email`, where that was theirs."""
        request = _request()
        about = {**(context or {}), **notices.seen(request)}
        name = template_prefix.rpartition("/")[2]
        notices.put(str(user.pk), name, about, to=email or "")
        if name == "password_reset":
            new_devices.expect(request, str(user.pk))
        if name in _NOTED:
            history.note(str(user.pk), name, request)


def next_of(request: HttpRequest) -> str:
    """Return where the person was going who asked for the last mail in this browser."""
    asked: str = request.session.get(_NEXT, "")
    return asked


def _put_code(name: str, user: User, to: str, secret: str) -> None:
    request, kind = _request(), _KIND_OF[name]
    mailed_proofs.for_somebody(request)
    lifetime = mailed_proofs.LIFETIMES[kind]
    about: dict[str, str | int] = {
        "code": mailed_proofs.keep(kind, secret, user, to),
        "minutes": int(lifetime.total_seconds()) // 60,
        "email": to,
        **notices.seen(request),
    }
    if kind in _LINK_OF:
        origin = environment.current().issuer_origin
        about["link"] = origin + reverse(_LINK_OF[kind], args=[secret])
    request.session[_NEXT] = request.POST.get("next", "")
    until = (timezone.now() + lifetime).isoformat()
    notices.put(str(user.pk), name, about, to=to, good_until=until)


def _pretend(name: str, owner: User | None, to: str) -> None:
    """Do all that a code takes where there is none: the time it takes would tell."""
    request = _request()
    page = request.resolver_match.view_name if request.resolver_match else ""
    mailed_proofs.keep_for_nobody(_ASKED_ON.get(page, mailed_proofs.VERIFY), request, to)
    if owner is None or name == _UNKNOWN:  # there may be somebody who has not proven the address
        notices.nobody(name)
    else:
        notices.put(str(owner.pk), name, {"email": to, **notices.seen(request)})


def _request() -> HttpRequest:
    request: HttpRequest = context.request
    return request
