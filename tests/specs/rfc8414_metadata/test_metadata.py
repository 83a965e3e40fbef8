"""RFC 8414 — what is advertised is what is answered, whatever the request says of its host."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import person, tree
from tests.doors import Door, Response
from tests.parties import MACHINE, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8414 §3")

PLACES = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
ADDRESSES = {
    "authorization_endpoint": ("GET", 400),
    "token_endpoint": ("POST", 400),
    "userinfo_endpoint": ("GET", 401),
    "introspection_endpoint": ("POST", 401),
    "revocation_endpoint": ("POST", 401),
    "end_session_endpoint": ("GET", 200),
    "jwks_uri": ("GET", 200),
    "check_session_iframe": ("GET", 200),
}


def _document(rp: RelyingParty, place: str = PLACES[0], **headers: str) -> Response:
    return rp.door.get(rp.issuer + place, headers=headers)


@pytest.mark.parametrize("place", PLACES)
def test_both_places_hold_the_same_document(rp: RelyingParty, place: str) -> None:
    answer = _document(rp, place)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.json() == rp.metadata
    assert answer.json()["issuer"] == rp.issuer


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "444"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/x", "X-Rewrite-URL": "/x", "X-Forwarded-Prefix": "/evil"},
    ],
    ids=",".join,
)
def test_the_request_has_no_say(rp: RelyingParty, headers: dict[str, str]) -> None:
    assert _document(rp, **headers).body == _document(rp).body


@pytest.mark.spec("RFC 8414 §2")
@pytest.mark.parametrize("name", ADDRESSES)
def test_every_address_answers(rp: RelyingParty, name: str) -> None:
    method, status = ADDRESSES[name]
    address = rp.metadata[name]
    assert address.startswith(f"{rp.issuer}/")
    assert rp.door.send(method, address).status_code == status


def test_no_other_address_is_advertised(rp: RelyingParty) -> None:
    addresses = {
        name
        for name, value in rp.metadata.items()
        if isinstance(value, str) and urlsplit(value).scheme and name != "issuer"
    }
    assert addresses == set(ADDRESSES)


@pytest.mark.spec("RFC 8414 §2")
def test_every_method_of_authentication_works(enrol: Enrol) -> None:
    for endpoint in ("token", "introspection", "revocation"):
        advertised = enrol().metadata[f"{endpoint}_endpoint_auth_methods_supported"]
        assert advertised
        for method in advertised:
            grants = {} if method == "none" else MACHINE
            app = enrol(**grants, token_endpoint_auth_method=method)
            answer = app.post(endpoint, {"token": "x", "grant_type": "x"})
            assert answer.status_code != 401, (endpoint, method)


def test_a_public_client_is_not_told_that_it_may_introspect(public: RelyingParty) -> None:
    assert "none" not in public.metadata["introspection_endpoint_auth_methods_supported"]
    assert public.introspect(public.tokens()["access_token"]).json() == {"active": False}


MANY = 50


@pytest.mark.spec("OIDC Discovery §3")
def test_every_scope_can_be_asked_for(enrol: Enrol, way_in: Door) -> None:
    administrator = person.registered(way_in, is_staff=True)  # users:admin is for them alone
    scopes = enrol().metadata["scopes_supported"]
    app = enrol(scope=" ".join(scopes))
    assert {"openid", "profile", "email", "address", "phone", "offline_access"} <= set(scopes)
    for start in range(0, len(scopes), MANY):  # other tests add theirs
        some = scopes[start : start + MANY]
        assert app.tokens(administrator, scope=" ".join(some))["scope"].split() == some


EVERYTHING: dict[str, Any] = {
    **dict.fromkeys(("given_name", "middle_name", "family_name", "nickname"), "Ada"),
    **dict.fromkeys(("profile", "picture", "website"), "https://ada.example/me"),
    "preferred_username": "ada",
    "gender": "female",
    "birthdate": date(1815, 12, 10),
    "locale": "en-GB",
    "zoneinfo": "Europe/London",
    "phone_number": "+441234567890",
    "phone_number_verified": True,
    "address": {"country": "GB"},
}


@pytest.mark.spec("OIDC Discovery §3")
def test_every_claim_can_be_given_and_no_other_is(rp: RelyingParty, way_in: Door) -> None:
    ada = person.registered(way_in, **EVERYTHING)
    issued = rp.tokens(ada, scope="openid profile email address phone")
    known = set(rp.claims(issued["id_token"])) | set(rp.userinfo(issued["access_token"]).json())
    of_the_protocol = {"iss", "aud", "exp", "iat", "nonce", "at_hash"}
    assert known - of_the_protocol == set(rp.metadata["claims_supported"])


def test_a_stranger_s_page_may_read_it(rp: RelyingParty) -> None:
    answer = _document(rp, Origin="https://any.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


SCRIPT = """
import json
from django.core.management import call_command
from django.test import Client
import config.wsgi
call_command("migrate", verbosity=0)
client = Client()
paths = ["/idp/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/idp",
         "/idp/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server",
         "/.well-known/openid-configuration/idp", "/.well-known/openid-configuration"]
print(json.dumps({path: [client.get(path).status_code, client.get(path).content.decode()]
                  for path in paths}))
"""


@pytest.mark.spec("RFC 8414 §3.1")
@pytest.mark.leg("sqlite")
def test_an_issuer_with_a_path_is_found_in_front_of_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=tree.ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "AUTHSERVER_DATA_DIR": str(tmp_path),
            "AUTHSERVER_ISSUER": "http://id.example:8000/idp",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    here = [path for path, (status, _) in found.items() if status == 200]
    assert here == [
        "/idp/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/idp",
        "/idp/.well-known/oauth-authorization-server",
    ]
    documents = {found[path][1] for path in here}
    assert len(documents) == 1
    document = json.loads(documents.pop())
    assert document["issuer"] == "http://id.example:8000/idp"
    addresses = [document[name] for name in ADDRESSES]
    assert all(address.startswith("http://id.example:8000/idp/oauth2/") for address in addresses)
