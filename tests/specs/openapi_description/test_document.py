"""OpenAPI 3.1 §4 — the description is in order, whole, and says what the server does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from rest_framework.views import APIView

from accounts.api import operations as table
from accounts.api import scopes, urls
from authserver import errors, models, resources, server
from authserver.urls import MACHINES
from tests.doors import Door
from tests.specs.openapi_description import documents
from tests.specs.openapi_description.documents import Part

pytestmark = pytest.mark.spec("OpenAPI 3.1 §4")

# Pictures, frames and texts for browsers and people: no program speaks to them.
NOT_FOR_PROGRAMS = {
    *("client-logo", "check-session", "change-password", "passkey-endpoints", "security-txt"),
    *("brand-style", "openapi"),
}


@pytest.fixture
def document(way_in: Door, signing_keys: None) -> Iterator[Part]:
    """Return the description of all there can be; that is also what is offered."""
    with documents.everything():
        yield documents.served(way_in)


def test_it_is_valid(document: Part) -> None:
    assert document["openapi"].startswith("3.1.")
    validate_schema(document)  # type: ignore[no-untyped-call]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document: Part) -> None:
    for reference in _references(document):
        here: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in here, reference
            here = here[step]


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [one for each in part.values() for one in _references(each)]
    return [one for each in part for one in _references(each)] if isinstance(part, list) else []


def test_every_operation_says_what_is_needed(document: Part) -> None:
    names = [operation["operationId"] for _, operation in documents.operations(document)]
    assert len(names) == len(set(names))
    schemes = set(document["components"]["securitySchemes"])
    tags = {tag["name"] for tag in document["tags"]}
    for where, operation in documents.operations(document):
        assert operation["summary"], where
        assert operation["description"], where
        assert set(operation["tags"]) <= tags, where
        assert operation["security"], where
        assert {name for each in operation["security"] for name in each} <= schemes, where
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (where, parameter)
            assert not parameter.get("required") or "example" in parameter, (where, parameter)


def test_every_body_has_an_example_that_fits(document: Part) -> None:
    for where, operation in documents.operations(document):
        for status, content in documents.bodies(operation):
            assert content["examples"], (where, status)
            whole = content["schema"] | {"components": document["components"]}
            judge = Draft202012Validator(whole)
            for name, example in content["examples"].items():
                found = [str(fault.message) for fault in judge.iter_errors(example["value"])]
                assert found == [], (where, status, name)


def test_every_error_is_described(document: Part) -> None:
    for where, operation in documents.operations(document):
        told = set(operation["responses"])
        assert "400" in told, where
        if _is_for_browsers(operation):
            continue
        assert {"429", "500", "503"} <= told, where
        assert "Retry-After" in operation["responses"]["429"]["headers"], where
        if {} not in operation["security"]:
            assert "WWW-Authenticate" in operation["responses"]["401"]["headers"], where


def _is_for_browsers(operation: Part) -> bool:
    return "303" in operation["responses"]


def test_nothing_that_wants_a_credential_is_given_without(document: Part, way_in: Door) -> None:
    asked = 0
    for where, operation in documents.operations(document):
        method, _, path = where.partition(" ")
        if {} in operation["security"]:
            continue
        query = documents.example_of(operation, "query")
        body, kind = documents.example_body(operation)
        for name, value in documents.example_of(operation, "path").items():
            path = path.replace(f"{{{name}}}", value)
        answer = way_in.send(method, path, query=query, headers=kind, body=body)
        assert answer.status_code == 401, where
        assert (answer.headers["WWW-Authenticate"] or "").startswith("Bearer "), where
        asked += 1
    assert asked > 8


def test_errors_are_those_of_the_tree(document: Part) -> None:
    known = {kind.error for kind in errors.tree() if kind.error}
    shown = {
        example["value"]["error"]
        for _, operation in documents.operations(document)
        for status, content in documents.bodies(operation)
        for example in content["examples"].values()
        if status.startswith(("4", "5")) and "oauth" in operation["tags"]
        if isinstance(example["value"], dict)
    }
    assert shown <= known
    assert {"invalid_client", "invalid_grant", "invalid_token", "insufficient_scope"} <= shown
    assert document["components"]["schemas"]["OAuthError"]["properties"]["error"]["enum"] == sorted(
        known
    )


def test_no_endpoint_is_left_out(document: Part) -> None:
    described = set(document["paths"])
    machines = {f"/{path}" for name, (path, _) in MACHINES.items() if name not in NOT_FOR_PROGRAMS}
    assert machines <= described
    views: list[Any] = [pattern.callback for pattern in urls.urlpatterns]
    methods = {
        (view.cls.__name__, method.upper())
        for view in views
        if issubclass(view.cls, APIView) and view.cls.__name__ != "Nothing"
        for method in view.cls().allowed_methods
        if method not in {"OPTIONS", "HEAD"}
    }
    assert methods == set(table.OPERATIONS)


def test_every_grant_has_its_form(document: Part) -> None:
    body = document["paths"]["/oauth2/token"]["post"]["requestBody"]["content"]
    forms = body["application/x-www-form-urlencoded"]["schema"]["oneOf"]
    spoken = [form["properties"]["grant_type"]["const"] for form in forms]
    assert spoken == server.grant_types()


def test_the_security_schemes_are_this_server(document: Part, way_in: Door) -> None:
    metadata = way_in.get("/.well-known/openid-configuration").json()
    schemes = document["components"]["securitySchemes"]
    flows = schemes["OAuth2"]["flows"]
    assert flows["authorizationCode"]["authorizationUrl"] == metadata["authorization_endpoint"]
    assert flows["authorizationCode"]["tokenUrl"] == metadata["token_endpoint"]
    assert set(flows["authorizationCode"]["scopes"]) == set(metadata["scopes_supported"])
    assert scopes.ADMIN not in flows["clientCredentials"]["scopes"]
    assert set(scopes.FOR_PROGRAMS) <= set(flows["clientCredentials"]["scopes"])
    assert schemes["BearerAuth"]["scheme"] == "bearer"
    assert schemes["ApiKeyAuth"] == schemes["ApiKeyAuth"] | {"in": "header", "name": "X-API-Key"}
    address = schemes["OpenIDConnect"]["openIdConnectUrl"]
    assert way_in.get(address).json() == metadata
    assert document["servers"][0]["url"] == metadata["issuer"]


def test_a_new_scope_appears(way_in: Door, document: Part) -> None:
    assert "invoices:read" not in json.dumps(document)
    models.Scope.objects.create(name="invoices:read", title="Read invoices")
    resources.evict()
    assert "invoices:read" in json.dumps(documents.served(way_in))
    models.Scope.objects.filter(name="invoices:read").delete()
    resources.evict()
