"""Branches from a file: head office and all branches, by their code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.imports import values
from core.imports.tables import Field, References, Row, Scope, Shown, Table
from core.names import firm_keys, folded
from organization.choices import BranchKind
from organization.models import Branch
from organization.operations.former_names import keep_names

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("本部", "公司本部", "总部", "总公司", "总行", "head"), BranchKind.HEAD.value),
    **dict.fromkeys(
        ("分公司", "支公司", "县公司", "支行", "分行", "分支机构", "branch"),
        BranchKind.BRANCH.value,
    ),
}
_STORED = ("name", "kind", "address", "phone", "opened_on")


def everywhere_or_nowhere(actor: Actor) -> frozenset[int] | None:
    """Branches and staff are imported by the system administrator and the market department."""
    is_company_wide = actor.has_role("sysadmin") or (actor.has_role("market") and actor.reads_all)
    return None if is_company_wide else frozenset()


def _references(_scope: Scope) -> References:
    return {"branches": {branch.code: branch for branch in Branch.objects.all()}}


def _resolve(rows: Sequence[Row], references: References, _scope: Scope) -> None:
    """Names are unique, in the file and beside what is stored."""
    stored: Mapping[str, Branch] = references["branches"]
    renamed = {row.values.get("code") for row in rows if "name" in row.values}
    owners = {folded(b.name): code for code, b in stored.items() if code not in renamed}
    for row in rows:
        name, code = row.values.get("name"), row.values.get("code")
        if name is None or code is None:
            continue
        owner = owners.setdefault(folded(name), code)
        if owner != code:
            row.refuse("name", _("这个名称已是 %(code)s 的，请改名") % {"code": owner})


def _current(
    keys: Sequence[Any], references: References, _scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    stored: Mapping[str, Branch] = references["branches"]
    return {
        code: {name: _SHOW[name](getattr(stored[code], name)) for name in _STORED}
        for code in keys
        if code in stored
    }


def _write(
    new: Sequence[Row], changed: Sequence[Row], references: References, scope: Scope
) -> None:
    stored: Mapping[str, Branch] = references["branches"]
    Branch.objects.bulk_create(
        [_filled(Branch(code=row.values["code"]), row) for row in new], batch_size=500
    )
    if changed:
        before = {row.values["code"]: stored[row.values["code"]].name for row in changed}
        branches = [_filled(stored[row.values["code"]], row) for row in changed]
        Branch.objects.bulk_update(branches, [*_STORED, "sort_key"], batch_size=500)
        Branch.objects.filter(pk__in=[each.pk for each in branches]).update(
            version=F("version") + 1
        )
        keep_names(((each, before[each.code]) for each in branches), until=scope.at)


def _filled(branch: Branch, row: Row) -> Branch:
    for name in _STORED:
        if name in row.values:
            setattr(branch, name, row.values[name])
    branch.sort_key = firm_keys(branch.name).sort_key
    return branch


def _show_kind(kind: str) -> Shown:
    return Shown(kind, str(BranchKind(kind).label))


BRANCHES = Table(
    key="branches",
    label=gettext_lazy("机构"),
    key_field="code",
    name_field="name",
    fields=(
        Field(
            "code",
            gettext_lazy("机构编码"),
            values.code(20),
            aliases=("编码", "机构代码", "分公司编码", "单位编码", "代码", "branch code", "code"),
            is_required=True,
        ),
        Field(
            "name",
            gettext_lazy("机构名称"),
            values.name(60),
            aliases=("名称", "分公司", "分公司名称", "单位名称", "支行名称", "branch", "name"),
            is_required=True,
        ),
        Field(
            "kind",
            gettext_lazy("机构类型"),
            values.choice(KINDS, names=gettext_lazy("本部、分公司")),
            aliases=("类型", "机构类别", "单位类型", "type"),
            show=_show_kind,
            in_summary=True,
        ),
        Field(
            "address",
            gettext_lazy("地址"),
            values.text(200),
            aliases=("单位地址", "办公地址", "通讯地址", "address"),
            in_summary=True,
        ),
        Field(
            "phone",
            gettext_lazy("联系电话"),
            values.phone,
            aliases=("电话", "办公电话", "固定电话", "phone"),
        ),
        Field(
            "opened_on",
            gettext_lazy("成立日期"),
            values.day,
            aliases=("开业日期", "设立日期", "成立时间", "opened on"),
        ),
    ),
    references=_references,
    resolve=_resolve,
    current=_current,
    write=_write,
    branches=everywhere_or_nowhere,
)

_SHOW = {field.key: field.show for field in BRANCHES.fields}
