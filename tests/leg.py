"""Which back ends this process tests, and the environment that makes the server use them.

The suite runs on two legs: `sqlite` (with the in-process cache) and `servers` (PostgreSQL and
Valkey). Settings are read when Django loads, so `enter` runs at the top of conftest.py. Whatever
AUTHSERVER_* the caller's shell holds is put aside: a test never meets a real deployment.
"""

import atexit
import os
import tempfile
from contextlib import ExitStack
from enum import Enum
from pathlib import Path

from tests import servers

# Cheap hashing: a suite logs in a thousand times. What hashing costs is a unit test's matter. And
# rates that no suite exceeds, of one window, so that headers still come.
POLICY = """\
[passwords]
argon2_time_cost = 1
argon2_memory_kib = 1024
[failures]
per_second = 1000
[throttle]
api = "1000000/h"
api_failures = "1000000/h"
token = "1000000/h"
token_failures = "1000000/h"
token_failures_address = "1000000/h"
introspection = "1000000/h"
revocation = "1000000/h"
userinfo = "1000000/h"
registration = "1000000/h"
documents = "1000000/h"
login = "1000000/h"
login_address = "1000000/h"
login_global = "1000000/h"
reauthentication = "1000000/h"
password_reset = "1000000/h"
password_reset_address = "1000000/h"
sign_up = "1000000/h"
explanations = "1000000/h"
upstream = "1000000/h"
"""


class Leg(Enum):
    """The two pairs of back ends."""

    SQLITE = "sqlite"
    SERVERS = "servers"


def current() -> Leg:
    """Return the leg named by AUTHSERVER_TEST_LEG; SQLite when none is named."""
    return Leg(os.environ.get("AUTHSERVER_TEST_LEG") or Leg.SQLITE.value)


def enter() -> Leg:
    """Point AUTHSERVER_* at fresh back ends, which go away with this process."""
    leg = current()
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="authserver-test-")))
    variables = {"AUTHSERVER_DATA_DIR": str(folder / "var")}
    if leg is Leg.SERVERS:
        found = stack.enter_context(
            servers.running(
                database_url=os.environ.get("AUTHSERVER_TEST_DATABASE_URL", ""),
                redis_url=os.environ.get("AUTHSERVER_TEST_REDIS_URL", ""),
            )
        )
        variables["AUTHSERVER_DATABASE_URL"] = found.database_url
        variables["AUTHSERVER_REDIS_URL"] = found.redis_url
    policy_file = folder / "policy.toml"
    policy_file.write_text(POLICY, encoding="utf-8")
    variables["AUTHSERVER_POLICY_FILE"] = str(policy_file)
    for name in [name for name in os.environ if name.startswith("AUTHSERVER_")]:
        if not name.startswith("AUTHSERVER_TEST_"):
            del os.environ[name]
    os.environ.update(variables, DJANGO_SETTINGS_MODULE="config.settings")
    return leg
