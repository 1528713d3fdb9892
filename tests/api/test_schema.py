"""The description: valid, without a warning, complete, and shown without inline scripts."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from config.api_titles import TITLES
from core.api.schema import METHODS


@pytest.fixture(scope="module")
def described() -> Any:
    """The description, made anew and without a complaint."""
    GENERATOR_STATS.reset()
    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert list(GENERATOR_STATS._warn_cache) + list(GENERATOR_STATS._error_cache) == []
    return schema


def operations(described: Any) -> dict[str, Any]:
    """Every operation, by method and path."""
    return {
        f"{method} {path}": methods[method]
        for path, methods in described["paths"].items()
        for method in METHODS
        if method in methods
    }


def test_it_is_openapi_3_1(described: Any) -> None:
    assert described["openapi"].startswith("3.1")
    validate_schema(described)
    names = [operation["operationId"] for operation in operations(described).values()]
    assert len(names) == len(set(names))


def test_every_address_is_in_it(described: Any) -> None:
    """Whatever the resolver knows under /api/v1/, but for the description itself."""

    def addresses(patterns: Any, prefix: str = "") -> Any:
        for pattern in patterns:
            here = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from addresses(pattern.url_patterns, here)
            elif pattern.name not in ("api-schema", "api-docs", "api-unknown"):
                yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", here).replace("{pk}", "{id}")

    known = {one for one in addresses(get_resolver().url_patterns) if one.startswith("/api/v1/")}
    assert known == set(described["paths"])


def test_every_answer_is_in_it(described: Any) -> None:
    for name, operation in operations(described).items():
        parameters = {one["name"]: one for one in operation.get("parameters", ())}
        wanted = {"400", "401", "403", "404", "406", "422", "429", "500"}
        if "If-Match" in parameters:
            wanted |= {"412", "428"}
            assert parameters["If-Match"]["required"], name
        if "Idempotency-Key" in parameters:
            wanted |= {"409"}
        if "requestBody" in operation:
            wanted |= {"413", "415"}
        answers = operation["responses"]
        assert wanted <= set(answers), name
        assert {"200", "201", "202", "204", "206"} & set(answers), name
        assert operation["security"], name
        assert operation.get("description"), name
        assert operation.get("summary"), name


def test_no_title_is_left_over(described: Any) -> None:
    assert set(TITLES) == {one["operationId"] for one in operations(described).values()}


def test_every_change_is_guarded(described: Any) -> None:
    for name, operation in operations(described).items():
        parameters = {one["name"] for one in operation.get("parameters", ())}
        if name.startswith(("patch", "put", "delete")):
            assert "If-Match" in parameters, name


def test_it_is_served_to_anybody_in_both_formats() -> None:
    client = Client()
    plain = client.get("/api/v1/schema/")
    assert (plain.status_code, plain["Content-Type"]) == (200, "application/json")
    yaml = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert yaml.content.startswith(b"openapi: 3.1")


@pytest.mark.django_db
def test_the_browser_of_it_has_nothing_inline() -> None:
    answer = Client().get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", page)
    assert re.findall(r'(?:src|href)="(?!/static/|data:)([^"]*)"', page) == []


def test_what_the_frame_refuses_bears_the_policies_too() -> None:
    answer = Client().post("/api/v1/docs/")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert "Allow" in answer
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
