"""Roles by date of effect, and acting supervisors for a period."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused
from core.periods import local_date
from core.unique import unless_taken
from organization.choices import BRANCH_ROLES, LEADERS, BranchKind, Role
from organization.models import Branch, Person, RoleGrant
from organization.permissions import SEPARATED, can_appoint, can_end_acting, can_grant
from organization.queries import is_in_post


@transaction.atomic
def grant_role(
    *,
    person_id: int,
    role: str,
    branch_id: int,
    valid_from: date,
    valid_to: date | None = None,
    why: str = "",
    actor: Actor,
    at: datetime,
) -> RoleGrant:
    """Give a role from a day on (until ``valid_to``, that day excluded).

    Never to oneself; and whoever runs the system, grants roles or reads the trail does only
    one of the three.
    """
    person = _person_for(actor, person_id)
    if not can_grant(actor):
        raise NotAllowed(_("角色由安全管理员授予。"))
    if person.pk == actor.person_id:
        raise NotAllowed(_("不能给自己授予角色。"))
    branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()

    def check() -> None:
        problems = _faults(person, role, branch, valid_from, valid_to, local_date(at))
        if problems:
            raise Refused(problems[0].message, problems=problems)

    check()
    with unless_taken(check):
        grant = _begin(
            RoleGrant(
                person=person,
                role=role,
                branch_id=branch_id,
                valid_from=valid_from,
                valid_to=valid_to,
                granted_by_id=actor.person_id,
                granted_by_name=actor.name,
                why=why,
            )
        )
    _record("organization.grant_role", grant, {}, actor, at, why)
    return grant


@transaction.atomic
def end_role(*, grant_id: int, on: date, why: str = "", actor: Actor, at: datetime) -> RoleGrant:
    """End a role on a day, the first one without it; today at the earliest."""
    grant = grant_for(actor, grant_id)
    if not can_grant(actor):
        raise NotAllowed(_("角色由安全管理员授予。"))
    if grant.person_id == actor.person_id:
        raise NotAllowed(_("自己的角色由另一位安全管理员结束。"))
    if on < local_date(at):
        raise Refused(_("结束日期不能早于今天。"), field="on")
    return _end(grant, on, "organization.end_role", why, actor, at)


@transaction.atomic
def appoint_acting(
    *,
    person_id: int,
    branch_id: int,
    first: date,
    last: date,
    why: str = "",
    actor: Actor,
    at: datetime,
) -> RoleGrant:
    """Name who acts as supervisor of the branch from ``first`` to ``last``, both included.

    The supervisor or a head of the branch does it, beforehand (annex 2, #1); nobody names
    himself, and whoever only acts names nobody.
    """
    branch = Branch.objects.visible_to(actor).filter(pk=branch_id).first()
    if branch is None:
        raise NotFound
    if not can_appoint(actor, branch_id) or not _leads_for_good(actor, branch_id, at):
        raise NotAllowed(_("代理主管由本分公司主管或总经理指定。"))
    person = _person_for(actor, person_id)
    today, valid_to = local_date(at), last + timedelta(days=1)

    def check() -> None:
        problems = _acting_faults(person, branch_id, first, last, today, actor)
        if problems:
            raise Refused(problems[0].message, problems=problems)

    check()
    with unless_taken(check):
        grant = _begin(
            RoleGrant(
                person=person,
                role=Role.SUPERVISOR,
                branch=branch,
                valid_from=first,
                valid_to=valid_to,
                is_acting=True,
                granted_by_id=actor.person_id,
                granted_by_name=actor.name,
                why=why,
            )
        )
    _record("organization.appoint_acting", grant, {}, actor, at, why)
    return grant


def _acting_faults(
    person: Person, branch_id: int, first: date, last: date, today: date, actor: Actor
) -> list[Problem]:
    problems = []
    if person.pk == actor.person_id:
        problems.append(Problem("person_id", _("不能指定自己。")))
    if not (is_in_post(person, first) and is_in_post(person, last)):
        problems.append(Problem("person_id", _("这位同事在这段时间不在岗。")))
    if first < today:
        problems.append(Problem("first", _("开始日期不能早于今天。")))
    if last < first:
        problems.append(Problem("last", _("结束日期不能早于开始日期。")))
    if _overlaps(person, Role.SUPERVISOR, branch_id, first, last + timedelta(days=1)):
        problems.append(Problem("person_id", _("这段时间已经是主管或代理主管。")))
    return problems


@transaction.atomic
def end_acting(*, grant_id: int, why: str = "", actor: Actor, at: datetime) -> RoleGrant:
    """End an acting appointment today: tomorrow's does not begin, today's ends with the day."""
    grant = grant_for(actor, grant_id)
    if not grant.is_acting:
        raise NotFound
    if not can_end_acting(actor, grant):
        raise NotAllowed(_("代理由本分公司主管或总经理结束。"))
    return _end(grant, local_date(at), "organization.end_acting", why, actor, at)


def grant_for(actor: Actor, grant_id: int) -> RoleGrant:
    """The grant, if the actor sees its person or leads its branch; else NotFound."""
    grant = (
        RoleGrant.objects.visible_to(actor)
        .select_related("person", "branch")
        .filter(pk=grant_id)
        .first()
    )
    if grant is None:
        raise NotFound
    return grant


def as_plain(grant: RoleGrant) -> dict[str, Any]:
    """The grant as the trail sees it."""
    return {
        "role": grant.role,
        "branch": grant.branch_id,
        "valid_from": grant.valid_from.isoformat(),
        "valid_to": grant.valid_to and grant.valid_to.isoformat(),
        "is_acting": grant.is_acting,
    }


def _person_for(actor: Actor, person_id: int) -> Person:
    """The person, held until the transaction ends: what is granted and ended comes in turn."""
    seen = Person.objects.visible_to(actor).filter(pk=person_id)
    person = seen.select_for_update(no_key=True).first()
    if person is None:
        raise NotFound
    return person


def _begin(grant: RoleGrant) -> RoleGrant:
    """Write the grant, in place of one of the same day that was taken back before it began."""
    taken_back = RoleGrant.objects.filter(
        person=grant.person,
        role=grant.role,
        branch_id=grant.branch_id,
        valid_from=grant.valid_from,
        valid_to=grant.valid_from,
    ).first()
    if taken_back is not None:
        grant.pk = taken_back.pk
    grant.save(force_insert=taken_back is None, force_update=taken_back is not None)
    return grant


def _leads_for_good(actor: Actor, branch_id: int, at: datetime) -> bool:
    return actor.person_id is not None and (
        RoleGrant.objects.in_force_on(local_date(at))
        .filter(person_id=actor.person_id, branch_id=branch_id, role__in=LEADERS, is_acting=False)
        .exists()
    )


def _faults(
    person: Person,
    role: str,
    branch: Branch | None,
    valid_from: date,
    valid_to: date | None,
    today: date,
) -> list[Problem]:
    problems = []
    if role not in Role.values:
        return [Problem("role", _("没有这个角色。"))]
    if branch is None or branch.closed_on is not None:
        return [Problem("branch_id", _("请选一个在用的机构。"))]
    is_branch_role = role in BRANCH_ROLES
    if is_branch_role != (branch.kind == BranchKind.BRANCH):
        text = _("这个角色属于分公司。") if is_branch_role else _("这个角色属于公司本部。")
        problems.append(Problem("branch_id", text))
    if valid_from < today:
        problems.append(Problem("valid_from", _("生效日期不能早于今天。")))
    if valid_to is not None and valid_to <= valid_from:
        problems.append(Problem("valid_to", _("结束日期要晚于生效日期。")))
    if not is_in_post(person, valid_from):
        problems.append(Problem("valid_from", _("这位同事那天不在岗。")))
    if _overlaps(person, role, branch.pk, valid_from, valid_to):
        problems.append(Problem("role", _("这段时间已经有这个角色。")))
    others = [one for one in SEPARATED if one != role]
    if role in SEPARATED and any(
        _overlaps(person, one, None, valid_from, valid_to) for one in others
    ):
        problems.append(Problem("role", _("系统管理员、安全管理员、审计员不能由一人兼任。")))
    return problems


def _overlaps(
    person: Person, role: str, branch_id: int | None, first: date, until: date | None
) -> bool:
    """Whether the person holds the role at some time of the span (``until`` excluded)."""
    grants = RoleGrant.objects.filter(person=person, role=role).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=first)
    )
    if branch_id is not None:
        grants = grants.filter(branch_id=branch_id)
    if until is not None:
        grants = grants.filter(valid_from__lt=until)
    return grants.exists()


def _end(grant: RoleGrant, on: date, what: str, why: str, actor: Actor, at: datetime) -> RoleGrant:
    """End it by compare-and-set: a grant that has ended meanwhile cannot be ended again."""
    before = as_plain(grant)
    ends_on = max(on, grant.valid_from)
    updated = (
        RoleGrant.objects.filter(pk=grant.pk)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=ends_on))
        .update(valid_to=ends_on)
    )
    if not updated:
        raise Refused(_("已经结束了。"))
    grant.refresh_from_db()
    _record(what, grant, before, actor, at, why)
    return grant


def _record(
    what: str, grant: RoleGrant, before: dict[str, Any], actor: Actor, at: datetime, why: str
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="person",
        target_id=grant.person_id,
        target_label=grant.person.name,
        branch_id=grant.branch_id,
        before=before,
        after=as_plain(grant),
        why=why,
    )
