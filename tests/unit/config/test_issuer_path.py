"""config.urls and config.wsgi under an issuer with a path: everything moves, for every way in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import io, json
from config import wsgi
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.templatetags.static import static

call_command("migrate", verbosity=0)

def front(path, split=""):
    said = []
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": split, "PATH_INFO": path.removeprefix(split),
        "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "1", "HTTP_HOST": "id.example:8000",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
    }
    for part in wsgi.application(environ, lambda status, headers, _=None: said.append(status)):
        pass
    return int(said[0][:3])

client = Client(headers={"host": "id.example:8000"})
known = json.loads(client.get("/idp/.well-known/openid-configuration").content)
paths = [
    "/idp/", "/idp/livez", "/livez", "/idp/oauth2/jwks", static("accounts/style.css"),
    "/.well-known/oauth-authorization-server/idp", "/idp/account/login/", "/idp/admin/login/",
    "/.well-known/security.txt", "/idp/.well-known/security.txt",
    "/.well-known/change-password", "/idp/.well-known/change-password",
    "/.well-known/passkey-endpoints", "/idp/.well-known/passkey-endpoints",
    "/", "/oauth2/jwks", "/account/login/", "/idp", "/idpx/livez",
]
admin = client.get("/idp/admin/")
print(json.dumps({
    "issuer": known["issuer"],
    "authorize": known["authorization_endpoint"],
    "reversed": [reverse("home"), reverse("authserver:authorize"), reverse("account_login")],
    "django": {path: client.get(path).status_code for path in paths},
    "front": {path: front(path) for path in paths},
    "split": front("/idp/account/login/", split="/idp"),
    "admin": [admin.status_code, admin["Location"], admin["Content-Security-Policy"]],
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "AUTHSERVER_DATA_DIR": str(tmp_path_factory.mktemp("var")),
            "AUTHSERVER_ISSUER": "http://id.example:8000/idp",
            "AUTHSERVER_SECURITY_CONTACT": "security@id.example, https://id.example/report",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_addresses_begin_with_the_path(found: Any) -> None:
    assert found["issuer"] == "http://id.example:8000/idp"
    assert found["authorize"] == "http://id.example:8000/idp/oauth2/authorize"
    assert found["reversed"] == ["/idp/", "/idp/oauth2/authorize", "/idp/account/login/"]


def test_both_doors_serve_the_same_paths(found: Any) -> None:
    assert found["django"] == found["front"]
    missing = [path for path, status in found["django"].items() if status == 404]
    assert missing == ["/", "/oauth2/jwks", "/account/login/", "/idpx/livez"]


def test_a_front_server_that_splits_the_path_changes_nothing(found: Any) -> None:
    assert found["split"] == 200


def test_the_administration_lives_there_too(found: Any) -> None:
    status, location, policy = found["admin"]
    assert status == 302
    assert location.startswith("/idp/admin/login/")
    assert "script-src 'self'" in policy
