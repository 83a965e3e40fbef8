"""What follows a proof, whatever somebody is doing when they give it."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core import context
from django.http import HttpRequest
from django.test import Client

from accounts import authentication, levels, proving
from tests import second_factors
from tests.unit.accounts import visitor


@contextmanager
def _request(client: Client) -> Iterator[HttpRequest]:
    request = visitor.request_of(client)
    request._messages = SimpleMessages()  # type: ignore[attr-defined]
    with context.request_context(request):
        yield request


class SimpleMessages:
    """Messages that nobody reads."""

    def add(self, *_: object) -> None:
        """Take one."""


def test_somebody_else_gets_a_session_of_their_own() -> None:
    ann, bob = visitor.someone(), visitor.someone()
    client = visitor.signed_in(ann)
    with _request(client) as request:
        first = authentication.signed_in(request)
        proving.prove(request, bob, levels.PASSKEY, amr=("hwk", "user"))
        second = authentication.signed_in(request)
    assert first is not None
    assert second is not None
    assert second.subject == str(bob.pk)
    assert (second.acr, second.amr) == ("phr", ("hwk", "user", "mfa"))
    assert second.sid != first.sid
    assert not visitor.is_signed_in(client), "the old cookie is worth nothing"


def test_somebody_elses_second_step_is_not_gone_around_by_a_session() -> None:
    ann, bob = visitor.someone(), visitor.someone()
    second_factors.given_app(str(bob.pk))
    with _request(visitor.signed_in(ann)) as request:
        answer = proving.prove(request, bob, levels.UPSTREAM, amr=("fed",), next_url="/?on")
        assert answer.headers["Location"] == "/account/login/second/"
        assert authentication.signed_in(request) is None
        assert proving.pending_person(request) == bob
        answer = proving.prove(request, ann, levels.TOTP)
        assert answer.headers["Location"] == "/account/login/"
        assert proving.pending_person(request) is None
        assert authentication.signed_in(request) is None


def test_a_first_factor_shown_twice_is_no_second_step() -> None:
    bob = visitor.someone()
    second_factors.given_app(str(bob.pk))
    with _request(visitor.browser()) as request:
        for method in (levels.PASSWORD, levels.MAIL_CODE, levels.PASSWORD, levels.UPSTREAM):
            proving.prove(request, bob, method)
            assert authentication.signed_in(request) is None
            assert proving.pending_person(request) == bob
        answer = proving.prove(request, bob, levels.RECOVERY_CODE, next_url="/?on")
        person = authentication.signed_in(request)
        assert person is not None
        assert person.acr == "2"
        assert answer.status_code == 302


def test_the_same_person_goes_back_with_the_same_session() -> None:
    ann = visitor.someone()
    with _request(visitor.signed_in(ann)) as request:
        first = authentication.signed_in(request)
        key = request.session.session_key
        answer = proving.prove(request, ann, levels.PASSWORD, next_url="/?back")
        second = authentication.signed_in(request)
        request.session.save()
        assert request.session.session_key != key
    assert answer.headers["Location"] == "/?back"
    assert first is not None
    assert second is not None
    assert second.sid == first.sid
    assert second.auth_time > first.auth_time
