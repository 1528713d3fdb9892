"""A line of a report becomes a finding: its words, its rows, who puts it right by when (P3.5)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.formats import month_name
from core.periods import Month, local_date
from core.queries import calendar
from inspections import rules
from inspections.models import Finding
from inspections.operations.findings import raise_finding
from inspections.permissions import can_inspect
from inspections.queries import responsible_for
from inspections.words import short_word
from organization.in_force import settings_of
from organization.models import Branch, Person
from organization.queries import is_in_post
from reports.spot_check_queries import Line, branch_seen, month_view, origin_of

# A finding is written once, for everybody: in Chinese, as its report is frozen.
WRITTEN_IN: Final = "zh-hans"
_FAULTS_AT_MOST: Final = 40


@dataclass(frozen=True)
class Prefilled:
    """What a finding of a line would say, before the button is pressed."""

    title: str
    facts: str
    rows: tuple[dict[str, str], ...]
    deduction: Decimal
    clause: str
    owner: Person | None
    due_on: date


def prefilled(line: Line, branch: Branch, month: Month, at: datetime) -> Prefilled:
    """The words of a line, its rows, the one person it is about (else who leads the branch)."""
    on = local_date(at)
    faults = line.frozen["faults"]
    with override(WRITTEN_IN):
        counts = _("、").join(short_word(kind, count) for kind, count in line.kinds.items())
        title = _("%(month)s%(item)s：%(counts)s") % {
            "month": month_name(month),
            "item": line.frozen["names"].get(WRITTEN_IN, line.name),
            "counts": counts,
        }
        facts = "\n".join(fault["label"] for fault in faults[:_FAULTS_AT_MOST])
        if len(faults) > _FAULTS_AT_MOST:
            more = _("等共 %(n)d 处，见抽查报告。") % {"n": len(faults)}
            facts = f"{facts}\n{more}"
        report = {
            "label": _("%(branch)s抽查报告") % {"branch": branch.name},
            "url": f"{reverse('spot-check', args=[month, branch.pk])}#item-{line.code}",
            "kind": "report",
        }
    rows = [{"label": fault["label"], "url": fault["url"]} for fault in faults[:_FAULTS_AT_MOST]]
    settings = settings_of(branch.pk, on)
    return Prefilled(
        title=title,
        facts=facts,
        rows=(report, *rows),
        deduction=line.lost or Decimal(0),
        clause=line.clause,
        owner=_owner(line, branch, on),
        due_on=rules.rectify_by(at, calendar(at.year), settings),
    )


def _owner(line: Line, branch: Branch, on: date) -> Person | None:
    if len(line.person_ids) == 1:
        person = Person.objects.filter(pk=line.person_ids[0], branch=branch).first()
        if person is not None and is_in_post(person, on):
            return person
    return responsible_for(branch.pk, on)


def raise_of_line(
    *, month: Month, branch_id: int, item: str, actor: Actor, at: datetime
) -> Finding:
    """Press 立为问题: the line of the branch's report, as it stands, becomes a finding."""
    branch = branch_seen(actor, branch_id, month)
    if not can_inspect(actor, branch_id):
        raise NotAllowed(_("问题由市场部提出，不能由被检查的分公司自己提。"))
    view = month_view(month, at, branch=branch)
    line = view.lines[0].line(item) if view.lines else None
    if line is None:
        raise NotFound
    if not line.faults:
        raise Refused(_("这一项没有偏差，不用立为问题。"))
    words = prefilled(line, branch, month, at)
    if words.owner is None:
        raise Refused(_("这家分公司现在没有主管和总经理，请直接提出问题并指定责任人。"))
    return raise_finding(
        branch_id=branch_id,
        month=month,
        title=words.title,
        facts=words.facts,
        rows=words.rows,
        deduction=words.deduction,
        clause=words.clause,
        owner_id=words.owner.pk,
        due_on=words.due_on,
        item=item,
        origin=origin_of(month, branch_id, item),
        actor=actor,
        at=at,
    )
