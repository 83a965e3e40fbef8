"""config.environment and config.variables: every fault at once, no secret shown, no typo."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import environment, faults, roots, variables
from config.environment import Environment
from config.faults import MisconfiguredError

ROOT = Path(__file__).resolve().parents[3]
KEY = base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    return {"AUTHSERVER_DATA_DIR": str(tmp_path / "var")}


@pytest.fixture
def production(given: dict[str, str]) -> dict[str, str]:
    return {
        **given,
        "AUTHSERVER_MODE": "production",
        "AUTHSERVER_ISSUER": "https://id.example.com",
        "AUTHSERVER_ROOT_KEYS": KEY,
    }


def load(given: dict[str, str]) -> Environment:
    return environment.load(given)[0]


def refused(given: dict[str, str]) -> MisconfiguredError:
    with pytest.raises(MisconfiguredError) as caught:
        environment.load(given)
    return caught.value


def test_nothing_given_is_a_working_development_server(given: dict[str, str]) -> None:
    found = load(given)
    assert found.issuer == "http://localhost:8000"
    assert (found.issuer_host, found.issuer_path, found.port) == ("localhost:8000", "", 8000)
    assert (found.is_production, found.is_secure) == (False, False)
    assert found.database_url == f"sqlite:///{found.data_dir}/authserver.sqlite3"
    assert len(found.root_keys) == 1


def test_the_parts_of_an_issuer_with_a_path(given: dict[str, str]) -> None:
    found = load(given | {"AUTHSERVER_ISSUER": "https://example.com:8443/a/a"})
    assert found.issuer_origin == "https://example.com:8443"
    assert (found.issuer_path, found.issuer_host) == ("/a/a", "example.com:8443")
    assert (found.is_secure, found.port) == (True, 8443)


def test_a_port_alone_moves_the_issuer(given: dict[str, str]) -> None:
    assert load(given | {"AUTHSERVER_PORT": "9001"}).issuer == "http://localhost:9001"


def test_every_fault_is_listed_at_once_with_key_value_allowed_and_anchor(
    given: dict[str, str], tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[refresh]\ngrace = 'soon'\n")
    wrong = {
        "AUTHSERVER_ISSUER": "http://A.example/",
        "AUTHSERVER_MODE": "prodution",
        "AUTHSERVER_ISUER": "https://id.example.com",
        "AUTHSERVER_PORT": "0",
        "AUTHSERVER_DATABASE_TIMEOUT": "2",
        "AUTHSERVER_TRUSTED_PROXIES": "10.0.0.0/8, 10.0.0.1/8",
        "AUTHSERVER_TLS_CERT_FILE": "/nowhere/cert.pem",
        "AUTHSERVER_POLICY_FILE": str(policy),
        "AUTHSERVER_EMAIL_FROM": "nobody",
    }
    report = refused(given | wrong).report()
    for name in wrong.keys() - {"AUTHSERVER_POLICY_FILE", "AUTHSERVER_ISUER"}:
        assert f"{name} = {wrong[name]!r}" in report
        assert f"See docs/operations.md#{name.lower()}" in report
    assert "refresh.grace = 'soon'" in report
    assert "Did you mean AUTHSERVER_ISSUER?" in report
    assert "Did you mean production?" in report
    assert "Allowed: 1 to 65535" in report
    assert report.startswith("authserver cannot start: 9 settings need your attention.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTHSERVER_ROOT_KEYS", "hunter2hunter2"),
        ("AUTHSERVER_DATABASE_URL", "mysql://me:hunter2@db/x"),
        ("AUTHSERVER_DATABASE_URL", "postgresql://me:hunter2@db:port/x"),
        ("AUTHSERVER_REDIS_URL", "http://:hunter2@redis"),
        ("AUTHSERVER_EMAIL_URL", "smtp://me:hunter2@mail?tls=maybe"),
        ("AUTHSERVER_EMAIL_URL", "smtps://me:hunter2@mail"),
    ],
)
def test_a_secrets_value_is_never_shown(given: dict[str, str], name: str, value: str) -> None:
    fault = refused(given | {name: value})
    assert name in fault.report()
    assert "hunter2" not in fault.report() + str(fault) + repr(fault.as_json())


def test_secrets_stay_out_of_the_representation(given: dict[str, str]) -> None:
    secrets = {
        "AUTHSERVER_ROOT_KEYS": KEY,
        "AUTHSERVER_DATABASE_URL": "postgresql://me:hunter2@db/x",
        "AUTHSERVER_REDIS_URL": "redis://:hunter2@redis",
        "AUTHSERVER_EMAIL_URL": "smtp://me:hunter2@mail",
    }
    shown = repr(load(given | secrets))
    assert "hunter2" not in shown
    assert repr(base64.b64decode(KEY)) not in shown


def test_security_contacts_are_addresses_in_their_order(given: dict[str, str]) -> None:
    text = "security@id.example, https://id.example/report tel:+49-30-1"
    found = load(given | {"AUTHSERVER_SECURITY_CONTACT": text}).security_contact
    assert found == ("mailto:security@id.example", "https://id.example/report", "tel:+49-30-1")


@pytest.mark.parametrize("text", ["somebody", "http://id.example/", "https:", "a@b\u2028c", "x:y"])
def test_nothing_else_is_a_security_contact(given: dict[str, str], text: str) -> None:
    assert "AUTHSERVER_SECURITY_CONTACT" in str(
        refused(given | {"AUTHSERVER_SECURITY_CONTACT": text}).report()
    )


def test_what_belongs_to_the_suite_is_nobodys_business(given: dict[str, str]) -> None:
    load(given | {"AUTHSERVER_TEST_ANYTHING": "at all"})


def test_an_unknown_file_variable_is_unknown_too(given: dict[str, str]) -> None:
    assert "Did you mean AUTHSERVER_ROOT_KEYS_FILE?" in (
        refused(given | {"AUTHSERVER_ROOT_KEY_FILE": "/x"}).report()
    )


class TestFiles:
    def test_a_secret_may_come_from_a_file(self, given: dict[str, str], tmp_path: Path) -> None:
        file = tmp_path / "secret"
        file.write_text(f"\n{KEY}\n")
        found = load(given | {"AUTHSERVER_ROOT_KEYS_FILE": str(file)})
        assert found.root_keys[0].secret == base64.b64decode(KEY)

    def test_both_forms_at_once_are_an_error(self, given: dict[str, str], tmp_path: Path) -> None:
        file = tmp_path / "secret"
        file.write_text(KEY)
        both = {"AUTHSERVER_ROOT_KEYS": KEY, "AUTHSERVER_ROOT_KEYS_FILE": str(file)}
        assert "given twice" in refused(given | both).report()

    @pytest.mark.parametrize(
        ("content", "sentence"), [(None, "cannot be read"), (b"\xff", "UTF-8"), (b" \n", "empty")]
    )
    def test_an_unusable_file_is_an_error(
        self, given: dict[str, str], tmp_path: Path, content: bytes | None, sentence: str
    ) -> None:
        file = tmp_path / "secret"
        if content is not None:
            file.write_bytes(content)
        report = refused(given | {"AUTHSERVER_ISSUER_FILE": str(file)}).report()
        assert sentence in report
        assert str(file) in report


class TestProduction:
    def test_a_complete_one_starts_and_makes_no_keys(self, production: dict[str, str]) -> None:
        found = load(production)
        assert found.is_production
        assert not (found.data_dir / roots.FILE_NAME).exists()

    def test_plain_http_is_refused_with_three_ways_out(self, production: dict[str, str]) -> None:
        report = refused(production | {"AUTHSERVER_ISSUER": "http://id.example.com"}).report()
        for way in (
            "AUTHSERVER_TRUSTED_PROXIES",
            "AUTHSERVER_TLS_CERT_FILE",
            "AUTHSERVER_MODE=development",
        ):
            assert way in report

    def test_plain_http_is_fine_on_loopback(self, production: dict[str, str]) -> None:
        assert load(production | {"AUTHSERVER_ISSUER": "http://127.0.0.1:8000"}).is_production

    def test_root_keys_must_be_given(self, production: dict[str, str]) -> None:
        del production["AUTHSERVER_ROOT_KEYS"]
        report = refused(production).report()
        assert "openssl rand -base64 32" in report
        assert not (Path(production["AUTHSERVER_DATA_DIR"]) / roots.FILE_NAME).exists()

    def test_keys_made_for_development_are_refused(
        self, given: dict[str, str], production: dict[str, str]
    ) -> None:
        made = load(given).data_dir / roots.FILE_NAME
        del production["AUTHSERVER_ROOT_KEYS"]
        report = refused(production | {"AUTHSERVER_ROOT_KEYS_FILE": str(made)}).report()
        assert "generated for development" in report

    def test_a_typed_key_is_refused(self, production: dict[str, str]) -> None:
        weak = base64.b64encode(b"k" * 32).decode()
        assert "not random" in refused(production | {"AUTHSERVER_ROOT_KEYS": weak}).report()


def test_a_certificate_without_its_key_is_refused(given: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "cert.pem"
    file.touch()
    assert "AUTHSERVER_TLS_KEY_FILE" in (
        refused(given | {"AUTHSERVER_TLS_CERT_FILE": str(file)}).report()
    )


def test_several_processes_need_shared_stores(given: dict[str, str]) -> None:
    shared = {
        "AUTHSERVER_DATABASE_URL": "postgresql://db/x",
        "AUTHSERVER_REDIS_URL": "unix:///run/valkey.sock",
    }
    two = {"AUTHSERVER_WORKERS": "2"}
    assert "AUTHSERVER_WORKERS" in refused(given | two).report()
    assert load(given | two | shared).workers == 2


def test_the_instance_epoch_comes_from_variable_file_or_one(given: dict[str, str]) -> None:
    folder = load(given).data_dir
    assert load(given).instance_epoch == 1
    (folder / environment.EPOCH_NAME).write_text("7\n")
    assert load(given).instance_epoch == 7
    assert load(given | {"AUTHSERVER_INSTANCE_EPOCH": "9"}).instance_epoch == 9


def test_a_folder_that_cannot_be_used_is_one_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report = refused({"AUTHSERVER_DATA_DIR": str(tmp_path / "file" / "var")}).report()
    assert "cannot be written" in report
    assert "AUTHSERVER_DATA_DIR=/folder/of/yours" in report


def test_a_damaged_key_file_is_told_without_its_content(given: dict[str, str]) -> None:
    (load(given).data_dir / roots.FILE_NAME).write_text("c2VjcmV0")
    report = refused(given).report()
    assert "damaged" in report
    assert "c2VjcmV0" not in report


def test_every_field_has_its_variable() -> None:
    assert set(variables.VARIABLES) == set(Environment.__dataclass_fields__)


@pytest.mark.parametrize("arguments", [["check"], ["doctor", "--json"]])
def test_a_command_stops_with_78_and_no_traceback(tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "AUTHSERVER_DATA_DIR": str(tmp_path), "AUTHSERVER_X": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == faults.EXIT_STATUS
    assert "AUTHSERVER_X" in said
    assert "Traceback" not in said
