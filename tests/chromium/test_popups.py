"""HTML §7.1.3 — who opens our pages in a window of its own has no hold on it, unless permitted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chromium import watcher
from tests.chromium.conftest import Open
from tests.chromium.watcher import Site
from tests.examples import world

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite"), pytest.mark.spec("HTML §7.1.3")]
PAGE = """<!doctype html><title>An application</title><button>Sign in</button>
<script>
document.querySelector("button").addEventListener("click", () => {
  window.theirs = window.open(location.hash.slice(1));
});
</script>
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with watcher.served(PAGE) as found:
        yield found


@pytest.fixture(scope="module", params=[False, True], ids=["by default", "permitted"])
def permitted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def issuer(permitted: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("popups")
    issuer = world.free_address("localhost")
    rules = folder / "policy.toml"
    rules.write_text(f"[responses]\ndanger_popups = {str(permitted).lower()}\n", encoding="utf-8")
    settings = {
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_DATA_DIR": str(folder / "var"),
        "AUTHSERVER_POLICY_FILE": str(rules),
    }
    with world.process(issuer, folder / "server.log", "manage.py", "start", **settings):
        yield issuer


def test_who_holds_the_window(site: Site, issuer: str, permitted: bool, window: Open) -> None:
    tab = window().tab()
    tab.goto(f"http://127.0.0.1:{site.server_port}/#{issuer}/account/login/")
    with tab.expect_popup() as opened:
        tab.locator("button").click()
    shown = opened.value
    shown.wait_for_url(f"{issuer}/account/login/")
    shown.wait_for_load_state()
    assert shown.locator("input[type=password]").count() == 1
    assert tab.evaluate("window.theirs.closed") is not permitted
    assert shown.evaluate("window.opener === null") is not permitted
