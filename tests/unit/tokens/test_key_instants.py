"""RFC 7517 §5 — at every instant exactly one key of an algorithm signs, whoever looks when."""

import pytest

from tokens import instants, keys
from tokens.keys import State
from tokens.models import SigningKey


def _active(moment: int) -> list[str]:
    rows = list(SigningKey.objects.filter(alg="ES256"))
    found = keys.states(rows, moment)
    return [kid for kid, state in found.items() if state is State.ACTIVE]


@pytest.mark.parametrize("apart", [-1, 0, 1], ids=["just before", "at once", "just after"])
def test_there_is_no_gap_when_a_key_retires(apart: int) -> None:
    """Rows read a moment after the clock once showed an old key retired and none started."""
    keys.ensure()
    kid = keys.rotate("ES256", at_once=True)
    successor = keys.retire(kid)
    assert successor
    started = instants.of(SigningKey.objects.get(pk=successor).active_at)
    assert _active(started + apart) == [kid if apart < 0 else successor]
