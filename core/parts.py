"""The plain values that components show. Views build them, templates hand them to the tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.chips import STATES

Text = str | Promise


@dataclass(frozen=True)
class Tally:
    """A count over its chip; ``url`` filters the list below, ``text`` replaces the chip's word."""

    state: str
    count: int
    url: str = ""
    text: Text = ""
    is_current: bool = False


@dataclass(frozen=True)
class Hit:
    """A line of go-anywhere: what, whose, where to."""

    title: str
    context: str
    url: str


@dataclass(frozen=True)
class Step:
    """A step of a thing's way so far: a chip, who did it when, what was said, the file added.

    ``who`` is "" for the system; ``state`` and ``word`` are the chip's.
    """

    state: str
    word: Text
    who: str
    at: datetime
    text: str = ""
    file_url: str = ""
    file_name: str = ""
    file_size: int = 0


@dataclass(frozen=True)
class Segment:
    """One of a few views of the same list."""

    label: Text
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class FormPart:
    """A part of a long form in the rail: its state, what remains, and where it stands."""

    label: Text
    state: str
    note: Text = ""
    anchor: str = ""


@dataclass(frozen=True)
class Fact:
    """A label and its value; ``url`` makes the value a link, ``copies`` adds a copy button.

    What is only there to check an original by, ``is_proof``, folds away; ``note`` says what for.
    """

    label: Text
    value: Text
    url: str = ""
    copies: bool = False
    note: Text = ""
    is_proof: bool = False


def checksum(label: Text, digest: str) -> Fact:
    """A SHA-256 as people get to see it."""
    return Fact(
        label,
        digest,
        note=_("SHA-256 校验码：内容改一个字，这串码就不同，用来核对是不是原件。"),
        is_proof=True,
    )


@dataclass(frozen=True)
class NextStep:
    """What comes after a receipt: by whom, until when, and the way there."""

    state: str
    label: Text
    about: Text = ""
    url: str = ""
    action: Text = ""


@dataclass(frozen=True)
class AgendaItem:
    """One thing of a day: when (or a state such as overdue), what, and its context.

    ``tick_url`` is posted to when it can be ticked off in place.
    """

    what: Text
    about: Sequence[Text] = ()
    when: Text = ""
    state: str = ""
    url: str = ""
    tick_url: str = ""
    is_done: bool = False
    is_gain: bool = False


@dataclass(frozen=True)
class DayCell:
    """A day of a week line or month: its mark (休, 班 or ""), a note and a link."""

    on: date
    mark: str = ""
    name: str = ""
    note: Text = ""
    url: str = ""


@dataclass(frozen=True)
class EntryLine:
    """A figure: the system's, one's own beside it, and why they differ.

    ``computed`` is what the system counted, as it is shown and compared; ``computed_url`` opens the
    rows it counted. ``declared`` and ``reason`` are fields of the form; without ``declared`` the
    line only shows ``shown``. ``remark`` is what the reader said who gave it back.
    """

    key: str
    label: Text
    computed: str
    unit: Text = ""
    computed_url: str = ""
    declared: BoundField | None = None
    reason: BoundField | None = None
    shown: str = ""
    remark: Text = ""

    @property
    def is_different(self) -> bool:
        """Whether the declared figure says something else than the system."""
        if self.declared is None:
            return False
        value = self.declared.value()
        return value not in (None, "") and str(value) != self.computed

    @property
    def difference(self) -> str:
        """The signed distance where both are plain numbers, else nothing."""
        value = "" if self.declared is None else str(self.declared.value())
        try:
            apart = float(value) - float(self.computed)
        except ValueError:
            return ""
        return f"{apart:+g}".replace("-", "−")


@dataclass(frozen=True)
class Choice:
    """One toggle of a choice grid; ``note`` is a second line (last contact, overdue)."""

    value: str
    label: Text
    note: Text = ""


@dataclass(frozen=True)
class Difference:
    """What changes in one field: the old value, the new one."""

    label: Text
    old: str
    new: str


@dataclass(frozen=True)
class MappedColumn:
    """A column of a file and the field it is read as.

    ``state`` is "" (found), "guessed" (please check) or "skipped"; ``options`` are (value, label).
    """

    letter: str
    header: str
    sample: str
    name: str
    value: str
    options: Sequence[tuple[str, Text]]
    state: str = ""


@dataclass(frozen=True)
class Progress:
    """Long work as it stands: where to ask, how far, and how to stop it."""

    label: Text
    done: int
    total: int
    url: str
    stop_url: str = ""
    note: Text = ""
    state: str = "running"


@dataclass(frozen=True)
class ErrorLink:
    """A line of the error summary and the id of the field it leads to ("" for none)."""

    message: Text
    anchor: str = ""


@dataclass(frozen=True)
class Action:
    """A thing to do next: a link or, with ``is_post``, a button."""

    label: Text
    url: str
    is_primary: bool = False
    is_post: bool = False
    icon: str = ""


@dataclass(frozen=True)
class ShareSlice:
    """A slice of the bar beside a tally, as drawn: left edge and width out of 100."""

    state: str
    tone: str
    left: float
    width: float


def shares(items: Sequence[Tally]) -> list[ShareSlice]:
    """The slices of a bar, widest first, one unit apart; who is excused (a dash) has none.

    Whoever is not due yet is not excused.
    """
    counted = [
        item
        for item in items
        if item.count and (STATES[item.state].glyph != "dash" or item.state == "not_due")
    ]
    whole = sum(item.count for item in counted)
    slices: list[ShareSlice] = []
    left = 0.0
    gap = 1.0 if len(counted) > 1 else 0.0
    room = 100.0 - gap * max(0, len(counted) - 1)
    for item in sorted(counted, key=lambda item: -item.count):
        width = room * item.count / whole
        slices.append(
            ShareSlice(item.state, STATES[item.state].tone, round(left, 2), round(width, 2))
        )
        left += width + gap
    return slices


@dataclass(frozen=True)
class MonthCell:
    """A day as a month shows it."""

    day: DayCell
    is_off: bool
    is_today: bool
    is_chosen: bool


@dataclass(frozen=True)
class MonthView:
    """A month in weeks of seven, Monday first; None where another month's days would stand."""

    title: str
    weeks: Sequence[Sequence[MonthCell | None]]
    previous_url: str = ""
    next_url: str = ""
    heads: Sequence[tuple[str, str]] = ()
