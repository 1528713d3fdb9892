"""What people are told about a bulletin, each in the own language."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actors import Actor
from core.formats import month_name, short_day
from core.periods import Month, instant, local_date
from core.queries import calendar
from duties.choices import NoticeKind
from duties.letters import letters_for
from duties.models import Notice
from duties.month_queries import company_settings
from duties.notices import notice_to
from duties.operations import notify_all, notify_and_mail
from organization.choices import LEADERS, Role
from organization.models import Branch, Person
from organization.queries import holders_of, role_holders
from reports.models import Bulletin, SignFor
from reports.queries.bulletins import approvers
from reports.texts import changed_words


def days_from(at: datetime, month: Month) -> datetime:
    """The end of the working days that branches have for their comments, counted from now."""
    today = local_date(at)
    days = calendar(today.year, today.year + 1)
    last = days.next_working_day(today, company_settings(month).comment_days)
    return instant(last + timedelta(days=1), time.min)


def tell_writers(bulletin: Bulletin, due_at: datetime, at: datetime) -> None:
    """To the market department: the clock has begun the draft, publish it by when."""
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"drafted:{bulletin.pk}",
                title=lambda: (
                    _("%(month)s通报草稿已生成，%(until)s前发布")
                    % {"month": _month(bulletin), "until": day_of_end(due_at)}
                ),
                at=at,
            )
            for person in holders_of([Role.MARKET], local_date(at))
        ]
    )


def day_of_end(until: datetime) -> str:
    """The last day of a span that ends with it."""
    return short_day(until - timedelta(seconds=1))


def tell_branches(bulletin: Bulletin, branches: Iterable[Branch], at: datetime) -> None:
    """To those who lead a branch: the draft is there, say by when what is wrong."""
    until = bulletin.comments_until or at
    held = role_holders(LEADERS, local_date(at))
    people = {person.pk: person for branch in branches for person in held.get(branch.pk, ())}
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"comment:{bulletin.pk}:{at.isoformat()}",
                title=lambda: (
                    _("%(month)s通报草稿征求意见，请在 %(until)s前提出")
                    % {"month": _month(bulletin), "until": day_of_end(until)}
                ),
                at=at,
            )
            for person in people.values()
        ]
    )


def tell_approvers(bulletin: Bulletin, actor: Actor, at: datetime) -> None:
    """To the others of the market department: one of them approves."""
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"approve:{bulletin.pk}:{at.isoformat()}",
                title=lambda: (
                    _("%(name)s 提请批准%(month)s通报")
                    % {"name": actor.name, "month": _month(bulletin)}
                ),
                at=at,
            )
            for person in approvers(bulletin, at)
        ]
    )


def tell_sent_back(bulletin: Bulletin, person: Person, why: str, at: datetime) -> None:
    """To whoever proposed it: it came back, and why."""
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"sent-back:{bulletin.pk}:{at.isoformat()}",
                title=lambda: (
                    _("%(month)s通报被退回：%(why)s") % {"month": _month(bulletin), "why": why}
                ),
                at=at,
            )
        ]
    )


def tell_changed(bulletin: Bulletin, branches: Iterable[Branch], at: datetime) -> None:
    """To those who lead a branch and were asked: the figures were taken anew, what is other."""
    held = role_holders(LEADERS, local_date(at))
    people = {person.pk: person for branch in branches for person in held.get(branch.pk, ())}
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"figures:{bulletin.pk}:{at.isoformat()}",
                title=lambda: (
                    ngettext(
                        "%(month)s通报草稿重新取数，%(n)d 张表有变",
                        "%(month)s通报草稿重新取数，%(n)d 张表有变",
                        len(bulletin.changed),
                    )
                    % {"month": _month(bulletin), "n": len(bulletin.changed)}
                ),
                body=lambda: changed_words(bulletin),
                at=at,
            )
            for person in people.values()
        ]
    )


def tell_taken_anew(bulletin: Bulletin, person: Person, at: datetime) -> None:
    """To whoever had proposed it: it must be proposed again."""
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"propose-again:{bulletin.pk}:{at.isoformat()}",
                title=lambda: (
                    _("%(month)s通报重新取数，请再提请批准") % {"month": _month(bulletin)}
                ),
                at=at,
            )
        ]
    )


def tell_published(
    bulletin: Bulletin, people: Sequence[tuple[Branch, Person]], at: datetime
) -> None:
    """To those who must sign for it."""
    notify_all(
        [
            _about(
                bulletin,
                person,
                key=f"published:{bulletin.pk}",
                title=lambda: _("%(number)s已发布，请签收") % {"number": bulletin.document_number},
                at=at,
            )
            for _branch, person in people
        ]
    )


def remind_unsigned(bulletin: Bulletin, receipts: Sequence[SignFor], at: datetime) -> None:
    """To those who have not signed, at once by mail."""
    notices = [
        _about(
            bulletin,
            receipt.person,
            key=f"sign:{bulletin.pk}:{at.isoformat()}",
            title=lambda: _("请签收%(number)s") % {"number": bulletin.document_number},
            at=at,
        )
        for receipt in receipts
    ]
    notify_and_mail(notices, letters_for(notices, kind="reminder", at=at), at=at)


def _about(
    bulletin: Bulletin,
    person: Person,
    *,
    key: str,
    title: Callable[[], str],
    at: datetime,
    body: str | Callable[[], str] = "",
) -> Notice:
    return notice_to(
        person,
        kind=NoticeKind.BULLETIN,
        group=f"bulletin:{bulletin.month}",
        key=key,
        title=title,
        body=body,
        url=reverse("bulletin", args=[bulletin.pk]),
        at=at,
    )


def _month(bulletin: Bulletin) -> str:
    return month_name(Month.parse(bulletin.month))
