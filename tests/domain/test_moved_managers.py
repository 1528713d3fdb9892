"""A manager who changes branch: the week belongs to the branch of its deadline's day (W5, W6)."""

from collections import Counter
from datetime import date

import pytest

from core.errors import NotFound, Refused
from core.jobs import Progress
from core.periods import Week
from duties.models import Notice
from duties.operations import ensure_periods
from organization.models import Branch, Person, RoleGrant
from tests.cast import DEADLINE, Cast, at
from tests.domain.week import TEXTS, WEEK, acting, filed, sent
from worklogs.belonging import owing_managers
from worklogs.contents import consolidation_content
from worklogs.entries import SummaryEntry
from worklogs.jobs import close_week, remind_unfiled
from worklogs.models import Summary, SummaryVersion
from worklogs.operations.reminders import remind
from worklogs.operations.summaries import return_summary, review_summary, submit_summary
from worklogs.queries import board, company_week, due_items, summary_for
from worklogs.summary_queries import managers_week, own_weeks, versions_of

pytestmark = pytest.mark.django_db

# From the eastern branch to the western and the other way: who, from, to, both supervisors.
MOVES = {
    "east-to-west": ("林晓岚", "east", "west", "周建平", "郑秋实"),
    "west-to-east": ("吴志远", "west", "east", "郑秋实", "周建平"),
}


class Story:
    """Somebody who moves, with both branches and their supervisors."""

    def __init__(self, cast: Cast, name: str) -> None:
        self.cast = cast
        self.who, old, new, self.old_boss, self.new_boss = MOVES[name]
        self.old: Branch = getattr(cast, old)
        self.new: Branch = getattr(cast, new)
        ensure_periods(WEEK.previous, WEEK.next)

    def move(self, on: str) -> None:
        """The post ends in one branch and begins in the other on the same day."""
        day = date.fromisoformat(on)
        person = self.cast[self.who]
        RoleGrant.objects.filter(person=person, branch=self.old).update(valid_to=day)
        RoleGrant.objects.create(person=person, role="manager", branch=self.new, valid_from=day)
        Person.objects.filter(pk=person.pk).update(branch=self.new)
        person.refresh_from_db()

    def standing(self, branch: Branch, week: Week = WEEK) -> str | None:
        """What a branch's board says of the one who moves, on Friday evening."""
        rows = board(branch, week, at("2026-11-27 18:00:00")).rows
        return next((str(row.standing) for row in rows if row.manager.name == self.who), None)

    def counts(self) -> dict[str, tuple[int, int, int]]:
        """The company's week: owing, on time, missing by branch."""
        return {
            one.branch.name: (one.owing, one.on_time, one.missing)
            for one in company_week(WEEK, at("2026-11-27 18:00:00"))
            if one.branch in (self.old, self.new)
        }


@pytest.fixture(params=MOVES)
def story(request: pytest.FixtureRequest, cast: Cast) -> Story:
    """Both directions."""
    return Story(cast, request.param)


# Thursday and the deadline's own day count as before it; Saturday comes after.
@pytest.mark.parametrize("day", ["2026-11-26", "2026-11-27"])
def test_filed_before_the_move_it_counts_for_the_new_branch(story: Story, day: str) -> None:
    cast, who = story.cast, story.who
    version = filed(cast, who, "2026-11-25 10:00:00")
    story.move(day)
    assert (story.standing(story.old), story.standing(story.new)) == (None, "on_time")
    expected = Counter({story.old.name: 3 if story.old == cast.east else 1})
    expected[story.new.name] = 4 if story.new == cast.east else 2
    expected[story.old.name] -= 1
    assert {name: owing for name, (owing, *_rest) in story.counts().items()} == expected
    assert [story.counts()[one.name][1] for one in (story.old, story.new)] == [0, 1]
    assert version.receipt.startswith(f"{story.old.code}-2026-W48-")
    # Nobody files twice, and nobody is asked to.
    with pytest.raises(Refused, match="没有要提醒的人"):
        remind(
            branch_id=story.new.pk,
            week=WEEK,
            manager_ids=[cast[who].pk],
            actor=acting(cast, story.new_boss, at("2026-11-27 16:00:00")),
            at=at("2026-11-27 16:00:00"),
        )
    reminders = Notice.objects.filter(person=cast[who], kind="reminder")
    remind_unfiled({"week": WEEK.key}, at("2026-11-27 15:10:00"), Progress(0, 1, DEADLINE))()
    assert not reminders.exists()


@pytest.mark.parametrize("days", [("2026-11-01", "2026-11-02"), ("2026-11-02", "2026-11-02")])
def test_of_two_posts_the_one_given_last_is_owed_to(cast: Cast, days: tuple[str, str]) -> None:
    person, day = cast["林晓岚"], date(2026, 11, 27)
    RoleGrant.objects.filter(person=person).delete()
    for branch, since in zip((cast.east, cast.west), days, strict=True):
        RoleGrant.objects.create(person=person, role="manager", branch=branch, valid_from=since)
    owed = {
        branch: [one.name for one in owing_managers([branch.pk], day)]
        for branch in (cast.east, cast.west)
    }
    assert (owed[cast.east], person.name in owed[cast.west]) == (["陈嘉怡", "何俊峰"], True)
    both = owing_managers([cast.east.pk, cast.west.pk], day).filter(pk=person.pk)
    assert [one.owes_to for one in both] == [cast.west.pk]  # type: ignore[attr-defined]


def test_the_closing_tells_the_new_branch_whom_it_misses(story: Story) -> None:
    story.move("2026-11-26")
    close_week(
        {"week": WEEK.key, "deadline": DEADLINE.isoformat()},
        at("2026-11-27 17:32:00"),
        Progress(0, 1, DEADLINE),
    )()
    bodies = dict(Notice.objects.filter(kind="missing").values_list("person__name", "body"))
    assert story.who in bodies[story.new_boss].split("、")
    assert story.who not in bodies[story.old_boss].split("、")


def test_a_move_after_the_deadline_leaves_the_week_where_it_was(story: Story) -> None:
    cast, who = story.cast, story.who
    story.move("2026-11-28")
    assert (story.standing(story.old), story.standing(story.new)) == ("missing", None)
    with pytest.raises(NotFound):
        managers_week(
            acting(cast, story.new_boss, at("2026-11-30 09:00:00")),
            cast[who].pk,
            WEEK,
            at("2026-11-30 09:00:00"),
        )
    version = filed(cast, who, "2026-11-30 10:00:00")
    assert version.receipt.startswith(f"{story.old.code}-2026-W48-")
    assert (story.standing(story.old), story.standing(story.new)) == ("late", None)
    moment = at("2026-11-30 11:00:00")
    reviewed = review_summary(
        summary_id=version.summary_id,
        opinion="补得清楚",
        expected_version=1,
        actor=acting(cast, story.old_boss, moment),
        at=moment,
    )
    assert reviewed.reviewed_by == cast[story.old_boss]
    # The next week is the new branch's.
    assert filed(cast, who, "2026-12-01 10:00:00", week=WEEK.next).branch == story.new
    weeks = own_weeks(acting(cast, who, moment), moment, "").rows
    found = [(row.period.key, row.period.branch_id) for row in weeks[:2]]
    assert found == [(WEEK.next.key, story.new.pk), (WEEK.key, story.old.pk)]


def test_the_new_branch_gives_back_and_the_old_keeps_what_it_received(story: Story) -> None:
    cast, who = story.cast, story.who
    first = filed(cast, who, "2026-11-25 10:00:00")
    story.move("2026-11-26")
    moment = at("2026-11-26 09:00:00")
    decision = {
        "summary_id": first.summary_id,
        "remarks": {"text:help": "写清要谁协调"},
        "expected_version": 1,
        "at": moment,
    }
    with pytest.raises(NotFound):
        return_summary(**decision, actor=acting(cast, story.old_boss, moment))  # type: ignore[arg-type]
    return_summary(**decision, actor=acting(cast, story.new_boss, moment))  # type: ignore[arg-type]
    again = {**TEXTS, "help": "请新分公司技术部周二到场"}
    second = filed(cast, who, "2026-11-26 10:00:00", texts=again, version=1)
    assert second.receipt == f"{story.old.code}-2026-W48-{cast[who].job_number}-2"
    assert (first.branch, second.branch) == (story.old, story.new)
    assert (story.standing(story.old), story.standing(story.new)) == (None, "on_time")

    def seen(name: str) -> tuple[int, list[int], str]:
        actor = acting(cast, name, at("2026-11-26 11:00:00"))
        found = managers_week(actor, cast[who].pk, WEEK, at("2026-11-26 11:00:00"))
        assert found.summary is not None
        assert found.newest is not None
        numbers = [one.number for one in versions_of(found.summary)]
        return found.summary.newest, numbers, found.newest.texts["help"]

    assert seen(story.new_boss) == seen(who) == (2, [1, 2], "请新分公司技术部周二到场")
    assert seen(story.old_boss) == (1, [1], TEXTS["help"])
    # Lists show a week to the branch it belongs to.
    moment = at("2026-11-26 11:00:00")
    visible = {
        name: Summary.objects.visible_to(acting(cast, name, moment)).count()
        for name in (story.old_boss, story.new_boss, who, "韩静")
    }
    assert visible == {story.old_boss: 0, story.new_boss: 1, who: 1, "韩静": 1}


def test_the_rollup_and_the_company_count_once(story: Story) -> None:
    filed(story.cast, story.who, "2026-11-25 10:00:00")
    story.move("2026-11-26")
    for boss in (story.old_boss, story.new_boss):
        sent(story.cast, "2026-11-27 18:00:00", who=boss)
    content = consolidation_content(WEEK, comment="", cut=at("2026-11-27 18:30:00"))
    authors = [
        (item["branch"], item["author"]) for group in content["texts"] for item in group["items"]
    ]
    assert set(authors) == {(story.new.name, story.who)}
    assert len(authors) == len(TEXTS)
    on_time = {one["name"]: one["on_time"] for one in content["branches"]}
    assert on_time[story.new.name] == 1
    assert on_time[story.old.name] == 0


def test_whose_post_ended_and_began_nowhere_owes_nothing(story: Story) -> None:
    person = story.cast[story.who]
    version = filed(story.cast, story.who, "2026-11-24 10:00:00")
    RoleGrant.objects.filter(person=person, role="manager").update(valid_to=date(2026, 11, 25))
    assert (story.standing(story.old), story.standing(story.new)) == (None, None)
    boss = acting(story.cast, story.old_boss, at("2026-11-27 16:00:00"))
    assert summary_for(boss, person.pk, WEEK) == version.summary
    assert due_items([person.pk], at("2026-11-27 00:00:00"), at("2026-11-28 00:00:00")) == []


def test_only_the_branch_of_the_deadline_files_for_him(story: Story) -> None:
    story.move("2026-11-26")
    moment = at("2026-11-27 16:00:00")

    def file_for(boss: str) -> SummaryVersion:
        return submit_summary(
            manager_id=story.cast[story.who].pk,
            week=WEEK,
            entry=SummaryEntry(texts=TEXTS),
            expected_version=0,
            actor=acting(story.cast, boss, moment),
            at=moment,
            why_filed_for="病假",
        )

    with pytest.raises(NotFound):
        file_for(story.old_boss)
    assert file_for(story.new_boss).branch == story.new
    due = due_items(
        [story.cast[story.who].pk], at("2026-12-04 00:00:00"), at("2026-12-05 00:00:00")
    )
    assert [one.context for one in due] == [story.new.name]
