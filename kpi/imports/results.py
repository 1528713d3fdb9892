"""Results of managers from a file: a row for each manager, a column for each indicator (T)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports import values
from core.imports.tables import Field, References, Row, Scope, Shown, Table
from customers.imports.reading import importable_branches
from kpi.choices import ResultSource
from kpi.imports.columns import indicator_fields, month_in, show_number
from kpi.models import Indicator, Result
from kpi.roster import posts_of
from organization.roster import AmbiguousNumberError, Member, Roster, read_roster

BATCH = 5000
SIZE = 1000


def references(scope: Scope) -> References:
    """People, the month's posts and the indicators; four queries."""
    return {
        "roster": read_roster(scope.on),
        "branches": {post.manager_id: post.branch_id for post in posts_of(month_in(scope))},
        "indicators": {each.code: each for each in Indicator.objects.all()},
    }


def resolve(rows: Sequence[Row], refs: References, scope: Scope) -> None:
    """Find each row's manager, who must have been one of a covered branch in the month."""
    roster: Roster = refs["roster"]
    for row in rows:
        number = row.values.get("job_number")
        if number is None:
            continue
        member = _member(row, number, roster)
        if member is None:
            continue
        branch_id = refs["branches"].get(member.pk)
        if branch_id is None or not scope.covers(branch_id):
            row.refuse("job_number", _("这位不是本分公司当月的客户经理。"))
            continue
        name = row.values.get("name")
        if name is not None and name != member.name:
            row.refuse(
                "name",
                _("工号 %(number)s 是 %(known)s，表里写的是 %(name)s，请核对")
                % {"number": member.job_number, "known": member.name, "name": name},
            )
        row.values |= {"manager": member.pk, "branch": branch_id, "name": member.name}
        if not any(code in row.values for code in refs["indicators"]) and not row.is_wrong:
            row.refuse("", _("这一行没有结果"))


def _member(row: Row, number: str, roster: Roster) -> Member | None:
    try:
        member = roster.find(number)
    except AmbiguousNumberError:
        row.refuse(
            "job_number",
            _("工号 %(number)s 前面少了 0，对得上的不止一人，请写全") % {"number": number},
        )
        return None
    if member is None:
        row.refuse("job_number", _("没有工号 %(number)s，请核对花名册") % {"number": number})
    return member


def current(
    keys: Sequence[Any], refs: References, scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    """The standing results of these managers; one query a batch."""
    stored: dict[int, dict[str, Result]] = {}
    for start in range(0, len(keys), BATCH):
        rows = Result.objects.standing().filter(
            month=month_in(scope).key, manager_id__in=keys[start : start + BATCH]
        )
        for result in rows.select_related("indicator").order_by():
            stored.setdefault(result.manager_id, {})[result.indicator.code] = result
    refs["stored"] = stored
    return {
        manager_id: {
            code: show_number(result.indicator.places, result.value) for code, result in own.items()
        }
        for manager_id, own in stored.items()
    }


def write(new: Sequence[Row], changed: Sequence[Row], refs: References, scope: Scope) -> None:
    """Supersede what differs and write it anew, unchecked; the same statements for any number."""
    stored: Mapping[int, Mapping[str, Result]] = refs["stored"]
    made, old = [], []
    for row in (*new, *changed):
        own = stored.get(row.values["manager"], {})
        for code, indicator in refs["indicators"].items():
            if code not in row.values:
                continue
            standing = own.get(code)
            if standing is not None and standing.value == row.values[code]:
                continue
            if standing is not None:
                old.append(standing.pk)
            made.append(_result(row, indicator, scope))
    for start in range(0, len(old), BATCH):
        Result.objects.filter(pk__in=old[start : start + BATCH]).update(superseded_at=scope.at)
    Result.objects.bulk_create(made, batch_size=SIZE)


def _result(row: Row, indicator: Indicator, scope: Scope) -> Result:
    return Result(
        indicator=indicator,
        manager_id=row.values["manager"],
        branch_id=row.values["branch"],
        month=month_in(scope).key,
        value=row.values[indicator.code],
        source=ResultSource.IMPORTED,
        origin=scope.origin[:200],
        recorded_at=scope.at,
        recorded_by_id=scope.actor.person_id,
    )


RESULTS = Table(
    key="results",
    label=gettext_lazy("指标结果"),
    key_field="manager",
    code_field="job_number",
    name_field="name",
    needs_month=True,
    fields=(
        Field(
            "job_number",
            gettext_lazy("工号"),
            values.job_number,
            aliases=("客户经理工号", "员工编号", "job number"),
            is_required=True,
            is_compared=False,
        ),
        Field(
            "name",
            gettext_lazy("姓名"),
            values.name(60),
            aliases=("客户经理", "客户经理姓名", "name"),
            is_compared=False,
        ),
    ),
    more_fields=partial(indicator_fields, may_be_negative=True),
    references=references,
    resolve=resolve,
    current=current,
    write=write,
    branches=importable_branches,
)
