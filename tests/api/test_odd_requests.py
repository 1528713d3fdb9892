"""Requests that nobody means well: pages behind the first, ids and numbers beyond all bounds."""

from typing import Any, Final

import pytest

from core.imports.values import WrongValue
from kpi.formulas import InputFault, number
from kpi.imports.columns import read_number
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.scores import computed, month_of_work

MONTH: Final = "2026-11"


@pytest.fixture
def scored(cast: Cast, clock: StoryClock) -> Cast:
    """November is computed; it is Friday, 4 December."""
    month_of_work(cast)
    computed()
    clock.set("2026-12-04 09:00:00")
    return cast


def test_lists_in_the_order_of_other_things_go_on_behind_their_first_page(
    api_of: ApiOf, scored: Cast
) -> None:
    client = api_of("韩静")
    for path in (f"scores/?month={MONTH}&limit=", f"marks/{MONTH}/?limit="):
        whole = client.get(f"{path}200").json()
        assert whole["next"] is None
        found, address = [], f"{path}1"
        while address:
            page = client.get(address).json()
            found += page["items"]
            address = page["next"] and page["next"].partition("/api/v1/")[2]
        assert found == whole["items"]
        assert len(found) > 1


HUGE: Final = (
    {"P4": {"mark": "-1e-100000"}},
    {"P4": {"mark": "1e-100000"}},
    {"P4": {"mark": "0." + "1" * 4000}},
    {"P4": {"mark": "1_0"}},
    {"P4": {"mark": " ８８"}},
    {"P4": {"mark": True}},
    {"P2b": {"met": "-1e-20000", "total": "5"}},
    {"M1": {"actual": "100000000000000", "target": "0.00000000000000000001"}},
    {"M4": {"actual": "1", "target": "1e-30"}},
    {"M1": {"actual": "1" * 16, "target": "1"}},
    {"M1": {"actual": "5", "target": "6", "note": "x"}},
    {"M1": {"actual": "5", "target": "6", "y" * 100_000: "1"}},
    {"P3d": {"met": "1", "total": "2", "cases": []}},
)


@pytest.mark.parametrize("inputs", HUGE)
def test_numbers_that_nobody_writes_get_a_short_answer(
    api_of: ApiOf, scored: Cast, inputs: dict[str, Any]
) -> None:
    path = f"scores/{MONTH}/{scored['林晓岚'].pk}/what-if/"
    answer = api_of("林晓岚").post(path, {"inputs": inputs})
    assert answer.status_code == 422
    assert len(answer.content) < 1000


def test_the_largest_shares_are_computed(api_of: ApiOf, scored: Cast) -> None:
    path = f"scores/{MONTH}/{scored['林晓岚'].pk}/what-if/"
    edge = {"M1": {"actual": "9" * 15, "target": "0.000001"}}
    assert api_of("林晓岚").post(path, {"inputs": edge}).status_code == 200


@pytest.mark.parametrize(
    ("text", "value"),
    [("190", "190"), ("-3.5", "-3.5"), ("0.000001", "0.000001"), (12, "12")],
)
def test_plain_numbers_are_read(text: str | int, value: str) -> None:
    assert str(number(text, "x")) == value


@pytest.mark.parametrize("text", ["", "1e3", "0.0000001", "１", "1,000", "nan", "inf", "+1", "1."])
def test_others_are_none(text: str) -> None:
    with pytest.raises(InputFault):
        number(text, "x")


@pytest.mark.parametrize("text", ["1,0.5", "1_000", "1,00", "12,34,567", ".", "1e3", "nan", "-"])
def test_a_cell_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(WrongValue):
        read_number(text, 2, may_be_negative=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,000.50", "1000.50"), ("1,234,567", "1234567.00"), ("95%", "95.00"), ("－３", "-3.00")],
)
def test_a_cell_is_read_as_people_write(text: str, value: str) -> None:
    assert str(read_number(text, 2, may_be_negative=True)) == value


@pytest.mark.parametrize("pk", [2**63 - 1, 2**63, 10**30])
def test_an_id_beyond_all_counting_names_nothing(
    api_of: ApiOf, scored: Cast, browser_of: Any, pk: int
) -> None:
    assert api_of("韩静").get(f"scores/{MONTH}/{pk}/").status_code == 404
    assert browser_of(scored["韩静"]).get(f"/scores/{MONTH}/{pk}/").status_code == 404


def test_a_token_narrowed_to_a_branch_keeps_nothing_of_the_company(
    api_of: ApiOf, scored: Cast
) -> None:
    narrow = api_of("韩静", "read", "write", branch_ids=[scored.west.pk])
    wide = api_of("韩静", "read", "write")
    assert narrow.post("schemes/", {}).status_code == 403
    assert wide.post("schemes/", {}).status_code == 201
    cells = {"cells": [{"row": scored.east.pk, "indicator": "M4", "value": "5"}]}
    path = "requirements/2026-12/"
    tag = wide.get(path)["ETag"]
    assert narrow.patch(path, cells, If_Match=tag).status_code in (403, 404)
    assert wide.patch(path, cells, If_Match=tag).status_code == 200
