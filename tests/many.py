"""Many rows of a kind at once, for tests of what a list costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from core.choices import ImportState
from core.models import ImportRun, StoredFile
from customers.models import Assignment, Contact, TierChange
from duties.models import Notice, ToDo
from duties.operations import ensure_periods
from organization.models import ApiToken, BranchSetting, SignIn
from tests.cast import FRIDAY, NOON, Cast
from tests.domain.week import WEEK, logged
from worklogs.models import Consolidation, Summary

MANY: Final = 50
Make = Callable[[Cast, range], Any]


def weeks_filed(cast: Cast, numbers: range) -> None:
    """林晓岚's weeks, each owed and filed."""
    for number in numbers:
        week = WEEK.plus(-number)
        ensure_periods(week, week, branches=[cast.east])
        at = NOON - timedelta(weeks=number)
        Summary.objects.create(
            manager=cast["林晓岚"],
            branch=cast.east,
            week=week.key,
            state="submitted",
            received_at=at,
            deadline_at=at,
            updated_at=at,
        )


def notices(cast: Cast, numbers: range) -> None:
    Notice.objects.bulk_create(
        Notice(
            person=cast["林晓岚"],
            kind="reminder",
            group=f"g{number}",
            title="提醒",
            key=f"k{number}",
            created_at=NOON,
            updated_at=NOON,
        )
        for number in numbers
    )


def imports(cast: Cast, numbers: range) -> None:
    boss = cast["周建平"]
    for number in numbers:
        file = StoredFile.objects.create(
            name=f"{number}.csv",
            content_type="text/csv",
            size=1,
            sha256=f"{number:064d}",
            kind="import",
            owner_id=boss.pk,
            stored_at=NOON,
        )
        ImportRun.objects.create(
            table="groups",
            file=file,
            owner_id=boss.pk,
            owner_name=boss.name,
            state=ImportState.WRITTEN,
            counts={"new": 1, "wrong": 1},
            started_at=NOON,
        )


def sessions_and_tokens(cast: Cast, numbers: range) -> None:
    lin = cast["林晓岚"]
    SignIn.objects.bulk_create(
        SignIn(person=lin, session_key=f"s{number}", started_at=NOON, seen_at=NOON)
        for number in numbers
    )
    ApiToken.objects.bulk_create(
        ApiToken(
            person=lin,
            name=f"报表{number}",
            digest=f"d{number}",
            tail="x",
            scopes=["read"],
            branch_ids=[cast.east.pk],
            issued_at=NOON,
            expires_at=NOON + timedelta(days=9),
        )
        for number in numbers
    )


def issues(cast: Cast, numbers: range) -> None:
    Consolidation.objects.bulk_create(
        Consolidation(
            week=WEEK.plus(-number).key,
            number=1,
            archive_number=f"QS-{number}",
            content={"missing": [cast.west.name]},
            issued_at=NOON,
            issued_by=cast["孙岚"],
        )
        for number in numbers
    )


def to_dos(cast: Cast, numbers: range) -> None:
    """Open ones and done ones of 林晓岚, set by the supervisor."""
    ToDo.objects.bulk_create(
        ToDo(
            owner=cast["林晓岚"],
            branch=cast.east,
            title=f"事{number}",
            url="/todos/",
            due_at=NOON,
            state=state,
            closed_at=None if state == "open" else NOON,
            source_type="by_hand",
            source_id=None,
            created_at=NOON,
            created_by=cast["周建平"],
            updated_at=NOON,
        )
        for number in numbers
        for state in ("open", "done")
    )


def logs(cast: Cast, numbers: range) -> None:
    for number in numbers:
        logged(cast, "林晓岚", "东方纺织集团", f"2026-11-24 10:{number:02d}:00")


def past_of_a_customer(cast: Cast, numbers: range) -> None:
    """Who looked after 东方纺织集团 before, its tiers then, and more of its people."""
    customer = cast.customer("东方纺织集团")
    for number in numbers:
        on = FRIDAY - timedelta(days=1000 + number)
        Assignment.objects.create(
            customer=customer, manager=cast["陈嘉怡"], valid_from=on, valid_to=on, recorded_at=NOON
        )
        TierChange.objects.create(
            customer=customer, tier=customer.tier, valid_from=on, valid_to=on, recorded_at=NOON
        )
        Contact.objects.create(customer=customer, role="other", name=f"联系人{number}")


def settings(cast: Cast, numbers: range) -> None:
    BranchSetting.objects.bulk_create(
        BranchSetting(
            branch=cast.east,
            key="reminders_a_day",
            value=2,
            valid_from=FRIDAY + timedelta(days=number),
            set_at=NOON,
        )
        for number in numbers
    )
