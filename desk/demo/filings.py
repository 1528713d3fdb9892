"""When each manager files the week's summary and what becomes of it (W4, W5): the plan.

A plan is drawn before the week's logs are, since they depend on it. ``summaries`` writes plans
of weeks gone by as rows, ``story`` plays those of the last days through the operations.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from core.calendar import Calendar
from core.periods import instant, local_date
from desk.demo import week_words as words
from desk.demo.people import Crew, Member
from desk.demo.services import Service, WorkWeek
from worklogs.choices import CampaignResponse, TextPart
from worklogs.entries import SummaryEntry

# What a manager now and then counts otherwise than the system.
_DISPUTED: Final = ("on_site_a", "on_site_b", "on_site_c", "calls", "active")
_NOTES: Final = {
    TextPart.NEEDS: "needs",
    TextPart.BEHAVIOUR: "behaviour",
    TextPart.PROBLEMS: "problems",
    TextPart.COMPETITORS: "competitors",
}
_NOTES_AT_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Filing:
    """One manager's summary of one week; every moment is None where it does not come about."""

    manager: Member
    crew: Crew
    filed_at: datetime | None
    filed_by: Member
    why_filed_for: str = ""
    confirmed_at: datetime | None = None
    returned_at: datetime | None = None
    returned_field: str = ""
    remark: str = ""
    refiled_at: datetime | None = None
    reviewed_at: datetime | None = None
    opinion: str = ""

    @property
    def reviewer(self) -> Member:
        """Who reads it: the supervisor, and the deputy what the supervisor filed himself."""
        return self.crew.supervisor if self.filed_by is self.manager else self.crew.deputy

    @property
    def settled_at(self) -> datetime | None:
        """When the last version came."""
        return self.refiled_at or self.filed_at

    def as_of(self, at: datetime) -> "Filing":
        """The plan without what had not happened yet."""

        def past(moment: datetime | None) -> datetime | None:
            return moment if moment and moment <= at else None

        return replace(
            self,
            filed_at=past(self.filed_at),
            confirmed_at=past(self.confirmed_at),
            returned_at=past(self.returned_at),
            refiled_at=past(self.refiled_at),
            reviewed_at=past(self.reviewed_at),
        )


def morning_after(moment: datetime, calendar: Calendar, rng: Random) -> datetime:
    """Between nine and half past ten of the next working day."""
    day = calendar.next_working_day(local_date(moment))
    return instant(day, time(9, 0)) + timedelta(
        minutes=rng.randint(0, 90), seconds=rng.randint(0, 59)
    )


def plan_filing(crew: Crew, manager: Member, work: WorkWeek, rng: Random) -> Filing:
    """Draw it: most file in the last hours, some late, a few never; some are given back."""
    if work.deadline_at is None:
        return Filing(manager, crew, None, manager)
    fate = rng.random()
    if fate < 0.03:
        return Filing(manager, crew, None, manager)
    if fate < 0.07:
        filed_at = work.deadline_at + timedelta(
            minutes=rng.randint(1, 130), seconds=rng.randint(1, 59)
        )
    elif fate < 0.1:
        filed_at = morning_after(work.deadline_at, work.calendar, rng)
    else:
        before = int(rng.triangular(20, 200 * 60, 25 * 60))
        filed_at = work.deadline_at - timedelta(seconds=before)
    filing = Filing(manager, crew, filed_at, manager)
    if rng.random() < 0.02:
        filing = replace(
            filing,
            filed_by=crew.supervisor,
            why_filed_for=rng.choice(words.WHY_FILED_FOR),
            confirmed_at=morning_after(filed_at, work.calendar, rng)
            if rng.random() < 0.8
            else None,
        )
    elif rng.random() < 0.07:
        filing = _given_back(filing, max(filed_at, work.deadline_at), work, rng)
    settled_at = filing.settled_at or filed_at
    if rng.random() < 0.75:
        filing = replace(
            filing,
            reviewed_at=morning_after(settled_at, work.calendar, rng) + timedelta(hours=2),
            opinion=rng.choice(words.OPINIONS),
        )
    return filing


def _given_back(filing: Filing, after: datetime, work: WorkWeek, rng: Random) -> Filing:
    """The supervisor wants one field mended; the manager does so within a day."""
    field = rng.choice(tuple(words.REMARKS))
    returned_at = after + timedelta(minutes=rng.randint(12, 100))
    if rng.random() < 0.4:
        returned_at = morning_after(returned_at, work.calendar, rng)
        refiled_at = returned_at + timedelta(minutes=rng.randint(50, 300))
    else:
        refiled_at = morning_after(returned_at, work.calendar, rng)
    return replace(
        filing,
        returned_at=returned_at,
        returned_field=field,
        remark=rng.choice(words.REMARKS[field]),
        refiled_at=refiled_at,
    )


def entry_of(
    services: Iterable[Service], counted: Mapping[str, int], work: WorkWeek, rng: Random
) -> SummaryEntry:
    """What the manager writes of the week's services, and which figure is declared otherwise."""
    week = [one for one in services if work.deadline_at and one.occurred_at <= work.deadline_at]
    texts = {TextPart.RESPONSE.value: _response(week, rng)}
    for part, name in _NOTES.items():
        texts[part.value] = _joined(week, name)
    texts[TextPart.CONCLUSIONS.value] = "".join(
        rng.sample(words.CONCLUSIONS, rng.choice((1, 1, 2)))
    )
    texts[TextPart.SUGGESTIONS.value] = rng.choice(words.SUGGESTIONS) if rng.random() < 0.55 else ""
    texts[TextPart.HELP.value] = rng.choice(words.HELP) if rng.random() < 0.25 else ""
    return SummaryEntry(
        declared=_declared(counted, rng),
        texts={part: text for part, text in texts.items() if text},
        nothing=[part for part, text in texts.items() if not text],
    )


def _response(week: Sequence[Service], rng: Random) -> str:
    offers = [one for one in week if one.product]
    if not offers:
        return ""
    answers = Counter(one.response for one in offers)
    product = Counter(one.product for one in offers).most_common(1)[0][0]
    counts = "，".join(
        f"{response.label} {answers[response]} 户"
        for response in (
            CampaignResponse.ACCEPTED,
            CampaignResponse.CONSIDERING,
            CampaignResponse.DECLINED,
        )
        if answers[response]
    )
    return f"推介{product}等业务 {len(offers)} 次：{counts}。{rng.choice(words.RESPONSES)}"


def _joined(week: Sequence[Service], name: str) -> str:
    """The notes of one kind, each once and behind its customer's name."""
    first = {getattr(one, name): one.customer.name for one in reversed(week)}
    first.pop("", None)
    lines = [f"{customer}：{note}" for note, customer in first.items()]
    return "；".join(lines[:_NOTES_AT_MOST]) + "。" if lines else ""


def _declared(counted: Mapping[str, int], rng: Random) -> dict[str, tuple[str, str]]:
    """One manager in thirty declares one figure otherwise, with the reason."""
    known = [key for key in _DISPUTED if counted.get(key)]
    if not known or rng.random() > 1 / 30:
        return {}
    key = rng.choice(known)
    if rng.random() < 0.5:
        return {key: (str(counted[key] + 1), rng.choice(words.REASONS_MORE))}
    return {key: (str(counted[key] - 1), rng.choice(words.REASONS_FEWER))}


def mended(entry: SummaryEntry, field: str) -> SummaryEntry:
    """The entry after its return: the remarked text with what was missing."""
    part = field.partition(":")[2]
    text = f"{entry.texts.get(part, '')}{words.MENDED[field]}"
    return SummaryEntry(
        declared=entry.declared,
        texts={**entry.texts, part: text},
        nothing=[one for one in entry.nothing if one != part],
    )


def half_written(entry: SummaryEntry, rng: Random) -> SummaryEntry:
    """A draft: some parts are there, some not yet; nothing is declared otherwise so far."""
    written = [part for part in entry.texts if rng.random() < 0.55]
    return SummaryEntry(
        texts={part: entry.texts[part] for part in written},
        nothing=[part for part in entry.nothing if rng.random() < 0.4],
    )
