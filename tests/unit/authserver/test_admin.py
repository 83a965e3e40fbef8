"""The console: the same rules as from the command line, and a secret that is shown once."""

import json
import re
import secrets
from typing import Any

import pytest

from authserver import clients, models, resources
from tests.unit.accounts import visitor
from tests.unit.authserver import wire
from tokens import epochs

ADD = "/admin/authserver/client/add/"


def form(**changes: Any) -> dict[str, Any]:
    fields = {
        "client_id": f"a-{secrets.token_hex(6)}",
        "name": "Robot",
        "application_type": "web",
        "grant_types": json.dumps(["client_credentials"]),
        "response_types": "[]",
        "scope": "openid",
        "default_scope": "",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256",
        "may_introspect": "[]",
        "token_lifetimes": "{}",
        "jwks": "null",
        "pkce_required": "on",
        "rotation": "on",
    }
    lists = ("redirect_uris", "post_logout_redirect_uris", "cors_origins", "resources", "contacts")
    return fields | dict.fromkeys(lists, "[]") | changes


def boss() -> Any:
    return visitor.signed_in(visitor.someone(is_staff=True))


def secret_in(answer: Any) -> str:
    found = re.search(r"as_cs_[\w-]{43}", answer.content.decode())
    return found[0] if found else ""


def test_a_new_client_and_its_secret_shown_once() -> None:
    browser, fields = boss(), form()
    secret = secret_in(browser.post(ADD, fields, follow=True))
    client = clients.authenticated(fields["client_id"], secret)
    assert client
    assert client.rotation
    assert client.check_grant_type("client_credentials")
    page = browser.get(f"/admin/authserver/client/{fields['client_id']}/change/")
    assert page.status_code == 200
    assert not secret_in(page)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"scope": "nope"}, "names unknown scopes"),
        ({"grant_types": '["authorization_code"]'}, "redirect_uris: must not be empty"),
        ({"redirect_uris": '["javascript:alert(1)"]'}, "redirect_uris[0]: has a scheme"),
        ({"redirect_uris": "{"}, "Enter a valid JSON"),
        ({"token_endpoint_auth_method": "none", "rotation": ""}, "rotation: must be on"),
    ],
)
def test_what_is_refused_says_why(changes: dict[str, str], shown: str) -> None:
    fields = form(**changes)
    answer = boss().post(ADD, fields)
    assert shown in answer.content.decode()
    assert clients.find(fields["client_id"]) is None


def test_a_switch_can_be_turned_off() -> None:
    browser, fields = boss(), form(skip_consent="on")
    del fields["pkce_required"]
    browser.post(ADD, fields)
    client = clients.find(fields["client_id"])
    assert client
    assert (client.pkce_required, client.skip_consent) == (False, True)
    path = f"/admin/authserver/client/{client.client_id}/change/"
    changed = form(name="Renamed", pkce_required="on")
    assert browser.post(path, changed).status_code == 302
    again = clients.find(client.client_id)
    assert again
    assert (again.name, again.pkce_required, again.skip_consent) == ("Renamed", True, False)


def test_actions_have_the_same_consequences_as_commands() -> None:
    browser, (client_id, old) = boss(), wire.new_client()
    chosen = {"_selected_action": [client_id]}
    path = "/admin/authserver/client/"
    new = secret_in(browser.post(path, chosen | {"action": "give_secret"}, follow=True))
    assert clients.authenticated(client_id, new)
    assert clients.authenticated(client_id, old)
    browser.post(path, chosen | {"action": "disable"})
    assert clients.find(client_id) is None
    browser.post(path, chosen | {"action": "enable"})
    browser.post(path, chosen | {"action": "delete_selected", "post": "yes"})
    assert not models.Client.objects.filter(pk=client_id).exists()
    assert epochs.read(epochs.CLIENT, client_id) == 2


def test_resources_and_scopes_are_known_at_once() -> None:
    browser, name = boss(), f"s-{secrets.token_hex(4)}"
    for row in ("scope", "resource", "client"):
        assert browser.get(f"/admin/authserver/{row}/?q=x").status_code in {200, 302}
    resources.scopes()
    browser.post("/admin/authserver/scope/add/", {"name": name, "title": "T"})
    assert resources.scope(name)


def test_a_change_writes_only_what_was_changed() -> None:
    browser, fields = boss(), form()
    browser.post(ADD, fields)
    client_id = fields["client_id"]
    path = f"/admin/authserver/client/{client_id}/change/"
    rows = models.Client.objects.filter(pk=client_id)
    rows.update(is_self_registered=True, registration_token_digest="d", scope="openid email")
    shown = form(name="Renamed", scope="openid email", default_scope="", subject_type="public")
    assert browser.post(path, shown).status_code == 302
    row = rows.get()
    assert (row.name, row.scope, row.registration_token_digest) == ("Renamed", "openid email", "d")
    assert "name" in row.settled
    assert "scope" not in row.settled
