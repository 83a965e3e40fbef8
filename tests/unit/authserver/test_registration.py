"""Client metadata: every fault at once, nothing ignored, and imports that change nothing twice."""

import io
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from authserver import clients, models, registrar, registration, registry
from tests.unit.authserver import wire

WEB = {"redirect_uris": ["https://app.example/cb"]}


def members(metadata: object) -> set[str]:
    return {fault.member for fault in registration.read(metadata)[1]}


def test_what_is_silent_takes_its_default() -> None:
    entry, faults = registration.read(WEB)
    assert faults == []
    assert entry
    assert entry.columns["grant_types"] == ["authorization_code"]
    assert entry.columns["token_endpoint_auth_method"] == "client_secret_basic"
    assert entry.columns["pkce_required"] is entry.columns["rotation"] is True
    assert "openid" in entry.columns["scope"].split()


def test_all_faults_are_listed_at_once() -> None:
    faults = members(
        WEB
        | {
            "scope": "nope",
            "pkce_required": "yes",
            "grant_types": 5,
            "typo_here": 1,
            "contacts": [5],
        }
    )
    assert faults == {"scope", "pkce_required", "grant_types", "typo_here", "contacts"}


@pytest.mark.parametrize(
    ("metadata", "member"),
    [
        ([], ""),
        ("x", ""),
        ({}, "redirect_uris"),
        (WEB | {"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris[0]"),
        (WEB | {"redirect_uris": [1]}, "redirect_uris"),
        (WEB | {"redirect_uris": WEB["redirect_uris"] * 2}, "redirect_uris"),
        (
            WEB | {"post_logout_redirect_uris": ["http://app.example"]},
            "post_logout_redirect_uris[0]",
        ),
        (WEB | {"grant_types": ["password"]}, "grant_types"),
        (WEB | {"grant_types": [["x"]]}, "grant_types"),
        (WEB | {"response_types": ["token"]}, "response_types"),
        (WEB | {"response_types": []}, "response_types"),
        (WEB | {"token_endpoint_auth_method": "tls_client_auth"}, "token_endpoint_auth_method"),
        (WEB | {"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
        (WEB | {"token_endpoint_auth_method": "none", "rotation": False}, "rotation"),
        (WEB | {"token_endpoint_auth_method": "none", "client_secret": "x" * 43}, "client_secret"),
        (
            WEB | {"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]},
            "grant_types",
        ),
        (WEB | {"client_secret": "short"}, "client_secret"),
        (WEB | {"client_secret": "$5$rounds=1000$salt$hash"}, "client_secret"),
        (WEB | {"client_name": "Bank\u202e"}, "client_name"),
        (WEB | {"client_name": "a\0b"}, "client_name"),
        (WEB | {"client_name": "x" * 200}, "client_name"),
        (WEB | {"client_id": "a\nb"}, "client_id"),
        (WEB | {"client_id": " a"}, "client_id"),
        (WEB | {"client_id": 5}, "client_id"),
        (WEB | {"jwks_uri": "http://app.example/jwks"}, "jwks_uri"),
        (WEB | {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "jwks"),
        (WEB | {"jwks": {"keys": []}}, "jwks"),
        (WEB | {"jwks": []}, "jwks"),
        (WEB | {"logo_uri": "javascript:alert(1)"}, "logo_uri"),
        (WEB | {"cors_origins": ["https://app.example/"]}, "cors_origins"),
        (WEB | {"cors_origins": ["*"]}, "cors_origins"),
        (WEB | {"resources": ["https://unknown.example"]}, "resources"),
        (WEB | {"may_introspect": ["https://unknown.example"]}, "may_introspect"),
        (WEB | {"default_scope": "openid", "scope": "email"}, "default_scope"),
        (WEB | {"token_lifetimes": {"access_token": True}}, "token_lifetimes"),
        (WEB | {"token_lifetimes": {"cookie": 5}}, "token_lifetimes"),
        (WEB | {"dpop_bound_access_tokens": True}, "dpop_bound_access_tokens"),
        (
            {
                "redirect_uris": ["com.example.app:/cb"],
                "application_type": "native",
                "skip_consent": True,
            },
            "skip_consent",
        ),
    ],
)
def test_one_fault_names_its_member(metadata: object, member: str) -> None:
    assert members(metadata) == {member}


def test_what_other_servers_write_along_is_let_pass() -> None:
    assert (
        members(WEB | {"software_id": "x", "client_name#de": "Ä", "client_id_issued_at": 1})
        == set()
    )


def test_an_id_is_taken_once() -> None:
    client_id, _ = wire.new_client()
    with pytest.raises(registrar.RefusedError):
        registrar.register(WEB | {"client_id": client_id})


def test_an_update_keeps_the_secret_and_gives_one_where_it_lacks() -> None:
    client_id, secret = wire.new_client()
    usual = {"grant_types": ["client_credentials"]}
    done = registrar.update(client_id, usual | {"client_name": "New"})
    assert done
    assert done.secret is None
    assert clients.authenticated(client_id, secret)
    done = registrar.update(client_id, usual | {"token_endpoint_auth_method": "client_secret_jwt"})
    assert done
    assert done.secret
    assert models.ClientSecret.objects.get(client_id=client_id).kind == "sealed"


# -- from the command line --


def run(*words: str) -> Any:
    out = io.StringIO()
    call_command("clients", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def file(tmp_path: Path, document: object) -> str:
    path = tmp_path / f"{secrets.token_hex(4)}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def entries() -> list[dict[str, Any]]:
    return [
        {"client_id": f"i-{secrets.token_hex(6)}", "client_secret": "correct horse", **WEB},
        {"client_id": f"i-{secrets.token_hex(6)}", "may_introspect": True, "grant_types": []},
    ]


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    listed = entries()
    name = file(tmp_path, listed)
    first = run("import", name)
    assert (first["created"], first["updated"]) == (2, 0)
    secret = first["secrets"][listed[1]["client_id"]]
    before = [registry.shown(each["client_id"]) for each in listed]
    second = run("import", name)
    assert second == {"created": 0, "updated": 0, "unchanged": 2, "secrets": {}}
    assert [registry.shown(each["client_id"]) for each in listed] == before
    assert clients.authenticated(listed[0]["client_id"], "correct horse")
    assert clients.authenticated(listed[1]["client_id"], secret)


def test_an_import_with_any_fault_writes_nothing_and_names_all(tmp_path: Path) -> None:
    good, bad = entries()[0], entries()[0] | {"scope": 5, "rotation": 5}
    listed = [good, bad, good, {k: v for k, v in good.items() if k != "client_id"}, 5]
    with pytest.raises(CommandError) as caught:
        call_command("clients", "import", file(tmp_path, listed))
    text = str(caught.value)
    for line in (
        "[1] scope:",
        "[1] rotation:",
        "[2] client_id: is the same",
        "[3] client_id:",
        "[4] -:",
    ):
        assert line in text
    assert registry.shown(good["client_id"]) is None


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\xff"])
def test_a_file_that_is_no_json_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("clients", "import", str(path))


def test_a_client_from_birth_to_removal() -> None:
    made = run("add", "--kind", "machine", "--name", "Robot")
    client_id = made["client_id"]
    assert clients.authenticated(client_id, made["client_secret"])
    assert client_id in {each["client_id"] for each in run("list")}
    assert run("show", client_id)["client_name"] == "Robot"
    assert made["client_secret"] not in json.dumps(run("show", client_id))
    rotated = run("rotate-secret", client_id)
    assert clients.authenticated(client_id, rotated["client_secret"])
    run("remove", client_id)
    for verb in ("show", "remove", "rotate-secret"):
        with pytest.raises(CommandError):
            run(verb, client_id)
