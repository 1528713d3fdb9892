"""What a bulletin implies for people: written and published, commented on, signed for (annex 8).

``config.tables.DUE_SOURCES`` names ``due_items``; nothing of it is ever stored.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.calendar import Calendar
from core.formats import month_name
from core.periods import Month, instant, local_date
from core.queries import calendar
from duties.month_end import MonthEnd, month_end
from duties.rules import DueItem
from organization.choices import LEADERS, Role
from organization.in_force import COMPANY, SettingsHistory, settings_through
from organization.models import RoleGrant
from organization.settings import BranchSettings
from reports.choices import BulletinState
from reports.models import BranchComment, Bulletin, SignFor
from reports.permissions import first_hands
from reports.texts import bulletin_name


def sign_by(published_at: datetime, days: Calendar, settings: BranchSettings) -> datetime:
    """By when a bulletin is signed for: as long as a branch has to answer a finding."""
    on = days.next_working_day(local_date(published_at), settings.finding_answer_days)
    return instant(on, settings.close_of_business)


def publish_by(bulletin: Bulletin, end_of: Callable[[Month], MonthEnd]) -> datetime:
    """By when a bulletin is published (annex 2); a supplement, with the next regular one."""
    month = Month.parse(bulletin.month)
    due_at = end_of(month).bulletin_due_at
    while bulletin.supplement and due_at <= bulletin.drafted_at:
        month = month.next
        due_at = end_of(month).bulletin_due_at
    return due_at


def due_items(
    person_ids: Collection[int], first: datetime, last: datetime, at: datetime | None = None
) -> list[DueItem]:
    """The bulletins' duties of these people with their moment in the span.

    Eight queries, however many people and bulletins.
    """
    on = local_date(last)
    held = RoleGrant.objects.in_force_on(local_date(at or last)).filter(person_id__in=person_ids)
    writers = sorted(set(held.filter(role=Role.MARKET).values_list("person_id", flat=True)))
    leading: dict[int, list[int]] = {}
    for person_id, branch_id in held.filter(role__in=LEADERS).values_list("person_id", "branch_id"):
        leading.setdefault(branch_id, []).append(person_id)
    days = calendar(local_date(first).year - 1, on.year + 1)
    settings = settings_through(on)
    items = [
        *_of_writers(writers, days, settings),
        *_of_branches(leading),
        *_to_sign(person_ids, days, settings),
    ]
    return sorted(
        (item for item in items if first <= item.due_at <= last),
        key=lambda item: (item.due_at, item.url, item.person_id),
    )


def _of_writers(
    writers: Collection[int], days: Calendar, settings: SettingsHistory
) -> Iterator[DueItem]:
    """What the market department has to do next with each bulletin that is not published."""
    if not writers:
        return
    open_ones = Bulletin.objects.exclude(state=BulletinState.PUBLISHED).annotate(
        unanswered=Count("comments", filter=Q(comments__answered_at__isnull=True))
    )
    for bulletin in open_ones.defer("figures", "texts").order_by("month", "supplement"):
        due_at = publish_by(
            bulletin, lambda month: month_end(month, days, settings.of(COMPANY, month.last))
        )
        first = first_hands(bulletin)
        for person_id in writers:
            if bulletin.state == BulletinState.PROPOSED and person_id in first:
                continue
            yield DueItem(
                person_id=person_id,
                kind="bulletin",
                title=_next_step(bulletin, bulletin.unanswered),
                context=bulletin.title,
                due_at=due_at,
                url=reverse("bulletin", args=[bulletin.pk]),
                waits=True,
            )


def _next_step(bulletin: Bulletin, unanswered: int) -> str:
    values = {"month": bulletin_name(bulletin), "n": unanswered}
    if bulletin.state == BulletinState.PROPOSED:
        return _("批准%(month)s通报") % values
    if unanswered:
        return (
            ngettext(
                "答复 %(n)d 条对%(month)s通报的意见",
                "答复 %(n)d 条对%(month)s通报的意见",
                unanswered,
            )
            % values
        )
    if bulletin.state == BulletinState.COMMENTING:
        return _("提请批准%(month)s通报") % values
    return _("编写%(month)s通报") % values


def _of_branches(leading: dict[int, list[int]]) -> Iterator[DueItem]:
    """To say something of a draft: those who lead a branch that has not spoken yet."""
    if not leading:
        return
    asked = Bulletin.objects.filter(state=BulletinState.COMMENTING, comments_until__isnull=False)
    said = set(BranchComment.objects.filter(bulletin__in=asked).values_list("bulletin", "branch"))
    for pk, month, until, branches in asked.values_list(
        "pk", "month", "comments_until", "figures__branches"
    ):
        for branch in branches:
            if until is None or (pk, branch["id"]) in said:
                continue
            for person_id in leading.get(branch["id"], ()):
                yield DueItem(
                    person_id=person_id,
                    kind="bulletin",
                    title=_("对%(month)s通报草稿提意见")
                    % {"month": month_name(Month.parse(month))},
                    context=branch["name"],
                    due_at=until,
                    url=reverse("bulletin", args=[pk]),
                    waits=True,
                )


def _to_sign(
    person_ids: Collection[int], days: Calendar, settings: SettingsHistory
) -> Iterator[DueItem]:
    unsigned = (
        SignFor.objects.filter(person_id__in=person_ids, signed_at__isnull=True)
        .select_related("bulletin", "branch")
        .defer("bulletin__figures", "bulletin__texts")
    )
    for receipt in unsigned:
        bulletin = receipt.bulletin
        if bulletin.published_at is None:
            continue
        in_force = settings.of(COMPANY, local_date(bulletin.published_at))
        yield DueItem(
            person_id=receipt.person_id,
            kind="bulletin",
            title=_("签收%(number)s") % {"number": bulletin.document_number},
            context=bulletin.title,
            due_at=sign_by(bulletin.published_at, days, in_force),
            url=reverse("bulletin", args=[bulletin.pk]),
            waits=True,
        )
