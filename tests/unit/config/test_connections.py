"""A thread that ends gives its connection back to the pool."""

import threading

import pytest
from django.db import connection

from config import connections
from tokens import epochs

MORE_THAN_THE_POOL_HOLDS = 25


@pytest.mark.leg("servers")
def test_threads_that_come_and_go_do_not_empty_the_pool() -> None:
    faults: list[Exception] = []

    def serve() -> None:
        try:
            epochs.read(epochs.PERSON, "nobody")
            connections.keep()
        except Exception as fault:  # noqa: BLE001  whatever it was, the main thread tells
            faults.append(fault)

    for _ in range(MORE_THAN_THE_POOL_HOLDS):
        thread = threading.Thread(target=serve)
        thread.start()
        thread.join()
    assert not faults
    assert connection.settings_dict["OPTIONS"]["pool"]["max_size"] < MORE_THAN_THE_POOL_HOLDS
