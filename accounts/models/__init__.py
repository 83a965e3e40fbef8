"""The rows of people, their sessions and what they agreed to; private to this package."""

from accounts.models.api_key import ApiKey
from accounts.models.consent import Consent
from accounts.models.deletion import Deletion
from accounts.models.event import Event
from accounts.models.factor import AuthenticatorApp, RecoveryCode, TrustedBrowser, TwoSteps
from accounts.models.mailed_proof import MailedProof
from accounts.models.passkey import Passkey
from accounts.models.person import User, UserManager, UserQuerySet, email_key, folded
from accounts.models.session import Participation, Session
from accounts.models.upstream_identity import UpstreamIdentity

__all__ = [
    "ApiKey",
    "AuthenticatorApp",
    "Consent",
    "Deletion",
    "Event",
    "MailedProof",
    "Participation",
    "Passkey",
    "RecoveryCode",
    "Session",
    "TrustedBrowser",
    "TwoSteps",
    "UpstreamIdentity",
    "User",
    "UserManager",
    "UserQuerySet",
    "email_key",
    "folded",
]
