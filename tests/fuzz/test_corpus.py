"""RFC 6749 §5.2 — no input reaches a 500: what is really sent, to every address.

PostgreSQL refuses a NUL in text where SQLite takes it, so both legs run all of it. Machine
endpoints are tried through both doors; pages have only one handler.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping

import pytest

from accounts import people
from authserver import clients
from config import environment
from tests import person
from tests.doors import Door
from tests.fuzz import bombs, corpus, targets, wire
from tests.fuzz.wire import CSRF, FORM, Sent
from tests.rp import RelyingParty

FRONT = Door(name="front")
PAGES = targets.pages()
ADMINISTRATION = [path for path in PAGES if path.startswith("/admin/")]
ENTRANCES = ("/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/authserver/client/add/")
OTHERS = [path for path in PAGES if not path.startswith("/admin/")]
ROWS = [path for path in ADMINISTRATION if path.endswith("/1/change/")]
FOR_STRANGERS = [
    path for path in OTHERS if re.search("login|signup|reset|consent|confirm|setup", path)
]
IN_ADMINISTRATION = ".*in every|JSON object|multipart with|query"


def _signed_in(*, is_staff: bool = False) -> str:
    """Return the cookies of a browser in which somebody has just signed in."""
    someone = person.registered(FRONT)
    people.appoint(someone.subject, is_staff=is_staff)
    issuer = environment.current().issuer
    someone.sign_in(someone.browser.open(f"{issuer}/account/login/"))
    cookies = someone.browser.jar.cookies
    assert "as_session" in cookies
    return f"as_session={cookies['as_session'].value}"


def _failures(door: str, path: str, requests: Iterable[tuple[str, Sent]]) -> dict[str, str]:
    """Send everything and return what was wrong, by name."""
    found = {}
    for name, sent in requests:
        clients.evict_all()  # unknown clients are throttled, and here they come by the hundred
        try:
            targets.judge(path, wire.send(door, dataclasses.replace(sent, path=path)))
        except Exception as fault:  # noqa: BLE001  every one is wanted, whatever it is
            found[name] = f"{type(fault).__name__}: {fault}"
    return found


def _serves(machine: RelyingParty) -> bool:
    page = FRONT.get(f"{machine.issuer}/account/login/")
    return page.status_code == 200 and machine.client_credentials().status_code == 200


@pytest.mark.parametrize("path", targets.MACHINES)
def test_a_machine_endpoint_answers_strangers(machine: RelyingParty, path: str) -> None:
    requests = corpus.requests({"token": "x"}, {})
    assert _failures(machine.door.name, path, requests) == {}
    assert _serves(machine)


@pytest.mark.parametrize("path", [path for path in targets.MACHINES if "/oauth2/" in path])
def test_a_machine_endpoint_answers_a_client(machine: RelyingParty, path: str) -> None:
    headers, form = machine.credentials.proof(machine.issuer)
    form = {"grant_type": "client_credentials", "token": "x", **form}
    assert _failures(machine.door.name, path, corpus.requests(form, headers)) == {}
    assert _serves(machine)


def _of_pages(headers: Mapping[str, str]) -> Iterable[tuple[str, Sent]]:
    """Yield what pages are sent: nothing field by field, for they all read their fields alike."""
    for name, sent in corpus.requests({"csrfmiddlewaretoken": CSRF}, headers):
        if "in every" in name or not re.search(" twice| in |8 MB|Bearer", name):
            yield name, sent


@pytest.mark.parametrize("path", OTHERS)
def test_a_page_answers_who_is_signed_in(path: str) -> None:
    assert _failures("front", path, _of_pages(wire.passing_csrf(_signed_in()))) == {}


@pytest.mark.parametrize("path", FOR_STRANGERS)
def test_a_page_answers_strangers(path: str) -> None:
    assert _failures("front", path, _of_pages(wire.passing_csrf())) == {}


@pytest.mark.parametrize("path", ADMINISTRATION)
def test_a_page_of_the_administration_answers(path: str) -> None:
    headers = wire.passing_csrf(_signed_in(is_staff=True))
    named = re.compile("" if path in ENTRANCES else IN_ADMINISTRATION)
    requests = (each for each in _of_pages(headers) if named.match(each[0]))
    assert _failures("front", path, requests) == {}


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/oauth2/logout", "/account/login/"])
def test_a_page_reads_each_field(machine: RelyingParty, path: str) -> None:
    headers = wire.passing_csrf()
    form = {"csrfmiddlewaretoken": CSRF, "client_id": machine.client_id}
    assert _failures("front", path, corpus.requests(form, headers)) == {}
    assert _serves(machine)


@pytest.mark.parametrize(
    "part",
    [
        "\x00",
        "a\x00b",
        "\xff\xfe",
        "\xed\xa0\x80",
        "..",
        "%2e%2e",
        "\r\n",
        "//",
        "a" * 60_000,
        "\\",
        "%00",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("before", ["/", "/oauth2/", "/setup/", "/static/", "/admin/", "/account/"])
@pytest.mark.parametrize("method", ["GET", "POST", "get"])
def test_an_odd_path_answers(way_in: Door, before: str, part: str, method: str) -> None:
    headers = {"Content-Type": FORM, **wire.passing_csrf()}
    for path in (before + part, f"{before}{part}/", before[:-1] + part):
        sent = Sent(method=method, path=path, headers=headers, body=b"a=1")
        targets.judge(path, wire.send(way_in.name, sent))


@pytest.mark.parametrize("model", ROWS)
@pytest.mark.parametrize(
    "key", ["\x00", "\xff", "a" * 3_000, "_00", "_0", "9" * 40, "-1", "_zz"], ids=ascii
)
def test_an_odd_row_answers(model: str, key: str) -> None:
    headers = wire.passing_csrf(_signed_in(is_staff=True))
    for verb in ("change", "delete", "history"):
        path = model.replace("/1/change/", f"/{key}/{verb}/")
        targets.judge(path, wire.send("front", Sent(path=path, headers=headers)))


@pytest.mark.parametrize("bomb", bombs.tokens())
def test_a_jwt_bomb_is_refused(machine: RelyingParty, bomb: str) -> None:
    text = bombs.tokens(machine.client_id)[bomb]
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"client_assertion": text, "client_assertion_type": kind}
    asked = machine.door.post(
        machine.address("token"), {"grant_type": "client_credentials", **form}
    )
    assert (asked.status_code, asked.json()["error"]) in {
        (401, "invalid_client"),
        (400, "invalid_request"),
    }
    assert machine.introspect(text).status_code in {200, 400}
    assert machine.revoke(text).status_code in {200, 400}
    for name in ("id_token_hint",):
        for path in ("/oauth2/logout", "/oauth2/authorize"):
            sent = Sent(query=f"{name}={text}&client_id={machine.client_id}", path=path)
            targets.judge(path, wire.send("front", sent))
    assert machine.client_credentials().status_code == 200
