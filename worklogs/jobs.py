"""What the worker does for the week: remind, close, render and post what was sent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import files, outbox
from core.actors import CLOCK, Actor
from core.jobs import Effect, Progress
from core.models import StoredFile
from core.periods import Week, local, local_date
from duties.choices import NoticeKind
from duties.letters import letters_for
from duties.models import DutyPeriod
from duties.notices import notice_to
from duties.operations import notify_all, notify_and_mail
from organization.in_force import settings_on
from organization.models import Branch, Person, RoleGrant
from worklogs import rules, workbooks
from worklogs.belonging import Owing, owing_beside
from worklogs.letters import rollup_letter
from worklogs.models import Consolidation, RollUpVersion, Summary
from worklogs.queries import persons_in_charge

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _unfiled(week: Week, periods: list[DutyPeriod], at: datetime) -> list[Owing]:
    """Everybody who owed these branches the week's summary at the moment and had not filed
    by it."""
    filed = Summary.objects.filter(week=week.key, received_at__lte=at)
    on = local_date(periods[0].deadline_at)
    return owing_beside([period.branch_id for period in periods], on, filed)


def remind_unfiled(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Tell whoever has not filed, at a quiet minute before the deadline (W5)."""
    week = Week.parse(args["week"])
    periods = _reminded_at(week, at)
    people = _unfiled(week, periods, at) if periods else []
    deadlines = {period.branch_id: period.deadline_at for period in periods}
    notices = [
        notice_to(
            one.person,
            kind=NoticeKind.REMINDER,
            group=f"summary:{week.key}",
            key=f"due:{week.key}:{at.isoformat()}",
            title=partial(_due_title, week, deadlines[one.branch_id]),
            url=reverse("summary", args=[week.key]),
            at=at,
        )
        for one in people
    ]
    letters = letters_for(notices, kind="reminder", at=at)

    def write() -> dict[str, Any]:
        notify_and_mail(notices, letters, at=at)
        return {"reminded": len(notices)}

    return write


def _reminded_at(week: Week, at: datetime) -> list[DutyPeriod]:
    """The week's open periods of the branches for which the moment is a quiet minute."""
    periods = list(DutyPeriod.objects.filter(kind="summary", key=week.key, deadline_at__gt=at))
    settings = settings_on(local_date(at), {period.branch_id for period in periods})
    return [
        period
        for period in periods
        if at in rules.reminder_moments(period.deadline_at, settings[period.branch_id])
    ]


def close_week(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """The week is over (W5): supervisors get the list of the missing, the market department
    the state of all branches. A fixed number of statements for any number of managers."""
    week = Week.parse(args["week"])
    deadline_at = datetime.fromisoformat(args["deadline"])
    periods = list(DutyPeriod.objects.filter(kind="summary", key=week.key, deadline_at=deadline_at))
    on = local_date(deadline_at)
    missing: dict[int, list[Person]] = defaultdict(list)
    for one in _unfiled(week, periods, deadline_at) if periods else []:
        missing[one.branch_id].append(one.person)
    branches = {branch.pk: branch for branch in Branch.objects.all()}
    supervisors = RoleGrant.objects.in_force_on(on).filter(
        role="supervisor", branch_id__in=[period.branch_id for period in periods]
    )
    notices = []
    for grant in supervisors.select_related("person").order_by("branch_id", "person_id"):
        names = missing.get(grant.branch_id, [])
        notices.append(
            notice_to(
                grant.person,
                kind=NoticeKind.MISSING,
                group=f"week:{week.key}",
                key=f"closed:{week.key}:{grant.branch_id}",
                title=partial(_missing_title, week, len(names)),
                body=partial(_names, names),
                url=reverse("board", args=[week.key]),
                at=at,
            )
        )
    state = [
        f"{branches[period.branch_id].name} {len(missing.get(period.branch_id, []))}"
        for period in sorted(periods, key=lambda period: branches[period.branch_id].code)
        if missing.get(period.branch_id)
    ]
    total = sum(len(people) for people in missing.values())
    notices.extend(
        notice_to(
            person,
            kind=NoticeKind.MISSING,
            group=f"week:{week.key}",
            key=f"closed:{week.key}:{deadline_at.isoformat()}",
            title=partial(_company_title, week, len(state), total),
            body="\n".join(state),
            url=reverse("company-week", args=[week.key]),
            at=at,
        )
        for person in Person.objects.in_post_on(on).with_role(["market", "group_office"], on)
    )

    def write() -> dict[str, Any]:
        notify_all(notices)
        return {"missing": total, "branches": len(periods)}

    return write


def _due_title(week: Week, deadline_at: datetime) -> str:
    return _("第 %(n)d 周周报还没有交，%(time)s 截止") % {
        "n": week.number,
        "time": f"{local(deadline_at):%H:%M}",
    }


def _names(people: Sequence[Person]) -> str:
    return _("、").join(person.name for person in people)


def _missing_title(week: Week, count: int) -> str:
    if not count:
        return _("第 %(week)d 周周报已截止，全部交齐") % {"week": week.number}
    return ngettext(
        "第 %(week)d 周周报已截止，%(n)d 人未交",
        "第 %(week)d 周周报已截止，%(n)d 人未交",
        count,
    ) % {"week": week.number, "n": count}


def _company_title(week: Week, branches: int, people: int) -> str:
    if not people:
        return _("第 %(week)d 周周报已截止，各分公司全部交齐") % {"week": week.number}
    return _("第 %(week)d 周周报已截止，%(branches)d 家分公司共 %(n)d 人未交") % {
        "week": week.number,
        "branches": branches,
        "n": people,
    }


def _archived(
    content: bytes, name: str, kind: str, actor: Actor, at: datetime, branch_id: int | None
) -> StoredFile:
    return files.store(
        content=content,
        name=name,
        content_type=XLSX,
        kind=kind,
        actor=actor,
        at=at,
        branch_id=branch_id,
    )


def post_rollup(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Render a sent roll-up's frozen content, archive the workbook, post the mail (W6)."""
    version = RollUpVersion.objects.select_related("rollup__branch", "sent_by").get(
        pk=args["version"]
    )
    branch = version.rollup.branch
    receivers = persons_in_charge(branch.pk, local_date(version.sent_at))
    workbook = workbooks.rollup_workbook(version)
    files.keep_bytes(workbook)
    name = f"{branch.name}_{version.rollup.week}_{version.archive_number}.xlsx"

    def write() -> dict[str, Any]:
        file = _archived(workbook, name, "rollup", CLOCK, at, branch.pk)
        letter = rollup_letter(version, receivers, file)
        if letter.addressees:
            message = outbox.post(letter, at=at)
            version.message_id = message.message_id
        version.file = file
        version.save(update_fields=["file", "message_id"])
        return {"file": file.pk, "sha256": file.sha256}

    return write


def post_consolidation(args: dict[str, Any], at: datetime, progress: Progress) -> Effect:
    """Render an archived company week from its frozen content (W6)."""
    issue = Consolidation.objects.get(pk=args["consolidation"])
    workbook = workbooks.consolidation_workbook(issue)
    files.keep_bytes(workbook)
    name = f"{issue.week}_{issue.archive_number}.xlsx"

    def write() -> dict[str, Any]:
        file = _archived(workbook, name, "consolidation", CLOCK, at, None)
        issue.file = file
        issue.save(update_fields=["file"])
        return {"file": file.pk, "sha256": file.sha256}

    return write
