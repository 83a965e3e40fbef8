"""An administrative cut-off and a statement of the hot path at the same moment."""

import threading

from django.db import connection, transaction

from tests.unit.accounts import visitor
from tokens import epochs


def test_a_transaction_that_bumps_late_stalls_nobody() -> None:
    """On SQLite one waits for the database, the other must not wait for the one who waits."""
    first, second = (str(visitor.someone().pk) for _ in range(2))
    has_begun, failures = threading.Event(), list[Exception]()

    def bump() -> None:
        has_begun.wait()
        try:
            epochs.bump(epochs.PERSON, second)
        except Exception as error:  # noqa: BLE001  told by the assertion
            failures.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=bump)
    other.start()
    with transaction.atomic():
        has_begun.set()
        other.join(timeout=0.3)  # by now it waits for us, or is through
        epochs.bump(epochs.PERSON, first)
    other.join()
    assert failures == []
    assert epochs.read_many([(epochs.PERSON, first), (epochs.PERSON, second)]) == [1, 1]
