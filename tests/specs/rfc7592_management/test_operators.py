"""RFC 7592 §2.2 — an update opens nothing that an operator closed, however they meet."""

import functools
import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from authserver import models, registrar
from config import policy
from tests import published, registrations
from tests.parties import CALLBACK
from tests.races.crowd import Crowd
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7592 §2.2")


def test_an_operator_who_came_while_it_was_judged_is_seen(newcomer: Newcomer) -> None:
    told = newcomer.register()
    with published.site([CALLBACK]) as site, Crowd(2) as crowd:
        site.seconds = 0.5  # the update waits for its sector; meanwhile the operator acts
        put = functools.partial(
            newcomer.put, told, sector_identifier_uri=site.url, token_endpoint_auth_method="none"
        )

        def act() -> None:
            while not site.asked:
                time.sleep(0.01)
            registrar.change(told["client_id"], {"may_introspect": True})

        tasks: list[Any] = [put, act]
        answer = crowd.run(tasks)[0]
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    client = row(told)
    assert (client.may_introspect, client.token_endpoint_auth_method) == (
        True,
        "client_secret_basic",
    )


MANY = 9  # with the operator's, this thread's and those of idle workers they fit into a pool of 20


def row(told: dict[str, Any]) -> models.Client:
    return models.Client.objects.get(pk=told["client_id"])


def test_a_name_that_an_operator_gave_counts_in_every_language(newcomer: Newcomer) -> None:
    own = {"client_name": "Bank", "client_name#de": "Die Bank", "tos_uri#de": "https://a.example/"}
    told = newcomer.register(**own)
    registrar.change(told["client_id"], {"name": "Not a bank"})
    assert row(told).localized == {"tos_uri": {"de": "https://a.example/"}}
    shown = newcomer.put(told, **own).json()
    assert (shown["client_name"], shown["tos_uri#de"]) == ("Not a bank", "https://a.example/")
    assert "client_name#de" not in shown
    assert row(told).localized == {"tos_uri": {"de": "https://a.example/"}}


def test_a_disabled_client_stays_disabled(newcomer: Newcomer) -> None:
    told = newcomer.register()
    registrar.disable(told["client_id"])
    assert newcomer.put(told).status_code == 401
    assert newcomer.manage("GET", told).status_code == 401
    assert newcomer.manage("DELETE", told).status_code == 401
    assert row(told).is_active is False
    registrar.enable(told["client_id"])
    assert newcomer.put(told).status_code == 200


def test_what_an_operator_changed_is_left_alone(newcomer: Newcomer) -> None:
    told = newcomer.register(grant_types=["authorization_code", "refresh_token"])
    changed = {
        "scope": "openid",
        "default_scope": "",
        "grant_types": ["authorization_code"],
        "name": "Unverified thing",
        "skip_consent": True,
        "token_lifetimes": {"access_token": 60},
        "pkce_required": False,
    }
    registrar.change(told["client_id"], changed)
    answer = newcomer.put(
        told,
        scope="openid profile email",
        grant_types=["authorization_code", "refresh_token"],
        client_name="Your bank",
        tos_uri="https://app.example/tos",
    )
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["scope"], shown["client_name"]) == ("openid", "Unverified thing")
    assert shown["tos_uri"] == "https://app.example/tos"
    for name, value in changed.items():
        assert getattr(row(told), name) == value, name


def test_what_an_import_changed_is_left_alone(newcomer: Newcomer, tmp_path: Any) -> None:
    told = newcomer.register(client_name="Old")
    file = tmp_path / "clients.json"
    file.write_text(
        f'[{{"client_id": "{told["client_id"]}", "redirect_uris": ["{CALLBACK}"],'
        ' "client_name": "Named by an operator"}]'
    )
    call_command("clients", "import", str(file), "--json", stdout=io.StringIO())
    assert newcomer.put(told, client_name="Again").json()["client_name"] == "Named by an operator"


def test_scopes_of_an_operator_do_not_keep_a_client_from_asking_for_less(
    newcomer: Newcomer,
) -> None:
    told = newcomer.register(scope="openid email profile")
    registrar.change(told["client_id"], {"default_scope": "email"})
    shown = newcomer.put(told, scope="openid").json()
    assert shown["scope"] == "openid"
    assert row(told).default_scope == "email"


def test_what_does_not_fit_an_operators_switch_is_refused(newcomer: Newcomer) -> None:
    told = newcomer.register()
    registrar.change(told["client_id"], {"may_introspect": True})
    answer = newcomer.put(told, token_endpoint_auth_method="none")
    assert answer.json()["error"] == "invalid_client_metadata"
    registrar.change(told["client_id"], {"may_introspect": [], "rotation": False})
    assert newcomer.put(told, token_endpoint_auth_method="none").status_code == 400
    assert row(told).token_endpoint_auth_method == "client_secret_basic"


CHANGES: dict[str, tuple[Callable[[str], object], Callable[[models.Client], bool]]] = {
    "disable": (registrar.disable, lambda client: not client.is_active),
    "skip_consent": (
        lambda pk: registrar.change(pk, {"skip_consent": True}),
        lambda client: client.skip_consent,
    ),
    "scope": (
        lambda pk: registrar.change(pk, {"scope": "openid", "default_scope": ""}),
        lambda client: client.scope == "openid",
    ),
    "name": (
        lambda pk: registrar.change(pk, {"name": "By an operator"}),
        lambda client: client.name == "By an operator",
    ),
    "import": (
        lambda pk: registrar.update(pk, {"redirect_uris": [CALLBACK], "client_name": "Imported"}),
        lambda client: client.name == "Imported",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_many_updates_at_once_undo_no_change_of_an_operator(
    newcomer: Newcomer, change: str
) -> None:
    act, holds = CHANGES[change]
    with Crowd(MANY + 1) as crowd:
        for _ in range(3):
            told = newcomer.register(client_name="Old")
            puts = [functools.partial(newcomer.put, told, client_name=f"N{n}") for n in range(MANY)]
            tasks: list[Any] = [*puts, functools.partial(act, told["client_id"])]
            answers = crowd.run(tasks)[:-1]
            assert {answer.status_code for answer in answers} <= {200, 401, 503}
            assert holds(row(told))
            assert newcomer.manage("GET", told).status_code == (401 if change == "disable" else 200)


def test_many_updates_and_a_removal_leave_nothing(newcomer: Newcomer) -> None:
    with Crowd(MANY + 1) as crowd:
        told = newcomer.register()
        puts = [functools.partial(newcomer.put, told, client_name=f"N{n}") for n in range(MANY)]
        tasks: list[Any] = [*puts, functools.partial(newcomer.manage, "DELETE", told)]
        statuses = {answer.status_code for answer in crowd.run(tasks)}
        assert statuses <= {200, 204, 401, 503}
    assert not models.Client.objects.filter(pk=told["client_id"]).exists()


def test_of_many_that_change_the_token_one_wins(newcomer: Newcomer) -> None:
    rules = registrations.permitting(is_access_token_rotated=True)
    with policy.replaced(registration=rules), Crowd() as crowd:
        told = newcomer.register()
        answers = crowd.run([functools.partial(newcomer.put, told)] * crowd.size)
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert newcomer.manage("GET", won).status_code == 200
