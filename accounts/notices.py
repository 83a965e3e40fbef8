"""Mail that tells people what happened to their account, from where no page is being shown."""

import logging
import smtplib

from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts import people
from config import environment

log = logging.getLogger("authserver.mail")


def tokens_reused(subject: str, client_name: str) -> None:
    """Tell a person that an application's access was ended, because it was used from two places."""
    _send(subject, "tokens_reused", {"application": client_name})


def _send(subject: str, name: str, context: dict[str, str]) -> None:
    """Send one mail; a mail server that is away must not undo what the mail is about."""
    user = people.find(subject)
    if user is None or not user.is_active:
        return
    about = {**context, "issuer": environment.current().issuer}
    title = render_to_string(f"account/email/{name}_subject.txt", about)
    text = render_to_string(f"account/email/{name}_message.txt", about)
    try:
        send_mail(" ".join(title.split()), text.strip(), None, [user.email])
    except (smtplib.SMTPException, OSError):
        log.exception("mail_not_sent")
