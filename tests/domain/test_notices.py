"""Notices: written in bulk and once, read by their receiver alone, told once more by mail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import jobs
from core.choices import JobState
from core.errors import NotFound
from core.jobs import Progress
from core.models import AuditRow, Job, OutboxMessage, OutboxRecipient
from duties import operations, schedule
from duties.choices import NoticeKind
from duties.models import Notice
from duties.notices import notice_to
from duties.operations import ensure_periods
from duties.queries import notice_groups, unread_count
from organization.models import Branch, BranchSetting, Person
from tests.cast import DEADLINE, NOON, Cast, at
from tests.conftest import StoryClock
from tests.domain.week import WEEK
from worklogs.jobs import close_week


def told(person: Person, key: str, when: str = "2026-11-27 09:00:00", group: str = "g") -> Notice:
    return notice_to(
        person,
        kind=NoticeKind.RETURNED,
        group=group,
        key=key,
        title=lambda: f"第 48 周周报被退回 {key}",
        body="营销方案响应：写明户数",
        url="/summaries/2026-W48/",
        at=at(when),
    )


def run_digest(when: str) -> JobState | None:
    moment = at(when)
    schedule.plan_digests(moment - timedelta(minutes=1), moment)
    job = Job.objects.filter(kind="duties.mail_digests", run_after=moment).first()
    return None if job is None else jobs.run(job.pk, at=moment)


def test_a_notice_written_twice_is_one(cast: Cast) -> None:
    for _ in range(2):
        operations.notify_all([told(cast["林晓岚"], "a"), told(cast["陈嘉怡"], "a")])
    assert Notice.objects.count() == 2


def test_the_receiver_reads_and_nobody_else_can(cast: Cast) -> None:
    operations.notify_all([told(cast["林晓岚"], key) for key in "abc"])
    operations.notify_all([told(cast["林晓岚"], "d", group="other")])
    own, other = cast.actor("林晓岚"), cast.actor("陈嘉怡")
    notice = Notice.objects.get(key="a")
    with pytest.raises(NotFound):
        operations.mark_read(notice_id=notice.pk, actor=other, at=NOON)
    with pytest.raises(NotFound):
        operations.mark_group_read(group="g", actor=other, at=NOON)
    assert operations.mark_read(notice_id=notice.pk, actor=own, at=NOON).read_at == NOON
    assert operations.mark_group_read(group="g", actor=own, at=NOON) == 2
    assert unread_count(cast["林晓岚"].pk) == 1
    assert operations.mark_all_read(actor=own, at=NOON) == 1
    assert AuditRow.objects.filter(what="notice.read").count() == 3


def test_groups_show_the_newest_first_at_the_same_cost(cast: Cast) -> None:
    operations.notify_all([told(cast["林晓岚"], "a"), told(cast["林晓岚"], "b", group="h")])
    with CaptureQueriesContext(connection) as few:
        groups = notice_groups(cast["林晓岚"].pk)
    assert [(one.group, one.unread) for one in groups] == [("h", 1), ("g", 1)]
    operations.notify_all([told(cast["林晓岚"], f"n{n}", group=f"g{n}") for n in range(50)])
    with CaptureQueriesContext(connection) as many:
        notice_groups(cast["林晓岚"].pk)
    assert len(few) == len(many) == 2


def test_a_group_counts_what_is_unread_and_shows_the_newest_of_it(
    cast: Cast, clock: StoryClock, browser_of: Callable[[Person], Client]
) -> None:
    operations.notify_all([told(cast["孙岚"], key, group="rollup:2026-W48") for key in "abc"])
    browser = browser_of(cast["孙岚"])
    for left, shown in ((3, "c"), (2, "b"), (1, "a")):
        page = browser.get("/notices/")
        (group,) = page.context["groups"]
        assert (page.context["unread"], group.unread, group.newest.key) == (left, left, shown)
        assert (f"同一事项 {left} 条未读" in page.content.decode()) == (left > 1)
        browser.post(f"/notices/{group.newest.pk}/read/")
    (group,) = browser.get("/notices/?show=all").context["groups"]
    assert (group.unread, group.newest.key) == (0, "c")


def test_one_digest_a_person_at_the_quiet_minute(cast: Cast) -> None:
    cast["陈嘉怡"].email = ""
    cast["陈嘉怡"].save()
    cast["何俊峰"].language = "en"
    cast["何俊峰"].save()
    operations.notify_all(
        [told(cast[name], key) for name in ("林晓岚", "陈嘉怡", "何俊峰") for key in "ab"]
    )
    operations.mark_read(
        notice_id=Notice.objects.get(person=cast["何俊峰"], key="b").pk,
        actor=cast.actor("何俊峰"),
        at=at("2026-11-27 09:30:00"),
    )
    assert run_digest("2026-11-27 11:49:00") is None
    assert run_digest("2026-11-27 11:50:00") == JobState.DONE
    letters = {
        row.person_id: row.message for row in OutboxRecipient.objects.select_related("message")
    }
    assert set(letters) == {cast["林晓岚"].pk, cast["何俊峰"].pk}
    mail = letters[cast["林晓岚"].pk]
    assert mail.subject == "第 48 周周报被退回 a 等 2 条通知"
    assert "· 第 48 周周报被退回 b\n营销方案响应：写明户数\nhttp" in mail.body
    assert letters[cast["何俊峰"].pk].language == "en"
    # Told once: the next digest has nothing to say, and what comes later is told then.
    assert run_digest("2026-11-27 17:40:00") == JobState.DONE
    assert OutboxMessage.objects.count() == 2
    operations.notify_all([told(cast["林晓岚"], "c", "2026-11-27 18:00:00")])
    assert run_digest("2026-11-28 08:10:00") is None  # a Saturday
    assert run_digest("2026-11-30 08:10:00") == JobState.DONE
    assert OutboxMessage.objects.count() == 3


def test_a_late_worker_tells_what_was_known_at_the_quiet_minute(cast: Cast) -> None:
    operations.notify_all(
        [told(cast["林晓岚"], "a"), told(cast["林晓岚"], "b", "2026-11-27 11:50:01")]
    )
    moment = at("2026-11-27 11:50:00")
    schedule.plan_digests(moment - timedelta(minutes=1), moment)
    jobs.run(Job.objects.get().pk, at=at("2026-11-30 09:00:00"))
    mail = OutboxMessage.objects.get()
    assert mail.subject == "第 48 周周报被退回 a"
    assert (mail.created_at, mail.not_before) == (moment, moment)


def test_a_branch_has_quiet_minutes_of_its_own(cast: Cast) -> None:
    BranchSetting.objects.create(
        branch=cast.east,
        key="digest_times",
        value=["12:05"],
        valid_from=NOON.date(),
        set_at=NOON,
    )
    schedule.plan_digests(at("2026-11-27 00:00:00"), at("2026-11-27 23:59:00"))
    found = dict(Job.objects.values_list("key", "args"))
    everybody = {branch.pk for branch in Branch.objects.all()}
    assert {key: set(args["branches"]) for key, args in found.items()} == {
        "2026-11-27T00:10Z": everybody - {cast.east.pk},
        "2026-11-27T03:50Z": everybody - {cast.east.pk},
        "2026-11-27T04:05Z": {cast.east.pk},
        "2026-11-27T09:40Z": everybody - {cast.east.pk},
    }


def test_a_digest_for_many_costs_the_same(cast: Cast) -> None:
    def cost(people: list[Person], key: str, when: str) -> int:
        operations.notify_all([told(person, key) for person in people])
        moment = at(when)
        schedule.plan_digests(moment - timedelta(minutes=1), moment)
        job = Job.objects.get(kind="duties.mail_digests", run_after=moment)
        with CaptureQueriesContext(connection) as queries:
            jobs.run(job.pk, at=moment)
        return len(queries)

    few = cost([cast["林晓岚"]], "few", "2026-11-27 11:50:00")
    Person.objects.bulk_create(
        [
            Person(job_number=f"9{n:05d}", name=f"经理{n}", branch=cast.east, email=f"{n}@x.cn")
            for n in range(40)
        ]
    )
    many = cost(list(Person.objects.filter(name__startswith="经理")), "many", "2026-11-27 17:40:00")
    assert many == few


# Pages


def test_the_bell_leads_to_what_is_unread_and_opening_reads(
    cast: Cast, browser_of: Callable[[Person], Client]
) -> None:
    operations.notify_all([told(cast["林晓岚"], key) for key in "ab"])
    browser = browser_of(cast["林晓岚"])
    page = browser.get("/notices/").content.decode()
    assert "2 条未读通知" in page
    assert "同一事项 2 条未读" in page
    newest = Notice.objects.get(key="b")
    answer = browser.post(f"/notices/{newest.pk}/read/")
    assert (answer.status_code, answer["Location"]) == (302, "/summaries/2026-W48/")
    browser.post("/notices/read/", {"group": "g"})
    assert "通知都看过了" in browser.get("/notices/").content.decode()
    assert browser_of(cast["陈嘉怡"]).post(f"/notices/{newest.pk}/read/").status_code == 404


def test_the_system_administrator_marks_a_day_and_a_manager_only_looks(
    cast: Cast, browser_of: Callable[[Person], Client]
) -> None:
    manager = browser_of(cast["林晓岚"])
    page = manager.get("/calendar/?year=2026").content.decode()
    assert "2026 年放假 33 天，调休上班 6 天" in page
    assert "/calendar/2026-10-10/" not in page
    assert manager.get("/calendar/2026-10-10/").status_code == 403
    assert manager.post("/calendar/2026-10-10/clear/", {"version": 1}).status_code == 403

    administrator = browser_of(cast["马骏"])
    form = {"version": "1", "kind": "off", "name": "司庆", "why": "董事会决定"}
    assert administrator.get("/calendar/2026-12-24/").status_code == 200
    answer = administrator.post("/calendar/2026-12-24/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/calendar/?year=2026")
    assert administrator.post("/calendar/2026-12-24/", form).status_code == 409
    assert administrator.post("/calendar/2026-12-24/", {**form, "kind": ""}).status_code == 422
    answer = administrator.post("/calendar/2026-12-24/clear/", {"version": 2})
    assert answer.status_code == 302
    assert administrator.get("/calendar/2026-02-30/").status_code == 404
    assert administrator.get("/calendar/9999-12-31/").status_code == 404
    assert administrator.get("/calendar/?year=abc").status_code == 404


def close_the_week() -> None:
    """Friday's deadline is over, and nobody of the eastern branch has filed."""
    ensure_periods(WEEK, WEEK)
    close_week(
        {"week": WEEK.key, "deadline": DEADLINE.isoformat()},
        at("2026-11-27 17:32:00"),
        Progress(0, 1, DEADLINE),
    )()


@pytest.mark.parametrize("first", ["zh-hans", "en"])
def test_whoever_switches_language_reads_older_notices_in_it(
    cast: Cast, browser_of: Callable[[Person], Client], first: str
) -> None:
    boss = cast["周建平"]
    Person.objects.filter(pk=boss.pk).update(language=first)
    close_the_week()
    seen = {}
    for language in ("zh-hans", "en"):
        Person.objects.filter(pk=boss.pk).update(language=language)
        page = browser_of(Person.objects.get(pk=boss.pk)).get("/notices/")
        (group,) = page.context["groups"]
        seen[language] = (group.newest.heading, group.newest.text)
        assert all(words in page.content.decode() for words in seen[language])
    assert seen == {
        "zh-hans": ("第 48 周周报已截止，3 人未交", "陈嘉怡、何俊峰、林晓岚"),
        "en": ("Week 48 is closed: 3 summaries missing", "陈嘉怡, 何俊峰, 林晓岚"),
    }


def test_a_digest_is_written_in_the_language_of_its_minute(cast: Cast) -> None:
    close_the_week()
    Person.objects.filter(pk=cast["周建平"].pk).update(language="en")
    Notice.objects.exclude(person=cast["周建平"]).delete()
    assert run_digest("2026-11-30 11:50:00") == JobState.DONE
    letter = OutboxMessage.objects.get()
    assert letter.subject == "Week 48 is closed: 3 summaries missing"
    assert "陈嘉怡, 何俊峰, 林晓岚" in letter.body
