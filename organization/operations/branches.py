"""Branches come, change and are closed on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import tables
from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.formats import plain_day
from core.names import firm_keys, is_one_line
from core.periods import local_date
from core.unique import unless_taken
from organization.choices import BranchKind
from organization.models import Branch, Person, RoleGrant
from organization.operations.former_names import keep_names
from organization.operations.settings import follow_settings
from organization.permissions import can_keep_people

CHANGEABLE: Final = ("name", "address", "phone", "opened_on")
NAMED_AT_MOST: Final = 5


@transaction.atomic
def add_branch(
    *,
    code: str,
    name: str,
    opened_on: date | None = None,
    address: str = "",
    phone: str = "",
    kind: str = BranchKind.BRANCH,
    actor: Actor,
    at: datetime,
) -> Branch:
    """Add a branch, known by a code and a name that no other has."""
    _guard(actor)
    branch = Branch(
        code=code.strip(),
        name=name.strip(),
        kind=kind,
        address=address.strip(),
        phone=phone.strip(),
        opened_on=opened_on or local_date(at),
    )
    _check(branch)
    branch.sort_key = firm_keys(branch.name).sort_key
    with unless_taken(lambda: _check(branch)):
        branch.save(force_insert=True)
    _record("organization.add_branch", branch, {}, actor, at)
    return branch


@transaction.atomic
def change_branch(
    *,
    branch_id: int,
    changes: dict[str, Any],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Branch:
    """Give the branch other values; ``changes`` by field of CHANGEABLE."""
    branch = _branch_for(actor, branch_id)
    before = as_plain(branch)
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise Refused(_("这一项不能在这里修改。"), field=name)
        setattr(branch, name, value.strip() if isinstance(value, str) else value)
    _check(branch)
    with unless_taken(lambda: _check(branch)):
        _write(
            branch,
            expected_version,
            **{name: getattr(branch, name) for name in CHANGEABLE},
            sort_key=firm_keys(branch.name).sort_key,
        )
    keep_names([(branch, before["name"])], until=at)
    _record("organization.change_branch", branch, before, actor, at)
    return branch


@transaction.atomic
def close_branch(
    *,
    branch_id: int,
    on: date,
    why: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Branch:
    """Close the branch on a day, the first on which it no longer exists.

    Refused, with every reason and what to do about it, while it still keeps somebody or
    something (``still_kept``).
    """
    branch = _branch_for(actor, branch_id)
    problems = [Problem("", sentence) for sentence in still_kept(branch, on)]
    if on < local_date(at):
        problems.append(Problem("on", _("停用日期不能早于今天。")))
    if problems:
        raise Refused(problems[0].message, problems=problems)
    before = as_plain(branch)
    _write(branch, expected_version, closed_on=on)
    follow_settings(branch.pk, at)
    _record("organization.close_branch", branch, before, actor, at, why=why)
    return branch


def still_kept(branch: Branch, on: date) -> list[str]:
    """What keeps the branch from being closed on the day: a sentence for each reason.

    Head office and what has an end already are not closed, whoever is there.
    """
    if branch.kind == BranchKind.HEAD:
        return [_("公司本部不能停用。")]
    if branch.closed_on is not None:
        return [_("已定于 %(on)s 停用，不必再停一次。") % {"on": plain_day(branch.closed_on)}]
    staying = Person.objects.filter(branch=branch).exclude(left_on__lte=on)
    acting = (
        RoleGrant.objects.filter(branch=branch)
        .exclude(valid_to__lte=on)
        .exclude(person__branch=branch)
        .order_by("person__sort_key", "person_id")
    )
    sentences = []
    if names := list(staying.values_list("name", flat=True)):
        words = ngettext(
            "还有 %(n)d 名员工：%(names)s。请先办理离岗，或调到别的分公司。",
            "还有 %(n)d 名员工：%(names)s。请先办理离岗，或调到别的分公司。",
            len(names),
        )
        sentences.append(words % {"n": len(names), "names": _named(names)})
    if names := list(dict.fromkeys(acting.values_list("person__name", flat=True))):
        words = ngettext(
            "别处的 %(n)d 人在这里有角色：%(names)s。请安全管理员先结束。",
            "别处的 %(n)d 人在这里有角色：%(names)s。请安全管理员先结束。",
            len(names),
        )
        sentences.append(words % {"n": len(names), "names": _named(names)})
    for path in tables.CLOSING_CHECKS:
        sentences += import_string(path)(branch.pk, on)
    return sentences


def _named(names: Sequence[str]) -> str:
    """The first of many names."""
    listed = _("、").join(names[:NAMED_AT_MOST])
    return listed if len(names) <= NAMED_AT_MOST else _("%(names)s等") % {"names": listed}


def as_plain(branch: Branch) -> dict[str, Any]:
    """The branch as the trail and a stale writer see it."""
    return {
        "code": branch.code,
        "name": branch.name,
        "address": branch.address,
        "phone": branch.phone,
        "opened_on": branch.opened_on and branch.opened_on.isoformat(),
        "closed_on": branch.closed_on and branch.closed_on.isoformat(),
        "version": branch.version,
    }


def _guard(actor: Actor) -> None:
    if not can_keep_people(actor):
        raise NotAllowed(_("机构由系统管理员维护。"))


def _branch_for(actor: Actor, branch_id: int) -> Branch:
    branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()
    if branch is None:
        raise NotFound
    _guard(actor)
    return branch


def _check(branch: Branch) -> None:
    """Code and name are there and nobody else's."""
    problems = []
    for field, value, missing, taken in (
        ("code", branch.code, _("写上机构编码。"), _("这个编码已有机构在用。")),
        ("name", branch.name, _("写上机构名称。"), _("这个名称已有机构在用。")),
    ):
        if not value:
            problems.append(Problem(field, missing))
        elif not is_one_line(value):
            problems.append(Problem(field, _("写在一行里，不要换行。")))
        elif Branch.objects.filter(Q(**{field: value}), ~Q(pk=branch.pk)).exists():
            problems.append(Problem(field, taken))
    if problems:
        raise Refused(problems[0].message, problems=problems)


def _write(branch: Branch, expected_version: int, **values: Any) -> None:
    updated = Branch.objects.filter(pk=branch.pk, version=expected_version).update(
        **values, version=F("version") + 1
    )
    branch.refresh_from_db()
    if not updated:
        raise Stale(as_plain(branch))


def _record(
    what: str, branch: Branch, before: dict[str, Any], actor: Actor, at: datetime, why: str = ""
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="branch",
        target_id=branch.pk,
        target_label=branch.name,
        branch_id=branch.pk,
        before=before,
        after=as_plain(branch),
        why=why,
    )
