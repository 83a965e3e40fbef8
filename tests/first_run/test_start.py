"""The first minute: one command on nothing at all, and what it prints works."""

import base64
import json
import shutil
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.first_run import running
from tests.first_run.running import Running


class _Still(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Stay."""


def get(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of a GET that follows nothing."""
    asked = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.build_opener(_Still).open(asked, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, dict(refused.headers), refused.read().decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("first") / "var"


@pytest.fixture(scope="module")
def env(folder: Path) -> Iterator[dict[str, str]]:
    with running.database() as more:
        yield running.variables(folder, running.free_port(), **more)


@pytest.fixture(scope="module")
def server(env: dict[str, str]) -> Iterator[Running]:
    with running.started(env) as found:
        yield found


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_printed_curl_gives_a_token_and_introspects_it(server: Running) -> None:
    outputs = [
        subprocess.run(
            server.said["curl"][name], shell=True, capture_output=True, check=True
        ).stdout
        for name in ("token", "introspect")
    ]
    assert json.loads(outputs[0])["token_type"] == "Bearer"
    assert json.loads(outputs[1])["active"] is True


def test_everything_secret_on_disk_is_its_owners_alone(server: Running, folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_the_loopback_addresses_are_one_server_and_others_are_told(server: Running) -> None:
    other = server.issuer.replace("localhost", "127.0.0.1")
    status, headers, _ = get(f"{other}/account/login/?next=%2F")
    assert status in {HTTPStatus.FOUND, HTTPStatus.TEMPORARY_REDIRECT}
    assert headers["location"] == f"{server.issuer}/account/login/?next=%2F"
    assert "set-cookie" not in headers
    assert get(f"{other}/.well-known/openid-configuration")[0] == HTTPStatus.OK
    status, headers, page = get(f"{server.issuer}/", Host="id.example")
    assert status == HTTPStatus.MISDIRECTED_REQUEST
    assert "AUTHSERVER_ISSUER" in page
    assert "set-cookie" not in headers


def test_the_front_page_names_the_command_and_never_shows_the_link(server: Running) -> None:
    status, _, page = get(f"{server.issuer}/")
    assert status == HTTPStatus.OK
    assert "admin-link" in page
    assert "/setup/" not in page
    secret = server.said["setup_link"].rpartition("/")[2]
    assert secret not in page


def test_looking_at_the_setup_link_consumes_nothing_and_a_new_one_voids_it(
    server: Running, env: dict[str, str]
) -> None:
    first = _link(env)
    assert [get(first)[0] for _ in range(2)] == [HTTPStatus.OK] * 2
    second = _link(env)
    assert get(second)[0] == HTTPStatus.OK
    assert get(first)[0] != HTTPStatus.OK


def _link(env: dict[str, str]) -> str:
    link: str = json.loads(running.command("admin-link", "--json", env=env).stdout)["link"]
    return link


def test_many_callers_at_once_are_all_answered(server: Running) -> None:
    api, machine = server.said["demo"]["api"], server.said["demo"]["machine"]

    def post(path: str, client: dict[str, str], body: str) -> dict[str, Any]:
        pair = f"{client['client_id']}:{client['secret']}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        asked = urllib.request.Request(server.issuer + path, body.encode(), headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            document: dict[str, Any] = json.load(answer)
            return document

    token = post("/oauth2/token", machine, "grant_type=client_credentials")["access_token"]
    with ThreadPoolExecutor(16) as callers:
        asked = [
            callers.submit(post, "/oauth2/introspect", api, f"token={token}") for _ in range(400)
        ]
        assert all(each.result()["active"] for each in asked)


def test_a_second_start_changes_nothing(
    env: dict[str, str], server: Running, folder: Path, tmp_path: Path
) -> None:
    before = (folder / "demo.json").read_bytes(), (folder / "root.keys").read_bytes()
    keys = get(f"{server.issuer}/oauth2/jwks")[2]
    port = running.free_port()
    again = env | {"AUTHSERVER_ISSUER": f"http://localhost:{port}"}
    with running.started(again) as second:
        assert second.said["demo"] == server.said["demo"]
        assert get(f"{second.issuer}/oauth2/jwks")[2] == keys
        assert second.stop() == 0
    assert before == ((folder / "demo.json").read_bytes(), (folder / "root.keys").read_bytes())


def test_a_port_that_is_taken_is_told_with_the_way_out(
    env: dict[str, str], server: Running
) -> None:
    done = running.command("start", env=env)
    assert done.returncode != 0
    assert "Another program is using port" in done.stderr
    assert "AUTHSERVER_ISSUER=http://localhost:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_told_with_the_way_out(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    env = running.variables(blocked / "var", running.free_port())
    done = running.command("start", env=env)
    assert done.returncode == 78
    assert "AUTHSERVER_DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_has_no_demo_and_no_root_key_of_its_own_making(tmp_path: Path) -> None:
    with running.database() as more:
        port = running.free_port()
        env = running.variables(tmp_path / "var", port, AUTHSERVER_MODE="production", **more)
        done = running.command("start", "--prepare-only", "--json", env=env)
        assert done.returncode == 78
        assert "AUTHSERVER_ROOT_KEYS" in done.stdout
        made = running.command(
            "keys", "new-root", "--json", env=running.variables(tmp_path / "elsewhere", port)
        )
        env["AUTHSERVER_ROOT_KEYS"] = json.loads(made.stdout)["root_key"]
        done = running.command("start", "--prepare-only", "--json", env=env)
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout.splitlines()[-1])
        assert "demo" not in said
        assert said["setup_link"]
