"""What the steps of cases and complaints share: numbers, compare-and-set, words, people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import Refused, Stale
from core.evidence import Evidence, store_evidence
from core.periods import Month, local_date
from core.queries import calendar
from core.unique import is_taken
from duties.choices import NoticeKind
from duties.models import Notice
from duties.month_queries import month_end_of
from duties.notices import notice_to
from kpi.case_rules import step_due_at
from kpi.models import Case, CaseFile
from organization.in_force import settings_of
from organization.models import Person

TEXT_AT_MOST: Final = 4000
FILES_AT_MOST: Final = 10

Numbered = TypeVar("Numbered", bound=Model)


def written(text: str, *, field: str, missing: str) -> str:
    """The text somebody must have written, stripped; Refused without one, or with too much."""
    text = text.strip()
    if not text:
        raise Refused(missing, field=field)
    if len(text) > TEXT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field=field)
    return text


def numbered(
    make: Callable[[str], Numbered], series: str, at: datetime, look_again: Callable[[], object]
) -> Numbered:
    """Write it under the next number of the year; of two at once one takes the number after.

    ``look_again`` raises Refused where something else than the number is taken.
    """
    begin = f"{series}-{local_date(at).year}-"
    while True:
        thing = make("")
        last = (
            type(thing)
            ._default_manager.filter(number__startswith=begin)
            .order_by(Length("number").desc(), "-number")
            .values_list("number", flat=True)
            .first()
        )
        place = int(last.removeprefix(begin)) + 1 if last else 1
        thing = make(f"{begin}{place:04d}")
        try:
            with transaction.atomic():
                thing.save(force_insert=True)
        except IntegrityError as error:
            if not is_taken(error):
                raise
            look_again()
            continue
        return thing


# Cases


def case_state(case: Case) -> dict[str, Any]:
    """The case as it stands, for whoever came too late."""
    return {
        "version": case.version,
        "state": case.state,
        "points": None if case.points is None else f"{case.points:f}",
    }


def check_case_version(case: Case, expected_version: int) -> None:
    """Stale when somebody has done something with the case since it was read."""
    if case.version != expected_version:
        raise Stale(case_state(case))


def moved_case(case: Case, at: datetime, **values: Any) -> Case:
    """The case one step on, by compare-and-set; Stale when somebody was first."""
    updated = Case.objects.filter(pk=case.pk, version=case.version, state=case.state).update(
        version=F("version") + 1, updated_at=at, **values
    )
    found = Case.objects.select_related("manager", "branch", "customer", "raised_by").get(
        pk=case.pk
    )
    if not updated:
        raise Stale(case_state(found))
    return found


def step_due(case: Case, since: datetime) -> datetime:
    """By when the step after this moment is due (kpi.case_rules.step_due_at)."""
    month = Month.parse(case.month)
    return step_due_at(
        since,
        calendar(local_date(since).year, local_date(since).year + 1),
        settings_of(case.branch_id, local_date(since)),
        month_end_of(month).frozen_at,
    )


def add_files(
    case: Case, files: Sequence[Evidence], *, level: int, by: Actor, at: datetime
) -> list[str]:
    """Keep files as evidence of a case; their digests."""
    if case.files.count() + len(files) > FILES_AT_MOST:
        raise Refused(_("最多 %(n)d 个文件。") % {"n": FILES_AT_MOST}, field="file")
    digests = []
    for given in files:
        stored = store_evidence(
            given, kind="case", branch_id=case.branch_id, actor=by, at=at, level=level
        )
        if stored is not None:
            CaseFile.objects.create(case=case, file=stored, added_at=at, added_by_id=by.somebody)
            digests.append(stored.sha256)
    return digests


def about_case(
    people: Iterable[Person],
    case: Case,
    step: str,
    title: Callable[[], str],
    *,
    at: datetime,
    besides: int | None,
    body: str = "",
) -> list[Notice]:
    """A notice to each, once, but to ``besides``, who did it."""
    each = {person.pk: person for person in people if person.pk != besides}
    return [
        notice_to(
            person,
            kind=NoticeKind.CASE,
            group=f"case:{case.pk}",
            key=f"case:{case.pk}:{case.version}:{step}",
            title=title,
            body=body,
            url=reverse("case", args=[case.pk]),
            at=at,
        )
        for person in each.values()
    ]


def record_case(
    what: str,
    case: Case,
    by: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """The step's row in the audit trail."""
    audit.record(
        actor=by,
        at=at,
        what=what,
        target_type="case",
        target_id=case.pk,
        target_label=f"{case.number} {case.manager.name}",
        branch_id=case.branch_id,
        before=before,
        after={"state": str(case.state), **(after or {})},
        why=why,
    )
