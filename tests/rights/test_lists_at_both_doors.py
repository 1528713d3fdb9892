"""A list says the same to the same people as a page and over the API, also to who has no role."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import reverse

from config.rights import RIGHTS, reaches
from organization.models import Person, RoleGrant
from organization.operations.access import issue_token
from tests.cast import NOON, Cast
from tests.conftest import StoryClock

LISTS: Final = {
    "audit": "api-audit",
    "branches": "api-branches",
    "bulletins": "api-bulletins",
    "cases": "api-cases",
    "check-items": "api-check-items",
    "company-archive": "api-consolidations",
    "complaints": "api-complaints",
    "consequences": "api-consequences",
    "customers": "api-customers",
    "downloads": "api-editions",
    "findings": "api-findings",
    "imports": "api-imports",
    "indicators": "api-indicators",
    "logs": "api-logs",
    "notices": "api-notices",
    "people": "api-people",
    "rollups": "api-rollups",
    "schemes": "api-schemes",
    "settings": "api-settings",
    "sheets": "api-scores",
    "spot-check-now": "api-spot-checks",
    "summaries": "api-summaries",
    "targets-now": "api-targets",
    "todos": "api-todos",
}


@pytest.mark.parametrize("page", sorted(LISTS))
def test_the_matrix_names_the_same_readers_for_both(page: str) -> None:
    by_page, by_api = RIGHTS[page], RIGHTS[LISTS[page]]
    assert (set(reaches(by_api.get)), by_api.thing) == (set(reaches(by_page.get)), by_page.thing)


@pytest.mark.parametrize("page", sorted(LISTS))
def test_who_has_no_role_is_told_the_same_at_both(
    cast: Cast, clock: StoryClock, browser_of: Callable[[Person], Client], page: str
) -> None:
    person = cast["何俊峰"]
    RoleGrant.objects.filter(person=person).delete()
    _row, token = issue_token(
        name="读取", scopes=["read"], days=30, actor=cast.actor("何俊峰"), at=NOON
    )
    seen = browser_of(person).get(reverse(page))
    read: Any = Client().get(reverse(LISTS[page]), headers={"Authorization": f"Bearer {token}"})
    assert read.status_code == seen.status_code
    if read.status_code != 200:
        assert read["Content-Type"] == "application/problem+json"
        assert read.json()["status"] == read.status_code
