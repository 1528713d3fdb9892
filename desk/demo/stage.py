"""The demonstration: the company as ``make run`` shows it, alive on any day of the week."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from core import jobs
from core.queries import calendar, calendars_kept
from desk.demo.company import Made, PlayedWeek, Say, Scale, closed_weeks, make_company
from desk.demo.filings import Filing
from desk.demo.months import first_week, joining_day, month_events
from desk.demo.people import Member
from desk.demo.players import Players, play
from desk.demo.story import week_events
from desk.demo.week_words import REMARKS
from duties.models import Notice
from organization.choices import Role
from organization.demonstration import PASSWORD_FILE
from organization.models import BranchSetting, Person
from organization.passwords import one_time_password
from worklogs.models import Consolidation, RollUpVersion

BRANCHES: Final = 6
MANAGERS: Final = 9
SEED: Final = 27
# What happened longer ago has been read, and mailed, by everybody.
_NEWS_FOR: Final = timedelta(hours=30)
_RETURNED_AGO: Final = timedelta(hours=20)
_RETURNED_FIELD: Final = "text:conclusions"
_FOUNDED: Final = date(1998, 5, 1)
_BULLETINS: Final = {"bulletin_issuer": "江海通信公司市场部文件", "bulletin_series": "江通市通报"}
# Whose summary is given back: 何俊峰 of the first branch.
_RETURNED_PLACE: Final = 2
# In whose branch somebody is new.
_NEWCOMER_PLACE: Final = 3


def load_demo(*, at: datetime, say: Say) -> None:
    """Make the demonstration in an empty database, whole or not at all, with its sign-ins."""
    password = _password()
    weeks = closed_weeks(first_week(at), at, calendar())
    newcomer = (_NEWCOMER_PLACE, joining_day(at))
    scale = Scale(BRANCHES, MANAGERS, weeks, SEED, at, newcomer)
    with transaction.atomic(), calendars_kept():
        made = make_company(scale, say=say, played=1)
        _name_the_company(at)
        _set_scene(made, at)
        players = Players()
        events = (
            *week_events(made, players, at=at),
            *month_events(made.staff, players, seed=SEED, at=at),
        )
        say(f"{play(events, at=at)} events played")
        _post_what_was_sent()
        _read_old_notices(at)
        _let_in(made, password, at)


def _password() -> str:
    """The one password of the demonstration: drawn once, kept beside the other secrets."""
    path = Path(settings.VAR_DIR) / "secrets" / PASSWORD_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{one_time_password()}\n")
    return path.read_text(encoding="utf-8").strip()


def _name_the_company(at: datetime) -> None:
    """Whose bulletins these are, and what their numbers begin with."""
    BranchSetting.objects.bulk_create(
        BranchSetting(key=key, value=value, valid_from=_FOUNDED, set_at=at)
        for key, value in _BULLETINS.items()
    )


def _set_scene(made: Made, at: datetime) -> None:
    """In the first branch one summary of the last week is given back, and its roll-up waits."""
    closed = [week for week in made.played if week.plans]
    if not closed:
        return
    week = closed[-1]
    crew = made.staff.crews[0]
    chosen = _to_give_back(week, crew.managers[_RETURNED_PLACE:], at)
    if chosen is None:
        return
    week.filings = [
        (_given_back(filing, at) if filing.manager == chosen else filing, entry)
        for filing, entry in week.filings
    ]
    week.plans = [
        replace(plan, sendings=(), is_begun=True) if plan.crew == crew else plan
        for plan in week.plans
    ]


def _to_give_back(week: PlayedWeek, managers: Sequence[Member], at: datetime) -> Member | None:
    """The first of them whose summary has been in for an hour and is nobody else's writing."""
    filed = {
        filing.manager
        for filing, _entry in week.filings
        if filing.filed_at
        and filing.filed_at + timedelta(hours=1) < at
        and filing.filed_by == filing.manager
    }
    return next((manager for manager in managers if manager in filed), None)


def _given_back(filing: Filing, at: datetime) -> Filing:
    filed_at = filing.filed_at or at
    return replace(
        filing,
        returned_at=max(filed_at + timedelta(minutes=25), at - _RETURNED_AGO),
        returned_field=_RETURNED_FIELD,
        remark=REMARKS[_RETURNED_FIELD][0],
        refiled_at=None,
        reviewed_at=None,
        opinion="",
    )


def _post_what_was_sent() -> None:
    """Have the worker render, archive and mail the roll-ups and company weeks of before."""
    for kind, name, versions in (
        ("worklogs.post_rollup", "version", RollUpVersion.objects.values_list("pk", "sent_at")),
        (
            "worklogs.post_consolidation",
            "consolidation",
            Consolidation.objects.values_list("pk", "issued_at"),
        ),
    ):
        for pk, sent_at in versions:
            jobs.enqueue(kind=kind, key=str(pk), args={name: pk}, at=sent_at)


def _read_old_notices(at: datetime) -> None:
    later = F("created_at") + timedelta(hours=1)
    old = Notice.objects.filter(created_at__lt=at - _NEWS_FOR)
    old.update(read_at=later, mailed_at=later, updated_at=later)


def _let_in(made: Made, password: str, at: datetime) -> None:
    """Give the password to the first branch and to one of each role of head office; of the
    market department to two, since one drafts and another approves."""
    crew = made.staff.crews[0]
    known = [crew.gm, crew.deputy, crew.supervisor, *crew.managers[:3]]
    known.append(made.staff.head[Role.MARKET][1])
    known += [members[0] for members in made.staff.head.values()]
    Person.objects.filter(pk__in=[member.pk for member in known]).update(
        password=make_password(password), must_change_password=False, password_set_at=at
    )
