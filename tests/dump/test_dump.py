"""RFC 6819 §5.1.4.1 — a dump of the database lets its holder use nothing.

Everything that leaves a row is lived through; then every value of every column, every part and
every encoding of it is presented as every kind of credential.
"""

import base64
from dataclasses import dataclass

import pytest

from authserver import clients
from tests.dump import dump, story, thief
from tests.dump.story import Story
from tokens import keys, ring

NEVER_EMPTY = {
    "accounts_authenticatorapp",
    "accounts_event",
    "accounts_passkey",
    "accounts_recoverycode",
    "accounts_trustedbrowser",
    "accounts_user",
    "accounts_session",
    "accounts_upstreamidentity",
    "accounts_consent",
    "authserver_client",
    "authserver_clientsecret",
    "authserver_failure",
    "authserver_initialtoken",
    "tokens_grant",
    "tokens_pending",
}
ACCEPTED = {
    "as code": ("short code", "long code"),
    "as refresh token": ("refresh token",),
    "as access token": ("access token", "client's token", "refresh token"),
    "as client secret": ("basic", "post", "weak", "hashed"),
    "as assertion key": ("jwt",),
    "as session cookie": ("session cookie",),
    "as browser cookie": ("browser cookie",),
    "as interaction": ("interaction", "long interaction"),
    "as registration token": ("registration token",),
    "as initial token": ("initial token",),
    "as setup link": ("set-up link",),
    "as password": ("password",),
    "as app secret": ("app secret",),
    "as recovery code": ("recovery code",),
    "as passkey": ("passkey",),
    "as trust cookie": ("trust cookie",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stolen:
    """A dump, and the story that filled it."""

    story: Story
    rows: set[dump.Row]
    texts: dict[str, str]


@pytest.fixture(scope="module")
def stolen() -> Stolen:
    """Return what a thief gets."""
    keys.ensure()
    ring.forget()
    before = dump.read()
    lived = story.lived()
    rows = dump.read() - before
    always = {row for row in before if row[0] in {"tokens_signingkey", "tokens_salt"}}
    return Stolen(story=lived, rows=rows | always, texts=dump.texts(rows | always))


@pytest.mark.parametrize("way", thief.WAYS)
def test_no_value_is_a_credential(stolen: Stolen, way: str) -> None:
    found = []
    for number, (text, place) in enumerate(stolen.texts.items()):
        if number % 50 == 0:  # wrong secrets are throttled, and here they come by the hundred
            clients.evict_all()
        if thief.WAYS[way](stolen.story, text):
            found.append(f"{place}: {text[:40]}")
    assert found == []


def test_every_table_that_could_hold_one_was_read(stolen: Stolen) -> None:
    assert {table for table, _, _ in stolen.rows} >= NEVER_EMPTY
    assert len(stolen.texts) > 150


def test_no_secret_is_part_of_any_value(stolen: Stolen) -> None:
    found = [
        f"{name} in {table}.{column}"
        for name, secret in stolen.story.secrets.items()
        for form in (secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode())
        for table, column, value in stolen.rows
        if form in (value.decode("latin-1") if isinstance(value, bytes) else str(value))
    ]
    assert found == []


@pytest.mark.parametrize("way", thief.WAYS)
def test_the_thief_knows_how(way: str) -> None:
    """Every way of presenting accepts the real thing, so refusing all the rest means something."""
    keys.ensure()
    lived = story.lived()
    for name in ACCEPTED[way]:
        assert thief.WAYS[way](lived, lived.secrets[name]), name


def test_a_planted_token_is_found(stolen: Stolen) -> None:
    token = story.lived().secrets["access token"]
    planted = dump.texts([("accounts_consent", "client_name", f'{{"note": ["x", "{token}"]}}')])
    assert any(thief.as_access_token(stolen.story, text) for text in planted)
