"""The same act by a page and by the API leaves the same trail, and the same refusal."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config.doors import DOORS
from core.models import AuditRow, Draft
from duties.operations import ensure_periods
from organization.models import Branch, Person
from tests.api.acts import ACTS, WITHOUT_ACTS, Act, Acts
from tests.api.conftest import Api, ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.week import WEEK, filed

# The apps whose operations are all told here.
APPS: Final = (
    "confidentiality",
    "core",
    "customers",
    "desk",
    "duties",
    "organization",
    "worklogs",
)
SAID: Final = [
    pytest.param(operation, act_of, id=act_of.__name__)
    for operation, acts in ACTS.items()
    for act_of in acts
]


def by_page(browser: Client, operation: str, act: Act) -> Any:
    """The form of the operation's page."""
    address = reverse(DOORS[operation][0], args=act.args)
    form = dict(act.form)
    if act.page_method == "PATCH":
        return browser.patch(address, json.dumps(form), content_type="application/json")
    if act.version is not None:
        form.setdefault("version", act.version)
    return (
        browser.generic("GET", address) if act.page_method == "GET" else browser.post(address, form)
    )


def by_api(client: Api, operation: str, act: Act) -> Any:
    """The body at the operation's address of the API."""
    args = act.args if act.api_args is None else act.api_args
    address = reverse(DOORS[operation][1], args=args)
    if "file" in act.body:
        return client.client.post(address, act.body, headers=client.headers)
    tag = {} if act.version is None else {"If_Match": f'"{act.version}.a"'}
    body = None if act.api_method == "GET" else act.body
    return client.ask(act.api_method, address.removeprefix("/api/v1/"), body, **tag)


@dataclass
class Outcome:
    """An answer, the trail it left, and the drafts: theirs is no other trail."""

    answer: Any
    trail: list[tuple[Any, ...]]
    drafts: list[tuple[Any, ...]]


def outcome_of(do: Callable[[], Any]) -> Outcome:
    """What an act does, undone afterwards; a branch that it makes has no number to compare."""
    with transaction.atomic():
        known = set(AuditRow.objects.values_list("pk", flat=True))
        branches = set(Branch.objects.values_list("pk", flat=True))
        answer = do()
        rows = [
            (
                row.what,
                row.target_label,
                row.branch_id in branches and row.branch_id,
                row.before,
                row.after,
                row.why,
            )
            for row in AuditRow.objects.exclude(pk__in=known).order_by("pk")
        ]
        drafts = [(one.owner_id, one.key, one.version, one.body) for one in Draft.objects.all()]
        transaction.set_rollback(True)
    return Outcome(answer, rows, drafts)


@pytest.mark.parametrize(("operation", "act_of"), SAID)
def test_both_doors_lead_to_the_same(
    cast: Cast,
    clock: StoryClock,
    api_of: ApiOf,
    browser_of: Callable[[Person], Client],
    operation: str,
    act_of: Acts,
) -> None:
    ensure_periods(WEEK, WEEK)
    filed(cast, "林晓岚", "2026-11-27 11:00:00")
    act = act_of(cast)
    clock.moment = act.at
    is_admin = act.who in ("马骏", "宋琪")
    scopes = ("read", "write", "import", *(["admin"] if is_admin else []))
    browser, client = browser_of(cast[act.who]), api_of(act.who, *scopes)
    page = outcome_of(lambda: by_page(browser, operation, act))
    api = outcome_of(lambda: by_api(client, operation, act))
    assert page.trail == api.trail
    if act.refused:
        said = [one.answer.content.decode() for one in (page, api)]
        assert api.trail == []
        assert (page.answer.status_code, api.answer.status_code) in ((422, 422), (403, 403))
        assert [act.refused in text for text in said] == [True, True]
    else:
        # What was refused to a page is kept there for the next try: so drafts may differ.
        assert page.drafts == api.drafts
        assert (page.answer.status_code < 400, api.answer.status_code < 300) == (True, True)
        assert api.trail or api.drafts


def test_every_operation_is_told() -> None:
    ours = {path for path in DOORS if path.split(".")[0] in APPS}
    assert sorted(ACTS) == sorted(ours - set(WITHOUT_ACTS))
    assert set(WITHOUT_ACTS) <= ours
