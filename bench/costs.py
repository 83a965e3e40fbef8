"""What a request of ours costs by its parts: microseconds in process, without server or socket.

The best of many runs is shown: what the code costs when nothing else is on the machine. Run as a
program (`python -m bench costs`): it loads our server on a fresh SQLite file of its own.
"""

import atexit
import base64
import cProfile
import functools
import io
import os
import pstats
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.http import HttpRequest

from bench import contestants, machine, registrations, wire
from bench.contestants import Contestant
from bench.wire import Answer

_stack = ExitStack()
atexit.register(_stack.close)
_FOLDER = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
for _name in set(os.environ) - set(machine.inherited()):
    del os.environ[_name]
os.environ.update(
    AUTHSERVER_MODE="production",
    AUTHSERVER_ISSUER=f"http://{wire.HOST}:8000",
    AUTHSERVER_DATA_DIR=str(_FOLDER),
    AUTHSERVER_ROOT_KEYS=base64.b64encode(secrets.token_bytes(32)).decode(),
    AUTHSERVER_POLICY_FILE=str(_FOLDER / "policy.toml"),
)
(_FOLDER / "policy.toml").write_text(registrations.RATES, encoding="utf-8")
# The log is formatted and written as always, but to a file.
sys.stderr = _stack.enter_context((_FOLDER / "log").open("w", encoding="utf-8"))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup(set_prefix=False)

from rest_framework.request import Request  # noqa: E402  it reads Django's settings

from accounts import api_keys  # noqa: E402  rows need Django
from accounts.api.authentication import ApiKey, Bearer  # noqa: E402  likewise
from authserver import clients, forms, http, resources  # noqa: E402  likewise
from bench import inside  # noqa: E402  likewise
from config import answer, environment, headers, policy, wsgi  # noqa: E402
from tokens import access, grants, handles, jws, refresh, ring  # noqa: E402

sys.stderr = sys.__stderr__  # whatever else goes wrong is shown
_REPEATS = 9
_SECONDS = 0.1  # each
_STOCK = 4000  # codes, made beforehand


class Inside(Contestant):
    """Our server in this process, asked without a socket."""

    def ask(self, request: bytes) -> Answer:
        """Call the application."""
        return _call(_environ(request))


def _environ(request: bytes) -> dict[str, Any]:
    """Return a request as a WSGI server hands it on."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": wire.HOST,
        "SERVER_NAME": wire.HOST,
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }
    for line in lines:
        name, _, value = line.partition(": ")
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
    return environ


def _call(environ: dict[str, Any]) -> Answer:
    begun: list[Any] = []
    pieces = wsgi.application(environ, lambda status, headers: begun.extend((status, headers)))
    body = b"".join(pieces)
    getattr(pieces, "close", lambda: None)()
    head = "\r\n".join(["", *(f"{name}: {value}" for name, value in begun[1])])
    return Answer(int(begun[0][:3]), head.encode(), body)


def best(work: Callable[[], object]) -> float:
    """Return the microseconds of one call, in the best of some runs."""
    results = []
    for _ in range(_REPEATS):
        count, start = 0, time.perf_counter()
        end = start + _SECONDS
        while (now := time.perf_counter()) < end:
            work()
            count += 1
        results.append((now - start) / count)
    return min(results) * 1e6


def statements(work: Callable[[], object]) -> int:
    """Return how many statements one call runs."""
    seen: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    work()
    with connection.execute_wrapper(count):
        work()
    return len(seen)


def whole(who: Inside) -> dict[str, Callable[[], Answer]]:
    """Return a call for each kind of request."""
    family = who.families[0]
    turned = [family.refresh_token]
    codes = [contestants.code_of(who.ask(who.authorization())) for _ in range(_STOCK)]

    def turn() -> Answer:
        answer = who.json(who.refreshing(turned[0]))
        turned[0] = answer["refresh_token"]
        return Answer(200, b"", b"")

    opaque = Inside(name="opaque", port=8000, pid=0, paths=contestants.OURS, machine="bench-opaque")
    fixed = {
        "client_credentials, ES256": who.client_credentials(),
        "client_credentials, opaque": opaque.client_credentials(),
        "introspection": who.introspection(who.families[-1].access_token),
        "userinfo": who.userinfo(who.families[-1].access_token),
        "JWKS": who.document(who.paths.jwks),
        "discovery": who.document(who.paths.discovery),
        "authorize, live session": who.authorization(),
    }
    calls: dict[str, Callable[[], Answer]] = {
        title: functools.partial(who.ask, request) for title, request in fixed.items()
    }
    calls["refresh"] = turn
    calls["code redemption"] = lambda: who.ask(who.redemption(codes.pop()))
    return calls


def parts(who: Inside) -> dict[str, Callable[[], object]]:
    """Return a call for each part worth naming."""
    limits = policy.current().requests
    text = who.families[-1].access_token
    claims = access.read(text) or {}
    grant = grants.find(claims["gid"])
    assert grant is not None
    handle = refresh.text(grant)
    sign = ring.current().sign
    environ = _environ(who.client_credentials())
    answered = answer.json_answer({})
    return {
        "building the environ (the driver's, in every row above)": lambda: _environ(
            who.client_credentials()
        ),
        "environment.current and policy.current": lambda: (
            environment.current(),
            policy.current(),
        ),
        "form: grant_type and scope": lambda: forms.parse(
            b"grant_type=client_credentials&scope=read", limits
        ),
        "client: cache and secret": lambda: clients.authenticated(
            "bench-web", registrations.SECRET
        ),
        "resource of the token": lambda: resources.targets(_client(), ()),
        "sign ES256": lambda: sign(claims, typ=jws.AT_JWT, alg="ES256"),
        "sign RS256": lambda: sign(claims, typ=jws.ID_JWT, alg="RS256"),
        "verify ES256 and read": lambda: access.read(text),
        "seal a refresh token": lambda: refresh.text(grant),
        "open a refresh token": lambda: refresh.open(handle),
        "seal an opaque access token": lambda: handles.seal(handles.ACCESS, claims),
        "find a grant (one statement, SQLite)": lambda: grants.find(grant.id),
        "headers of an answer": lambda: headers.complete(
            answered.headers, headers.Route.MACHINE, environ
        ),
        "API: who holds this access token (one statement, SQLite)": functools.partial(
            Bearer().authenticate, _call_of_the_api(HTTP_AUTHORIZATION=f"Bearer {text}")
        ),
        "API: whose is this key (one statement, SQLite)": functools.partial(
            ApiKey().authenticate, _call_of_the_api(HTTP_X_API_KEY=_api_key())
        ),
        "the log line": lambda: http._write_line("token", environ, answered, {}, 0.0),  # noqa: SLF001
    }


def _call_of_the_api(**headers: str) -> Request:
    page = HttpRequest()
    page.META |= headers
    return Request(page)


def _api_key() -> str:
    _, text = api_keys.make("bench", ["users:read"])
    return text


def _client() -> clients.Client:
    client = clients.find("bench-web")
    assert client is not None
    return client


def main() -> None:
    """Print what each request and each part costs, as Markdown; `profile` prints where it goes."""
    inside.prepare()
    who = Inside(name="ours", port=8000, pid=0, paths=contestants.OURS, machine="bench-machine")
    who.web, who.api = "bench-web", "bench-api"
    who.make_ready(2)
    calls = whole(who)
    if sys.argv[1:2] == ["profile"]:
        for title in sys.argv[2:] or calls:
            _profile(title, calls[title])
        return
    print("| request, in process | µs | statements |\n| --- | ---: | ---: |")
    for title, call in calls.items():
        print(f"| {title} | {best(call):.0f} | {statements(call)} |", flush=True)
    print("\n| part | µs |\n| --- | ---: |")
    for title, part in parts(who).items():
        print(f"| {title} | {best(part):.1f} |", flush=True)


def _profile(title: str, call: Callable[[], Answer], times: int = 500) -> None:
    call()
    with cProfile.Profile() as profile:
        for _ in range(times):
            call()
    print(f"{title}, {times} times")
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(28)


if __name__ == "__main__":
    main()
