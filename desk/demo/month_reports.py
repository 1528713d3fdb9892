"""A month's spot-check reports and its bulletin (annex 8), as far as it has come."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

from desk.demo import month_words as words
from desk.demo.people import Crew, Member
from desk.demo.players import Event, MonthStage, by_clock
from reports.bulletin_jobs import draft_bulletin
from reports.choices import Phase
from reports.jobs import make_spot_checks
from reports.models import Bulletin
from reports.operations.bulletins import (
    ask_for_comments,
    propose_bulletin,
    take_figures,
    write_bulletin,
)
from reports.operations.comments import answer_comment, comment_on_bulletin
from reports.operations.publishing import publish_bulletin
from reports.operations.receipts import remind_signers, sign_for_bulletin
from reports.suggestions import suggestions

# Suggested sentences that are taken of a part, at most.
_TAKEN: Final = 3
# What a branch has to say, by its place; the others agree.
_SAID: Final = {
    0: (words.COMMENT, words.COMMENT_ANSWER),
    2: (words.COMMENT_TOO, words.COMMENT_TOO_ANSWER),
}


def report_events(stage: MonthStage) -> Iterator[Event]:
    """The clock's reports and draft; what is said of it, published, signed for."""
    month, end = stage.month.key, stage.end
    for phase, due_at in (
        (Phase.PROVISIONAL, end.provisional_at),
        (Phase.FROZEN, end.frozen_at),
    ):
        yield by_clock(
            due_at, make_spot_checks, month=month, phase=phase.value, due_at=due_at.isoformat()
        )
    draft_at = end.draft_at
    yield by_clock(draft_at, draft_bulletin, month=month, due_at=draft_at.isoformat())
    yield stage.on(stage.day_after(5), 10, 20), partial(_write, stage)
    yield stage.on(stage.day_after(5), 11, 15), partial(_step, stage, ask_for_comments)
    for place, crew in stage.crews:
        said_at = stage.on(stage.day_after(6 + place % 2), 10, minutes=place * 31)
        if stage.months_ago != 1 or place != len(stage.staff.crews) - 1:
            yield said_at, partial(_comment, stage, place, crew)
    yield stage.on(stage.day_after(8), 15, 30), partial(_answer, stage)
    # The sheets are locked at the end of the ninth working day; the figures are of after it.
    yield stage.on(stage.day_after(10), 8, 50), partial(_step, stage, take_figures)
    yield stage.on(stage.day_after(10), 9, 15), partial(_step, stage, propose_bulletin)
    yield stage.on(stage.day_after(10), 10, 5), partial(_publish, stage)
    yield from _signatures(stage)


def _bulletin(stage: MonthStage) -> Bulletin:
    return Bulletin.objects.get(month=stage.month.key, supplement=0)


def _write(stage: MonthStage, at: datetime) -> None:
    """The first suggested sentences of every part, and what the market department adds."""
    bulletin = _bulletin(stage)
    write_bulletin(
        bulletin_id=bulletin.pk,
        texts=words.BULLETIN_TEXTS[stage.month.number % 2],
        taken={
            part: [one.key for one in offered[:_TAKEN]]
            for part, offered in suggestions(bulletin.figures).items()
        },
        expected_version=bulletin.version,
        actor=stage.players.actor(stage.market, at),
        at=at,
    )


def _step(stage: MonthStage, operation: Callable[..., Bulletin], at: datetime) -> None:
    """A step of who writes."""
    bulletin = _bulletin(stage)
    operation(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=stage.players.actor(stage.market, at),
        at=at,
    )


def _comment(stage: MonthStage, place: int, crew: Crew, at: datetime) -> None:
    said = _SAID.get(place, ("", ""))[0] if stage.months_ago == 1 else ""
    comment_on_bulletin(
        bulletin_id=_bulletin(stage).pk,
        branch_id=crew.branch_id,
        text=said,
        has_none=not said,
        actor=stage.players.actor(crew.supervisor, at),
        at=at,
    )


def _answer(stage: MonthStage, at: datetime) -> None:
    answers = {stage.staff.crews[place].branch_id: text for place, (_said, text) in _SAID.items()}
    for comment in _bulletin(stage).comments.filter(answered_at__isnull=True):
        answer_comment(
            comment_id=comment.pk,
            answer=answers[comment.branch_id],
            actor=stage.players.actor(stage.market, at),
            at=at,
        )


def _publish(stage: MonthStage, at: datetime) -> None:
    bulletin = _bulletin(stage)
    publish_bulletin(
        bulletin_id=bulletin.pk,
        expected_version=bulletin.version,
        actor=stage.players.actor(stage.second, at),
        at=at,
    )


def _signatures(stage: MonthStage) -> Iterator[Event]:
    """Of the newer one about half have signed, and the first branch's general manager has not."""
    share = 0.55 if stage.months_ago == 1 else 0.94
    for place, crew in stage.crews:
        for number, leader in enumerate((crew.gm, crew.deputy, crew.supervisor)):
            rng = stage.chance("signs", leader.job_number)
            day = stage.day_after(rng.choice((10, 10, 11, 12)))
            moment = stage.on(day, 13, 40, minutes=rng.randint(0, 200))
            waits = stage.months_ago == 1 and place == number == 0
            if rng.random() < share and not waits:
                yield moment, partial(_sign, stage, leader)
    yield stage.on(stage.day_after(13), 9, 50), partial(_remind, stage)


def _sign(stage: MonthStage, leader: Member, at: datetime) -> None:
    sign_for_bulletin(bulletin_id=_bulletin(stage).pk, actor=stage.players.actor(leader, at), at=at)


def _remind(stage: MonthStage, at: datetime) -> None:
    bulletin = _bulletin(stage)
    if bulletin.receipts.filter(signed_at__isnull=True).exists():
        remind_signers(bulletin_id=bulletin.pk, actor=stage.players.actor(stage.market, at), at=at)
