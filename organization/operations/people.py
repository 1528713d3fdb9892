"""People come, change and leave by being closed; nobody is deleted."""

from datetime import date, datetime, time
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config import tables
from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.names import cleaned_name, is_one_line, person_keys, search_text
from core.periods import instant, local_date
from core.sealing import blind, masked_phone, seal
from core.unique import unless_taken
from organization.choices import BRANCH_ROLES
from organization.models import ApiToken, Branch, Person, RoleGrant, SignIn
from organization.operations.access import end_sessions_of, revoke_tokens_of
from organization.operations.former_names import keep_names
from organization.permissions import can_keep_people

CHANGEABLE: Final = (
    "name",
    "gender",
    "branch_id",
    "post",
    "reports_to_id",
    "phone",
    "email",
    "joined_on",
    "note",
)
_STORED: Final = (
    "name",
    "gender",
    "branch_id",
    "post",
    "reports_to_id",
    "email",
    "joined_on",
    "note",
    "phone_sealed",
    "phone_blind",
    "phone_masked",
    "phone_tail",
    "search_text",
    "sort_key",
)


@transaction.atomic
def add_person(
    *,
    job_number: str,
    name: str,
    branch_id: int,
    gender: str = "",
    post: str = "",
    reports_to_id: int | None = None,
    phone: str = "",
    email: str = "",
    joined_on: date | None = None,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> Person:
    """Add an employee. A role and a first password come from the security administrator."""
    if not can_keep_people(actor):
        raise NotAllowed(_("人员由系统管理员维护。"))
    person = Person(job_number=job_number.strip(), joined_on=joined_on or local_date(at))
    person.set_unusable_password()
    values = {
        "name": name,
        "branch_id": branch_id,
        "gender": gender,
        "post": post,
        "reports_to_id": reports_to_id,
        "email": email,
        "note": note,
        "phone": phone,
    }
    _fill(person, values)
    _check(person, actor)
    with unless_taken(lambda: _check(person, actor)):
        person.save(force_insert=True)
    _record("organization.add_person", person, {}, actor, at)
    return person


@transaction.atomic
def change_person(
    *,
    person_id: int,
    changes: dict[str, Any],
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Person:
    """Give the person other values; ``changes`` by field of CHANGEABLE.

    Somebody who moves to another branch must first hand over and give up the roles there.
    """
    person = person_for(actor, person_id)
    unknown = sorted(set(changes) - set(CHANGEABLE))
    if unknown:
        raise Refused(_("这一项不能在这里修改。"), field=unknown[0])
    before = as_plain(person)
    old_branch_id = person.branch_id
    _fill(person, changes)
    _check(person, actor)
    if person.branch_id != old_branch_id:
        _check_move(person, old_branch_id, local_date(at))
    updated = Person.objects.filter(pk=person.pk, version=expected_version).update(
        **{name: getattr(person, name) for name in _STORED}, version=F("version") + 1
    )
    person.refresh_from_db()
    if not updated:
        raise Stale(as_plain(person))
    keep_names([(person, before["name"])], until=at)
    _record("organization.change_person", person, before, actor, at)
    return person


@transaction.atomic
def close_person(
    *,
    person_id: int,
    on: date,
    why: str,
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Person:
    """Let the person leave on a day, the first one off (the account goes with it, C5).

    Refused, with every reason, while something is still held (config.tables.LEAVING_CHECKS).
    Roles and tokens end on that day; when it is today, sessions and tokens end at once.
    """
    person = person_for(actor, person_id)
    today = local_date(at)
    problems = [Problem("", sentence) for sentence in still_held(person.pk, on)]
    if person.pk == actor.person_id:
        problems.append(Problem("", _("不能停用自己。")))
    if person.left_on is not None:
        problems.append(Problem("", _("已经停用了。")))
    if on < today:
        problems.append(Problem("on", _("离岗日期不能早于今天。")))
    if problems:
        raise Refused(problems[0].message, problems=problems)
    before = as_plain(person)
    updated = Person.objects.filter(pk=person.pk, version=expected_version).update(
        left_on=on, version=F("version") + 1
    )
    person.refresh_from_db()
    if not updated:
        raise Stale(as_plain(person))
    grants = RoleGrant.objects.filter(person=person).exclude(valid_to__lte=on)
    grants.filter(valid_from__gte=on).update(valid_to=F("valid_from"))
    grants.filter(valid_from__lt=on).update(valid_to=on)
    if on <= today:
        end_sessions_of(SignIn.objects.filter(person=person), at=at)
        revoke_tokens_of(person, at=at)
    else:
        leaves_at = instant(on, time.min)
        ApiToken.objects.filter(person=person, expires_at__gt=leaves_at).update(
            expires_at=leaves_at
        )
    _record("organization.close_person", person, before, actor, at, why=why)
    return person


def still_held(person_id: int, on: date) -> list[str]:
    """What keeps the person from leaving: a sentence for each thing still held."""
    return [
        str(sentence)
        for path in tables.LEAVING_CHECKS
        for sentence in import_string(path)(person_id, on)
    ]


def person_for(actor: Actor, person_id: int) -> Person:
    """The person, if the actor sees and keeps people; NotFound tells no more than that."""
    person = Person.objects.visible_to(actor).select_related("branch").filter(pk=person_id).first()
    if person is None:
        raise NotFound
    if not can_keep_people(actor):
        raise NotAllowed(_("人员由系统管理员维护。"))
    return person


def as_plain(person: Person) -> dict[str, Any]:
    """The person as the trail and a stale writer see it, the phone masked."""
    return {
        "job_number": person.job_number,
        "name": person.name,
        "gender": person.gender,
        "branch": person.branch_id,
        "post": person.post,
        "reports_to": person.reports_to_id,
        "email": person.email,
        "phone": person.phone_masked,
        "joined_on": person.joined_on and person.joined_on.isoformat(),
        "left_on": person.left_on and person.left_on.isoformat(),
        "note": person.note,
        "version": person.version,
    }


def _fill(person: Person, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name == "phone":
            _fill_phone(person, value.strip())
        else:
            setattr(person, name, value.strip() if isinstance(value, str) else value)
    if not is_one_line(person.name):
        raise Refused(_("写在一行里，不要换行。"), field="name")
    person.name = cleaned_name(person.name)
    keys = person_keys(person.name)
    person.search_text = search_text(
        person.name, keys, person.job_number, person.phone_tail, limit=240
    )
    person.sort_key = keys.sort_key


def _fill_phone(person: Person, phone: str) -> None:
    """Seal the phone; a masked one that comes back from a form means "as it was"."""
    if phone and phone == person.phone_masked:
        return
    person.phone_sealed = seal(phone)
    person.phone_blind = blind(phone)
    person.phone_masked = masked_phone(phone)
    person.phone_tail = phone[-4:]


def _check(person: Person, actor: Actor) -> None:
    problems = []
    if not person.job_number:
        problems.append(Problem("job_number", _("写上工号。")))
    elif person.pk is None and Person.objects.filter(job_number=person.job_number).exists():
        problems.append(Problem("job_number", _("这个工号已有人在用。")))
    if not person.name:
        problems.append(Problem("name", _("写上姓名。")))
    if not Branch.objects.visible_to(actor).filter(pk=person.branch_id, closed_on=None).exists():
        problems.append(Problem("branch_id", _("请选一个在用的机构。")))
    if person.reports_to_id is not None and _reports_in_circle(person):
        problems.append(Problem("reports_to_id", _("汇报关系绕成了圈。")))
    if problems:
        raise Refused(problems[0].message, problems=problems)


def _reports_in_circle(person: Person) -> bool:
    """Whether following who reports to whom comes back to the person (or leads nowhere)."""
    above, steps = person.reports_to_id, 0
    while above is not None and steps < 20:
        if above == person.pk:
            return True
        above = Person.objects.filter(pk=above).values_list("reports_to_id", flat=True).first()
        steps += 1
    return steps >= 20


def _check_move(person: Person, old_branch_id: int, on: date) -> None:
    problems = [Problem("branch_id", sentence) for sentence in still_held(person.pk, on)]
    holds_roles = (
        RoleGrant.objects.in_force_on(on)
        .filter(person=person, branch_id=old_branch_id, role__in=BRANCH_ROLES)
        .exists()
    )
    if holds_roles:
        problems.append(Problem("branch_id", _("在原分公司还有角色，请安全管理员先结束。")))
    if problems:
        raise Refused(problems[0].message, problems=problems)


def _record(
    what: str, person: Person, before: dict[str, Any], actor: Actor, at: datetime, why: str = ""
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="person",
        target_id=person.pk,
        target_label=person.name,
        branch_id=person.branch_id,
        before=before,
        after=as_plain(person),
        why=why,
    )
