"""A library in a program of its own, which asks the test for a person's browser."""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from tests import outside
from tests.browser import Page
from tests.doors import Response
from tests.person import Person

Publish = Callable[[str], str]
"""What makes a document fetchable and returns its address."""
PATIENCE = 60.0  # seconds until a program that says nothing is given up


class RefusedError(Exception):
    """The library did not take what came; `told` is its own error."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(told.get("stack") or str(told))
        self.told = told


def run(
    script: str,
    task: Mapping[str, Any],
    person: Person,
    decision: str = "allow",
    *,
    publish: Publish | None = None,
) -> dict[str, Any]:
    """Let a script do its task, with this person at the browser; return what it tells.

    Raises:
        RefusedError: the library raised an error.
    """
    with subprocess.Popen(
        ["node", script],
        cwd=outside.NPM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        limit = threading.Timer(PATIENCE, process.kill)
        limit.start()
        try:
            return _talk(process, task, person, decision, publish or _nowhere)
        finally:
            limit.cancel()
            process.kill()


def _nowhere(document: str) -> str:
    raise AssertionError("this program publishes nothing")


def _talk(
    process: subprocess.Popen[str],
    task: Mapping[str, Any],
    person: Person,
    decision: str,
    publish: Publish,
) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    said: Mapping[str, Any] = task
    while True:
        process.stdin.write(json.dumps(said) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, "the program ended without a word"
        heard = json.loads(line)
        if "refused" in heard:
            raise RefusedError(heard["refused"])
        if "done" in heard:
            return dict(heard["done"])
        if "publish" in heard:
            said = {"url": publish(heard["publish"])}
        else:
            said = brought(person, person.visit(heard["visit"], decision))


def brought(person: Person, answer: Response) -> dict[str, str]:
    """Return what the person's browser brings to the application: an address or a posted form."""
    page = Page(answer)
    if page.form_with("sign_out"):
        answer = person.decide(answer, "sign_out")
    if answer.location:
        return {"url": answer.location}
    forms = [form for form in page.forms if not form.action.startswith(person.browser.site)]
    assert forms, f"{answer.status_code} {page.heading}: the browser stays at {answer.url}"
    return {"url": forms[0].action, "body": urlencode(forms[0].fields)}
