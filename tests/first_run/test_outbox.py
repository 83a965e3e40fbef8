"""What was put while no server ran is delivered by the next one; a stop finishes what it began."""

import json
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import tree
from tests.first_run import running

PUT = """
import sys, django
django.setup()
from accounts import notices, people
user = people.find_by_email(sys.argv[1])
notices.tokens_reused(str(user.pk), "App")
"""
WHO = "ada@example.com"


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that takes its time before it says a word."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.called = threading.Event()
        self.go_on = threading.Event()
        self.mails: list[bytes] = []


class Talk(socketserver.StreamRequestHandler):
    """SMTP as far as one mail needs it."""

    def handle(self) -> None:
        box = self.server
        assert isinstance(box, Mailbox)
        box.called.set()
        box.go_on.wait(30)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line[:4].upper() == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                box.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.wfile.write(b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"250 fine\r\n")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as box:
        threading.Thread(target=box.serve_forever, daemon=True).start()
        yield box
        box.shutdown()


def listed(env: dict[str, str]) -> list[dict[str, Any]]:
    found = running.command("outbox", "list", "--delivered", "--json", env=env)
    rows: list[dict[str, Any]] = json.loads(found.stdout)
    return rows


def test_a_server_delivers_what_waited_and_a_stop_finishes_it(tmp_path: Path) -> None:
    with mailbox() as box, running.database() as more:
        url = f"smtp://127.0.0.1:{box.server_address[1]}?tls=none"
        port = running.free_port()
        env = running.variables(tmp_path / "var", port, AUTHSERVER_EMAIL_URL=url, **more)
        for words in (("migrate",), ("users", "add", "--email", WHO)):
            assert running.command(*words, env=env).returncode == 0
        settings = {**env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([sys.executable, "-c", PUT, WHO], cwd=tree.ROOT, env=settings, check=True)
        assert [row["state"] for row in listed(env)] == ["waiting"]
        with running.started(env) as server:
            assert box.called.wait(30)
            assert [row["state"] for row in listed(env)] == ["sending"]
            threading.Timer(1, box.go_on.set).start()
            before = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - before > 0.9
        assert [(row["state"], row["tries"]) for row in listed(env)] == [("delivered", 1)]
    assert len(box.mails) == 1
    assert b"sign in to App again" in box.mails[0]
