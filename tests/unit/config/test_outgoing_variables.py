"""AUTHSERVER_ALLOWED_PRIVATE_HOSTS and AUTHSERVER_EXTRA_CA_FILE: read strictly, at the start."""

from pathlib import Path

import pytest

from config import environment
from config.environment import Environment
from config.faults import MisconfiguredError
from tests.unit.config import listener


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    return {"AUTHSERVER_DATA_DIR": str(tmp_path / "var")}


def load(given: dict[str, str]) -> Environment:
    return environment.load(given)[0]


def refused(given: dict[str, str]) -> MisconfiguredError:
    with pytest.raises(MisconfiguredError) as caught:
        environment.load(given)
    return caught.value


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("rp.internal", {"rp.internal"}),
        ("RP.Internal:8443, 10.0.0.7\n[::1]:9", {"rp.internal:8443", "10.0.0.7", "[::1]:9"}),
        ("[fd00::1],localhost", {"[fd00::1]", "localhost"}),
    ],
)
def test_private_hosts_are_named_one_by_one(
    given: dict[str, str], text: str, hosts: set[str]
) -> None:
    found = load(given | {"AUTHSERVER_ALLOWED_PRIVATE_HOSTS": text})
    assert found.allowed_private_hosts == hosts


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "*.internal",
        "10.0.0.0/8",
        "http://rp.internal",
        "rp.internal/",
        "user@rp.internal",
        "rp.internal:",
        "rp.internal:x",
        "rp.internal:99999",
        "rp.internal:0443",
        "::1",
        "[::1",
        "rp..internal:",
        "-rp",
        "rp_x",
    ],
)
def test_and_nothing_wider(given: dict[str, str], text: str) -> None:
    told = refused(given | {"AUTHSERVER_ALLOWED_PRIVATE_HOSTS": f"fine.internal {text}"})
    assert [each.key for each in told.faults] == ["AUTHSERVER_ALLOWED_PRIVATE_HOSTS"]
    assert text in told.faults[0].problem


def test_authorities_are_read_at_the_start(given: dict[str, str], tmp_path: Path) -> None:
    made = listener.certified(tmp_path, "rp.example")
    path = str(made.authority)
    assert load(given | {"AUTHSERVER_EXTRA_CA_FILE": path}).extra_ca_file == made.authority


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA==\n"])
def test_a_file_without_certificates_stops_it(
    given: dict[str, str], tmp_path: Path, text: str
) -> None:
    path = tmp_path / "authority.pem"
    path.write_text(text)
    for each in (path, tmp_path / "missing.pem"):
        told = refused(given | {"AUTHSERVER_EXTRA_CA_FILE": str(each)})
        assert [fault.key for fault in told.faults] == ["AUTHSERVER_EXTRA_CA_FILE"]
