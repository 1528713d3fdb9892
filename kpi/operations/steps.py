"""What every step of a sheet shares: finding it, moving it on by compare-and-set, its trail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotFound, Refused, Stale
from core.periods import Month, local_date
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from kpi.amending import Amended
from kpi.choices import OBJECTION_OPEN, SheetState, VersionKind
from kpi.models import ScoreSheet, SheetVersion
from kpi.permissions import is_locked
from organization.choices import HEADS, Role
from organization.models import Person
from organization.queries import holders_of

TEXT_AT_LEAST: Final = 2
TEXT_AT_MOST: Final = 2000


def sheet_for(actor: Actor, sheet_id: int) -> ScoreSheet:
    """The sheet, if the actor may see it; NotFound tells no more than that."""
    found = (
        ScoreSheet.objects.visible_to(actor)
        .select_related("manager", "branch", "scheme")
        .filter(pk=sheet_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def state_of(sheet: ScoreSheet) -> dict[str, Any]:
    """The sheet as it stands, for whoever came too late."""
    return {
        "version": sheet.version,
        "state": sheet.state,
        "total": None if sheet.total is None else f"{sheet.total:f}",
        "newest": sheet.newest,
    }


def check_version(sheet: ScoreSheet, expected_version: int) -> None:
    """Stale when somebody has done something with the sheet since it was read."""
    if sheet.version != expected_version:
        raise Stale(state_of(sheet))


def moved(sheet: ScoreSheet, at: datetime, **values: Any) -> ScoreSheet:
    """The sheet one step on, by compare-and-set; Stale when somebody was first."""
    updated = ScoreSheet.objects.filter(pk=sheet.pk, version=sheet.version).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = ScoreSheet.objects.select_related("manager", "branch", "scheme").get(pk=sheet.pk)
    if not updated:
        raise Stale(state_of(found))
    return found


def end_of(sheet: ScoreSheet) -> MonthEnd:
    """The moments of the sheet's month (annex 2)."""
    return month_end_of(Month.parse(sheet.month))


def check_unlocked(sheet: ScoreSheet, end: MonthEnd, at: datetime) -> None:
    """Refuse what is no longer done once the sheet is locked (annex 11.13)."""
    if is_locked(sheet, end, at):
        raise Refused(_("考核表已锁定，要改请走锁定后更正。"))


def open_objections(sheet: ScoreSheet) -> int:
    """How many objections still wait for a decision."""
    return sheet.objections.filter(state__in=OBJECTION_OPEN).count()


def answered_state(sheet: ScoreSheet) -> SheetState:
    """Where the sheet stands by its manager's answer: objected to, confirmed, or neither yet."""
    if open_objections(sheet):
        return SheetState.OBJECTED
    return SheetState.CONFIRMED if sheet.confirmed_at else SheetState.COMPUTED


def heads_of(branch_id: int, at: datetime) -> list[Person]:
    """The branch's general manager and deputies."""
    return holders_of(HEADS, local_date(at), branch_id)


def supervisors_of(branch_id: int, at: datetime) -> list[Person]:
    """The branch's supervisors, acting ones included."""
    return holders_of([Role.SUPERVISOR], local_date(at), branch_id)


def sentence_in(text: str, *, field: str, missing: str) -> str:
    """The text somebody must have written, stripped; Refused without one, or with too much."""
    text = text.strip()
    if len(text) < TEXT_AT_LEAST:
        raise Refused(missing, field=field)
    if len(text) > TEXT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field=field)
    return text


def next_version(
    sheet: ScoreSheet,
    made: Amended,
    kind: VersionKind,
    *,
    why: str,
    made_by_id: int,
    at: datetime,
    approved_by_id: int | None = None,
    **values: Any,
) -> ScoreSheet:
    """Keep the amended content as the sheet's next version; what was stays as it is (K4)."""
    sheet = moved(
        sheet,
        at,
        newest=F("newest") + 1,
        total=made.total,
        band=made.band,
        adjusted=made.adjusted,
        **values,
    )
    SheetVersion.objects.create(
        sheet=sheet,
        number=sheet.newest,
        kind=kind,
        content=made.content,
        digest=made.digest,
        why=why,
        made_at=at,
        made_by_id=made_by_id,
        approved_by_id=approved_by_id,
    )
    return sheet


def trail(
    sheet: ScoreSheet,
    what: str,
    *,
    by: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """The step's row in the audit trail."""
    audit.record(
        actor=by,
        at=at,
        what=what,
        target_type="score_sheet",
        target_id=sheet.pk,
        target_label=f"{sheet.manager.name} {sheet.month}",
        branch_id=sheet.branch_id,
        before=before,
        after=after,
        why=why,
    )


def points_of(sheet: ScoreSheet) -> dict[str, Any]:
    """State, total and version number as the trail keeps them."""
    return {
        "state": str(sheet.state),
        "total": None if sheet.total is None else f"{sheet.total:f}",
        "number": sheet.newest,
    }


def everybody_but(people: Iterable[Person], *left_out: int | None) -> list[Person]:
    """The people without some, each once."""
    return list({one.pk: one for one in people if one.pk not in left_out}.values())
