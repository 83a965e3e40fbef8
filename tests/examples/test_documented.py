"""docs/resource-servers.md: its code is run as it stands there."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.api import entry, scopes
from config import environment
from tests import tree
from tests.examples import apis, impostor
from tests.examples.impostor import Impostor
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.leg("sqlite")
FENCE = re.compile(r"^```python ([^\n]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
AUDIENCE = "https://orders.example.com"


def documented(name: str, **given: Any) -> dict[str, Any]:
    """Run a block of the document; return what it defines."""
    text = (tree.ROOT / "docs/resource-servers.md").read_text(encoding="utf-8")
    [body] = [body for title, body in FENCE.findall(text) if title == name]
    space = {"__name__": "documented", **given}
    exec(compile(body, f"docs/resource-servers.md ({name})", "exec"), space)  # noqa: S102
    return space


@pytest.fixture
def issuer() -> Iterator[Impostor]:
    with impostor.running() as found:
        yield found


@pytest.fixture
def service(issuer: Impostor, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Return the service of its own, next to a copy of the verifier as it would be there."""
    monkeypatch.syspath_prepend(str(tree.ROOT / apis.FOLDER))
    credentials = {"CLIENT_ID": "orders", "CLIENT_SECRET": "secret"}
    found = documented(
        "a service of its own", ISSUER=issuer.issuer, AUDIENCE=AUDIENCE, **credentials
    )
    yield found
    found["issuer"]._http.close()
    del sys.modules["verifier"]


def test_a_service_of_its_own(issuer: Impostor, service: dict[str, Any]) -> None:
    claims = {"aud": AUDIENCE, "client_id": "c", "jti": "j"}
    good = issuer.sign(issuer.claims(**claims, scope="orders:read"), kid="ec", typ="at+jwt")
    assert "somebody" in service["orders"](f"Bearer {good}")
    said = {**issuer.claims(**claims), "scope": "orders:pay", "auth_time": int(time.time())}
    issuer.answers["/introspection"] = lambda: {**said, "active": True, "token_type": "Bearer"}
    assert "somebody" in service["pay"]("Bearer whatever")
    denied: Any = sys.modules["verifier"].Denied
    for header, status in ((None, 401), ("Bearer x", 401), ("Bearer", 400)):
        with pytest.raises(denied) as caught:
            service["orders"](header)
        assert caught.value.status == status
        assert "WWW-Authenticate" in caught.value.headers


@pytest.fixture
def rp(enrol: Enrol) -> RelyingParty:
    return enrol(scope="openid users:read users:write")


def asked(view: Callable[..., Any], method: str, header: str | None) -> HttpResponse:
    """Call a view with an Authorization header, or none."""
    more: dict[str, Any] = {} if header is None else {"HTTP_AUTHORIZATION": header}
    host = environment.current().issuer.partition("://")[2].partition("/")[0]
    request = RequestFactory().generic(
        method, "/", secure=environment.current().issuer.startswith("https"), HTTP_HOST=host, **more
    )
    answer: HttpResponse = view(request)
    return answer


def test_a_view(rp: RelyingParty, someone: Person) -> None:
    whoami = documented("a view")["whoami"]
    tokens = rp.tokens(someone, scope="openid users:read")
    good = f"Bearer {tokens['access_token']}"
    assert asked(whoami, "GET", good).status_code == 200
    for header, status in (
        (None, 401),
        ("Bearer x", 401),
        ("Bearer", 400),
        (f"Bearer {tokens['id_token']}", 401),
    ):
        assert asked(whoami, "GET", header).status_code == status
    rp.revoke(tokens["access_token"])
    assert asked(whoami, "GET", good).status_code == 401


def test_an_endpoint(rp: RelyingParty, someone: Person) -> None:
    view = entry.machine(documented("an endpoint")["Greeting"].as_view())
    tokens = rp.tokens(someone, scope=f"openid {scopes.READ}")
    answer = asked(view, "GET", f"Bearer {tokens['access_token']}")
    assert answer.status_code == 200
    assert "hello" in answer.content.decode()
    refused = asked(view, "DELETE", f"Bearer {tokens['access_token']}")
    assert refused.status_code == 403
    assert scopes.WRITE in refused["WWW-Authenticate"]
    assert asked(view, "GET", None).status_code == 401
    more = rp.tokens(someone, scope=f"openid {scopes.WRITE}")["access_token"]
    assert asked(view, "DELETE", f"Bearer {more}").status_code == 204
