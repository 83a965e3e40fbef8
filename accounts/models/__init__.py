"""The rows of people, their sessions and what they agreed to; private to this package."""

from accounts.models.api_key import ApiKey
from accounts.models.consent import Consent
from accounts.models.event import Event
from accounts.models.person import User, UserManager, UserQuerySet, email_key, folded
from accounts.models.session import Participation, Session

__all__ = [
    "ApiKey",
    "Consent",
    "Event",
    "Participation",
    "Session",
    "User",
    "UserManager",
    "UserQuerySet",
    "email_key",
    "folded",
]
