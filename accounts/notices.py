"""Mail that tells people what happened to their account, from where no page is being shown.

It goes through the outbox: a mail server that is slow or away neither delays nor undoes what the
mail is about. What rests until then names the person by subject; the address is read when sending.
"""

import smtplib
from typing import Any, Final

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts import people
from config import environment, outbox
from config.outbox import UndeliveredError

MAIL: Final = "mail"


def tokens_reused(subject: str, client_name: str) -> None:
    """Tell a person that an application's access was ended, because it was used from two places."""
    _put(subject, "tokens_reused", {"application": client_name})


def _put(subject: str, name: str, context: dict[str, str]) -> None:
    outbox.put(MAIL, {"subject": subject, "name": name, "context": context})


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
    title = render_to_string(f"account/email/{name}_subject.txt", about)
    text = render_to_string(f"account/email/{name}_message.txt", about)
    try:
        sent = send_mail(" ".join(title.split()), text.strip(), None, [user.email])
    except smtplib.SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _ in error.recipients.values())
        raise UndeliveredError("The address was refused.", is_final=is_final) from error
    except (smtplib.SMTPException, OSError) as error:
        raise UndeliveredError("The mail server is away, or did not take it.") from error
    if not sent:
        raise UndeliveredError("No mail server is named: set AUTHSERVER_EMAIL_URL.", is_final=True)
