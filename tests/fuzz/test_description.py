"""OpenAPI 3.1 §4.8.16 — whatever the description lets be sent, only what it describes comes back.

Cases are made by schemathesis, good ones and bad ones, and sent in process: as many as a few
seconds allow, others in each run.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config import environment
from tests import api, doors
from tests.doors import Door
from tests.parties import Enrol
from tests.specs.openapi_description import documents

pytestmark = pytest.mark.spec("OpenAPI 3.1 §4.8.16")
EXAMPLES: Final = 15  # of each operation
SECONDS: Final = 1.0  # for them
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    response_headers_conformance,
]
OF_A_BODY: Final = [content_type_conformance, response_schema_conformance]
CALLERS: Final = ["nobody", "administrator", "service"]
Headers = dict[str, str]


@pytest.fixture
def described(way_in: Door, signing_keys: None) -> Iterator[Any]:
    """Return the description as schemathesis reads it; clients may register themselves."""
    with documents.everything():
        yield schemathesis.openapi.from_dict(documents.served(way_in))


@pytest.fixture
def credential(request: pytest.FixtureRequest, way_in: Door, enrol: Enrol) -> Headers:
    """Return the headers that say who calls."""
    match request.param:
        case "administrator":
            who = api.administrator(way_in)
            return api.of_person(enrol(scope=api.SCOPE), who).headers
        case "service":
            return api.with_key(way_in, "users:read", "users:write").headers
        case _:
            return {}


@pytest.mark.parametrize("credential", CALLERS, indirect=True)
def test_only_what_is_described_comes_back(
    way_in: Door, described: Any, credential: Headers
) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        _fuzz(operation, credential, way_in)


def _cases(operation: Any) -> st.SearchStrategy[Any]:
    """Return good requests, and bad ones where anything is taken that could be bad."""
    takes_nothing = {"parameters", "requestBody"}.isdisjoint(operation.definition.raw)
    modes = [GenerationMode.POSITIVE] if takes_nothing else list(GenerationMode)
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])


def _fuzz(operation: Any, credential: Headers, door: Door) -> None:
    """Send cases of one operation, as long as its time lasts."""
    until = time.monotonic() + SECONDS

    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation))
    def send(case: Any) -> None:
        if time.monotonic() < until:
            _judge(case, credential, door)

    send()


def _judge(case: Any, credential: Headers, door: Door) -> None:
    answer = case.call(
        app=doors.APPLICATIONS[door.name],
        base_url=environment.current().issuer,
        headers=credential,
    )
    # A challenge to somebody without a token has no body, hence no type (RFC 6750 §3.1).
    checks = [*CHECKS, *OF_A_BODY] if answer.content else CHECKS
    case.validate_response(answer, checks=checks)
    if not credential and {} not in (case.operation.definition.raw["security"]):
        assert answer.status_code >= 400, (case.operation.label, answer.status_code)
