"""The company's requirements from a file: a row for each branch, a column for each indicator."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.imports import values
from core.imports.tables import Field, References, Row, Scope, Shown, Table
from kpi.imports.columns import indicator_fields, month_in, show_number
from kpi.models import Indicator, Requirement
from kpi.target_permissions import can_require
from organization.choices import Role
from organization.models import Branch

SIZE = 1000


def requiring_branches(actor: Actor) -> frozenset[int] | None:
    """The market department requires of all branches; the administrator loads its file."""
    is_allowed = (can_require(actor) and actor.reads_all) or actor.has_role(Role.SYSADMIN)
    return None if is_allowed else frozenset()


def references(scope: Scope) -> References:
    """Branches by code and by name, and the indicators; two queries."""
    branches = list(Branch.objects.open_on(month_in(scope).last))
    return {
        "branches": {
            **{values.spelled(branch.name): branch for branch in branches},
            **{values.spelled(branch.code): branch for branch in branches},
        },
        "indicators": {each.code: each for each in Indicator.objects.all()},
    }


def resolve(rows: Sequence[Row], refs: References, scope: Scope) -> None:
    """Find each row's branch, by its code or its name."""
    for row in rows:
        written = row.values.get("unit")
        if written is None:
            continue
        branch: Branch | None = refs["branches"].get(values.spelled(written))
        if branch is None:
            row.refuse("unit", _("没有分公司“%(name)s”，请核对") % {"name": written})
            continue
        row.values |= {"branch": branch.pk, "unit": branch.name}
        if not any(code in row.values for code in refs["indicators"]) and not row.is_wrong:
            row.refuse("", _("这一行没有要求"))


def current(
    keys: Sequence[Any], refs: References, scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    """What is asked of these branches now; one query."""
    stored: dict[int, dict[str, Requirement]] = {}
    rows = Requirement.objects.filter(month=month_in(scope).key, branch_id__in=list(keys))
    for requirement in rows.select_related("indicator"):
        stored.setdefault(requirement.branch_id, {})[requirement.indicator.code] = requirement
    refs["stored"] = stored
    return {
        branch_id: {
            code: show_number(one.indicator.places, one.value)
            for code, one in own.items()
            if one.value is not None
        }
        for branch_id, own in stored.items()
    }


def write(new: Sequence[Row], changed: Sequence[Row], refs: References, scope: Scope) -> None:
    """Write what differs; three statements for a thousand."""
    stored: Mapping[int, Mapping[str, Requirement]] = refs["stored"]
    made, moved = [], []
    for row in (*new, *changed):
        own = stored.get(row.values["branch"], {})
        for code, indicator in refs["indicators"].items():
            if code not in row.values:
                continue
            standing = own.get(code)
            if standing is None:
                standing = Requirement(
                    indicator=indicator,
                    branch_id=row.values["branch"],
                    month=month_in(scope).key,
                    version=0,
                )
                made.append(standing)
            elif standing.value != row.values[code]:
                moved.append(standing)
            else:
                continue
            standing.value = row.values[code]
            standing.version += 1
            standing.set_at, standing.set_by_id = scope.at, scope.actor.person_id
    Requirement.objects.bulk_create(made, batch_size=SIZE)
    Requirement.objects.bulk_update(
        moved, ["value", "version", "set_at", "set_by"], batch_size=SIZE
    )


REQUIREMENTS = Table(
    key="requirements",
    label=gettext_lazy("公司要求"),
    key_field="branch",
    code_field="unit",
    name_field="unit",
    needs_month=True,
    fields=(
        Field(
            "unit",
            gettext_lazy("分公司"),
            values.text(60),
            aliases=("机构", "机构编码", "机构名称", "分公司名称", "支行", "branch"),
            is_required=True,
            is_compared=False,
        ),
    ),
    more_fields=partial(indicator_fields, may_be_negative=False),
    references=references,
    resolve=resolve,
    current=current,
    write=write,
    branches=requiring_branches,
)
