"""Praise beside penalties (E6): what went well at a month's meetings suggests itself."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inspections.content_queries import marking_of
from inspections.operations.contents import mark_contents
from kpi.roster import roster_of
from meetings.models import Attendee, Meeting
from reports.figures import month_figures
from reports.figures_praised import praised_at
from reports.suggestions import Suggestion, suggestions
from tests.cast import Cast, at
from tests.domain.bulletins import DRAFTED, FROZEN, NOVEMBER
from tests.domain.minuted import held
from tests.domain.recorded import whole
from tests.domain.test_meeting_checks import TALKED

pytestmark = pytest.mark.django_db
MARKED = at("2026-11-27 15:00:00")
LATER = at("2026-11-27 16:00:00")


def marked(cast: Cast, meeting: Meeting, when: datetime, **marks: int) -> None:
    actor = cast.actor("韩静", on=when)
    version = marking_of(actor, meeting.pk, when).version
    mark_contents(
        meeting_id=meeting.pk, expected_version=version, marks=marks, actor=actor, at=when
    )


@pytest.fixture
def session(cast: Cast) -> Meeting:
    """A weekly meeting for which 陈嘉怡 came late, a GM session with two contents marked 5."""
    held(cast, "weekly", presence={"陈嘉怡": "late", "何俊峰": "trip"})
    meeting = whole(cast, "gm", "2026-11", chair="赵国梁", said=TALKED)
    marked(cast, meeting, MARKED, strategy=5, development=4, answer=5)
    return meeting


def good() -> Mapping[str, Suggestion]:
    found = suggestions(month_figures(NOVEMBER, DRAFTED))["good"]
    return {one.key: one for one in found}


def test_full_attendance_and_the_best_marks_suggest_themselves_on_their_rows(
    cast: Cast, session: Meeting
) -> None:
    said = good()
    lin, he = cast["林晓岚"], cast["何俊峰"]
    attended, content = said["attended"], said[f"content-{session.pk}"]
    assert attended.text == (
        f"城东分公司客户经理工号{he.job_number}、城东分公司客户经理工号{lin.job_number}"
        "本月会议没有迟到和缺席。"
    )
    here = f"/meetings/attendance/2026-11/{cast.east.pk}/"
    assert [(row.label, row.url) for row in attended.rows] == [
        (f"工号{he.job_number}会议出勤 到会1次", f"{here}?of={he.pk}"),
        (f"工号{lin.job_number}会议出勤 到会2次", f"{here}?of={lin.pk}"),
    ]
    assert content.text == ("城东分公司11月17日总经理沟通会的战略宣贯、答疑内容充实，评为满分。")
    assert [row.url for row in content.rows] == [f"/meetings/{session.pk}/"]


def test_praise_goes_with_its_rows(cast: Cast, session: Meeting) -> None:
    marked(cast, session, LATER, strategy=3, answer=4)
    Attendee.objects.filter(meeting=session).update(state="absent")
    Attendee.objects.filter(state="present").update(state="late")
    assert {"attended", f"content-{session.pk}"}.isdisjoint(good())


def test_praise_takes_a_fixed_number_of_statements(cast: Cast, session: Meeting) -> None:
    def statements() -> int:
        roster = roster_of(NOVEMBER, named_at=FROZEN)
        with CaptureQueriesContext(connection) as queries:
            praised_at(NOVEMBER, roster, FROZEN)
        return len(queries)

    few = statements()
    analysis = whole(cast, "analysis", "2026-11", chair="钱慧敏", said=TALKED)
    marked(cast, analysis, MARKED, case=5)
    assert statements() == few
