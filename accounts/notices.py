"""Mail to people: codes, and what happened to their account; none is sent while a page is shown.

It goes through the outbox: a mail server that is slow or away neither delays nor undoes what the
mail is about, and how long an answer takes tells nobody whether there is somebody to write to. What
rests until then names the person by subject; all else in it is sealed.
"""

import smtplib
from collections.abc import Mapping
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from accounts import email_proofs, history, letters, mailed_proofs, people
from accounts.models import User
from config import client_ip, environment, outbox
from config.outbox import UndeliveredError
from tokens import handles

MAIL: Final = "mail"
_LANES: Final = 4
_EMAIL_CODE: Final = "email_confirmation"
_NEW_DEVICE: Final = "new_device"
_RESET_CODE: Final = "password_reset_code"
_AGENT_LENGTH: Final = 300
Said = Mapping[str, str | int]


def tokens_reused(subject: str, client_name: str) -> None:
    """Tell a person that an application's access was ended, because it was used from two places."""
    put(subject, "tokens_reused", {"application": client_name})


def password_changed(subject: str, *, ip: str, user_agent: str) -> None:
    """Tell a person that their password was changed by a program of theirs."""
    put(subject, "password_changed", _where(ip, user_agent))


def email_changed(subject: str, old: str, new: str, *, ip: str, user_agent: str) -> None:
    """Tell the old address of a person that another one has taken its place."""
    about = {"from_email": old, "to_email": new, **_where(ip, user_agent)}
    put(subject, "email_changed", about, to=old)


def email_code(subject: str, new: str) -> None:
    """Send the code that proves a new address; it is made when it is sent, and rests nowhere."""
    put(subject, _EMAIL_CODE, {"minutes": email_proofs.MINUTES}, to=new)


def new_device(request: HttpRequest, subject: str) -> None:
    """Tell a person of a sign-in in a browser that is not known, and how to object.

    The link is made when the mail is sent, and rests nowhere.
    """
    happened(request, subject, _NEW_DEVICE)


def happened(request: HttpRequest, subject: str, name: str, **about: str | int) -> None:
    """Tell a person what has just been done to their account in this request."""
    put(subject, name, {**about, **seen(request)})


def nobody(name: str) -> None:
    """Do what `put` does, for an address that nobody has: no mail comes of it."""
    put("", name, {"at": timezone.now().isoformat()})


def seen(request: HttpRequest) -> dict[str, str]:
    """Return when, from where and with what a request was made, as mails say it."""
    return _where(client_ip.of(request.META), request.headers.get("User-Agent", ""))


def put(subject: str, name: str, about: Said, *, to: str = "", good_until: str = "") -> None:
    """Have a mail sent to a person, or to another address in this matter of theirs.

    `name` is that of the templates. After `good_until` the mail would help nobody, and is not sent.
    """
    sealed = {"about": dict(about), "to": to, "good_until": good_until}
    payload = {
        "subject": subject,
        "name": name,
        "language": get_language() or "",
        "sealed": handles.seal(handles.MAILED, sealed),
    }
    # A few lanes, so that a mail server that takes its time with one mail does not hold up all.
    lane = sum(subject.encode()) % _LANES
    outbox.put(MAIL, payload, target=f"{MAIL} {lane}")


def _where(ip: str, user_agent: str) -> dict[str, str]:
    agent = user_agent[:_AGENT_LENGTH]
    return {"at": timezone.now().isoformat(), "ip": ip, "user_agent": agent}


@outbox.handler(MAIL)
def send(payload: dict[str, Any]) -> None:
    """Send one mail, unless nobody is there to read it any more.

    Raises:
        UndeliveredError: when the mail server did not take it.
    """
    user = people.find(payload["subject"])
    if user is None or not user.is_active:
        return
    sealed = handles.open(handles.MAILED, payload["sealed"])
    if sealed is None:
        raise UndeliveredError("It was sealed under a root key that is gone.", is_final=True)
    good_until = parse_datetime(sealed["good_until"]) if sealed["good_until"] else None
    if good_until is not None and good_until < timezone.now():
        return
    to = sealed["to"] or user.email
    about = {**sealed["about"], **_made_now(payload["name"], user, to, sealed["about"])}
    language = letters.language_of(user, payload["language"])
    _deliver(letters.write(payload["name"], user, language, about), to)
    if payload["name"] == _RESET_CODE:  # not while the page is shown: the time it takes would tell
        history.note(str(user.pk), "reset_requested", _request_of(about))


def _request_of(about: Mapping[str, Any]) -> HttpRequest:
    """Return as much of the request as is known of it afterwards."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": about["ip"], "HTTP_USER_AGENT": about["user_agent"]}
    return request


def _made_now(name: str, user: User, to: str, about: Mapping[str, Any]) -> dict[str, str]:
    """Return what is made only when the mail is sent."""
    if name == _EMAIL_CODE and "code" not in about:
        return {"code": email_proofs.code(str(user.pk), to)}
    if name == _NEW_DEVICE:
        secret = mailed_proofs.new_secret()
        mailed_proofs.keep(mailed_proofs.NOT_ME, secret, user, to, since=str(about["at"]))
        link = f"{environment.current().issuer}/account/not-me/{secret}"
        return {"link": link, "email": to}
    return {}


def _deliver(letter: letters.Letter, to: str) -> None:
    mail = EmailMultiAlternatives(letter.subject, letter.text, None, [to])
    mail.attach_alternative(letter.page, "text/html")
    try:
        sent = mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _ in error.recipients.values())
        raise UndeliveredError("The address was refused.", is_final=is_final) from error
    except (smtplib.SMTPException, OSError) as error:
        raise UndeliveredError("The mail server is away, or did not take it.") from error
    if not sent:
        raise UndeliveredError("No mail server is named: set AUTHSERVER_EMAIL_URL.", is_final=True)
