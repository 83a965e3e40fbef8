"""Every command of docs/api.md does what stands beside it."""

import json
import re
import secrets
import shlex

import pytest

from config import environment
from tests import person, tree
from tests.api import Program
from tests.doors import Response

pytestmark = pytest.mark.spec("RFC 9457 §3")
TEXT = (tree.ROOT / "docs/api.md").read_text(encoding="utf-8")
_JSON = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^```sh (\d{3}) (\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def run(command: str, program: Program) -> Response:
    """Send what curl would send."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["curl", "-s"]
    method, url, headers, body = "GET", "", {}, b""
    rest = iter(words[2:])
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest).encode()
            case _:
                url = word
    return program.door.send(method, url, headers=headers, body=body)


@pytest.mark.parametrize(
    ("status", "who", "command"),
    [pytest.param(*each, id=f"{n} {each[1]} {each[0]}") for n, each in enumerate(COMMANDS)],
)
def test_each_does_what_it_says(
    status: str,
    who: str,
    command: str,
    request: pytest.FixtureRequest,
    somebody_else: person.Person,
) -> None:
    program: Program = request.getfixturevalue(who)
    values = {
        "ISSUER": environment.current().issuer,
        "TOKEN": program.headers.get("Authorization", "").removeprefix("Bearer "),
        "KEY": program.headers.get("X-API-Key", ""),
        "ID": somebody_else.subject,
        "grace@example.com": f"{secrets.token_hex(8)}@example.com",
    }
    for name, value in values.items():
        command = command.replace(f"${name}" if name.isupper() else name, value)
    answer = run(command, program)
    assert str(answer.status_code) == status, answer.text


def test_there_are_examples_of_every_method() -> None:
    assert len(COMMANDS) >= 6
    methods = {found[1] for *_, text in COMMANDS if (found := re.search(r"-X (\w+)", text))}
    assert methods == {"POST", "PATCH", "DELETE"}


def test_what_is_shown_is_what_comes(own: Program, service: Program) -> None:
    shown = [json.loads(text) for text in _JSON.findall(TEXT)]
    person_shown, problem_shown = shown
    assert set(person_shown) == set(own.get("/me").json())
    body = {"email": "a@localhost", "password": person.PASSWORD, "name": "Grace Hopper", "age": 5}
    problem = service.post(body).json()
    assert problem["errors"] == problem_shown["errors"]
    assert problem | {"instance": 0} == problem_shown | {"instance": 0}
