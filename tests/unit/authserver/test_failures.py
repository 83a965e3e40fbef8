"""authserver.failures: bounded in number, age, a second and per address; the log has them all."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authserver import authorization, errors, failures, findings, models, registrar, request
from config import policy, rates
from config.keeping import Failures
from config.rates import Throttle
from tests.unit.accounts import visitor

FREE = rates.parse("1000000/h")


@pytest.fixture(autouse=True)
def _free(database: None) -> Iterator[None]:
    with permitted():
        yield


def permitted(explanations: rates.Rates = FREE, **limits: Any) -> Any:
    kept = Failures(**{"per_second": 1000, **limits})
    return policy.replaced(failures=kept, throttle=Throttle(explanations=explanations))


def refused(address: str = "192.0.2.1") -> str:
    page = RequestFactory().get("/oauth2/authorize?client_id=nobody", REMOTE_ADDR=address)
    return failures.of_authorization(page, errors.InvalidRequest("No application."))


def kept(references: list[str]) -> int:
    return sum(failures.find(each) is not None for each in references)


def test_a_burst_is_not_taken_down_and_still_logged(caplog: pytest.LogCaptureFixture) -> None:
    with permitted(per_second=1), caplog.at_level(logging.INFO, "authserver.failures"):
        references = [refused() for _ in range(30)]
    assert len(set(references)) == 30
    assert 0 < kept(references) <= 11
    assert len([each for each in caplog.records if each.getMessage() == "refused"]) == 30


def test_one_address_does_not_take_everybodys_place() -> None:
    with permitted(rates.parse("3/h")):
        assert kept([refused("192.0.2.7") for _ in range(6)]) == 3
        assert kept([refused("198.51.100.7")]) == 1


def test_the_newest_are_kept() -> None:
    models.Failure.objects.all().delete()  # some of other tests' are of days to come
    with permitted(most=100):
        references = [refused() for _ in range(250)]
        assert models.Failure.objects.count() <= 200
    assert kept(references[-100:]) == 100


def test_what_is_old_is_swept() -> None:
    old, new = refused(), refused()
    age = timezone.now() - policy.current().failures.keep - timedelta(minutes=1)
    models.Failure.objects.filter(pk=old).update(created_at=age)
    call_command("sweep")
    assert (kept([old]), kept([new])) == (0, 1)


def test_only_administrators_read_it_and_nobody_changes_it() -> None:
    found = refused()
    at = f"/admin/authserver/failure/{found}/change/"
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    assert "is not registered." in boss.get(at).content.decode()
    assert boss.post(at, {"error": "x"}).status_code == 403
    listed = boss.get(f"/admin/authserver/failure/?q={failures.grouped(found).lower()}")
    assert failures.grouped(found) in listed.content.decode()
    assert boss.get("/admin/authserver/failure/add/").status_code == 403
    assert visitor.signed_in(visitor.someone()).get(at).status_code in {302, 403}
    link = f"/oauth2/errors/{failures.grouped(found)}"
    assert at in boss.get(link).content.decode()
    assert at not in visitor.signed_in(visitor.someone()).get(link).content.decode()


NAMES = (*authorization.KEPT, "request", "request_uri", "resource", "client_secret", "registration")
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
    st.sampled_from(
        ["code", "https://[", "https://a.example:x/", "%25", "//", ":", "@", "a.b.c", "openid"]
    ),
)


@pytest.fixture(scope="module")
def client_id(database: None) -> Iterator[str]:
    made = registrar.register({"redirect_uris": ["https://app.example/callback"]})
    yield made.client_id
    registrar.remove(made.client_id)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=12))
def test_whatever_was_sent_can_be_explained(client_id: str, pairs: list[tuple[str, str]]) -> None:
    query = urlencode([("client_id", client_id), *pairs], errors="replace")
    for path in ("/oauth2/authorize", "/oauth2/logout"):
        sent = request.of_page(RequestFactory().get(f"{path}?{query}"))
        found = [*findings.asked(sent), *findings.leaving(sent)]
        assert all(each.parameter and each.verdict for each in found)


def test_very_many_parameters_can_be_explained() -> None:
    page = RequestFactory().get("/oauth2/authorize?" + "&a=1" * 3_000)
    assert kept([failures.of_authorization(page, errors.InvalidRequest())]) == 1
