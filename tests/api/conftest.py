"""A REST client of each person of the cast."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pytest
from django.test import Client

from organization.operations.access import issue_token
from tests.cast import Cast
from tests.conftest import StoryClock


class Api:
    """Speaks JSON to /api/v1/ with a token."""

    def __init__(self, token: str = "", *, language: str = "zh-hans") -> None:
        self.client = Client()
        self.headers = {"Accept": "application/json", "Accept-Language": language}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; header names with underscores for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            "" if body is None else data,
            content_type=given.pop("Content-Type", "application/json"),
            headers={**self.headers, **given},
        )

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST."""
        return self.ask("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """PUT."""
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """PATCH."""
        return self.ask("PATCH", path, body, **headers)


class ApiOf(Protocol):
    """Makes a client for a person of the cast."""

    def __call__(self, name: str, *scopes: str, **how: Any) -> Api: ...


@pytest.fixture
def api_of(cast: Cast, clock: StoryClock) -> ApiOf:
    """A client with a fresh token: ``api_of("林晓岚")``, ``api_of("韩静", "read")``."""

    def made(name: str, *scopes: str, **how: Any) -> Api:
        branches: Sequence[int] = how.pop("branch_ids", ())
        _token, text = issue_token(
            name="故事",
            scopes=scopes or ("read", "write", "import"),
            branch_ids=branches,
            days=30,
            actor=cast.actor(name),
            at=clock.moment,
        )
        return Api(text, **how)

    return made


@pytest.fixture
def anonymous() -> Callable[[], Api]:
    """A client without a token."""
    return Api
