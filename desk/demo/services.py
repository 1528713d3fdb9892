"""The services of one manager in one week, as their logs have them (W3, annex 3.3)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Final

from core import bulk
from core.calendar import Calendar
from core.periods import Week, instant, local_date
from desk.demo import note_words
from desk.demo import service_words as words
from desk.demo.chance import weighted
from desk.demo.people import Crew, Member
from desk.demo.portfolio import Portfolio, Served
from organization.settings import DEFAULTS
from worklogs import rules
from worklogs.choices import CampaignResponse, Category, Channel, Initiator
from worklogs.models import ServiceLog

_CATEGORIES: Final = {
    "active:group": {
        Category.ROUTINE: 34,
        Category.PROMOTION: 22,
        Category.BUSINESS: 8,
        Category.ARREARS: 7,
        Category.RETENTION: 5,
        Category.WIN_OVER: 5,
        Category.BIRTHDAY: 4,
        Category.FESTIVAL: 3,
        Category.HANDOVER: 2,
        Category.VERIFICATION: 10,
    },
    "active:person": {
        Category.ROUTINE: 30,
        Category.PROMOTION: 26,
        Category.BUSINESS: 6,
        Category.ARREARS: 7,
        Category.RETENTION: 7,
        Category.BIRTHDAY: 10,
        Category.FESTIVAL: 4,
        Category.HANDOVER: 3,
        Category.VERIFICATION: 7,
    },
    "passive:group": {
        Category.INQUIRY: 36,
        Category.FAULT: 27,
        Category.BUSINESS: 23,
        Category.COMPLAINT: 8,
        Category.ARREARS: 6,
    },
    "passive:person": {
        Category.INQUIRY: 46,
        Category.FAULT: 18,
        Category.BUSINESS: 24,
        Category.COMPLAINT: 8,
        Category.ARREARS: 4,
    },
}
_CHANNELS: Final = {
    "active:group": {
        Channel.ON_SITE: 38,
        Channel.PHONE: 34,
        Channel.WECHAT: 18,
        Channel.MAIL: 5,
        Channel.EVENT: 5,
    },
    "active:person": {
        Channel.PHONE: 46,
        Channel.WECHAT: 26,
        Channel.SMS: 14,
        Channel.ON_SITE: 7,
        Channel.CUSTOMER_CALLS: 4,
        Channel.EVENT: 3,
    },
    "passive:group": {
        Channel.PHONE: 58,
        Channel.WECHAT: 24,
        Channel.MAIL: 7,
        Channel.CUSTOMER_CALLS: 6,
        Channel.ON_SITE: 5,
    },
    "passive:person": {Channel.PHONE: 52, Channel.WECHAT: 26, Channel.CUSTOMER_CALLS: 22},
}
_MORNING: Final = (8 * 60 + 40, 11 * 60 + 50)
# A question is answered within two days at the latest.
_STILL_OPEN: Final = timedelta(days=2)
_AFTERNOON: Final = (13 * 60 + 35, 17 * 60 + 20)


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """A week with the days on which somebody works, and the summaries' deadline (None: no duty)."""

    week: Week
    days: tuple[date, ...]
    deadline_at: datetime | None
    calendar: Calendar

    @classmethod
    def of(cls, week: Week, calendar: Calendar) -> "WorkWeek":
        """The week by the calendar, under the settings that ship."""
        times = rules.summary_times(week, calendar, DEFAULTS)
        return cls(
            week,
            calendar.working_days(week.monday, week.sunday),
            times.deadline_at if times else None,
            calendar,
        )


@dataclass(slots=True)
class Service:
    """One service with its log; moments are UTC, texts as typed."""

    customer: Served
    contact_id: int
    occurred_at: datetime
    occurred_on: date
    recorded_at: datetime
    due_at: datetime
    initiator: str
    channel: str
    category: str
    content: str
    minutes: int | None = None
    needs: str = ""
    behaviour: str = ""
    response: str = ""
    product: str = ""
    competitors: str = ""
    problems: str = ""
    next_step: str = ""
    next_on: date | None = None
    answer_due_at: datetime | None = None
    answered_at: datetime | None = None
    corrected_at: datetime | None = None
    correction_reason: str = ""
    read_at: datetime | None = None
    read_remark: str = ""


def services_of(
    portfolio: Portfolio, work: WorkWeek, *, filed_at: datetime | None, at: datetime, rng: Random
) -> list[Service]:
    """What a manager has logged of the week by ``at``.

    Whoever files the summary at ``filed_at`` has by then logged every service of before the
    deadline: the figures of the summary stay what they were when they were filed.
    """
    found = []
    pace = rng.uniform(2.0, 4.6)
    for day in work.days:
        last = filed_at if filed_at and local_date(filed_at) == day else None
        minutes = _minutes(rng, round(pace + rng.uniform(-1, 1)), _limit(day, last))
        found += [_service(portfolio, work, day, minute, last, rng) for minute in minutes]
    if work.deadline_at and rng.random() < 0.06:
        evening = rng.randint(18 * 60, 20 * 60)
        found.append(_service(portfolio, work, local_date(work.deadline_at), evening, None, rng))
    return [_as_of(one, at) for one in found if one.recorded_at <= at]


def _limit(day: date, filed_at: datetime | None) -> int:
    """The last minute of the day for a service: well before the summary is filed."""
    if filed_at is None:
        return _AFTERNOON[1]
    return int((filed_at - instant(day, time.min)).total_seconds() // 60) - 25


def _minutes(rng: Random, wanted: int, limit: int) -> list[int]:
    """So many different minutes of the working hours, in order."""
    spans = (range(*_MORNING), range(_AFTERNOON[0], min(_AFTERNOON[1], limit)))
    lengths = [len(span) for span in spans]
    drawn = rng.sample(range(sum(lengths)), min(max(1, wanted), sum(lengths)))
    return sorted(
        spans[0][place] if place < lengths[0] else spans[1][place - lengths[0]] for place in drawn
    )


def _service(
    portfolio: Portfolio,
    work: WorkWeek,
    day: date,
    minute: int,
    filed_at: datetime | None,
    rng: Random,
) -> Service:
    """Draw one service; with ``filed_at`` its log is written before that moment."""
    place = bisect_right(portfolio.sums, rng.random() * portfolio.sums[-1])
    customer = portfolio.served[place]
    contact_id, who = rng.choice(customer.contacts)
    initiator = Initiator.ACTIVE if rng.random() < 0.7 else Initiator.PASSIVE
    key = f"{initiator}:{customer.kind}"
    category, channel = weighted(rng, _CATEGORIES[key]), weighted(rng, _CHANNELS[key])
    if category not in words.SUITS.get(channel, (category,)):
        channel = Channel.PHONE
    occurred_at = instant(day, time(minute // 60, minute % 60))
    due_at = rules.log_due_at(day, work.calendar)
    service = Service(
        customer,
        contact_id,
        occurred_at,
        day,
        occurred_at + timedelta(minutes=int(rng.triangular(3, 95, 12)), seconds=rng.randint(0, 59)),
        due_at,
        initiator,
        channel,
        category,
        content="",
        minutes=rng.choice((20, 30, 30, 40, 60)) if channel == Channel.ON_SITE else None,
    )
    _tell(service, who, rng)
    _add_notes(service, work, rng)
    if initiator == Initiator.PASSIVE:
        service.answer_due_at = rules.answer_due_at(occurred_at, work.calendar, DEFAULTS)
        service.answered_at = occurred_at
        if rng.random() < 0.2:
            _answer_later(service, rng)
    if filed_at is not None:
        _settle(service, filed_at)
    else:
        _linger(service, work, rng)
    if rng.random() < 0.12:
        service.read_at = instant(
            work.calendar.next_working_day(local_date(service.recorded_at)),
            time(rng.randint(9, 16), rng.randint(0, 59)),
        )
        service.read_remark = rng.choice(note_words.READ_REMARKS)
    return service


def _tell(service: Service, who: str, rng: Random) -> None:
    """Write the content, and the offer it speaks of."""
    kind = service.customer.kind
    told = _matter(service, rng)
    products = words.GROUP_PRODUCTS if kind == "group" else words.PERSON_PRODUCTS
    product = rng.choice(products)
    ending = rng.choice(told.endings)
    if service.category == Category.PROMOTION:
        service.product = product
        service.response = CampaignResponse.CONSIDERING
        if ending in words.ACCEPTED:
            service.response = CampaignResponse.ACCEPTED
        elif ending in words.DECLINED:
            service.response = CampaignResponse.DECLINED
    elif service.category == Category.ROUTINE and rng.random() < 0.15:
        service.response = CampaignResponse.NOT_OFFERED
    opening = rng.choice(words.OPENINGS[service.initiator, service.channel])
    text = f"{opening}，{rng.choice(told.matters)}。{ending}。"
    amount = rng.randint(2, 90) * (10 if kind == "person" else 100)
    service.content = text.format(who=who, product=product, n=rng.randint(2, 9), sum=amount)


def _matter(service: Service, rng: Random) -> words.Matter:
    """What such a service may have been about: half of the time what only its channel allows."""
    by_kind = f"{service.category}:{service.customer.kind}"
    special = words.MATTERS.get(f"{by_kind}:{service.channel}")
    if special is not None and rng.random() < 0.5:
        return special
    keys = (by_kind, f"{service.category}:{service.initiator}", service.category)
    return next(words.MATTERS[key] for key in keys if key in words.MATTERS)


def _add_notes(service: Service, work: WorkWeek, rng: Random) -> None:
    """What folds out on the form: needs, behaviour, competitors, problems, what comes next."""
    kind, n = service.customer.kind, rng.randint(2, 9)
    if rng.random() < 0.16:
        service.needs = rng.choice(note_words.NEEDS[kind]).format(n=n)
    if rng.random() < 0.1:
        service.behaviour = rng.choice(note_words.BEHAVIOUR[kind]).format(n=n)
    is_contested = service.category in (Category.RETENTION, Category.WIN_OVER)
    if rng.random() < (0.6 if is_contested else 0.03):
        service.competitors = rng.choice(note_words.COMPETITORS).format(n=n)
    is_trouble = service.category in (Category.FAULT, Category.COMPLAINT)
    if rng.random() < (0.5 if is_trouble else 0.03):
        service.problems = rng.choice(note_words.PROBLEMS).format(n=n)
    if service.response == CampaignResponse.CONSIDERING or rng.random() < 0.1:
        service.next_step = rng.choice(note_words.NEXT_STEPS)
        service.next_on = work.calendar.next_working_day(service.occurred_on, rng.randint(1, 5))


def _answer_later(service: Service, rng: Random) -> None:
    """The answer was not at hand; it came within minutes or hours, and then the log."""
    service.answered_at = service.occurred_at + timedelta(minutes=rng.randint(10, 220))
    service.recorded_at = max(service.recorded_at, service.answered_at + timedelta(minutes=4))


def _settle(service: Service, filed_at: datetime) -> None:
    """Bring the log's writing, and an answer, before the summary."""
    latest = filed_at - timedelta(minutes=2)
    if service.answered_at and service.answered_at > latest:
        service.answered_at = service.occurred_at
    service.recorded_at = min(service.recorded_at, latest)


def _linger(service: Service, work: WorkWeek, rng: Random) -> None:
    """Some logs are written the next working morning, and some are corrected soon after.

    Not of the deadline's own day: what the summary counted was there when it was filed.
    """
    deadline_on = local_date(work.deadline_at) if work.deadline_at else None
    if service.occurred_on == deadline_on and work.deadline_at is not None:
        return
    if rng.random() < 0.07:
        next_day = work.calendar.next_working_day(service.occurred_on)
        morning = instant(next_day, time(8, rng.randint(35, 59), rng.randint(0, 59)))
        service.recorded_at = max(service.recorded_at, morning)
    if rng.random() < 0.012:
        service.corrected_at = service.recorded_at + timedelta(minutes=rng.randint(12, 60))
        service.correction_reason = rng.choice(note_words.CORRECTIONS)


def _as_of(service: Service, at: datetime) -> Service:
    """The service without what had not happened yet; what was asked lately may still be open."""
    if service.answered_at and at - service.occurred_at < _STILL_OPEN:
        is_slow = service.answered_at - service.occurred_at > timedelta(hours=2)
        service.answered_at = None if is_slow else service.answered_at
    if service.corrected_at and service.corrected_at > at:
        service.corrected_at = None
    if service.read_at and service.read_at > at:
        service.read_at = None
        service.read_remark = ""
    return service


_COLUMNS: Final = (
    "id",
    "thread_id",
    "number",
    "manager",
    "branch",
    "customer",
    "contact",
    "tier_code",
    "occurred_at",
    "occurred_on",
    "minutes",
    "initiator",
    "channel",
    "category",
    "content",
    "needs",
    "behaviour",
    "response",
    "product",
    "competitors",
    "problems",
    "next_step",
    "next_on",
    "answer_due_at",
    "answered_at",
    "due_at",
    "is_late",
    "recorded_at",
    "recorded_by",
    "superseded_at",
    "correction_reason",
    "read_at",
    "read_by",
    "read_remark",
    "updated_at",
)


def load_services(rows: Iterable[tuple[object, ...]]) -> int:
    """Write the rows that ``log_rows`` gives."""
    return bulk.load(ServiceLog, _COLUMNS, rows)


def log_rows(
    services: Iterable[Service], manager: Member, crew: Crew, ids: "count[int]"
) -> Iterator[tuple[object, ...]]:
    """The rows of the logs: one each, two where it was corrected."""
    for one in services:
        thread_id = next(ids)
        is_late = rules.is_log_late(one.recorded_at, one.due_at)
        if one.corrected_at is None:
            yield _row(one, manager, crew, thread_id, thread_id, is_late)
            continue
        yield _first_version(one, manager, crew, thread_id, is_late)
        yield _row(one, manager, crew, next(ids), thread_id, is_late)


def _first_version(
    one: Service, manager: Member, crew: Crew, thread_id: int, is_late: bool
) -> tuple[object, ...]:
    """What was written at first: without the sentence that the correction added, unread."""
    first, __, _rest = one.content.partition("。")
    values = dict(
        zip(_COLUMNS, _row(one, manager, crew, thread_id, thread_id, is_late), strict=True)
    )
    values |= {
        "number": 1,
        "content": f"{first}。",
        "recorded_at": one.recorded_at,
        "superseded_at": one.corrected_at,
        "correction_reason": "",
        "read_at": None,
        "read_by": None,
        "read_remark": "",
        "updated_at": one.corrected_at,
    }
    return tuple(values.values())


def _row(
    one: Service, manager: Member, crew: Crew, pk: int, thread_id: int, is_late: bool
) -> tuple[object, ...]:
    return (
        pk,
        thread_id,
        2 if one.corrected_at else 1,
        manager.pk,
        crew.branch_id,
        one.customer.pk,
        one.contact_id,
        one.customer.tier,
        one.occurred_at,
        one.occurred_on,
        one.minutes,
        one.initiator,
        one.channel,
        one.category,
        one.content,
        one.needs,
        one.behaviour,
        one.response,
        one.product,
        one.competitors,
        one.problems,
        one.next_step,
        one.next_on,
        one.answer_due_at,
        one.answered_at,
        one.due_at,
        is_late,
        one.corrected_at or one.recorded_at,
        manager.pk,
        None,
        one.correction_reason if one.corrected_at else "",
        one.read_at,
        crew.supervisor.pk if one.read_at else None,
        one.read_remark,
        one.read_at or one.corrected_at or one.recorded_at,
    )
