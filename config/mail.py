"""Where mail goes while no mail server is named: onto the operator's desk, or nowhere."""

import logging
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from config import environment, roots

log = logging.getLogger("authserver.mail")


def folder() -> Path:
    """Return where the desk keeps mails."""
    return environment.current().data_dir / "mail"


class Desk(BaseEmailBackend):
    """Development: every mail is printed, and kept as a file in the data folder's `mail`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print and keep the mails; return how many there were."""
        kept = folder()
        roots.make_folder(kept)
        for mail in email_messages:
            name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}.eml"
            (kept / name).write_bytes(mail.message().as_bytes())
            to = ", ".join(mail.recipients())
            sys.stdout.write(f"\n--- mail to {to}: {mail.subject}\n{mail.body}\n---\n")
        sys.stdout.flush()
        return len(email_messages)


class Nowhere(BaseEmailBackend):
    """Production without a mail server: nothing is sent, and the log says so."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Drop the mails, which carry codes that belong in no log; return none sent."""
        log.error("mail_not_sent: set AUTHSERVER_EMAIL_URL (%d mails)", len(email_messages))
        return 0
