"""The mail that this server has sent: all that waited in the outbox goes out first."""

from django.core import mail
from django.core.mail import EmailMessage

from config import outbox


def delivered() -> list[EmailMessage]:
    """Return every mail so far, the newest last."""
    outbox.deliver_due()
    sent: list[EmailMessage] = mail.outbox
    return sent


def to(address: str) -> list[EmailMessage]:
    """Return the mails to an address, the newest last."""
    return [one for one in delivered() if address in one.to]
