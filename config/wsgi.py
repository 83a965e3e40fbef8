"""PEP 3333 — the front door: machine paths answered before Django's handler starts.

The one module above the staircase. A path is looked up whole, as the WSGI server decoded it;
whatever is not a machine path is Django's. A front server that moved the issuer's path into
SCRIPT_NAME is undone.
"""

import logging
import os
from collections.abc import Iterable
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from authserver import urls  # noqa: E402  rows can be imported only once Django is set up
from config import answer, environment, health, outage  # noqa: E402  likewise
from config.outbox import worker  # noqa: E402  likewise

log = logging.getLogger("authserver.front_door")
MACHINES: dict[str, answer.Machine] = {
    **{f"/{name}": probe for name, probe in health.PROBES.items()},
    **{
        f"{environment.current().issuer_path}/{name}": probe
        for name, probe in health.PROBES.items()
    },
    **urls.MACHINE_PATHS,
}
_pages = WSGIHandler()


def serving() -> Any:
    """Begin to deliver what waits in the outbox, and return the application; called by the server.

    A process that only imports this module delivers nothing.
    """
    worker.start()
    return application


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; never lets an exception out to the WSGI server."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    environ["SCRIPT_NAME"], environ["PATH_INFO"] = "", path
    machine = MACHINES.get(path)
    try:
        if machine is None:
            return _pages(environ, start_response)
        answered = machine(environ)
    except Exception:  # whatever it was, the caller gets an answer and the log the reason
        log.exception("unforeseen")
        answered = outage.broken(environ)
    headers, body = answered.for_wire(environ.get("REQUEST_METHOD", "GET"))
    start_response(answered.status_line, headers)
    return [body]
