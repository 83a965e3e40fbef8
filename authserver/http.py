"""RFC 9110 — machine endpoints: all that Django's middleware would have done for them, in one place.

`machine_endpoint` turns `(ProtocolRequest) -> Answer` into `environ -> Answer`: methods, HTTPS, limits,
CORS, no-store, security headers, request id, the log line, the health of the database connection, one
error shape, and the outermost guard. Both doors call the same function, so they answer alike.
"""

import functools
import json
import logging
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

from authlib.oauth2 import OAuth2Error
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connections

from authserver import cors, errors, request
from authserver.request import Environ, ProtocolRequest
from config import answer, client_ip, environment, request_id, transport
from config.answer import Answer

_log: Final = logging.getLogger("authserver.http")
Endpoint = Callable[[ProtocolRequest], Answer]
Machine = Callable[[Environ], Answer]


class Cors(Enum):
    """Which pages of other origins may read an answer in a browser."""

    NOBODY = "nobody"
    CLIENTS = "clients"  # the origins registered by any active client
    ANYBODY = "anybody"  # public documents


NO_STORE: Final = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
