"""What a page answers when a database or a cache is away."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisAway

from config import outage, settings


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        pytest.param(OperationalError("away"), 503, id="database away"),
        pytest.param(RedisAway("away"), 503, id="redis away"),
        pytest.param(ValueError("a bug"), 500, id="anything else"),
    ],
)
def test_an_outage_is_not_called_a_fault(fault: Exception, status: int) -> None:
    try:
        raise fault
    except type(fault):
        response = outage.failed(RequestFactory().get("/"))
    assert response.status_code == status
    assert ("Retry-After" in response) is (status == 503)


@pytest.mark.leg("servers")
def test_nothing_in_redis_is_ever_unpickled() -> None:
    options: dict[str, str] = settings.CACHES["default"]["OPTIONS"]  # type: ignore[assignment]
    serializer = options["SERIALIZER"]
    assert serializer.endswith("JSONSerializer")
