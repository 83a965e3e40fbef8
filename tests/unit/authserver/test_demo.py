"""Demo data: made once, kept, removed as a whole, never in production. And the deploy checks."""

import stat

import pytest

from accounts import people, profile
from authserver import checks, clients, demo, models
from config import environment
from config.variables import Mode
from tests.unit.authserver import wire


def test_the_demo_from_first_start_to_removal() -> None:
    made = demo.add()
    file = environment.current().data_dir / demo.FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert demo.add() == demo.find() == made
    for each in (made.web, made.machine, made.api):
        assert clients.authenticated(each.client_id, each.secret)
    public, api = clients.find(made.public.client_id), clients.find(made.api.client_id)
    assert public
    assert api
    assert public.is_public
    assert api.may_introspect is True
    assert public.check_redirect_uri("http://127.0.0.1:50000/callback")
    person = people.find_by_email(made.person.email)
    assert person
    assert person.is_demo
    assert person.check_password(made.person.password)
    assert person.password != made.person.password
    told = people.claims(str(person.pk), profile.SCOPES)
    assert told is not None
    assert {"sub", *told} == people.CLAIMS

    file.unlink()
    anew = demo.add()
    assert anew.web.secret != made.web.secret
    assert clients.authenticated(anew.web.client_id, anew.web.secret)
    assert clients.authenticated(anew.web.client_id, made.web.secret) is None

    demo.remove()
    assert not models.Client.objects.filter(is_demo=True).exists()
    assert not people.has_demo()
    assert not file.exists()
    assert clients.find(made.web.client_id) is None


def test_production_has_no_demo() -> None:
    with environment.replaced(mode=Mode.PRODUCTION), pytest.raises(demo.ForbiddenError):
        demo.add()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"pkce_required": False}, "authserver.W101"),
        ({"rotation": False, "token_endpoint_auth_method": "none"}, "authserver.E102"),
        ({"rotation": False}, "authserver.W103"),
        ({"is_demo": True}, "authserver.E105"),
        ({"response_types": ["code", "code id_token"]}, "authserver.W106"),
        ({"danger_token_endpoint_audience": True}, "authserver.W107"),
    ],
)
def test_a_weak_client_is_reported(change: dict[str, object], name: str) -> None:
    client_id, _ = wire.new_client(
        grant_types=["authorization_code", "refresh_token"],
        redirect_uris=["https://app.example/cb"],
    )
    models.Client.objects.filter(pk=client_id).update(**change)
    with environment.replaced(mode=Mode.PRODUCTION):
        found = checks.clients_are_as_strong_as_today(databases=["default"])
    assert name in {message.id for message in found if client_id in message.msg}
    models.Client.objects.filter(pk=client_id).delete()


def test_an_imported_weak_secret_is_reported() -> None:
    client_id, _ = wire.new_client(client_secret="correct horse")
    found = checks.clients_are_as_strong_as_today(databases=["default"])
    assert "authserver.W104" in {message.id for message in found if client_id in message.msg}
    assert checks.clients_are_as_strong_as_today(databases=None) == []
