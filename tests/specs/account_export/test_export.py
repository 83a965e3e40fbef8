"""ASVS 5.0 §14.2 — a copy of one's data holds all that rests of a person, and no key of theirs."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import history, people
from accounts.models import (
    AuthenticatorApp,
    Deletion,
    MailedProof,
    Passkey,
    RecoveryCode,
    TrustedBrowser,
    TwoSteps,
    UpstreamIdentity,
    User,
)
from tests import person as persons
from tests.doors import Door, Response
from tests.parties import Enrol
from tests.person import Person
from tests.specs.account_sessions import pages

pytestmark = pytest.mark.spec("ASVS 5.0 §14.2")
PROFILE: dict[str, Any] = {
    "given_name": "Ada-Marker",
    "family_name": "Lovelace-Marker",
    "middle_name": "King-Marker",
    "nickname": "Countess-Marker",
    "preferred_username": "ada-marker",
    "gender": "marker-gender",
    "birthdate": dt.date(1915, 12, 10),
    "age": 37,
    "locale": "en-IE",
    "zoneinfo": "Europe/Zurich",
    "picture": "https://img.example/marker.png",
    "profile": "https://people.example/marker",
    "website": "https://site.example/marker",
    "phone_number": "+41 44 000 00 07",
    "address": {"locality": "Marker Town", "country": "Markerland"},
}
COPIED = {
    "accounts_user": {
        *PROFILE,
        *("id", "email", "name", "email_verified", "phone_number_verified", "is_staff"),
        *("created_at", "updated_at", "last_login", "passkey_offered_at"),
    },
    "account_emailaddress": {"email", "verified"},
    "accounts_consent": {"client_id", "client_name", "scope", "created_at", "last_used_at"},
    "accounts_session": {"sid", "subject", "created_at", "last_seen_at", "expires_at", "sealed"},
    "accounts_participation": {"sid", "subject", "client_id", "client_name"},
    "accounts_event": {"subject", "name", "at", "times", "address", "device", "about"},
    "accounts_passkey": {"user_id", "id", "name", "created_at", "last_used_at", "is_synced"},
    "accounts_authenticatorapp": {"user_id"},
    "accounts_recoverycode": {"user_id", "used_at"},
    "accounts_trustedbrowser": {
        *("user_id", "device", "address", "created_at", "last_used_at", "expires_at")
    },
    "accounts_twosteps": {"user_id"},
    "accounts_upstreamidentity": {
        *("id", "person_id", "provider_id", "issuer", "sub", "label"),
        *("created_at", "last_used_at"),
    },
    "accounts_deletion": {"user_id", "due_at"},
}
"""What is in the copy, by where it rests."""
LEFT_OUT = {
    "a key, a hash or a seed": {
        "accounts_user.password",
        "accounts_session.key_hash",
        "accounts_passkey.credential_id",
        "accounts_passkey.public_key",
        "accounts_authenticatorapp.sealed",
        "accounts_recoverycode.sealed",
        "accounts_trustedbrowser.digest",
    },
    "how this server counts and finds": {
        "accounts_user.email_key",
        "accounts_user.search_text",
        "accounts_user.is_active",
        "accounts_user.is_demo",
        "account_emailaddress.id",
        "account_emailaddress.user_id",
        "account_emailaddress.primary",
        "accounts_consent.id",
        "accounts_consent.user_id",
        "accounts_consent.updated_at",
        "accounts_session.epoch_person",
        "accounts_participation.id",
        "accounts_participation.first_at",
        "accounts_participation.expires_at",
        "accounts_event.id",
        "accounts_passkey.sign_count",
        "accounts_passkey.transports",
        "accounts_passkey.can_sync",
        "accounts_authenticatorapp.last_step",
        "accounts_authenticatorapp.created_at",
        "accounts_authenticatorapp.last_used_at",
        "accounts_recoverycode.id",
        "accounts_recoverycode.number",
        "accounts_recoverycode.created_at",
        "accounts_trustedbrowser.id",
        "accounts_trustedbrowser.epoch_person",
        "accounts_twosteps.created_at",
        "accounts_deletion.asked_at",
    },
}
PASSING = {
    "tokens_grant": "what applications hold until it expires; the consent and the sessions say why",
    "tokens_epoch": "a counter",
    "tokens_browser": "digests of browsers, by which wrong guesses are counted",
    "tokens_pending": "a form that is being filled in",
    "config_delivery": "mail and messages on their way, removed a week after",
    "accounts_mailedproof": "a link that was just mailed",
    "authserver_failure": "a failed request, for two weeks",
}


def lived(person: Person, enrol: Enrol) -> User:
    """Leave a row of every kind."""
    pages.enter(person)
    app = enrol(client_name="Marker App")
    app.tokens(person, scope="openid profile email offline_access")
    user: User = User.objects.get(pk=person.subject)
    now = timezone.now()
    times = {"created_at": now, "last_used_at": now}
    AuthenticatorApp.objects.create(user=user, sealed=b"seed-marker", last_step=1, **times)
    RecoveryCode.objects.create(user=user, number=1, sealed=b"code-marker", created_at=now)
    TwoSteps.objects.create(user=user, created_at=now)
    Passkey.objects.create(
        user=user,
        name="Marker passkey",
        credential_id=f"marker-{user.pk}",
        public_key=b"public",
        **times,
    )
    TrustedBrowser.objects.create(
        user=user,
        digest="digest-marker",
        epoch_person=0,
        device="Firefox\nWindows",
        address="192.0.2.77",
        expires_at=now + dt.timedelta(days=1),
        **times,
    )
    UpstreamIdentity.objects.create(
        person=user,
        provider_id="marker-idp",
        issuer="https://marker-idp.example",
        sub=f"sub-{user.pk}",
        label="ada@marker-idp.example",
        last_used_at=now,
    )
    history.note(str(user.pk), "passkey_added", label="Marker passkey")
    return user


def export(person: Person) -> Response:
    form = pages.form_of(pages.open_page(person, "export"), "csrfmiddlewaretoken")
    return person.browser.submit(form)


def texts(value: Any) -> set[str]:
    """Return every value of the copy as text, and every word of its texts."""
    match value:
        case dict():
            return set().union(*(texts(each) for each in value.values()))
        case list():
            return set().union(*(texts(each) for each in value))
        case _:
            return {str(value), *str(value).split()}


def rows_about(user: User) -> list[tuple[str, dict[str, Any]]]:
    """Return every row of the database that names the person, with its table."""
    names = (str(user.pk), user.pk.hex, user.email.casefold())
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            for values in cursor.fetchall():
                row = dict(zip(columns, values, strict=True))
                whole = " ".join(str(value) for value in values).casefold()
                if any(name in whole for name in names):
                    found.append((table, row))
    return found


@pytest.fixture
def ada(way_in: Door) -> Person:
    return persons.registered(way_in, name="Ada Marker", **PROFILE)


def test_all_that_rests_is_in_it(ada: Person, enrol: Enrol) -> None:
    user = lived(ada, enrol)
    answer = export(ada)
    assert str(answer.headers["Content-Disposition"]).startswith('attachment; filename="account-')
    copied = texts(answer.json())
    left_out = set().union(*LEFT_OUT.values())
    seen, missing = set(), []
    user.refresh_from_db()
    for table, row in rows_about(user):
        if table in PASSING:
            continue
        seen.add(table)
        for column, value in row.items():
            place = f"{table}.{column}"
            if column not in COPIED.get(table, set()):
                missing += [] if place in left_out else [place]
            elif isinstance(value, str) and value and not _is_elsewhere(place, value, copied):
                missing.append(f"{place}: {value}")
    assert missing == []
    assert seen >= COPIED.keys() - {"accounts_deletion"}


def _is_elsewhere(place: str, value: str, copied: set[str]) -> bool:
    """Tell whether the copy says this value, in its own way where it has one."""
    kind = place.rpartition(".")[2]
    if kind.endswith(("_at", "_login")) or kind in {"at", "expires_at", "sealed", "birthdate"}:
        return True
    if kind in {"id", "user_id", "person_id"}:
        return True
    if kind in {"address", "about"} and value.startswith("{"):
        return all(each in copied for each in texts(json.loads(value)))
    if kind == "device":
        return value.replace("\n", " on ") in copied
    if kind == "scope":
        return all(word.partition("=")[2] in copied or word in copied for word in value.split())
    return value in copied


def test_it_says_things_as_they_are(ada: Person, enrol: Enrol) -> None:
    user = lived(ada, enrol)
    copy = export(ada).json()
    account = copy["account"]
    assert account["subject"] == ada.subject
    assert {name: account[name] for name in PROFILE if name != "birthdate"} == {
        name: value for name, value in PROFILE.items() if name != "birthdate"
    }
    assert account["birthdate"] == "1915-12-10"
    (session,) = copy["sessions"]
    assert session["applications"][0]["client_name"] == "Marker App"
    assert session["address"] == ada.browser.door.peer
    assert [one["name"] for one in copy["sign_in"]["passkeys"]] == ["Marker passkey"]
    assert copy["sign_in"]["factors"]["has_totp"] is True
    assert copy["sign_in"]["has_password"] is True
    assert copy["history"][0]["name"] == "exported"
    assert len(copy["history"]) == len(history.of(str(user.pk), limit=10_000))


def test_no_key_is_in_it(ada: Person, enrol: Enrol) -> None:
    user = lived(ada, enrol)
    text = export(ada).text
    cookie = ada.browser.jar.cookies["as_session"].value
    for secret in (ada.password, user.password, cookie, "seed-marker", "digest-marker"):
        assert secret not in text
    assert f"marker-{user.pk}" not in text


def test_it_is_not_made_by_a_visit_and_not_for_an_old_session(someone: Person) -> None:
    pages.enter(someone)
    assert "Content-Disposition" not in pages.open_page(someone, "export").headers
    assert history.of(someone.subject)[0].name != "exported"
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        form = pages.form_of(pages.open_page(someone, "export"), "csrfmiddlewaretoken")
        page = someone.browser.submit(form)
        assert "Content-Disposition" not in page.headers
        copy = someone.prove(page)
        assert copy.json()["account"]["email"] == someone.email
    assert history.of(someone.subject)[0].name == "exported"


def test_a_long_history_is_whole(someone: Person) -> None:
    for number in range(1, 1202):
        history.note(someone.subject, "passkey_renamed", label=str(number))
    pages.enter(someone)
    labels = [one["about"].get("label") for one in export(someone).json()["history"]]
    assert [each for each in labels if each] == [str(number) for number in range(1201, 0, -1)]


def test_an_export_names_only_its_owner(ada: Person, somebody_else: Person, enrol: Enrol) -> None:
    lived(ada, enrol)
    pages.enter(somebody_else)
    assert "Marker" not in export(somebody_else).text
    assert people.find(somebody_else.subject)
    assert not Deletion.objects.filter(user_id=ada.subject).exists()
    assert not MailedProof.objects.filter(subject=ada.subject).exists()
