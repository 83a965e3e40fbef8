"""News from accounts: for the floors above, and upstairs within this one; used for nothing else.

Sent inside the transaction that made it true: what a receiver writes is kept or lost with it.
"""

from typing import Final

from django.dispatch import Signal

signed_in: Final = Signal()
"""A person has signed in; arguments: subject, sid, amr."""

session_ended: Final = Signal()
"""A session was ended before its time; arguments: subject, sid, participants (its clients)."""

password_changed: Final = Signal()
"""A person's row has a new password; arguments: subject, kept_sid (a session to be kept)."""

person_cut_off: Final = Signal()
"""A person was disabled or deleted, or has a new password; arguments: subject, why."""

consent_given: Final = Signal()
"""A person agreed to (more) scopes; arguments: subject, client_id, scope."""

consent_withdrawn: Final = Signal()
"""A person took a consent back; arguments: subject, client_id."""
