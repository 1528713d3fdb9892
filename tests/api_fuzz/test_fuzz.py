"""What nobody thought of: requests made up from the API's own description.

Whatever is sent, by whomever, the answer is one that the description promises, and never a
fault. Each operation gets requests that fit its description and ones that do not, to made-up
addresses and to the story's own rows, from everybody of the cast.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from config.wsgi import application
from core import clock
from core.api.description import description
from organization.operations.access import issue_token
from tests.api.story import NOW, ROLES, play
from tests.cast import make_cast

EXAMPLES: Final = 10
# A request that fits may still be refused by a rule, which is no fault of the description.
CHECKS: Final = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
)
OPERATIONS: Final = sorted(
    (path, method)
    for path, methods in description()["paths"].items()
    for method in methods
    if method != "parameters"
)


@dataclass(frozen=True)
class Played:
    """The story so far: a token of each role, and the rows that addresses lead to."""

    tokens: dict[str, str]
    rows: dict[str, Any]

    def address(self, path: str) -> dict[str, Any]:
        """The story's values for the variables of an address."""
        first = path.removeprefix("/api/v1/").split("/")[0]
        values = {**self.rows, "id": self.rows.get(first, 1)}
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        return {name: values[name] for name in names if name in values}


@contextmanager
def one_connection() -> Iterator[None]:
    """The server would close the connection after a request, and end the story with it."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker: Any) -> Iterator[Played]:
    """One story for all operations, in a transaction that never ends well."""
    patch = pytest.MonkeyPatch()
    patch.setattr(clock, "now", lambda: NOW)
    with (
        django_db_blocker.unblock(),
        override_settings(API_REQUESTS_A_MINUTE=10**9),
        one_connection(),
        transaction.atomic(),
    ):
        cast = make_cast()
        tokens = {}
        for role, name in ROLES.items():
            admin = ["admin"] if role in ("sysadmin", "secadmin") else []
            _token, tokens[role] = issue_token(
                name=role,
                scopes=["read", "write", "import", *admin],
                days=30,
                actor=cast.actor(name),
                at=NOW,
            )
        yield Played(tokens, play(cast))
        transaction.set_rollback(True)
    patch.undo()


@pytest.fixture(scope="module")
def described() -> Any:
    """The description as the fuzzer reads it, served by the application itself."""
    schema = schemathesis.openapi.from_dict(description())
    schema.app = application
    return schema


def ask(case: Any, token: str, **headers: str) -> Any:
    """Send the case and hold the answer against the description; nothing of it stays."""
    with transaction.atomic():
        answer = case.call_and_validate(
            headers={
                "Authorization": f"Bearer {token}",
                "Accept-Encoding": "identity",
                **headers,
            },
            checks=list(CHECKS),
        )
        transaction.set_rollback(True)
    return answer


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda part: part)
def test_an_operation_keeps_its_promises(
    played: Played, described: Any, path: str, method: str
) -> None:
    operation = described[path][method]
    own = played.address(path)

    def cases(mode: GenerationMode) -> st.SearchStrategy[Any]:
        made_up = operation.as_strategy(generation_mode=mode)
        return made_up | operation.as_strategy(generation_mode=mode, path_parameters=own)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=cases(GenerationMode.POSITIVE) | cases(GenerationMode.NEGATIVE),
        role=st.sampled_from(sorted(ROLES)),
        is_matched=st.booleans(),
    )
    def run(case: Any, role: str, is_matched: bool) -> None:
        matched = {"If-Match": "*"} if is_matched and "If-Match" in case.headers else {}
        ask(case, played.tokens[role], **matched)

    with suppress(Unsatisfiable):  # of some operations nothing can be wrong
        run()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_reads_the_story(played: Played, described: Any, role: str) -> None:
    seen = []
    for path, method in OPERATIONS:
        if method == "get":
            case = described[path]["get"].Case(path_parameters=played.address(path))
            seen.append(ask(case, played.tokens[role]).status_code)
    assert set(seen) <= {200, 403, 404}
    assert 200 in seen
