"""Staff from a file: people by job number, their post as a role, and who reports to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports import values
from core.imports.tables import Field, References, Row, Scope, Shown, Table, shown_plainly
from core.imports.values import WrongValue
from core.names import folded, person_keys, search_text
from core.sealing import blind, masked_phone, seal
from core.workbooks import Cell
from organization.choices import BRANCH_ROLES, BranchKind, Gender, Role
from organization.imports.branches import everywhere_or_nowhere
from organization.models import Branch, Person, RoleGrant
from organization.operations.former_names import keep_names

POSTS: Mapping[str, str] = {
    **dict.fromkeys(("客户经理", "客户代表", "account manager"), Role.MANAGER.value),
    **dict.fromkeys(
        ("客户经理主管", "客户经理队长", "主管", "客户经理班长", "supervisor"),
        Role.SUPERVISOR.value,
    ),
    **dict.fromkeys(
        ("总经理", "分公司总经理", "行长", "支行行长", "general manager"), Role.GM.value
    ),
    **dict.fromkeys(
        ("副总经理", "分公司副总经理", "副行长", "支行副行长", "deputy general manager"),
        Role.DEPUTY.value,
    ),
    **dict.fromkeys(
        ("市场部", "市场部经理", "市场部副经理", "市场部专员", "市场部主任", "market department"),
        Role.MARKET.value,
    ),
    **dict.fromkeys(
        (
            "集团客户室",
            "集团客户室专员",
            "集团客户室主管",
            "集团客户室主任",
            "集团客户室经理",
            "group-customer office",
        ),
        Role.GROUP_OFFICE.value,
    ),
    **dict.fromkeys(("保密员", "confidentiality officer"), Role.CONFIDENTIALITY.value),
    **dict.fromkeys(("系统管理员", "system administrator"), Role.SYSADMIN.value),
    **dict.fromkeys(("安全管理员", "security administrator"), Role.SECADMIN.value),
    **dict.fromkeys(("审计员", "auditor"), Role.AUDITOR.value),
}
GENDERS: Mapping[str, str] = {
    **dict.fromkeys(("男", "男性", "先生", "m", "male"), Gender.MALE.value),
    **dict.fromkeys(("女", "女性", "女士", "f", "female"), Gender.FEMALE.value),
}
_UNIT_ENDINGS = ("分公司", "支公司", "支行", "公司")
_STORED = ("name", "gender", "branch", "post", "joined_on", "email", "note")


def _post(cell: Cell, reading: values.Reading) -> str:
    """The post as written, if a role goes with it."""
    written = str(values.name(40)(cell, reading))
    if folded(written) not in POSTS:
        raise WrongValue(
            _("没有“%(post)s”这个岗位，可填：%(known)s")
            % {"post": values.shortened(written), "known": _("、").join(str(r.label) for r in Role)}
        )
    return written


def role_of(post: str) -> str:
    """The role that goes with a post; "" for one that is not known."""
    return POSTS.get(folded(post), "")


def _references(scope: Scope) -> References:
    branches = list(Branch.objects.all())
    people = {person.job_number: person for person in Person.objects.all()}
    return {
        "branches": {branch.pk: branch for branch in branches},
        "units": _units(b for b in branches if b.closed_on is None or b.closed_on > scope.on),
        "people": people,
    }


def _units(branches: Iterable[Branch]) -> Mapping[str, Branch]:
    """Branches by name, code, and name without its last word where that is not ambiguous."""
    found: dict[str, Branch] = {}
    short: dict[str, list[Branch]] = {}
    for branch in branches:
        found[folded(branch.name)] = found[folded(branch.code)] = branch
        for ending in _UNIT_ENDINGS:
            if branch.name.endswith(ending) and len(branch.name) > len(ending):
                short.setdefault(folded(branch.name.removesuffix(ending)), []).append(branch)
    return {name: b[0] for name, b in short.items() if len({each.pk for each in b}) == 1} | found


def _unit(cell: Cell, reading: values.Reading) -> Branch:
    found = reading.references["units"].get(values.spelled(cell))
    if found is None:
        raise WrongValue(
            _("没有“%(unit)s”这个单位，请先导入机构或改正名称")
            % {"unit": values.shortened(values.plain(cell))}
        )
    branch: Branch = found
    return branch


def _resolve(rows: Sequence[Row], references: References, _scope: Scope) -> None:
    _restore_zeros(rows, references)
    for row in rows:
        _check_post(row)
    _link_superiors(rows, references)


def _restore_zeros(rows: Sequence[Row], references: References) -> None:
    """Job numbers typed as numbers get their leading zeros back.

    The width is that of the zero-led numbers in the file and on the roster, if they have one;
    a number that then fits two widths is wrong.
    """
    written = [
        row.values[key] for row in rows for key in ("job_number", "reports_to") if key in row.values
    ]
    zero_led = {n for n in (*written, *references["people"]) if n.startswith("0") and n.isdecimal()}
    widths = Counter(len(number) for number in zero_led)
    known = {number.lstrip("0"): number for number in zero_led}
    for row in rows:
        for key in ("job_number", "reports_to"):
            number = row.values.get(key)
            if number is None or not number.isdecimal() or number in references["people"]:
                continue
            if not widths or len(number) in widths or len(number) > max(widths):
                continue
            if len(widths) == 1:
                row.values[key] = number.zfill(next(iter(widths)))
            elif number in known:
                row.values[key] = known[number]
            else:
                row.refuse(key, _("工号位数不一，认不出前面少了几个 0；请把该列设为文本，写全工号"))


def _check_post(row: Row) -> None:
    post, branch = row.values.get("post"), row.values.get("branch")
    if post is None or branch is None:
        return
    is_branch_post = role_of(post) in BRANCH_ROLES
    if is_branch_post and branch.kind == BranchKind.HEAD:
        row.refuse("post", _("“%(post)s”是分公司的岗位，所属单位却是本部") % {"post": post})
    if not is_branch_post and branch.kind != BranchKind.HEAD:
        row.refuse("post", _("“%(post)s”是本部的岗位，所属单位却是分公司") % {"post": post})


def _link_superiors(rows: Sequence[Row], references: References) -> None:
    """A superior is on the roster or in a right row of the file, and nobody is above himself."""
    stored: Mapping[str, Person] = references["people"]
    is_settled = False
    while not is_settled:
        right = {row.values["job_number"] for row in rows if not row.is_wrong}
        is_settled = True
        for row in rows:
            above = row.values.get("reports_to")
            if row.is_wrong or above is None or above in right or above in stored:
                continue
            row.refuse(
                "reports_to",
                _("花名册里没有工号 %(number)s，请先录入上级或改正") % {"number": above},
            )
            is_settled = False
    _refuse_circles(rows, stored)


def _refuse_circles(rows: Sequence[Row], stored: Mapping[str, Person]) -> None:
    numbers = {person.pk: number for number, person in stored.items()}
    above = {
        number: numbers.get(person.reports_to_id or 0) for number, person in stored.items()
    } | {
        row.values["job_number"]: row.values["reports_to"]
        for row in rows
        if not row.is_wrong and "reports_to" in row.values
    }
    for row in rows:
        if row.is_wrong or "reports_to" not in row.values:
            continue
        start = row.values["job_number"]
        step: str | None = row.values["reports_to"]
        for _step in range(len(above)):
            if step is None or step == start:
                break
            step = above.get(step)
        if step == start:
            row.refuse("reports_to", _("上级关系绕回了本人，请改正"))


def _current(
    keys: Sequence[Any], references: References, _scope: Scope
) -> Mapping[Any, Mapping[str, Shown]]:
    people: Mapping[str, Person] = references["people"]
    numbers = {person.pk: number for number, person in people.items()}
    branches: Mapping[int, Branch] = references["branches"]
    found: dict[Any, Mapping[str, Shown]] = {}
    for number in keys:
        person = people.get(number)
        if person is None:
            continue
        superior = numbers.get(person.reports_to_id or 0)
        found[number] = {
            "name": shown_plainly(person.name),
            "gender": _show_gender(person.gender) if person.gender else Shown("", ""),
            "branch": _show_branch(branches[person.branch_id]),
            "post": shown_plainly(person.post),
            "phone": Shown(person.phone_blind, person.phone_masked),
            "joined_on": shown_plainly(person.joined_on),
            "reports_to": shown_plainly(superior),
            "email": shown_plainly(person.email),
            "note": shown_plainly(person.note),
        }
    return found


def _write(
    new: Sequence[Row], changed: Sequence[Row], references: References, scope: Scope
) -> None:
    people: dict[str, Person] = references["people"]
    roles_before = {
        row.values["job_number"]: (
            role_of(people[row.values["job_number"]].post),
            people[row.values["job_number"]].branch_id,
        )
        for row in changed
    }
    names_before = {number: people[number].name for number in roles_before}
    locked = make_password(None)
    created = [
        _filled(Person(job_number=row.values["job_number"], password=locked), row) for row in new
    ]
    Person.objects.bulk_create(created, batch_size=500)
    people.update({person.job_number: person for person in created})
    updated = [_filled(people[row.values["job_number"]], row) for row in changed]
    _link(new, changed, people)
    Person.objects.bulk_update(created, ["reports_to"], batch_size=500)
    if updated:
        Person.objects.bulk_update(updated, [*_STORED, *_DERIVED, "reports_to"], batch_size=500)
        Person.objects.filter(pk__in=[each.pk for each in updated]).update(version=F("version") + 1)
        keep_names(((each, names_before[each.job_number]) for each in updated), until=scope.at)
    _grant(created, updated, roles_before, scope)


_DERIVED = (
    "phone_sealed",
    "phone_blind",
    "phone_masked",
    "phone_tail",
    "search_text",
    "sort_key",
)


def _filled(person: Person, row: Row) -> Person:
    for name in _STORED:
        if name in row.values:
            setattr(person, name, row.values[name])
    phone = row.values.get("phone")
    if phone is not None and blind(phone) != person.phone_blind:
        person.phone_sealed = seal(phone)
        person.phone_blind = blind(phone)
        person.phone_masked = masked_phone(phone)
        person.phone_tail = phone[-4:]
    keys = person_keys(person.name)
    person.search_text = search_text(
        person.name, keys, person.job_number, person.phone_tail, limit=240
    )
    person.sort_key = keys.sort_key
    return person


def _link(new: Sequence[Row], changed: Sequence[Row], people: Mapping[str, Person]) -> None:
    for row in (*new, *changed):
        if "reports_to" in row.values:
            people[row.values["job_number"]].reports_to = people[row.values["reports_to"]]


def _grant(
    created: Sequence[Person],
    updated: Sequence[Person],
    before: Mapping[str, tuple[str, int]],
    scope: Scope,
) -> None:
    """A post gives its role from the day of the import, or of coming when that is later; a
    changed post or branch ends the old one. Acting roles are left alone."""
    moved = [
        person
        for person in updated
        if before[person.job_number] != (role_of(person.post), person.branch_id)
    ]
    if moved:
        _end_grants(moved, before, scope.on)
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(
                person=person,
                role=role_of(person.post),
                branch_id=person.branch_id,
                valid_from=_from_day(person, scope.on),
                granted_by_id=scope.actor.person_id,
                granted_by_name=scope.actor.name,
                why=_("花名册导入"),
            )
            for person in (*created, *moved)
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def _end_grants(moved: Sequence[Person], before: Mapping[str, tuple[str, int]], on: date) -> None:
    old = {person.pk: before[person.job_number] for person in moved}
    grants = RoleGrant.objects.filter(
        person_id__in=list(old), is_acting=False, valid_to__isnull=True
    )
    ended = [g for g in grants if old[g.person_id] == (g.role, g.branch_id)]
    RoleGrant.objects.filter(pk__in=[g.pk for g in ended if g.valid_from < on]).update(valid_to=on)
    # What was granted on this very day never held.
    RoleGrant.objects.filter(pk__in=[g.pk for g in ended if g.valid_from >= on]).delete()


def _from_day(person: Person, on: date) -> date:
    return max(person.joined_on, on) if person.joined_on else on


def _show_gender(gender: str) -> Shown:
    return Shown(gender, str(Gender(gender).label))


def _show_branch(branch: Branch) -> Shown:
    return Shown(branch.pk, branch.name)


def _show_phone(phone: str) -> Shown:
    return Shown(blind(phone), masked_phone(phone))


def _looks_like_phone(cell: Cell) -> bool:
    try:
        values.phone(cell, values.Reading(date.max))
    except WrongValue:
        return False
    return True


STAFF = Table(
    key="staff",
    label=gettext_lazy("员工"),
    key_field="job_number",
    name_field="name",
    fields=(
        Field(
            "job_number",
            gettext_lazy("工号"),
            values.job_number,
            aliases=("员工编号", "员工工号", "人员编号", "employee number", "job number"),
            is_required=True,
        ),
        Field(
            "name",
            gettext_lazy("姓名"),
            values.name(60),
            aliases=("员工姓名", "名字", "name"),
            is_required=True,
        ),
        Field(
            "gender",
            gettext_lazy("性别"),
            values.choice(GENDERS, names=gettext_lazy("男、女")),
            aliases=("gender", "sex"),
            show=_show_gender,
        ),
        Field(
            "branch",
            gettext_lazy("所属单位"),
            _unit,
            aliases=("单位", "分公司", "部门", "所在单位", "机构", "支行", "branch", "unit"),
            is_required=True,
            show=_show_branch,
            in_summary=True,
        ),
        Field(
            "post",
            gettext_lazy("岗位"),
            _post,
            aliases=("职务", "职位", "岗位名称", "post", "position"),
            is_required=True,
            in_summary=True,
        ),
        Field(
            "phone",
            gettext_lazy("手机号码"),
            values.phone,
            aliases=("手机", "手机号", "联系电话", "电话", "联系方式", "phone", "mobile"),
            looks_like=_looks_like_phone,
            show=_show_phone,
            is_masked=True,
        ),
        Field(
            "joined_on",
            gettext_lazy("入职日期"),
            values.day,
            aliases=("入职时间", "参加工作日期", "到岗日期", "joined on"),
        ),
        Field(
            "reports_to",
            gettext_lazy("直接上级工号"),
            values.job_number,
            aliases=("上级工号", "主管工号", "汇报对象工号", "reports to"),
        ),
        Field(
            "email",
            gettext_lazy("电子邮箱"),
            values.email,
            aliases=("邮箱", "邮件", "e-mail", "email"),
        ),
        Field(
            "note",
            gettext_lazy("备注"),
            values.text(200),
            aliases=("说明", "note", "remark"),
        ),
    ),
    references=_references,
    resolve=_resolve,
    current=_current,
    write=_write,
    branches=everywhere_or_nowhere,
)
