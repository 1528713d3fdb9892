"""A November in which weeks are filed: what the month's stories begin with."""

from collections.abc import Collection, Mapping

from core import jobs
from core.models import Job
from core.periods import Month, Week
from duties.operations import ensure_periods
from inspections.models import CheckItem
from organization.operations.branches import change_branch
from organization.operations.people import change_person
from tests.cast import Cast, at
from tests.domain.week import filed

NOVEMBER = Month(2026, 11)
# The weeks whose deadline lies in November: 45 to 48 (Friday 6, 13, 20, 27).
WEEKS = [Week(2026, n) for n in (45, 46, 47, 48)]
EVERYBODY = ("林晓岚", "陈嘉怡", "何俊峰", "吴志远")


def file_all(
    cast: Cast,
    *,
    but: Collection[tuple[str, int]] = (),
    late: Mapping[tuple[str, int], str] | None = None,
) -> None:
    """Everybody files every week on Friday 17:00; ``late`` gives other moments."""
    for week in WEEKS:
        for who in EVERYBODY:
            if (who, week.number) in but:
                continue
            moment = (late or {}).get((who, week.number), f"{week.friday} 17:00:00")
            filed(cast, who, moment, week=week)


def renamed(cast: Cast, who: str, name: str, moment: str) -> None:
    """The system administrator gives somebody, and the branch 城东, another name."""
    keeper = cast.actor("马骏", on=at(moment))
    person, branch = cast[who], cast.east
    change_person(
        person_id=person.pk,
        changes={"name": name},
        expected_version=person.version,
        actor=keeper,
        at=at(moment),
    )
    change_branch(
        branch_id=branch.pk,
        changes={"name": f"{branch.name}（新）"},
        expected_version=branch.version,
        actor=keeper,
        at=at(moment),
    )


def make_november(cast: Cast) -> Cast:
    """The month's periods; the clock stands before the provisional report.

    Meetings are not judged in it: nobody of these stories holds any.
    """
    CheckItem.objects.filter(code="minutes").update(judged_by="")
    ensure_periods(WEEKS[0], WEEKS[-1].next)
    jobs.tick(at("2026-11-30 17:00:00"))
    Job.objects.all().delete()
    return cast
