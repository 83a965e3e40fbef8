"""RFC 7591 §2.3 — a software statement counts when somebody trusted signed it, and not before."""

import base64
import io
import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.core.management import CommandError, call_command

from authserver import models, software_statements
from config import environment, policy
from tests import published, registrations
from tests.credentials import Key
from tests.published import Site
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §2.3")


class Issuer:
    """Somebody who signs statements about software."""

    def __init__(self) -> None:
        self.name, self.key = f"https://{secrets.token_hex(6)}.example", Key()

    def sign(self, key: Key | None = None, **changes: Any) -> str:
        """Return a good statement, changed; None takes a claim away."""
        claims = {
            "iss": self.name,
            "iat": int(time.time()),
            "exp": int(time.time()) + 600,
            "client_name": "Stated",
            "software_id": "notebook",
            **changes,
        }
        whole = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(whole, (key or self.key).private, "ES256", {"kid": self.key.kid})


@pytest.fixture
def issuer() -> Issuer:
    """Return an issuer who is trusted here."""
    made = Issuer()
    software_statements.trust(made.name, jwks=made.key.jwks)
    return made


def test_its_values_go_before_the_clients_own(newcomer: Newcomer, issuer: Issuer) -> None:
    statement = issuer.sign(tos_uri="https://app.example/tos")
    told = newcomer.register(
        software_statement=statement, client_name="Mine", policy_uri="https://app.example/p"
    )
    assert told["software_statement"] == statement
    assert (told["client_name"], told["software_id"]) == ("Stated", "notebook")
    assert (told["tos_uri"], told["policy_uri"]) == (
        "https://app.example/tos",
        "https://app.example/p",
    )


def test_what_it_said_stays_said(newcomer: Newcomer, issuer: Issuer) -> None:
    told = newcomer.register(software_statement=issuer.sign())
    shown = newcomer.put(told, client_name="Mine", tos_uri="https://app.example/tos").json()
    assert (shown["client_name"], shown["software_id"]) == ("Stated", "notebook")
    assert shown["tos_uri"] == "https://app.example/tos"


def test_what_it_said_is_said_in_every_language(newcomer: Newcomer, issuer: Issuer) -> None:
    words = {"client_name#de": "Meins", "tos_uri#de": "https://app.example/agb"}
    told = newcomer.register(software_statement=issuer.sign(), **words)
    shown = newcomer.put(told, **words).json()
    for answer in (told, shown):
        assert "client_name#de" not in answer
        assert answer["tos_uri#de"] == words["tos_uri#de"]
    french: dict[str, Any] = {"client_name#fr": "Déclaré"}
    stated = issuer.sign(**french)
    told = newcomer.register(software_statement=stated, **words)
    assert told["client_name#fr"] == "Déclaré"
    shown = newcomer.put(told, **words, **{"client_name#fr": "Le mien"}).json()
    assert shown["client_name#fr"] == "Déclaré"


def test_a_choice_it_left_stays_made(newcomer: Newcomer, issuer: Issuer) -> None:
    told = newcomer.register(software_statement=issuer.sign(subject_types_supported=["pairwise"]))
    assert told["subject_type"] == "pairwise"
    assert newcomer.put(told, subject_type="public").json()["subject_type"] == "pairwise"


@pytest.mark.parametrize("name", ["\ud800", "\0", "", " ", 5, None, [], {}])
def test_an_issuer_that_is_no_text_is_nobody(newcomer: Newcomer, name: Any) -> None:
    parts = (json.dumps(part).encode() for part in ({"alg": "ES256"}, {"iss": name}, 0))
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    answer = newcomer.send(software_statement=text, redirect_uris=["https://app.example/cb"])
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("_software_statement")


def test_it_gives_no_privilege(newcomer: Newcomer, issuer: Issuer) -> None:
    statement = issuer.sign(
        skip_consent=True, may_introspect=True, client_id="admin", scope="users:admin openid"
    )
    told = newcomer.register(software_statement=statement)
    row = models.Client.objects.get(pk=told["client_id"])
    assert (row.skip_consent, row.may_introspect, row.scope) == (False, [], "openid")
    assert newcomer.send(software_statement=issuer.sign(grant_types=["client_credentials"])).json()[
        "error"
    ] == ("invalid_client_metadata")


def test_its_values_are_judged_like_all_others(newcomer: Newcomer, issuer: Issuer) -> None:
    statement = issuer.sign(redirect_uris=["javascript:alert(1)"])
    answer = newcomer.send(software_statement=statement)
    assert answer.json()["error"] == "invalid_redirect_uri"


def unsigned(issuer: Issuer) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, {"iss": issuer.name, "client_name": "x"})
    )
    return f"{head}.{body}."


def by_secret(issuer: Issuer) -> str:
    """Sign with what everybody knows as if it were a shared secret."""
    public = 2 * issuer.key.jwks["keys"][0]["x"]
    return jwt.encode({"iss": issuer.name}, public, "HS256")


BAD: dict[str, Any] = {
    "unsigned": unsigned,
    "signed with a public key": by_secret,
    "another key": lambda issuer: issuer.sign(key=Key()),
    "expired": lambda issuer: issuer.sign(exp=int(time.time()) - 3600),
    "not yet": lambda issuer: issuer.sign(nbf=int(time.time()) + 3600),
    "from the future": lambda issuer: issuer.sign(iat=int(time.time()) + 3600),
    "an odd date": lambda issuer: issuer.sign(exp=True),
    "for somebody else": lambda issuer: issuer.sign(aud="https://other.example"),
    "cut": lambda issuer: issuer.sign()[:-5],
    "changed": lambda issuer: issuer.sign().replace(".", ".AAAA", 1),
    "no JWT": lambda _: "x",
    "empty": lambda _: "",
    "too long": lambda issuer: issuer.sign(client_name="x" * 20_000),
    "no issuer": lambda issuer: issuer.sign(iss=None),
    "an object": lambda _: {"iss": "x"},
    "a list": lambda _: [1],
    "a number": lambda _: 5,
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_one_is_refused(newcomer: Newcomer, issuer: Issuer, kind: str) -> None:
    answer = newcomer.send(software_statement=BAD[kind](issuer))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_software_statement")


def test_one_from_somebody_unknown_is_not_approved(newcomer: Newcomer) -> None:
    answer = newcomer.send(software_statement=Issuer().sign())
    assert (answer.status_code, answer.json()["error"]) == (400, "unapproved_software_statement")


@pytest.mark.parametrize("audience", [None, "issuer", ["https://other.example", "issuer"]])
def test_it_may_name_us_as_its_audience(newcomer: Newcomer, issuer: Issuer, audience: Any) -> None:
    here = environment.current().issuer
    named = (
        here
        if audience == "issuer"
        else [here if each == "issuer" else each for each in audience or []]
    )
    newcomer.register(software_statement=issuer.sign(aud=named or None, exp=None, iat=None))


def test_one_may_be_required(newcomer: Newcomer, issuer: Issuer) -> None:
    rules = registrations.permitting(is_software_statement_required=True)
    with policy.replaced(registration=rules):
        answer = newcomer.send()
        assert answer.json()["error"] == "unapproved_software_statement"
        told = newcomer.register(software_statement=issuer.sign())
        assert newcomer.put(told).status_code == 200, "what was stated is settled already"


@pytest.fixture
def site() -> Iterator[Site]:
    """Return where an issuer publishes keys."""
    with published.site() as here:
        yield here


def test_keys_may_be_published(newcomer: Newcomer, site: Site) -> None:
    made = Issuer()
    site.document = made.key.jwks
    software_statements.trust(made.name, jwks_uri=site.url)
    for _ in range(3):
        newcomer.register(software_statement=made.sign())
    assert len(site.asked) == 1


def test_published_keys_that_cannot_be_had_approve_nothing(newcomer: Newcomer, site: Site) -> None:
    made = Issuer()
    site.status = 500
    software_statements.trust(made.name, jwks_uri=site.url)
    answer = newcomer.send(software_statement=made.sign())
    assert answer.json()["error"] == "invalid_software_statement"


def run(*words: str) -> Any:
    out = io.StringIO()
    call_command("clients", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_from_the_command_line(newcomer: Newcomer, tmp_path: Path) -> None:
    made = Issuer()
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(made.key.jwks), encoding="utf-8")
    run("trust-issuer", made.name, "--jwks-file", str(file))
    assert made.name in {each["issuer"] for each in run("issuers")}
    newcomer.register(software_statement=made.sign())
    run("distrust-issuer", made.name)
    answer = newcomer.send(software_statement=made.sign())
    assert answer.json()["error"] == "unapproved_software_statement"
    with pytest.raises(CommandError):
        run("distrust-issuer", made.name)


@pytest.mark.parametrize(
    "words",
    [
        ("https://i.example", "--jwks-uri", "http://127.0.0.1/jwks"),
        ("https://i.example", "--jwks-uri", "file:///etc/passwd"),
        ("https://i.example",),
        ("x" * 501, "--jwks-uri", "https://i.example/jwks"),
    ],
)
def test_nobody_is_trusted_without_fitting_keys(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run("trust-issuer", *words)
