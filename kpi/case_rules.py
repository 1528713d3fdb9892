"""Bonus and penalty cases as pure functions (K3; annexes 3.13, 5.4, 11.11).

What an item of the scheme is about is told by its clause, so that a company may rename and
recode its items; points, options and caps are the scheme's.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from core.calendar import Calendar
from core.numbers import rounded
from core.periods import Month, instant, local_date
from kpi.formulas import is_chosen
from kpi.scheme import Item
from organization.settings import BranchSettings


class Kind(StrEnum):
    """What a case is about."""

    KEPT = "kept"
    PRIZE = "prize"
    WON = "won"
    ARREARS = "arrears"
    LOST = "lost"
    COMPLAINT = "complaint"
    MEDIA = "media"
    VETO = "veto"
    OTHER = "other"


_BY_CLAUSE: Final[Mapping[str, Kind]] = {
    "K3.1": Kind.KEPT,
    "K3.2": Kind.PRIZE,
    "K3.3": Kind.WON,
    "K3.4": Kind.ARREARS,
    "K3.5": Kind.LOST,
    "K3.6": Kind.COMPLAINT,
    "K3.7": Kind.MEDIA,
}
# Told of a customer; told by a name of its own (a contest, a paper, a decision).
OF_CUSTOMERS: Final = frozenset({Kind.KEPT, Kind.WON, Kind.ARREARS, Kind.LOST})
NAMED: Final = frozenset({Kind.PRIZE, Kind.MEDIA, Kind.VETO})
# Cases whose points go by the customer's tier.
BY_TIER: Final = frozenset({Kind.KEPT, Kind.WON, Kind.LOST})
# A customer kept must still be active this many months later (annex 5.4, B1).
KEPT_MONTHS: Final = 3
# Two cases of one customer that lie closer than this are one event told twice.
_ONE_EVENT_WITHIN: Final[Mapping[Kind, int]] = {Kind.KEPT: KEPT_MONTHS, Kind.WON: 12}
CLOSURE, RELOCATION = "closure", "relocation"
# Why a customer was lost; the first two cost nothing (annex 5.4, D2).
CAUSES: Final = (CLOSURE, RELOCATION, "competitor", "price", "service", "other")
_KEY_PART: Final = 60


class CaseFault(ValueError):
    """What is wrong with a case: the field, a code (kpi.case_words says it), its values."""

    def __init__(self, field: str, code: str, **values: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.values = values


def earliest_day(today: date) -> date:
    """The first day of which something can still be filed: the same day a year before."""
    try:
        return today.replace(year=today.year - 1)
    except ValueError:
        return date(today.year - 1, 2, 28)


def is_case_item(item: Item) -> bool:
    """Whether cases are filed under the item: it scores cases, and takes them from here."""
    return item.formula.kind == "CASE" and item.metric == "cases"


def is_bonus(item: Item) -> bool:
    """Whether the item earns points; the others cost them."""
    return item.formula.settings.get("sign") != "-"


def kind_of(item: Item) -> Kind:
    """What the item is about, by its clause (K3.1–K3.7); a veto says so itself."""
    if item.formula.settings.get("is_veto"):
        return Kind.VETO
    return _BY_CLAUSE.get(item.clause, Kind.OTHER)


# --- options and points ----------------------------------------------------------------------


def option_in(item: Item, code: str) -> Mapping[str, Any]:
    """The option with this code; CaseFault where the scheme has none."""
    for option in item.options:
        if option.get("code") == code:
            return option
    raise CaseFault("option", "unknown_option", value=code)


def is_range(item: Item, code: str) -> bool:
    """Whether the assessor chooses the points of this option within a range."""
    return is_chosen(option_in(item, code))


def points_for(item: Item, option_code: str, chosen: Decimal | None = None) -> Decimal:
    """The points of a case, signed: the option's own, or what was chosen within its range.

    CaseFault outside the range, without a choice where there is one, or with another number
    where there is none (annex 5: a range the assessor chooses within; outside it is refused).
    """
    option = option_in(item, option_code)
    size = None if chosen is None else abs(chosen)
    if is_range(item, option_code):
        least, most = Decimal(option.get("least", 0)), Decimal(option["most"])
        values = {"least": f"{least:f}", "most": f"{most:f}"}
        if size is None:
            raise CaseFault("points", "choose_points", **values)
        if not least <= size <= most or rounded(size) != size:
            raise CaseFault("points", "points_outside", **values)
    else:
        fixed = Decimal(str(option.get("points", 0)))
        if size is not None and size != fixed:
            raise CaseFault("points", "points_fixed", points=f"{fixed:f}")
        size = fixed
    return rounded(size if is_bonus(item) else -size)


def signed_size(item: Item, size: Any) -> Decimal:
    """A number of the scheme's options with the item's sign."""
    found = Decimal(str(size))
    return found if is_bonus(item) else -found


def points_left(points: Decimal, counted: Decimal | None) -> Decimal:
    """What a higher prize of a contest still earns: only the highest counts (K3.2)."""
    return points if counted is None else max(points - counted, Decimal("0.00"))


def arrears_option(item: Item, days: int) -> str:
    """The option for arrears of so many days (K3.4): the most days that are exceeded.

    The days stand in the option's code ("over60"); "" where none is exceeded.
    """
    best, code = 0, ""
    for option in item.options:
        found = re.search(r"\d+", str(option.get("code", "")))
        if found and best < int(found[0]) < days:
            best, code = int(found[0]), str(option["code"])
    return code


def tier_option(item: Item, tier: str) -> str:
    """The option for a customer of this tier: its own, else that for all others, else ""."""
    codes = [str(option.get("code", "")) for option in item.options]
    return next((code for code in (tier, "other") if code in codes), "")


def complaint_option(item: Item, *, is_escalated: bool) -> str:
    """The option for an upheld complaint; one that went up to a regulator has its own (D3)."""
    codes = [str(option.get("code", "")) for option in item.options]
    if is_escalated and "escalated" in codes:
        return "escalated"
    return next((code for code in codes if code != "escalated"), "")


def is_loss(cause: str) -> bool:
    """Whether a customer who went is one lost: closure and relocation are not (K3.5)."""
    return cause not in (CLOSURE, RELOCATION)


# --- counted once ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """What happened, as far as it tells one event from another."""

    kind: Kind
    manager_id: int
    option: str
    happened_on: date
    customer_id: int | None = None
    complaint_id: int | None = None
    subject: str = ""
    # Since when the customer is marked as lost.
    lost_since: date | None = None


def plain_subject(subject: str) -> str:
    """A name as it is compared: letters, characters and digits only, widths and cases alike."""
    wide = unicodedata.normalize("NFKC", subject).casefold()
    text = "".join(sign for sign in wide if sign.isalnum())
    return text if len(text) <= _KEY_PART else hashlib.sha256(text.encode()).hexdigest()[:32]


def count_key(event: Event) -> str:
    """The name of the event: two cases of one item with the same key are one, counted once.

    Arrears once per customer and month, a loss once until the customer is regained, a complaint
    once, an exposure (K3.7) and a breach once per manager. Prizes of one contest differ in their
    level: what stands before "|" is the contest, of which the highest counts.
    """
    month = Month.containing(event.happened_on).key
    subject = plain_subject(event.subject)
    customer = f"customer:{event.customer_id}"
    if event.kind == Kind.COMPLAINT:
        return f"complaint:{event.complaint_id}"
    if event.kind == Kind.PRIZE:
        return f"manager:{event.manager_id}:{subject}|{event.option}"
    if event.kind == Kind.KEPT:
        return f"{customer}:{subject}:{month}"
    if event.kind == Kind.LOST:
        return f"{customer}:{event.lost_since or month}"
    if event.kind in OF_CUSTOMERS:
        return f"{customer}:{month}"
    if event.kind in NAMED:
        return f"manager:{event.manager_id}:{subject}"
    return f"manager:{event.manager_id}:{event.customer_id or ''}:{subject}:{event.happened_on}"


def contest_of(key: str) -> str:
    """The contest in the key of a prize; "" in any other."""
    contest, bar, _level = key.partition("|")
    return contest if bar else ""


def is_same_event(kind: Kind, first: date, second: date) -> bool:
    """Whether two days tell of one event of a customer: kept within three months, won in twelve."""
    within = _ONE_EVENT_WITHIN.get(kind, 0)
    early, late = sorted((first, second))
    return within > 0 and late < months_after(early, within)


def months_after(on: date, months: int) -> date:
    """The same day so many months later, the last of a shorter month."""
    month = Month.containing(on).plus(months)
    return min(month.first + timedelta(days=on.day - 1), month.last)


# --- what still stands against approval ------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """What is known for a case on a day: from the customer's file, logs, bills, files."""

    today: date
    happened_on: date
    files: int = 0
    # A warning or a talk about staying was recorded up to the day the customer was kept.
    is_warned: bool = False
    # The customer is with us; is marked as lost.
    is_active: bool = False
    is_lost: bool = False
    cause: str = ""
    # A bill of the month it happened or a later one; one that shows arrears.
    is_billed: bool = False
    is_in_arrears: bool = False
    is_upheld: bool = False


def lacking(kind: Kind, proof: Proof) -> str:
    """Why a case cannot be approved yet, as a code; "" if it can.

    K3.1: after a recorded warning, three months later still active. K3.3: after the first bill.
    K3.4: bills that show it. K3.5: marked as lost, and neither closed nor moved. K3.6: found
    justified.
    Where the system itself holds no record, a file must (annex 5.4: proof).
    """
    if kind == Kind.KEPT:
        if not proof.is_warned:
            return "no_warning"
        if proof.today < months_after(proof.happened_on, KEPT_MONTHS):
            return "too_early"
        if not proof.is_active:
            return "not_active"
    if kind == Kind.WON and not proof.is_billed:
        return "no_bill"
    if kind == Kind.LOST:
        return _lacking_of_loss(proof)
    if kind == Kind.COMPLAINT:
        return "" if proof.is_upheld else "not_upheld"
    if kind == Kind.ARREARS and proof.is_in_arrears:
        return ""
    return "" if proof.files else "no_file"


def _lacking_of_loss(proof: Proof) -> str:
    if not is_loss(proof.cause):
        return "no_loss"
    return "" if proof.is_lost else "not_lost"


# --- when ------------------------------------------------------------------------------------


def counting_month(happened: Month, is_frozen: Callable[[Month], bool]) -> Month:
    """The month a case counts in: the one it happened in, else the first that is still open.

    What is decided after a month's inputs were frozen never changes that month (annex 11.13).
    """
    month = happened
    while is_frozen(month):
        month = month.next
    return month


def step_due_at(
    since: datetime, calendar: Calendar, settings: BranchSettings, frozen_at: datetime
) -> datetime:
    """By when the next step of a case is due: some working days on, at close of business.

    Before the inputs of its month are frozen, so that it still counts in it.
    """
    on = calendar.next_working_day(local_date(since), settings.case_step_days)
    due_at = instant(on, settings.close_of_business)
    return min(due_at, frozen_at) if since < frozen_at else due_at


def answer_due_at(received_at: datetime, calendar: Calendar, settings: BranchSettings) -> datetime:
    """By when a complaint is answered: some working days on, at close of business (K3.6)."""
    on = calendar.next_working_day(local_date(received_at), settings.complaint_answer_days)
    return instant(on, settings.close_of_business)
