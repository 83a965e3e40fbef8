"""An authorization request in a URL: sealed, or, when too long for a URL, waiting in a row."""

import dataclasses
import datetime as dt
import time

from tokens import handles, pending
from tokens.records import Interaction

_LONGEST = 1500
_KIND = "interaction"
_PREFIX = "ix_"


def put(interaction: Interaction) -> str:
    """Return the text that stands for this interaction in a URL."""
    text = handles.seal(handles.INTERACTION, interaction)
    if len(text) <= _LONGEST:
        return text
    rest = dt.timedelta(seconds=interaction.expires_at - time.time())
    return _PREFIX + pending.put(_KIND, dataclasses.asdict(interaction), rest)


def find(text: str) -> Interaction | None:
    """Return the interaction, or None when it is not ours or has expired."""
    if text.startswith(_PREFIX):
        record = pending.find(_KIND, text.removeprefix(_PREFIX))
        interaction = None if record is None else Interaction(**record)
    else:
        interaction = handles.open(handles.INTERACTION, text)
    if interaction is None or interaction.expires_at <= time.time():
        return None
    return interaction
