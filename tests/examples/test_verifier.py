"""examples/resource-server/verifier.py: what time and threads do to what it remembers."""

import base64
import importlib.util
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import tree
from tests.examples import apis, impostor
from tests.examples.impostor import Impostor

pytestmark = pytest.mark.leg("sqlite")
KEYS, INTROSPECTION = "/jwks", "/introspection"
GOOD = {"active": True, "token_type": "Bearer"}


@pytest.fixture(scope="module")
def verifier() -> Any:
    """Return the file as a module."""
    path = tree.ROOT / apis.FOLDER / "verifier.py"
    spec = importlib.util.spec_from_file_location("verifier_of_the_example", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def issuer() -> Iterator[Impostor]:
    with impostor.running() as found:
        yield found


@pytest.fixture
def known(verifier: Any, issuer: Impostor) -> Iterator[Any]:
    """Return the issuer as the verifier sees it."""
    found = verifier.Issuer(issuer.issuer)
    yield found
    found._http.close()


def test_keys_are_kept_as_long_as_the_issuer_says_within_limits(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    for said, kept in ((None, 60), (5, 60), (900, 900), (10**8, 3600)):
        issuer.headers = {} if said is None else {"Cache-Control": f"public, max-age={said}"}
        keys = verifier.Keys(known)
        assert keys.find("ec")
        assert keys._fresh_until - time.monotonic() == pytest.approx(kept, abs=2)


def test_keys_of_an_issuer_that_is_away_serve_for_a_day_and_no_longer(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    keys = verifier.Keys(known)
    assert keys.find("ec")
    issuer.answers[KEYS] = lambda: {"error": "not today"}
    keys._fresh_until = 0.0
    assert keys.find("ec")
    assert keys._dead_at - time.monotonic() == pytest.approx(86400, abs=5)
    with pytest.raises(verifier.Unavailable):
        keys.find("published in the meantime, perhaps")
    keys._fresh_until = keys._dead_at = 0.0
    for _ in range(2):
        with pytest.raises(verifier.Unavailable):
            keys.find("ec")


def test_a_withdrawn_key_is_forgotten_with_the_next_answer(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    keys = verifier.Keys(known)
    assert keys.find("ec")
    del issuer.keys["ec"]
    keys._fresh_until = 0.0
    assert keys.find("ec") is None
    assert keys.find("rsa")


def test_a_key_nobody_understands_costs_only_itself(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    strange = [
        {"kty": "AKP", "kid": "later"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "!", "y": 1},
        {"kty": "oct", "kid": "secret", "k": "AAAA"},
        {"kty": "RSA"},
        "no key",
        {**issuer.jwks()["keys"][0], "kid": "for encryption", "use": "enc"},
    ]
    good = issuer.jwks()["keys"]
    issuer.answers[KEYS] = lambda: {"keys": [*strange, *good]}
    keys = verifier.Keys(known)
    assert keys.find("ec")
    assert set(keys._known) == {"ec", "rsa"}


def test_a_flood_from_many_threads_asks_once(verifier: Any, issuer: Impostor, known: Any) -> None:
    keys = verifier.Keys(known)
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(keys.find, ["ec", "rsa"] * 32))
        assert issuer.asked.count(KEYS) == 1
        assert not any(pool.map(keys.find, [f"made up {number}" for number in range(200)]))
    assert issuer.asked.count(KEYS) == 2


def test_nobody_whose_key_is_known_waits_for_newer_ones(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    keys = verifier.Keys(known)
    assert keys.find("ec")
    asked, answer = threading.Event(), threading.Event()

    def slowly() -> Any:
        asked.set()
        answer.wait(timeout=10)
        return issuer.jwks()

    issuer.answers[KEYS] = slowly
    keys._fresh_until = 0.0
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.find, "ec")
        assert asked.wait(timeout=10)
        assert pool.submit(keys.find, "rsa").result(timeout=5)
        answer.set()
        assert first.result(timeout=10)


def test_what_is_remembered_is_bounded_in_time_and_number(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    issuer.answers[INTROSPECTION] = lambda: GOOD
    way = verifier.Introspection(known, "an api", "secret", remember=1.0, room=2)
    assert [way(text) for text in ("one", "one", "two", "two")] == [GOOD] * 4
    assert issuer.asked.count(INTROSPECTION) == 2
    assert way("three")
    assert len(way._yes) == 2
    assert way("one")
    assert issuer.asked.count(INTROSPECTION) == 4
    time.sleep(1.0)
    issuer.answers[INTROSPECTION] = lambda: {"active": False}
    assert [way(text) for text in ("one", "two", "three")] == [None] * 3


def test_a_remembered_token_still_expires(verifier: Any, issuer: Impostor, known: Any) -> None:
    said = GOOD | {"aud": "https://api.example", "scope": "a"}
    issuer.answers[INTROSPECTION] = lambda: said | {"exp": int(time.time()) - 28}
    way = verifier.Introspection(known, "an api", "secret", remember=60)
    judge = verifier.Verifier(known, "https://api.example", way)
    assert judge.check("Bearer one", scope="a")
    time.sleep(2.1)
    with pytest.raises(verifier.Denied):
        judge.check("Bearer one", scope="a")


def test_a_key_serves_the_algorithm_it_was_published_for(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    claims = issuer.claims(aud="https://api.example", client_id="c", jti="j", scope="a")
    header = f"Bearer {issuer.sign(claims, kid='rsa', typ='at+jwt')}"
    for alg, is_good in (("RS256", True), ("PS256", False), ("ES256", False)):
        published = {"keys": [{**issuer.jwks()["keys"][0], "alg": alg}]}
        issuer.answers[KEYS] = lambda published=published: published  # type: ignore[misc]
        judge = verifier.Verifier(known, "https://api.example", verifier.Signatures(known))
        if is_good:
            assert judge.check(header, scope="a")
        else:
            with pytest.raises(verifier.Denied, match="invalid_token"):
                judge.check(header, scope="a")


@pytest.mark.spec("RFC 6749 §2.3.1")
def test_credentials_travel_encoded(verifier: Any, issuer: Impostor, known: Any) -> None:
    issuer.answers[INTROSPECTION] = lambda: GOOD
    assert verifier.Introspection(known, "a:n api", "s%c")("one")
    sent = base64.b64decode(issuer.authorization.removeprefix("Basic "))
    assert sent == b"a%3An%20api:s%25c"


def test_the_issuer_is_not_asked_about_what_is_no_token(
    verifier: Any, issuer: Impostor, known: Any
) -> None:
    way = verifier.Introspection(known, "an api", "secret")
    judge = verifier.Verifier(known, "https://api.example", way)
    for text in ("x" * 8193, "a b", "é", ""):
        with pytest.raises(verifier.Denied):
            judge.check(f"Bearer {text}", scope="a")
    assert issuer.asked == []


@pytest.mark.parametrize("answer", [[], "text", None, 1])
def test_nonsense_from_the_issuer_is_its_absence(
    verifier: Any, issuer: Impostor, known: Any, answer: Any
) -> None:
    issuer.answers[INTROSPECTION] = issuer.answers[KEYS] = lambda: answer
    way = verifier.Introspection(known, "an api", "secret")
    with pytest.raises(verifier.Unavailable):
        way("one")
    with pytest.raises(verifier.Unavailable):
        verifier.Keys(known).find("ec")


def test_the_metadata_has_to_name_the_issuer(verifier: Any, issuer: Impostor, known: Any) -> None:
    issuer.answers["/.well-known/openid-configuration"] = lambda: {
        "issuer": "https://elsewhere.example",
        "jwks_uri": f"{issuer.issuer}{KEYS}",
    }
    with pytest.raises(verifier.Unavailable):
        verifier.Keys(known).find("ec")
    assert issuer.asked.count(KEYS) == 0


def test_an_issuer_has_https_or_is_next_door(verifier: Any) -> None:
    for url in ("http://id.example.com", "id.example.com", "ftp://localhost", ""):
        with pytest.raises(ValueError, match="https"):
            verifier.Issuer(url)
    for url in ("https://id.example.com/path", "http://localhost:8000", "http://[::1]:8000"):
        verifier.Issuer(url)._http.close()


@pytest.mark.spec("RFC 9728 §3")
@pytest.mark.parametrize(
    ("audience", "where"),
    [
        ("https://api.example", "https://api.example/.well-known/oauth-protected-resource"),
        ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource"),
        ("https://a.example/b/c", "https://a.example/.well-known/oauth-protected-resource/b/c"),
        ("urn:example:api", ""),
    ],
)
def test_where_the_metadata_stands(verifier: Any, known: Any, audience: str, where: str) -> None:
    judge = verifier.Verifier(known, audience, verifier.Signatures(known))
    assert judge.metadata_url == where
    with pytest.raises(verifier.Denied) as caught:
        judge.check(None, scope="a")
    assert ("resource_metadata" in caught.value.headers["WWW-Authenticate"]) == bool(where)
