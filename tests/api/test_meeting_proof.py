"""What meetings lack, who was there, the matrix of duties and content marks over the API."""

import pytest

from meetings.models import Meeting
from tests.api.conftest import ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock
from tests.domain.minuted import arranged
from tests.domain.recorded import sat, whole
from tests.domain.test_meeting_checks import TALKED

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(cast: Cast, clock: StoryClock) -> Meeting:
    """The GM session of November with a whole record."""
    return whole(cast, "gm", "2026-11", chair="赵国梁", said=TALKED)


def test_a_meeting_says_what_it_lacks(cast: Cast, session: Meeting, api_of: ApiOf) -> None:
    (duty,) = api_of("林晓岚").get(f"meetings/{session.pk}/lacks/").json()["duties"]
    assert (duty["kind"], duty["standing"], duty["lacks"]) == ("gm", "held", [])
    missed = arranged(cast, "standup")
    (duty,) = api_of("林晓岚").get(f"meetings/{missed.pk}/lacks/").json()["duties"]
    assert [(one["code"], one["weight"], one["text"]) for one in duty["lacks"]] == [
        ("not_held", "missing", "没有召开")
    ]
    assert api_of("吴志远").get(f"meetings/{missed.pk}/lacks/").status_code == 404


def test_attendance_of_everybody_for_the_supervisor_of_oneself_for_a_manager(
    cast: Cast, clock: StoryClock, api_of: ApiOf
) -> None:
    sat(cast, "weekly", presence={"陈嘉怡": "absent"})
    here = f"meetings/attendance/2026-11/{cast.east.pk}/"
    whole_branch = api_of("周建平").get(here).json()["people"]
    assert [(one["person"]["name"], one["came"]) for one in whole_branch] == [
        ("陈嘉怡", 0),
        ("何俊峰", 1),
        ("林晓岚", 1),
    ]
    own = api_of("林晓岚").get(here).json()["people"]
    assert [one["person"]["name"] for one in own] == ["林晓岚"]
    assert api_of("周建平").get(f"{here}workbook/").status_code == 200


def test_the_matrix_is_the_pages(session: Meeting, cast: Cast, api_of: ApiOf) -> None:
    found = api_of("韩静").get("duty-matrix/2026-11/").json()
    (east,) = [one for one in found["branches"] if one["branch"]["code"] == "CD"]
    cells = {cell["duty"]: (cell["done"], cell["due"]) for cell in east["duties"]}
    assert (cells["gm"], cells["analysis"]) == ((1, 1), (0, 1))
    assert api_of("韩静").get("duty-matrix/2026-11/workbook/").status_code == 200
    assert api_of("周建平").get("duty-matrix/2026-11/").status_code == 404


def test_contents_are_marked_on_the_version_that_was_read(session: Meeting, api_of: ApiOf) -> None:
    market = api_of("韩静")
    (listed,) = market.get("meeting-contents/2026-11/").json()["sittings"]
    assert (listed["meeting"], listed["marks"]) == (session.pk, {})
    here = f"meeting-contents/meeting/{session.pk}/"
    tag = market.get(here).headers["ETag"]
    answer = market.post(f"{here}mark/", {"marks": {"strategy": 2}}, If_Match=tag)
    assert answer.status_code == 200
    marks = {one["topic"]: one["mark"] for one in answer.json()["topics"]}
    assert marks == {"strategy": 2, "development": None, "experience": None, "answer": None}
    stale = market.post(f"{here}mark/", {"marks": {"strategy": 4}}, If_Match=tag)
    assert stale.status_code == 412
    refused = api_of("赵国梁").post(
        f"{here}mark/", {"marks": {"strategy": 5}}, If_Match=answer.headers["ETag"]
    )
    assert refused.status_code == 403
