"""What every step of a finding shares: who may, from where, the number, the row, the notice."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, Refused, Stale
from core.marked_days import days_marked
from core.models import StoredFile
from core.periods import local_date
from core.unique import is_taken
from duties.operations import notify_all
from inspections.choices import StepKind
from inspections.models import Finding, FindingStep
from inspections.notices import notices_of
from inspections.permissions import can_inspect, can_respond
from inspections.queries import finding_for
from organization.models import Branch, Person, RoleGrant
from organization.queries import is_in_post

TITLE_AT_MOST: Final = 120
TEXT_AT_MOST: Final = 4000


def for_branch(actor: Actor, finding_id: int) -> Finding:
    """The finding, for whoever leads its branch; NotFound, NotAllowed."""
    finding = finding_for(actor, finding_id)
    if not can_respond(actor, finding):
        raise NotAllowed(_("由分公司主管或总经理确认。"))
    return finding


def for_market(actor: Actor, finding_id: int) -> Finding:
    """The finding, for an inspector from elsewhere (annex 11.11); NotFound, NotAllowed."""
    finding = finding_for(actor, finding_id)
    if not can_inspect(actor, finding.branch_id):
        raise NotAllowed(_("由市场部处理，不能由被检查分公司的人处理。"))
    return finding


def check_state(finding: Finding, states: Sequence[str], otherwise: str) -> None:
    """Refuse, saying ``otherwise``, where the step does not follow from where it stands."""
    if finding.state not in states:
        raise Refused(otherwise)


def needed(text: str, otherwise: str) -> str:
    """The words without blanks around them; refused where there are none or too many."""
    text = text.strip()
    if not text:
        raise Refused(otherwise, field="text")
    if len(text) > TEXT_AT_MOST:
        raise Refused(_("最多 %(n)d 个字。") % {"n": TEXT_AT_MOST}, field="text")
    return text


def owner_in(branch: Branch, owner_id: int, at: datetime) -> Person:
    """Who is to put it right; refused for anybody who is not in post in the branch."""
    owner = Person.objects.filter(pk=owner_id).first()
    on = local_date(at)
    is_there = (
        owner is not None
        and is_in_post(owner, on)
        and RoleGrant.objects.in_force_on(on).filter(person=owner, branch=branch).exists()
    )
    if owner is None or not is_there:
        raise Refused(_("责任人要是这家分公司在岗的人。"), field="owner")
    return owner


def check_due(due_on: date, at: datetime) -> None:
    """Refuse a day that has gone, or lies beyond the next year."""
    if due_on < local_date(at):
        raise Refused(_("期限不能早于今天。"), field="due_on")
    if due_on.year > local_date(at).year + 1:
        raise Refused(_("期限太远。"), field="due_on")


def numbered(make: Callable[[str], Finding], at: datetime) -> Finding:
    """Write it under the next number of the year; of two at once one takes the number after."""
    begin = f"WT-{local_date(at).year}-"
    while True:
        last = (
            Finding.objects.filter(number__startswith=begin)
            .order_by(Length("number").desc(), "-number")
            .values_list("number", flat=True)
            .first()
        )
        place = int(last.removeprefix(begin)) + 1 if last else 1
        finding = make(f"{begin}{place:04d}")
        try:
            with transaction.atomic():
                finding.save(force_insert=True)
        except IntegrityError as error:
            if not is_taken(error):
                raise
            standing = Finding.objects.filter(origin=finding.origin).exclude(origin=None).first()
            if standing is not None:
                raise Refused(
                    _("刚才已立为问题 %(number)s。") % {"number": standing.number}
                ) from error
            continue
        return finding


def as_plain(finding: Finding) -> dict[str, Any]:
    """A finding as a writer who came too late sees it."""
    return {
        "version": finding.version,
        "state": finding.state,
        "due_on": str(finding.due_on),
    }


def moved(finding: Finding, expected_version: int, at: datetime, **values: Any) -> Finding:
    """Move it on by compare-and-set; Stale when somebody did something meanwhile."""
    updated = Finding.objects.filter(
        pk=finding.pk, version=expected_version, state=finding.state
    ).update(version=F("version") + 1, updated_at=at, **values)
    again = Finding.objects.select_related("branch", "owner").get(pk=finding.pk)
    if not updated:
        raise Stale(as_plain(again))
    return again


def write_step(
    finding: Finding,
    kind: StepKind,
    text: str,
    file: StoredFile | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Write down who did what when, with what words and file."""
    FindingStep.objects.create(
        finding=finding, kind=kind, text=text.strip(), file=file, at=at, by_id=actor.person_id
    )


def plainly(said: Callable[[], str]) -> str:
    """A day in a notice: without marks, as in letters."""
    with days_marked(None):
        return said()


def tell(
    finding: Finding,
    people: Sequence[Person],
    kind: StepKind,
    title: Callable[[], str],
    text: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Notify these people of the step, but not whoever did it."""
    notify_all(
        notices_of(
            finding,
            people,
            step=kind,
            title=title,
            body=text.strip(),
            at=at,
            besides=actor.person_id,
        )
    )


def record_step(
    what: str,
    finding: Finding,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: Actor,
    at: datetime,
    why: str = "",
) -> None:
    """Write the trail's row of the step."""
    audit.record(
        actor=actor,
        at=at,
        what=what,
        target_type="finding",
        target_id=finding.pk,
        target_label=f"{finding.number} {finding.title}",
        branch_id=finding.branch_id,
        before=before,
        after=after,
        why=why.strip(),
    )
