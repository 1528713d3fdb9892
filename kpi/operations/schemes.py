"""The scheme's versions: drafted, changed, proposed, approved by a second person (K1–K4).

A version scores from its month of effect on, and only a month that has not closed. Whoever wrote
it does not approve it (annex 11.11).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from core import audit, canonical, jobs
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Problem, Refused, Stale
from core.periods import Month, local_date
from core.unique import unless_taken
from duties.month_queries import month_end_of
from duties.operations import notify_all
from kpi.choices import SchemeState
from kpi.models import Rehearsal, Scheme
from kpi.permissions import can_approve_scheme, can_change_scheme, can_keep_schemes
from kpi.queries.schemes import newest_approved, scheme_faults
from kpi.scheme import Fault, SchemeContent, SchemeFaults, as_json, departs, parsed
from kpi.scheme_files import read_scheme
from kpi.scheme_texts import sentence
from kpi.sheet_notices import scheme_proposed
from organization.choices import Role
from organization.models import Person
from organization.queries import holders_of

_NAME_LENGTH = 80
_WHY_LENGTH = 200


@transaction.atomic
def draft_scheme(
    *,
    based_on: int | None = None,
    name: str = "",
    valid_from: str = "",
    why: str = "",
    actor: Actor,
    at: datetime,
) -> Scheme:
    """Begin a version as a copy of another one (its number; the newest approved unless said).

    ``valid_from`` is a month's key, the month after ``at``'s unless said.
    """
    _guard(actor)
    source = newest_approved() if based_on is None else _of_number(based_on)
    if source is None:
        raise NotFound
    scheme = _drafted(
        parsed(source.content), source, name or source.name, valid_from, why, actor, at
    )
    _record("kpi.draft_scheme", scheme, {}, {"based_on": source.number}, actor, at, why)
    return scheme


@transaction.atomic
def import_scheme(
    *,
    data: bytes,
    filename: str,
    name: str = "",
    valid_from: str = "",
    why: str = "",
    actor: Actor,
    at: datetime,
) -> Scheme:
    """Begin a version from a JSON or XLSX file as the product hands it out.

    Refused, with every fault's place, for a file that is not such a scheme.
    """
    _guard(actor)
    content = _checked(read_scheme(data, filename))
    title = name or content.names["telecom"]["zh-hans"]
    scheme = _drafted(content, newest_approved(), title, valid_from, why, actor, at)
    _record("kpi.import_scheme", scheme, {}, {"file": filename}, actor, at, why)
    return scheme


@transaction.atomic
def change_scheme(
    *,
    number: int,
    content: Any,
    name: str,
    valid_from: str,
    why: str = "",
    expected_version: int,
    actor: Actor,
    at: datetime,
) -> Scheme:
    """Save a draft as a whole; only whoever wrote it changes it, so that a second one approves.

    ``content`` is the JSON of kpi.scheme. Refused with the path of every fault in it.
    """
    scheme = _of_number(number)
    _guard(actor)
    if not can_change_scheme(actor, scheme):
        raise NotAllowed(_("草稿由起草人修改。可以以它为基础另起一稿。"))
    checked = _checked(content)
    values = _values(checked, name, valid_from, why, at)
    before = _facts(scheme)
    changed = _moved_on(
        scheme,
        expected_version,
        at,
        states=[SchemeState.DRAFT],
        drafted_by_id=scheme.drafted_by_id or actor.somebody,
        **values,
    )
    _record("kpi.change_scheme", changed, before, _facts(changed), actor, at, why)
    return changed


@transaction.atomic
def propose_scheme(*, number: int, expected_version: int, actor: Actor, at: datetime) -> Scheme:
    """Hand a draft over for approval by a second person."""
    scheme = _of_number(number)
    _guard(actor)
    if not can_change_scheme(actor, scheme):
        raise NotAllowed(_("草稿由起草人提交。"))
    _checked(scheme.content)
    _month(scheme.valid_from, at)
    proposed = _moved_on(
        scheme,
        expected_version,
        at,
        states=[SchemeState.DRAFT],
        state=SchemeState.PROPOSED,
        proposed_at=at,
        drafted_by_id=scheme.drafted_by_id or actor.somebody,
    )
    notify_all(scheme_proposed(_seconds(proposed, at), proposed, at=at))
    _record("kpi.propose_scheme", proposed, _facts(scheme), _facts(proposed), actor, at)
    return proposed


def _seconds(scheme: Scheme, at: datetime) -> list[Person]:
    """Who may approve what somebody else drafted: the others of the market department."""
    market = holders_of([Role.MARKET], local_date(at))
    return [person for person in market if person.pk != scheme.drafted_by_id]


@transaction.atomic
def approve_scheme(*, number: int, expected_version: int, actor: Actor, at: datetime) -> Scheme:
    """Put a proposed version into force from its month on; never by whoever wrote it.

    The month must not have closed: what was scored stays scored by what held then.
    """
    scheme = _of_number(number)
    _guard(actor)
    if not can_approve_scheme(actor, scheme):
        raise NotAllowed(_("考核方案要由起草人以外的人批准。"))
    _checked(scheme.content)
    _month(scheme.valid_from, at)
    approved = _moved_on(
        scheme,
        expected_version,
        at,
        states=[SchemeState.PROPOSED],
        state=SchemeState.APPROVED,
        approved_at=at,
        approved_by_id=actor.somebody,
    )
    _record("kpi.approve_scheme", approved, _facts(scheme), _facts(approved), actor, at)
    return approved


@transaction.atomic
def withdraw_scheme(
    *, number: int, why: str, expected_version: int, actor: Actor, at: datetime
) -> Scheme:
    """Put a version aside that is not in force: by its author, or, once proposed, by anybody
    who could have approved it. It can still be the base of another draft."""
    scheme = _of_number(number)
    _guard(actor)
    if not (can_change_scheme(actor, scheme) or can_approve_scheme(actor, scheme)):
        raise NotAllowed(_("草稿由起草人撤回。"))
    reason = _short(why, "why", _WHY_LENGTH)
    if not reason:
        raise Refused(_("写明为什么撤回。"), field="why")
    withdrawn = _moved_on(
        scheme,
        expected_version,
        at,
        states=[SchemeState.DRAFT, SchemeState.PROPOSED],
        state=SchemeState.WITHDRAWN,
        why=reason,
    )
    _record("kpi.withdraw_scheme", withdrawn, _facts(scheme), _facts(withdrawn), actor, at, reason)
    return withdrawn


@transaction.atomic
def rehearse_scheme(*, number: int, actor: Actor, at: datetime) -> Rehearsal:
    """Have the last three closed months recomputed under a version; the worker does it.

    Asked again for the same content while one is on its way: that one.
    """
    scheme = _of_number(number)
    _guard(actor)
    if scheme.state not in (SchemeState.DRAFT, SchemeState.PROPOSED):
        raise Refused(_("只有尚未批准的方案才试算。"))
    waiting = scheme.rehearsals.filter(scheme_digest=scheme.digest, made_at=None).first()
    if waiting is not None:
        return waiting
    rehearsal = Rehearsal.objects.create(
        scheme=scheme, scheme_digest=scheme.digest, asked_at=at, asked_by_id=actor.somebody
    )
    jobs.enqueue(
        kind="kpi.rehearse",
        key=str(rehearsal.pk),
        args={"rehearsal": rehearsal.pk},
        at=at,
        owner_id=actor.person_id,
    )
    _record("kpi.rehearse_scheme", scheme, {}, {"rehearsal": rehearsal.pk}, actor, at)
    return rehearsal


def _guard(actor: Actor) -> None:
    if not can_keep_schemes(actor):
        raise NotAllowed(_("考核方案由市场部维护。"))


def _of_number(number: int) -> Scheme:
    scheme = Scheme.objects.filter(number=number).first()
    if scheme is None:
        raise NotFound
    return scheme


def _checked(value: Any) -> SchemeContent:
    """The content, or Refused with the place and the words of every fault."""
    try:
        content = parsed(value)
    except SchemeFaults as error:
        raise _refused(error.faults) from None
    found = scheme_faults(content)
    if found:
        raise _refused(found)
    return content


def _refused(found: list[Fault] | tuple[Fault, ...]) -> Refused:
    problems = [Problem(f"content.{one.path}", sentence(one.code, one.values)) for one in found]
    return Refused(
        _("方案里有 %(n)s 处不对：%(first)s（%(where)s）")
        % {"n": len(found), "first": problems[0].message, "where": found[0].path},
        field=problems[0].field,
        problems=problems,
    )


def _month(key: str, at: datetime) -> Month:
    """The month of effect; Refused for one that is none, or has closed by ``at``."""
    try:
        month = Month.parse(key)
    except ValueError:
        raise Refused(_("生效月份应写成 2026-12 这样。"), field="valid_from") from None
    if month_end_of(month).closes_at <= at:
        raise Refused(
            _("%(month)s 已经结束，方案只能从还没结束的月份起生效。") % {"month": month.key},
            field="valid_from",
        )
    return month


def _short(value: str, field: str, longest: int) -> str:
    text = value.strip()
    if len(text) > longest:
        raise Refused(_("最长 %(n)s 字。") % {"n": longest}, field=field)
    return text


def _values(
    content: SchemeContent, name: str, valid_from: str, why: str, at: datetime
) -> dict[str, Any]:
    title = _short(name, "name", _NAME_LENGTH)
    if not title:
        raise Refused(_("给方案起个名称。"), field="name")
    plain = as_json(content)
    return {
        "name": title,
        "valid_from": _month(valid_from, at).key,
        "why": _short(why, "why", _WHY_LENGTH),
        "content": plain,
        "digest": canonical.digest(plain),
        "departs": departs(content),
    }


def _drafted(
    content: SchemeContent,
    source: Scheme | None,
    name: str,
    valid_from: str,
    why: str,
    actor: Actor,
    at: datetime,
) -> Scheme:
    """A new row, its number the next one."""
    following = Month.containing(local_date(at)).next.key
    values = _values(content, name, valid_from or following, why, at)
    with unless_taken(lambda: None):
        return Scheme.objects.create(
            number=(Scheme.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            based_on=source,
            drafted_at=at,
            drafted_by_id=actor.person_id,
            updated_at=at,
            **values,
        )


def _moved_on(
    scheme: Scheme, expected_version: int, at: datetime, *, states: list[str], **values: Any
) -> Scheme:
    """Compare-and-set; Refused where the state bars it, Stale where somebody was first."""
    if scheme.state not in states:
        raise Refused(
            _("这个方案现在是“%(state)s”，不能这样做。") % {"state": scheme.get_state_display()}
        )
    updated = Scheme.objects.filter(
        pk=scheme.pk, version=expected_version, state__in=states
    ).update(version=F("version") + 1, updated_at=at, **values)
    current = Scheme.objects.get(pk=scheme.pk)
    if not updated:
        raise Stale({"version": current.version, "state": current.state, **_facts(current)})
    return current


def _facts(scheme: Scheme) -> dict[str, Any]:
    return {
        "name": scheme.name,
        "valid_from": scheme.valid_from,
        "state": scheme.state,
        "digest": scheme.digest,
    }


def _record(
    what: str,
    scheme: Scheme,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    why: str = "",
) -> None:
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="scheme",
        target_id=scheme.pk,
        target_label=f"{scheme.number} {scheme.name}",
        before=before,
        after=after,
        why=why,
    )
