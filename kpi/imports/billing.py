"""The billing system's monthly export: what each group owes, paid, and since when (M1, D1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports import values
from core.imports.tables import Field, References, Row, Scope, Shown, Table, shown_plainly
from core.imports.values import Reading, WrongValue
from core.periods import Month
from core.workbooks import Cell
from customers.choices import CustomerKind
from customers.imports.reading import importable_branches
from customers.models import Assignment, Customer
from kpi.imports.columns import month_in
from kpi.models import Bill

BATCH = 5000
SIZE = 1000
_STORED = ("due", "paid", "arrears", "arrears_days")


def month_cell(cell: Cell, _reading: Reading) -> Month:
    """A month: ``202610``, ``2026-10``, ``2026年10月``, a date in it."""
    text = values.half_width(cell)
    digits = "".join(sign if sign.isdigit() else " " for sign in text).split()
    try:
        if len(digits) == 1 and len(digits[0]) in (6, 8):
            return Month(int(digits[0][:4]), int(digits[0][4:6]))
        if len(digits) >= 2 and len(digits[0]) == 4:
            return Month(int(digits[0]), int(digits[1]))
    except ValueError as error:
        raise WrongValue(_("没有这个月份，请写成 202610")) from error
    raise WrongValue(_("认不出月份“%(value)s”，请写成 202610") % {"value": values.shortened(text)})


def references(scope: Scope) -> References:
    """Groups by code, and who held each at the month's end; two queries."""
    groups = Customer.objects.filter(kind=CustomerKind.GROUP).order_by()
    if scope.branches is not None:
        groups = groups.filter(branch_id__in=scope.branches)
    held = (
        Assignment.objects.in_force_on(month_in(scope).last)
        .order_by()
        .values_list("customer_id", "manager_id")
    )
    return {
        "customers": {
            code: (pk, name, branch_id)
            for code, pk, name, branch_id in groups.values_list("code", "pk", "name", "branch_id")
        },
        "held": dict(held),
    }


def resolve(rows: Sequence[Row], refs: References, scope: Scope) -> None:
    """Find each row's customer; what is of another month is wrong."""
    month = month_in(scope)
    for row in rows:
        given: Month | None = row.values.get("month")
        if given is not None and given != month:
            row.refuse(
                "month",
                _("这一行是 %(given)s 的，这里导入的是 %(month)s")
                % {"given": given.key, "month": month.key},
            )
        code = row.values.get("code")
        if code is None:
            continue
        found = refs["customers"].get(code)
        if found is None:
            row.refuse(
                "code", _("没有编码为 %(code)s 的集团客户，请核对或先导入客户") % {"code": code}
            )
            continue
        row.values["customer"], row.values["name"], row.values["branch"] = found
        if row.values.get("arrears_days") and not row.values.get("arrears"):
            row.refuse("arrears_days", _("没有欠费，账龄应为 0"))


def current(
    keys: Sequence[Any], refs: References, scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    """The standing bills of these customers; one query a batch."""
    codes = {pk: code for code, (pk, _name, _branch) in refs["customers"].items()}
    ids = [refs["customers"][code][0] for code in keys]
    bills: dict[str, Bill] = {}
    for start in range(0, len(ids), BATCH):
        rows = Bill.objects.standing().filter(
            month=month_in(scope).key, customer_id__in=ids[start : start + BATCH]
        )
        bills.update({codes[bill.customer_id]: bill for bill in rows.order_by()})
    refs["bills"] = bills
    return {
        code: {name: shown_plainly(getattr(bill, name)) for name in _STORED}
        for code, bill in bills.items()
    }


def write(new: Sequence[Row], changed: Sequence[Row], refs: References, scope: Scope) -> None:
    """Bills that are new, and newer ones of those that changed: the old are superseded."""
    bills: Mapping[str, Bill] = refs["bills"]
    old = [bills[row.values["code"]].pk for row in changed]
    for start in range(0, len(old), BATCH):
        Bill.objects.filter(pk__in=old[start : start + BATCH]).update(superseded_at=scope.at)
    Bill.objects.bulk_create(
        [_bill(row, bills.get(row.values["code"]), refs, scope) for row in (*new, *changed)],
        batch_size=SIZE,
    )


def _bill(row: Row, old: Bill | None, refs: References, scope: Scope) -> Bill:
    given = {name: getattr(old, name) for name in _STORED} if old else {}
    given |= {name: row.values[name] for name in _STORED if name in row.values}
    return Bill(
        customer_id=row.values["customer"],
        manager_id=refs["held"].get(row.values["customer"]),
        branch_id=row.values["branch"],
        month=month_in(scope).key,
        due=given["due"],
        paid=given["paid"],
        arrears=given["arrears"],
        arrears_days=given.get("arrears_days", 0),
        origin=scope.origin[:200],
        recorded_at=scope.at,
    )


BILLING = Table(
    key="billing",
    label=gettext_lazy("计费导出"),
    key_field="code",
    name_field="name",
    needs_month=True,
    fields=(
        Field(
            "month",
            gettext_lazy("账期"),
            month_cell,
            aliases=("月份", "计费月份", "账务月", "出账月", "billing month", "month"),
            is_compared=False,
        ),
        Field(
            "code",
            gettext_lazy("集团编码"),
            values.code(30),
            aliases=("客户编码", "集团编号", "客户编号", "客户代码", "customer code"),
            is_required=True,
        ),
        Field(
            "name",
            gettext_lazy("集团名称"),
            values.name(120),
            aliases=("客户名称", "单位名称", "customer name"),
            is_compared=False,
        ),
        Field(
            "due",
            gettext_lazy("应收金额"),
            values.money,
            aliases=("应收", "出账金额", "出账收入", "due"),
            is_required=True,
            in_summary=True,
        ),
        Field(
            "paid",
            gettext_lazy("实收金额"),
            values.money,
            aliases=("实收", "实缴金额", "销账金额", "paid"),
            is_required=True,
        ),
        Field(
            "arrears",
            gettext_lazy("欠费金额"),
            values.money,
            aliases=("欠费", "未缴金额", "arrears"),
            is_required=True,
            in_summary=True,
        ),
        Field(
            "arrears_days",
            gettext_lazy("最长欠费账龄（天）"),
            values.whole_number(20_000),
            aliases=("欠费账龄", "账龄", "欠费天数", "arrears days"),
        ),
    ),
    references=references,
    resolve=resolve,
    current=current,
    write=write,
    branches=importable_branches,
)
