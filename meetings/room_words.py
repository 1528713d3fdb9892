"""How a room is said: the five words of a roll call, and what stands on a tile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.canonical import digest
from core.chips import chip
from core.formats import hour
from meetings.choices import CAME, Presence, Refusal, SignInWay
from meetings.models import AttendeeChange
from meetings.queries.rooms import Seat

# One sign each on the large buttons; the legend under the tiles says them in full.
SHORT: Final[dict[str, str | Promise]] = {
    Presence.PRESENT: pgettext_lazy("点名", "到"),
    Presence.LATE: pgettext_lazy("点名", "迟"),
    Presence.EXCUSED: pgettext_lazy("点名", "假"),
    Presence.ABSENT: pgettext_lazy("点名", "缺"),
    Presence.TRIP: pgettext_lazy("点名", "外"),
}
LEGEND: Final[dict[str, str | Promise]] = {
    Presence.PRESENT: gettext_lazy("到会"),
    Presence.LATE: gettext_lazy("迟到"),
    Presence.EXCUSED: gettext_lazy("请假，事先批准"),
    Presence.ABSENT: gettext_lazy("缺席"),
    Presence.TRIP: gettext_lazy("外出拜访"),
}
# The states of core.chips whose shape and tone show a presence.
CHIPS: Final[dict[str, str]] = {
    Presence.OPEN: "unsigned",
    Presence.PRESENT: "present",
    Presence.LATE: "late",
    Presence.EXCUSED: "leave",
    Presence.ABSENT: "wrong",
    Presence.TRIP: "away",
}
# What the phone says that was turned away.
TURNED_AWAY: Final[dict[str, str | Promise]] = {
    Refusal.EXPIRED: gettext_lazy("这个码已过期。请看会议室的屏幕，扫现在的码。"),
    Refusal.WRONG: gettext_lazy("这个码不对。请扫会议室屏幕上的码。"),
    Refusal.NUMBER: gettext_lazy(
        "和会议室屏幕上的数不一样。再看一眼填上；再不对，就要等屏幕换码重新扫。"
    ),
    Refusal.SPENT: gettext_lazy("数两次都不对。等会议室的屏幕换码，再扫一次。"),
    Refusal.STRANGER: gettext_lazy("您不在这场会议的应到名单里。要旁听请告诉主持人。"),
    Refusal.BORROWED: gettext_lazy("这部手机已替别人签到。请用自己的手机，或请主持人点名。"),
    Refusal.CLOSED: gettext_lazy("签到没有开放。会议已经结束，或者还没有打开签到。"),
}


@dataclass(frozen=True)
class Mark:
    """One of the five buttons."""

    value: str
    short: str | Promise
    word: str | Promise
    is_current: bool


@dataclass(frozen=True)
class Tile:
    """Somebody's tile: it changes on the screen when its ``stamp`` does."""

    seat: Seat
    chip: SafeString
    detail: str
    remark: str
    needs_why: bool
    stamp: str
    marks: Sequence[Mark]


def tile_of(seat: Seat, *, is_over: bool) -> Tile:
    """A seat as the screen shows it; ``is_over`` once the meeting has ended."""
    detail = hour(seat.arrived_at) if seat.came and seat.arrived_at else seat.note
    remark = _remark(seat)
    word = Presence(seat.state).label
    return Tile(
        seat,
        chip(CHIPS[seat.state], word),
        detail,
        remark,
        is_over or seat.way == SignInWay.CODE,
        digest([seat.person.pk, seat.state, seat.way, detail, remark, is_over])[:12],
        [Mark(key, SHORT[key], LEGEND[key], key == seat.state) for key in SHORT],
    )


def _remark(seat: Seat) -> str:
    """What the holder must know besides: a notice that came too late, or an amendment."""
    if seat.changes:
        return change_words(seat.changes[-1])
    if seat.is_open and seat.absence is not None:
        words = _("不准假：%(why)s") if seat.absence.decided_at else _("当天才请假：%(why)s")
        return words % {"why": seat.absence.opinion or seat.absence.reason}
    return ""


def change_words(change: AttendeeChange) -> str:
    """An amendment: 缺席改为已到，周建平：漏点."""
    words = _("%(before)s改为%(after)s，%(who)s") % {
        "before": change.get_before_display(),
        "after": change.get_after_display(),
        "who": change.by.name,
    }
    return _("：").join(filter(None, (words, change.why)))


def room_headline(seats: Sequence[Seat], *, is_open: bool, is_over: bool) -> str:
    """Who has not signed, first; before it is open who is expected, after the end who came."""
    if is_over:
        came = _count(seats, CAME)
        absent = _count(seats, [Presence.ABSENT])
        return _joined(
            ngettext("实到 %(n)d 人", "实到 %(n)d 人", came) % {"n": came},
            ngettext("%(n)d 人缺席", "%(n)d 人缺席", absent) % {"n": absent} if absent else "",
        )
    unsigned = _count(seats, [Presence.OPEN])
    known = len(seats) - unsigned
    if not is_open:
        return _joined(
            ngettext("应到 %(n)d 人", "应到 %(n)d 人", len(seats)) % {"n": len(seats)},
            ngettext("%(n)d 人已请假", "%(n)d 人已请假", known) % {"n": known} if known else "",
        )
    if not unsigned:
        return ngettext("%(n)d 人都已报", "%(n)d 人都已报", known) % {"n": known}
    return _joined(
        ngettext("%(n)d 人已报", "%(n)d 人已报", known) % {"n": known},
        ngettext("%(n)d 人未签", "%(n)d 人未签", unsigned) % {"n": unsigned},
    )


def _count(seats: Iterable[Seat], states: Iterable[str]) -> int:
    wanted = set(states)
    return sum(seat.state in wanted for seat in seats)


def _joined(*parts: str) -> str:
    return _("，").join(part for part in parts if part)
