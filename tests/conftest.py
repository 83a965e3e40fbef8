"""What every test stands on: fresh back ends, one migrated database, no network, random order.

Nothing is rolled back: the server commits by itself and refuses to run inside someone else's
transaction. So each test makes its own clients and people, under names nobody else has.
"""

import gc
import os
import random
from collections.abc import Iterator
from pathlib import Path

import django
import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from pytest_django import DjangoDbBlocker

from tests import leg, network, outside, parts, tally, tree

LEG = leg.enter()
PART = parts.named(os.environ.get("AUTHSERVER_TEST_PART", ""))
gc.disable()  # what is read and collected now stays to the end
django.setup()
network.forbid()
if LEG is leg.Leg.SQLITE:  # nobody pulls the plug on a test; the other leg has no fsync either
    options = settings.DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("=FULL", "=OFF")
pytest_plugins = [
    "tests.parties",
    "tests.registrations",
    "tests.api",
]  # who takes part in black-box tests
DOORS = {"front": ("front",), "django": ("django",), "both": ("front", "django")}

hypothesis.settings.register_profile(
    "suite",
    deadline=None,  # time limits are benchmarks, never asserted
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the door and the order be chosen."""
    group = parser.getgroup("authserver")
    group.addoption("--door", choices=sorted(DOORS), help="which door the black box uses")
    group.addoption("--seed", type=int, help="the order of an earlier run")


def pytest_configure(config: pytest.Config) -> None:
    """Settle the order and start counting, where the runner asks for a count."""
    if config.option.seed is None:
        config.option.seed = random.randrange(1_000_000)
    if path := os.environ.get("AUTHSERVER_TEST_TALLY"):
        tell = int(os.environ["AUTHSERVER_TEST_TELL"])
        config.pluginmanager.register(tally.Counting(Path(path), tell=tell))


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to repeat this run."""
    return f"leg: {LEG.value}, order: --seed={config.option.seed}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop what belongs elsewhere; shuffle files, and tests inside each file."""
    for item in items:
        if item.get_closest_marker("django_db"):
            raise pytest.UsageError(
                f"{item.nodeid}: the database is always there and never rolled back; "
                "take the mark django_db (or the Django TestCase) away."
            )
    foreign = [item for item in items if not _belongs(item)]
    config.hook.pytest_deselected(items=foreign)
    chance = random.Random(config.option.seed)
    weight = {path: chance.random() for path in sorted({item.path for item in items})}
    order = {item.nodeid: chance.random() for item in sorted(items, key=lambda item: item.nodeid)}
    items[:] = sorted(
        (item for item in items if _belongs(item)),
        key=lambda item: (weight[item.path], order[item.nodeid]),
    )


def pytest_collection_finish() -> None:
    """Let no collection of garbage walk through thousands of tests again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _belongs(item: pytest.Item) -> bool:
    if PART and not PART.has(item.path.relative_to(tree.ROOT / "tests").parts[0]):
        return False
    mark = item.get_closest_marker("leg")
    return mark is None or leg.Leg(mark.args[0]) is LEG


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once per door where it, or a fixture it uses, asks for one."""
    if "door" in metafunc.fixturenames:
        default = "both" if LEG is leg.Leg.SQLITE else "front"
        doors = DOORS[metafunc.config.getoption("--door") or default]
        metafunc.parametrize("door", doors, indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what this machine cannot run, or fail it where that is not allowed."""
    for kind in ("browser", "npm"):
        if item.get_closest_marker(kind) and (lack := outside.missing(kind)):
            (pytest.fail if outside.required(kind) else pytest.skip)(lack)


@pytest.fixture
def door(request: pytest.FixtureRequest) -> str:
    """Return the way in: "front" (config.wsgi's dictionary) or "django" (its views)."""
    return str(request.param)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Migrate the leg's database; nobody else has it, so there is no second one for tests."""
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0, interactive=False)


@pytest.fixture(scope="session", autouse=True)
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep the database open to every test, in every thread."""
    with django_db_blocker.unblock():
        yield
        for connection in connections.all():
            connection.close()
            if isinstance(connection, PostgreSQL):
                connection.close_pool()
