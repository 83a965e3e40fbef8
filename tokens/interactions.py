"""An authorization request on its way through login and consent, as its URL carries it."""

import datetime as dt
import time

from tokens import handles, in_urls
from tokens.records import Interaction

_LONGEST = 1500


def put(interaction: Interaction) -> str:
    """Return the text that stands for this interaction in a URL."""
    rest = dt.timedelta(seconds=interaction.expires_at - time.time())
    return in_urls.put(handles.INTERACTION, interaction, longest=_LONGEST, lifetime=rest)


def find(text: str) -> Interaction | None:
    """Return the interaction, or None when it is not ours or has expired."""
    interaction = expired(text)
    return interaction if interaction and interaction.expires_at > time.time() else None


def expired(text: str) -> Interaction | None:
    """Return an interaction of ours whatever its age: only to begin it anew."""
    return in_urls.find(handles.INTERACTION, text)
