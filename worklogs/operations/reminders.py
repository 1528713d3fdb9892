"""The reminder button (W6): pressed for those who owe the week's summary and have not filed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import NotAllowed, NotFound, Refused
from core.periods import Week, local_date
from core.unique import is_taken
from duties.choices import NoticeKind
from duties.letters import letters_for
from duties.notices import notice_to
from duties.operations import ensure, notify_and_mail
from organization.in_force import settings_of
from organization.models import Branch, Person
from organization.settings import BranchSettings
from worklogs import permissions, rules
from worklogs.belonging import owing_managers
from worklogs.choices import SummaryState
from worklogs.models import Reminder, Summary


@transaction.atomic
def remind(
    *, branch_id: int, week: Week, manager_ids: Collection[int], actor: Actor, at: datetime
) -> list[int]:
    """Press the reminder button for managers who owe the week and have not filed; who was reminded.

    Nobody is reminded before the week has begun, twice within the pause, or more often than the
    setting allows on a day.
    """
    if branch_id not in actor.led_branches:
        raise NotFound
    if not permissions.can_remind(actor, branch_id):
        raise NotAllowed(_("提醒由本分公司主管发。"))
    branch = Branch.objects.get(pk=branch_id)
    period = ensure(kind="summary", branch=branch, period=week, at=at)
    if period is None:
        raise Refused(_("这一周没有工作日，不用交周报。"))
    if at < period.opens_at:
        raise Refused(_("这一周还没有开始。"))
    owing = owing_managers([branch_id], local_date(period.deadline_at))
    managers = owing.filter(pk__in=manager_ids)
    filed = set(
        Summary.objects.filter(week=week.key, manager__in=managers)
        .exclude(state=SummaryState.RETURNED)
        .values_list("manager_id", flat=True)
    )
    settings = settings_of(branch_id, local_date(at))
    unfiled = [manager for manager in managers if manager.pk not in filed]
    chosen = _reminded(unfiled, week, settings, actor, at)
    if not chosen:
        raise Refused(_("没有要提醒的人：已交，或刚提醒过。"))
    notices = [
        notice_to(
            manager,
            kind=NoticeKind.REMINDER,
            group=f"summary:{week.key}",
            key=f"reminded:{week.key}:{at.isoformat()}",
            title=lambda: (
                _("%(name)s 提醒您交第 %(n)d 周周报") % {"name": actor.name, "n": week.number}
            ),
            url=reverse("summary", args=[week.key]),
            at=at,
        )
        for manager in chosen
    ]
    notify_and_mail(notices, letters_for(notices, kind="reminder", at=at), at=at)
    audit.record(
        actor=actor,
        at=at,
        what="worklogs.remind",
        target_type="week",
        target_id=week.key,
        target_label=week.key,
        branch_id=branch_id,
        after={"reminded": [manager.job_number for manager in chosen]},
    )
    return [manager.pk for manager in chosen]


def _reminded(
    people: Sequence[Person], week: Week, settings: BranchSettings, actor: Actor, at: datetime
) -> list[Person]:
    """Write the reminders that are allowed now; whom of these people they are for.

    Of two presses at one moment only one gets the next number; the other looks again and
    finds the pause.
    """
    while True:
        sent: dict[int, list[datetime]] = {person.pk: [] for person in people}
        for manager_id, sent_at in Reminder.objects.filter(
            week=week.key, manager__in=people
        ).values_list("manager_id", "sent_at"):
            sent[manager_id].append(sent_at)
        chosen = [one for one in people if rules.may_be_reminded(sent[one.pk], at, settings)]
        try:
            with transaction.atomic():
                Reminder.objects.bulk_create(
                    Reminder(
                        manager=manager,
                        week=week.key,
                        number=len(sent[manager.pk]) + 1,
                        sent_at=at,
                        sent_on=local_date(at),
                        sent_by_id=actor.somebody,
                    )
                    for manager in chosen
                )
        except IntegrityError as error:
            if not is_taken(error):
                raise
            continue
        return chosen
