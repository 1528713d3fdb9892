"""Branches come, change and are closed on a day."""

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.names import firm_keys
from core.periods import local_date
from core.unique import unless_taken
from organization.choices import BranchKind
from organization.models import Branch, Person
from organization.operations.settings import follow_settings
from organization.permissions import can_keep_people

CHANGEABLE: Final = ("name", "address", "phone", "opened_on")


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
    """Close the branch on a day, the first on which it no longer exists; nobody may work there."""
    branch = _branch_for(actor, branch_id)
    problems = []
    if branch.kind == BranchKind.HEAD:
        problems.append(Problem("", _("公司本部不能停用。")))
    if branch.closed_on is not None:
        problems.append(Problem("", _("已经停用了。")))
    if on < local_date(at):
        problems.append(Problem("on", _("停用日期不能早于今天。")))
    staying = Person.objects.in_post_on(on).filter(branch=branch).count()
    if staying:
        problems.append(Problem("", _("还有 %(n)d 名员工在岗，请先办理。") % {"n": staying}))
    if problems:
        raise Refused(problems[0].message, problems=problems)
    before = as_plain(branch)
    _write(branch, expected_version, closed_on=on)
    follow_settings(branch.pk, at)
    _record("organization.close_branch", branch, before, actor, at, why=why)
    return branch


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
