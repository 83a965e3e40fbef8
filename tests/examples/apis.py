"""The example APIs as processes: one judge for all three, whatever they are written with."""

import http.client
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.doors import Response
from tests.examples import world
from tests.examples.world import Wire

FOLDER = "examples/resource-server"
VARIANTS = {"plain": "api.py", "FastAPI": "api_fastapi.py", "Django": "api_django.py"}
LOCALLY, ASKING, SENSITIVE = "/locally", "/by-introspection", "/sensitive"
PATHS = [LOCALLY, ASKING, SENSITIVE]


@contextmanager
def running(folder: Path, *variants: str, **variables: str) -> Iterator[dict[str, str]]:
    """Run some of them, all for none named; yield their addresses.

    Each is its own audience, unless the variables name one.
    """
    wanted = variants or tuple(VARIANTS)
    with ExitStack() as stack, ThreadPoolExecutor() as pool:

        def start(variant: str) -> str:
            address = world.free_address("127.0.0.1")
            log, command = folder / f"{variant}.log", f"{FOLDER}/{VARIANTS[variant]}"
            mine = {"AUDIENCE": address} | variables
            stack.enter_context(world.process(address, log, command, **mine))
            return address

        yield dict(zip(wanted, pool.map(start, wanted), strict=True))


def call(address: str, authorization: str | None) -> Response:
    """Call one of them with an Authorization header, or none."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return Wire().get(address, headers=headers)


def with_two_headers(address: str, one: str, other: str) -> int:
    """Return the status for a call with two Authorization headers."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=world.PATIENCE)
    try:
        connection.putrequest("GET", parts.path)
        connection.putheader("Authorization", one)
        connection.putheader("Authorization", other)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def outcome(answer: Response) -> tuple[int, str]:
    """Return status and error, as header and body say alike."""
    challenge = answer.headers["WWW-Authenticate"] or ""
    assert challenge.startswith("Bearer ") or answer.status_code in {200, 503}
    found = re.search(r'error="(\w+)"', challenge)
    error = found[1] if found else ""
    if answer.status_code == 503:
        error = "temporarily_unavailable"
        assert answer.headers["Retry-After"]
    assert answer.status_code == 200 or answer.json()["error"] == (error or "no_token")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, error
