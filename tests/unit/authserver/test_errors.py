"""Errors say what we wrote and nothing that came in."""

import pytest
from authlib.oauth2.rfc6749 import errors as authlib_errors

from authserver import errors, http
from tests import documents


@pytest.mark.parametrize("kind", list(errors.tree()), ids=lambda kind: kind.__name__)
def test_every_error_has_sentence_clause_and_remedy(kind: type[errors.ProtocolError]) -> None:
    assert kind.clause
    assert (kind.__doc__ or "").strip()
    assert kind().status_code >= 400
    assert kind().description or kind is errors.MissingToken
    assert f"## {kind.anchor()}\n" in documents.errors()


@pytest.mark.spec("RFC 6749 §5.2")
def test_what_authlib_raises_loses_the_input_it_echoes() -> None:
    ours = errors.translated(authlib_errors.UnsupportedGrantTypeError("evil input"))
    assert isinstance(ours, errors.UnsupportedGrantType)
    assert "evil" not in str(ours.parameters())


@pytest.mark.spec("RFC 6749 §5.2")
@pytest.mark.parametrize("used_basic", [True, False])
def test_only_a_client_that_used_basic_is_challenged(used_basic: bool) -> None:
    answered = http.error_answer(errors.InvalidClient(used_basic=used_basic))
    assert answered.status == 401
    assert ("WWW-Authenticate" in dict(answered.headers)) is used_basic


@pytest.mark.spec("RFC 6750 §3")
def test_a_missing_token_is_no_error_yet() -> None:
    answered = http.error_answer(errors.MissingToken())
    assert (answered.status, answered.body) == (401, b"")
    assert dict(answered.headers)["WWW-Authenticate"] == 'Bearer realm="authserver"'


def test_unavailable_says_when_to_come_back() -> None:
    answered = http.error_answer(errors.TemporarilyUnavailable(retry_after=7))
    assert (answered.status, dict(answered.headers)["Retry-After"]) == (503, "7")
