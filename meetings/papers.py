"""The sign-in sheet on paper (M2.2, M3.2, A3): blank to be signed, or filled in afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from confidentiality.choices import Level
from core.formats import full_day, hour
from core.marked_days import days_marked
from core.papers import render_pdf
from core.periods import Week
from core.queries import calendar
from meetings.choices import CAME, MeetingKind, MeetingState, Presence, SignInWay
from meetings.minutes_rules import minutes_number
from meetings.models import Meeting
from meetings.queries.rooms import Seat, seats_of
from meetings.words import chair_words, sitting_name

TEMPLATE: Final = "papers/sign-in.html"
# Rows of one of the two columns, at least: there is room for whoever comes besides.
ROWS_AT_LEAST: Final = 8
# From so many rows on they stand closer, so that the sheet stays one page.
CLOSE_FROM: Final = 13


@dataclass(frozen=True)
class SignInLine:
    """A person on the sheet; without a name an empty line. ``signed`` stands where one signs."""

    number: int
    name: str = ""
    signed: str = ""
    time: str = ""
    remark: str = ""


@dataclass(frozen=True)
class SignInPaper:
    """All that the sheet shows; ``came`` is "" where it is still to be counted by hand."""

    number: str
    name: str
    when: str
    place: str
    level: str
    rows: Sequence[tuple[SignInLine, SignInLine]]
    expected: int
    came: str
    others: Sequence[str]
    chair: str
    recorder: str
    is_filled: bool
    is_close: bool
    url: str


def sign_in_paper(meeting: Meeting, *, url: str, is_blank: bool = False) -> SignInPaper:
    """The sheet of a sitting as it stands: filled in once it was held, unless ``is_blank``.

    ``url`` is what its QR code opens. Of a blank one known excuses are filled in already.
    """
    seats = seats_of(meeting)
    is_filled = meeting.state == MeetingState.HELD and not is_blank
    lines = [_line(number, seat, is_filled) for number, seat in enumerate(seats, 1)]
    height = max(ROWS_AT_LEAST, -(-len(lines) // 2))
    lines += [SignInLine(number) for number in range(len(lines) + 1, 2 * height + 1)]
    return SignInPaper(
        number=number_of(meeting),
        name=_name(meeting),
        when=f"{full_day(meeting.on)} {hour(meeting.starts_at)}—{hour(meeting.ends_at)}",
        place=_place(meeting),
        level=str(Level(meeting.level).label),
        rows=list(zip(lines[:height], lines[height:], strict=True)),
        expected=len(seats),
        came=str(sum(seat.state in CAME for seat in seats)) if is_filled else "",
        others=_others(seats, is_filled),
        chair=chair_words(meeting),
        recorder=meeting.recorder.name if meeting.recorder else "",
        is_filled=is_filled,
        is_close=height >= CLOSE_FROM,
        url=url,
    )


def sign_in_pdf(meeting: Meeting, *, url: str, is_blank: bool = False) -> tuple[str, bytes, int]:
    """The sheet as PDF (A4): its file's name, its bytes, how many people stand on it.

    Half a second, so never inside a transaction.
    """
    with days_marked(calendar):
        paper = sign_in_paper(meeting, url=url, is_blank=is_blank)
        title = _("会议签到表 %(number)s") % {"number": paper.number}
        return f"{title}.pdf", render_pdf(TEMPLATE, {"paper": paper}, title=title), paper.expected


def number_of(meeting: Meeting) -> str:
    """The number that both papers of a sitting bear: HY-20261109-JN-W46."""
    return minutes_number(meeting.kind, meeting.key, meeting.branch.code, meeting.on)


def _line(number: int, seat: Seat, is_filled: bool) -> SignInLine:
    away = {
        Presence.EXCUSED: _("请假"),
        Presence.TRIP: _("外出"),
        Presence.ABSENT: _("缺席"),
        Presence.LATE: _("迟到"),
    }
    known = Presence(seat.state)
    if not is_filled:
        remark = away[known] if known in (Presence.EXCUSED, Presence.TRIP) else ""
        return SignInLine(number, seat.person.name, remark=remark)
    return SignInLine(
        number,
        seat.person.name,
        signed=_("本人扫码") if seat.came and seat.way == SignInWay.CODE else "",
        time=hour(seat.arrived_at) if seat.came and seat.arrived_at else "",
        remark=_remark(seat, away),
    )


def _remark(seat: Seat, away: Mapping[Presence, str]) -> str:
    """Why he is not there; said to be of the room where he had not told anybody (M1.2)."""
    word = away.get(Presence(seat.state), "")
    return _("当场%(word)s") % {"word": word} if seat.is_excused_here else word


def _others(seats: Sequence[Seat], is_filled: bool) -> list[str]:
    """Who is not there, counted: 请假 1 人."""
    words = [
        (Presence.EXCUSED, _("请假 %(n)d 人")),
        (Presence.TRIP, _("外出 %(n)d 人")),
    ]
    if is_filled:
        words += [(Presence.LATE, _("迟到 %(n)d 人")), (Presence.ABSENT, _("缺席 %(n)d 人"))]
    counted = [(sum(seat.state == state for seat in seats), text) for state, text in words]
    return [text % {"n": count} for count, text in counted if count]


def _place(meeting: Meeting) -> str:
    """Where, with the branch, which the room's own name may bear already."""
    branch = meeting.branch.name
    return (
        meeting.place if meeting.place.startswith(branch) else f"{branch} {meeting.place}".strip()
    )


def _name(meeting: Meeting) -> str:
    if meeting.kind != MeetingKind.WEEKLY:
        return sitting_name(meeting)
    return _("%(meeting)s（第%(n)d周）") % {
        "meeting": sitting_name(meeting),
        "n": Week.parse(meeting.key).number,
    }
