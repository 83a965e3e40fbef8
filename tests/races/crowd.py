"""Many threads at one gate: everybody starts at the same moment, and nobody's failure is lost."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from django.db import connections

T = TypeVar("T")

THREADS = 8
ROUNDS = 200


def _at_the_gate(gate: threading.Barrier, task: Callable[[], T]) -> T:
    gate.wait(timeout=30)
    return task()


class Crowd:
    """A pool of threads, each with its own connection, that is used round after round."""

    def __init__(self, size: int = THREADS) -> None:
        self.size = size
        self._pool = ThreadPoolExecutor(max_workers=size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        gate = threading.Barrier(self.size)
        for leaving in [
            self._pool.submit(_at_the_gate, gate, connections.close_all) for _ in range(self.size)
        ]:
            leaving.result(timeout=30)
        self._pool.shutdown()

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Run one task per thread, all at once, and return what each returned, in order."""
        gate = threading.Barrier(len(tasks))
        futures = [self._pool.submit(_at_the_gate, gate, task) for task in tasks]
        return [future.result(timeout=60) for future in futures]
