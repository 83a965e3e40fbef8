"""Everything that can be judged without running a test: `make check`.

All of it runs even when something failed, so that one look shows everything there is to do.
"""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import documents, tree

MODULE = (sys.executable, "-m")
MANAGE = (sys.executable, "-W", "error", "manage.py")

# As near to production as a machine without a database server comes: a name of its own, https,
# keys from the environment, a mail server, Redis. `check --deploy` must be content with our
# defaults.
PRODUCTION = {
    "AUTHSERVER_MODE": "production",
    "AUTHSERVER_ISSUER": "https://id.example",
    "AUTHSERVER_EMAIL_URL": "smtp://authserver:secret@mail.example:587?tls=starttls",
    "AUTHSERVER_REDIS_URL": "rediss://redis.example:6379/0",
}

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("style", (*MODULE, "ruff", "check", "--quiet", ".")),
    ("format", (*MODULE, "ruff", "format", "--check", "--quiet", ".")),
    ("types", (*MODULE, "mypy")),
    ("imports", (str(Path(sys.executable).with_name("lint-imports")), "--no-cache")),
    ("migrations", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    ("deployment", (*MANAGE, "check", "--deploy", "--fail-level", "WARNING")),
)


def main(arguments: list[str]) -> int:
    """Run every step; return how the process shall end."""
    if arguments == ["--write-docs"]:
        documents.write()
        return 0
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        subprocess.run([*MANAGE, "migrate", "-v0"], cwd=tree.ROOT, env=environment, check=False)
        failed = [name for name, command in STEPS if not _holds(name, command, environment)]
    if stale := documents.outdated():
        print(f"generated pages: {', '.join(stale)} out of date; run `make docs`")
        failed.append("generated pages")
    print(f"check: {', '.join(failed)} failed" if failed else "check: all is well")
    return 1 if failed else 0


def _holds(name: str, command: tuple[str, ...], environment: Mapping[str, str]) -> bool:
    answer = subprocess.run(
        command, cwd=tree.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(f"{name}: {'ok' if answer.returncode == 0 else 'FAILED'}", flush=True)
    if answer.returncode:
        print(answer.stdout + answer.stderr, flush=True)
    return answer.returncode == 0


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    data = {"AUTHSERVER_DATA_DIR": str(folder), "AUTHSERVER_ROOT_KEYS": key}
    return {**kept, **PRODUCTION, **data}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
