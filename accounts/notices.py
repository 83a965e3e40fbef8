"""Mail that tells people what happened to their account, from where no page is being shown.

It goes through the outbox: a mail server that is slow or away neither delays nor undoes what the
mail is about. What rests until then names the person by subject; the address is read when sending.
"""

import smtplib
from typing import Any, Final

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import email_proofs, people
from config import environment, outbox
from config.outbox import UndeliveredError

MAIL: Final = "mail"
_CODE: Final = "email_confirmation"


def tokens_reused(subject: str, client_name: str) -> None:
    """Tell a person that an application's access was ended, because it was used from two places."""
    _put(subject, "tokens_reused", {"application": client_name})


def password_changed(subject: str, *, ip: str, user_agent: str) -> None:
    """Tell a person that their password was changed by a program of theirs."""
    _put(subject, "password_changed", _where(ip, user_agent))


def email_changed(subject: str, old: str, new: str, *, ip: str, user_agent: str) -> None:
    """Tell the old address of a person that another one has taken its place."""
    about = {"from_email": old, "to_email": new, **_where(ip, user_agent)}
    _put(subject, "email_changed", about, to=old)


def email_code(subject: str, new: str) -> None:
    """Send the code that proves a new address; it is made when it is sent, and rests nowhere."""
    _put(subject, _CODE, {"minutes": str(email_proofs.MINUTES)}, to=new)


def _where(ip: str, user_agent: str) -> dict[str, str]:
    when = timezone.now().strftime("%Y-%m-%d %H:%M:%S")
    return {"timestamp": when, "ip": ip, "user_agent": user_agent}


def _put(subject: str, name: str, context: dict[str, str], *, to: str = "") -> None:
    outbox.put(MAIL, {"subject": subject, "name": name, "context": context, "to": to})


@outbox.handler(MAIL)
def send(payload: dict[str, Any]) -> None:
    """Send one mail, unless nobody is there to read it any more.

    Raises:
        UndeliveredError: when the mail server did not take it.
    """
    user = people.find(payload["subject"])
    if user is None or not user.is_active:
        return
    name, about = payload["name"], {**payload["context"], "issuer": environment.current().issuer}
    to = payload.get("to") or user.email
    if name == _CODE:
        about["code"] = email_proofs.code(str(user.pk), to)
    title = render_to_string(f"account/email/{name}_subject.txt", about)
    text = render_to_string(f"account/email/{name}_message.txt", about)
    try:
        sent = send_mail(" ".join(title.split()), text.strip(), None, [to])
    except smtplib.SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _ in error.recipients.values())
        raise UndeliveredError("The address was refused.", is_final=is_final) from error
    except (smtplib.SMTPException, OSError) as error:
        raise UndeliveredError("The mail server is away, or did not take it.") from error
    if not sent:
        raise UndeliveredError("No mail server is named: set AUTHSERVER_EMAIL_URL.", is_final=True)
