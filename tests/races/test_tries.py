"""Many guesses at one moment are as many as were free, on both databases."""

import functools
import secrets

from config.patience import Codes
from tests.races.crowd import Crowd
from tokens import tries
from tokens.tries import Taken


def test_as_many_as_are_free_are_let_through() -> None:
    patience = Codes(free=5)
    with Crowd() as crowd:
        for _ in range(5):
            take = functools.partial(tries.take, "code", secrets.token_hex(8), patience)
            found = [one for _ in range(3) for one in crowd.run([take] * crowd.size)]
            assert sum(isinstance(one, Taken) for one in found) == 5
