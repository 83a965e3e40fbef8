"""Signing in with an account elsewhere, in Chromium: there and back, and no complaint."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import idp
from tests.chromium import looks
from tests.chromium.conftest import Open
from tests.examples import world
from tests.idp import SECRET, Idp

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
PROVIDER = "[upstream.{id}]\nissuer = '{issuer}'\nclient_id = 'our client'\n"


@pytest.fixture(scope="module")
def providers() -> Iterator[tuple[Idp, Idp]]:
    """Run two providers that have known the person for long."""
    both = Idp(name="theirs", email="ada@elsewhere.example"), Idp(name="other")
    with ExitStack() as stack:
        for one in both:
            one.origin = f"http://{stack.enter_context(idp.serving(one))}"
        yield both


@pytest.fixture(scope="module")
def site(providers: tuple[Idp, Idp], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server that offers both, and nothing beside it."""
    folder: Path = tmp_path_factory.mktemp("upstream")
    policy = folder / "policy.toml"
    policy.write_text("".join(PROVIDER.format(id=p.name, issuer=p.origin) for p in providers))
    issuer = world.free_address("localhost")
    settings = {
        "AUTHSERVER_DATA_DIR": str(folder / "var"),
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_POLICY_FILE": str(policy),
        "AUTHSERVER_UPSTREAM_SECRETS": " ".join(f"{one.name}={SECRET}" for one in providers),
        "AUTHSERVER_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
    }
    with world.process(issuer, folder / "server.log", "manage.py", "start", **settings):
        yield issuer


def test_there_and_back(site: str, window: Open) -> None:
    tab = window(reduced_motion="reduce").tab()
    tab.goto(f"{site}/account/login/")
    looks.judge(tab, "sign-in-elsewhere")
    tab.goto(f"{site}/account/upstream/theirs/start/")
    looks.judge(tab, "elsewhere-start")
    tab.get_by_role("button", name="Continue with Theirs").click()
    tab.get_by_role("heading", name="Create an account").wait_for()
    looks.judge(tab, "elsewhere-create")
    tab.get_by_role("button", name="Create the account").click()
    tab.wait_for_url(f"{site}/account/**")
    tab.goto(f"{site}/account/connections/")
    looks.judge(tab, "connections-last")
    tab.get_by_role("button", name="Connect Other").click()
    tab.get_by_text("is connected").wait_for()
    looks.judge(tab, "connections-two", again=False)
    tab.get_by_role("button", name="Disconnect").last.click()
    tab.get_by_text("is disconnected").wait_for()


def test_who_is_unknown_is_asked_and_scripts_are_not_needed(site: str, window: Open) -> None:
    tab = window(java_script_enabled=False).tab()
    tab.goto(f"{site}/account/login/")
    tab.get_by_role("button", name="Continue with Other").click()
    tab.get_by_role("heading", name="Are you new here?").wait_for()
    url = tab.url
    seeing = window(reduced_motion="reduce", storage_state=tab.context.storage_state()).tab()
    seeing.goto(url)
    looks.judge(seeing, "elsewhere-choose")
    tab.get_by_role("link", name="Create an account").click()
    tab.get_by_role("heading", name="Create an account").wait_for()
    tab.go_back()
    tab.get_by_role("heading", name="Are you new here?").wait_for()
