"""The agenda at hand on the room's screen: a line each beside the clock, in full on demand.

The room's screen is read by everybody in the room: a secret document, and what secret minutes
decided, stands there by its level.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from confidentiality.choices import Level
from core.formats import month_day, number, short_day
from meetings.action_table import hands, is_past, state_chip
from meetings.models import Action
from meetings.queries.agendas import Agenda, CustomersMonth, Priority, ToPassOn
from worklogs.choices import Standing

# So many open actions stand on an agenda; the list has them all.
ACTIONS_AT_MOST: Final = 5


@dataclass(frozen=True)
class AgendaLine:
    """One line beside the clock."""

    label: str
    text: str
    is_strong: bool = False


@dataclass(frozen=True)
class AgendaPoint:
    """One thing of the agenda in full."""

    what: str
    about: str = ""
    url: str = ""
    chip: str = ""


@dataclass(frozen=True)
class AgendaPart:
    """What belongs together on the agenda; ``more`` of it stand in the list at ``more_url``."""

    title: str | Promise
    points: Sequence[AgendaPoint]
    more: int = 0
    more_url: str = ""


def agenda_lines(agenda: Agenda) -> list[AgendaLine]:
    """At most one line for each kind of thing; what is empty is left out."""
    lines = []
    if agenda.documents:
        text = _named(agenda.documents[0], in_room=True)
        lines.append(AgendaLine(pgettext("议程", "传达"), _more(text, len(agenda.documents))))
    if agenda.actions:
        count = len(agenda.actions)
        owners = "、".join(_once(action.owner.name for action in agenda.actions))
        said = ngettext("%(n)d 项，%(who)s", "%(n)d 项，%(who)s", count)
        lines.append(AgendaLine(pgettext("议程", "未结"), said % {"n": count, "who": owners}))
    if agenda.reports:
        count = sum(one.row.received_at is not None for one in agenda.reports)
        lines.append(
            AgendaLine(
                pgettext("议程", "汇报"),
                _("%(n)d/%(of)d 份周报已交") % {"n": count, "of": len(agenda.reports)},
            )
        )
    lines += [AgendaLine(one.label, _figures(one)) for one in agenda.figures]
    if agenda.contributions:
        text = _more(agenda.contributions[0].title, len(agenda.contributions))
        lines.append(AgendaLine(pgettext("议程", "案例"), text))
    if agenda.priorities:
        text = _more(_of_priority(agenda.priorities[0], in_room=True), len(agenda.priorities))
        lines.append(AgendaLine(pgettext("议程", "重点"), text, is_strong=True))
    return lines


def agenda_parts(agenda: Agenda, at: datetime, *, in_room: bool = False) -> list[AgendaPart]:
    """The whole agenda, for its reader or ``in_room`` for all; what is empty is left out."""
    parts = [
        AgendaPart(
            gettext_lazy("要传达的文件"),
            [_of_document(one, in_room=in_room) for one in agenda.documents],
        ),
        AgendaPart(
            gettext_lazy("今天的重点"),
            [
                AgendaPoint(_of_priority(one, in_room=in_room), _whose(one))
                for one in agenda.priorities
            ],
        ),
        _open_actions(agenda.actions, at, in_room=in_room),
        AgendaPart(
            gettext_lazy("各人的周报"),
            [
                AgendaPoint(
                    f"{one.row.manager.name} {Standing(one.row.standing).label}", one.conclusions
                )
                for one in agenda.reports
            ],
        ),
        AgendaPart(
            gettext_lazy("本月客户"),
            [AgendaPoint(one.label, _figures(one)) for one in agenda.figures],
        ),
        AgendaPart(
            gettext_lazy("交来的案例和问题"),
            [
                AgendaPoint(f"{one.get_kind_display()} {one.title}", one.author.name)
                for one in agenda.contributions
            ],
        ),
    ]
    return [part for part in parts if part.points]


def _open_actions(actions: Sequence[Action], at: datetime, *, in_room: bool) -> AgendaPart:
    """What is not closed: what is overdue first, and no more than can be talked about."""
    return AgendaPart(
        gettext_lazy("没有了结的事"),
        [_of_action(one, at, in_room=in_room) for one in actions[:ACTIONS_AT_MOST]],
        more=max(0, len(actions) - ACTIONS_AT_MOST),
        more_url=reverse("meeting-actions"),
    )


def _of_document(one: ToPassOn, *, in_room: bool) -> AgendaPoint:
    gist = "" if in_room and one.is_secret else one.gist
    by = _("%(day)s前传达") % {"day": short_day(one.document.tell_by)}
    return AgendaPoint(_named(one, in_room=in_room), _("，").join(filter(None, (gist, by))))


def _named(one: ToPassOn, *, in_room: bool) -> str:
    """Its number and title; on the room's screen a secret one is only 普通商密文件."""
    document = one.document
    if in_room and one.is_secret:
        return _("%(level)s文件") % {"level": Level(document.level).label}
    return f"{document.reference} {document.title}".strip()


def _of_action(one: Action, at: datetime, *, in_room: bool) -> AgendaPoint:
    level = one.meeting.level
    is_hidden = in_room and level > Level.INTERNAL
    return AgendaPoint(
        _secret_matter(level) if is_hidden else one.content,
        f"{hands(one)} {month_day(one.due_on)}",
        url="" if is_hidden else reverse("meeting-action", args=[one.pk]),
        chip=state_chip(one, at) if is_past(one, at) else "",
    )


def _of_priority(one: Priority, *, in_room: bool) -> str:
    level = one.level
    return _secret_matter(level) if in_room and level > Level.INTERNAL else one.text


def _secret_matter(level: int) -> str:
    """What stands on the room's screen for it: 普通商密事项."""
    return _("%(level)s事项") % {"level": Level(level).label}


def _figures(one: CustomersMonth) -> str:
    return _("%(n)d 户，月收入 %(revenue)s 元，本月服务 %(services)d 次") % {
        "n": one.customers,
        "revenue": number(one.revenue),
        "services": one.services,
    }


def _whose(one: Priority) -> str:
    return f"{one.who} {month_day(one.due_on)}" if one.due_on else one.who


def _more(text: str, count: int) -> str:
    """The first of several: … 等 3 份."""
    if count == 1:
        return text
    return _("%(first)s 等 %(n)d 项") % {"first": text, "n": count}


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
