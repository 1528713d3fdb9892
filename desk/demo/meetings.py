"""The demonstration's meetings (M1–M3, A1): held, signed, minuted, their signed papers filed.

Stand-ups and what was held before the month that runs are the rows that holding leaves; the rest
is held through the operations that people call.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from confidentiality.choices import Level
from core.drafts import draft_of
from core.files import keep_bytes
from core.models import StoredFile
from desk.demo import meeting_words as words
from desk.demo.papers import SIGNED_PAPER
from desk.demo.people import Crew, Member
from desk.demo.players import Event, MonthStage
from meetings.choices import (
    CAME,
    MINUTED,
    AbsenceKind,
    MeetingKind,
    MeetingState,
    MinutesState,
    Presence,
    ScanPart,
    SignInWay,
)
from meetings.minutes_entries import MinutesEntry, draft_key
from meetings.minutes_rules import ActionLine, Item, minutes_number
from meetings.models import Action, Attendee, Contribution, Meeting, Minutes, Scan
from meetings.operations.absences import give_absence
from meetings.operations.actions import close_action
from meetings.operations.combining import combine_meetings
from meetings.operations.contributions import hand_in
from meetings.operations.documents import Reach, add_document, tell_present
from meetings.operations.minutes import approve_minutes, return_minutes, submit_minutes
from meetings.operations.occurrences import ensure_meetings
from meetings.operations.rooms import begin_meeting, end_meeting, open_room
from meetings.presences import OF_ABSENCE
from meetings.queries.occurrences import Posts, posts_between
from meetings.queries.rooms import excuses_of
from organization.choices import Role

# Branches by their place: whose minutes come late, who lets some lie unapproved, where the GM's
# session and the analysis meeting are one sitting, and where a stand-up falls out now and then.
_LATE, _UNAPPROVED, _COMBINED, _FORGETFUL = 3, 4, 1, 5
# How often a meeting begins late, and how often it ends early.
_AMISS: Final = 0.12
# Below which draw a signed paper is not filed: now and then the minutes', seldom both.
_UNFILED: Final = {ScanPart.SIGN_IN: 0.04, ScanPart.MINUTES: 0.14}
_OPEN_FOR: Final = timedelta(minutes=9)
# What holding a meeting changes of its row.
_HELD: Final = (
    *("state", "chair", "recorder", "room_at", "opened_at", "closed_at", "updated_at"),
    "head_count",
)
_SAID: Final = {MeetingKind.GM: words.GM, MeetingKind.ANALYSIS: words.ANALYSIS}


def meeting_events(stage: MonthStage) -> Iterator[Event]:
    """What is passed on, handed in, held and written down in a month."""
    first, last = stage.month.first, stage.month.last
    ensure_meetings(first, last)
    posts = posts_between(first, last, [crew.branch_id for _place, crew in stage.crews])
    sha256 = keep_bytes(SIGNED_PAPER)
    yield from _documents(stage)
    for place, crew in stage.crews:
        yield from _handed_in(stage, place, crew)
        if place == _COMBINED:
            yield stage.on(stage.working_day(2), 16), partial(_combine, stage, crew)
        meetings = Meeting.objects.filter(
            branch_id=crew.branch_id, on__range=(first, last)
        ).exclude(state=MeetingState.CANCELLED)
        for number, meeting in enumerate(meetings):
            yield from _held(stage, place, crew, meeting, number, posts)
            yield from _filed(stage, place, crew, meeting, number, sha256)


def _documents(stage: MonthStage) -> Iterator[Event]:
    title, reference, gist = words.DOCUMENTS[stage.months_ago % len(words.DOCUMENTS)]
    branch_ids = [crew.branch_id for _place, crew in stage.crews]

    def add(at: datetime) -> None:
        add_document(
            title=title,
            reference=reference % {"year": stage.month.year},
            gist=gist,
            tell_by=stage.working_day(9),
            reach=Reach(branch_ids=branch_ids, roles=(Role.MANAGER,)),
            actor=stage.players.actor(stage.market, at),
            at=at,
        )

    yield stage.on(stage.working_day(3), 10, 20), add


def _handed_in(stage: MonthStage, place: int, crew: Crew) -> Iterator[Event]:
    for number, manager in enumerate(crew.managers[1:3]):
        kind, title, text = words.CASES[(place + number + stage.months_ago) % len(words.CASES)]

        def tell(
            at: datetime,
            who: Member = manager,
            said: tuple[str, str, str] = (kind, title, text),
        ) -> None:
            actor = stage.players.actor(who, at)
            hand_in(kind=said[0], title=said[1], text=said[2], actor=actor, at=at)

        yield stage.on(stage.working_day(8 + number), 17, 5, minutes=place * 7), tell


def _combine(stage: MonthStage, crew: Crew, at: datetime) -> None:
    own = Meeting.objects.filter(branch_id=crew.branch_id, key=stage.month.key)
    lead, joined = own.get(kind=MeetingKind.GM), own.get(kind=MeetingKind.ANALYSIS)
    combine_meetings(
        lead_id=lead.pk,
        joined_id=joined.pk,
        expected_version=lead.version,
        actor=stage.players.actor(crew.gm, at),
        at=at,
    )


def _held(
    stage: MonthStage, place: int, crew: Crew, meeting: Meeting, number: int, posts: Posts
) -> Iterator[Event]:
    rng = stage.chance("meeting", crew.code, meeting.kind, meeting.key)
    if meeting.kind == MeetingKind.STANDUP:
        if place != _FORGETFUL or rng.random() > 0.08:
            ended_at = meeting.ends_at - _amiss(rng, 3)
            yield ended_at, partial(_stood_up, meeting, crew, rng)
        return
    if not _takes_place(place, meeting, number):
        return
    chair, recorder = _chair(crew, meeting), _recorder(crew)
    if place == 0 and number % 3 == 0:
        asked_at = meeting.starts_at - timedelta(hours=16)
        yield asked_at, partial(_excuse, stage, crew.managers[4], meeting.pk, number)
    begins = meeting.starts_at + _amiss(rng, 2)
    ended_at = meeting.ends_at - _amiss(rng, 4)
    if stage.months_ago:
        yield ended_at, partial(_took_place, meeting, posts, chair, recorder, rng, begins)
    else:
        yield meeting.starts_at - _OPEN_FOR, partial(_open, stage, chair, meeting.pk)
        yield begins, partial(_begin, stage, chair, recorder, meeting.pk)
        yield begins + timedelta(minutes=6), partial(_sign_in, meeting.pk, recorder, rng)
        yield ended_at, partial(_end, stage, chair, meeting.pk)
    yield from _written(stage, place, crew, meeting, number)


def _takes_place(place: int, meeting: Meeting, number: int) -> bool:
    """Whether a meeting with minutes is held by itself, and not forgotten."""
    if place == _COMBINED and meeting.kind == MeetingKind.ANALYSIS:
        return False
    return not (place == _FORGETFUL and meeting.kind == MeetingKind.WEEKLY and number % 9 == 4)


def _chair(crew: Crew, meeting: Meeting) -> Member:
    return crew.supervisor if meeting.kind == MeetingKind.WEEKLY else crew.gm


def _recorder(crew: Crew) -> Member:
    return crew.managers[1]


def _amiss(rng: Random, most: int) -> timedelta:
    """By how many minutes a meeting begins late or ends early: mostly by none."""
    return timedelta(minutes=rng.randint(1, most) if rng.random() < _AMISS else 0)


def _meeting(pk: int) -> Meeting:
    return Meeting.objects.get(pk=pk)


def _stood_up(meeting: Meeting, crew: Crew, rng: Random, ended_at: datetime) -> None:
    """A stand-up as the rows it leaves: who signed in when, who was away."""
    opened_at = meeting.starts_at + _amiss(rng, 2)
    rows = []
    for manager in crew.managers:
        row = Attendee(meeting=meeting, person_id=manager.pk, recorded_at=opened_at)
        _arrive(row, meeting.starts_at, rng)
        rows.append(row)
    _was_held(meeting, rows, crew.supervisor, None, opened_at, ended_at)


def _took_place(
    meeting: Meeting,
    posts: Posts,
    chair: Member,
    recorder: Member,
    rng: Random,
    opened_at: datetime,
    ended_at: datetime,
) -> None:
    """A meeting of an earlier month as the rows it leaves, and what it passed on."""
    excuses = excuses_of(meeting)
    rows = []
    for person in posts.expected(meeting):
        row = Attendee(meeting=meeting, person_id=person.pk, recorded_at=opened_at)
        if absence := excuses.get(person.pk):
            row.state, row.way = OF_ABSENCE[absence.kind], SignInWay.NOTICE
            row.note = absence.reason
        elif person.pk == chair.pk:
            row.state, row.way, row.arrived_at = Presence.PRESENT, SignInWay.HAND, opened_at
        else:
            _sign(row, meeting, recorder, rng)
        rows.append(row)
    _was_held(meeting, rows, chair, recorder, opened_at, ended_at)
    tell_present(meeting, ended_at)


def _was_held(
    meeting: Meeting,
    rows: list[Attendee],
    chair: Member,
    recorder: Member | None,
    opened_at: datetime,
    ended_at: datetime,
) -> None:
    Attendee.objects.bulk_create(rows)
    meeting.state = MeetingState.HELD
    meeting.chair_id = chair.pk
    meeting.recorder_id = recorder.pk if recorder else None
    meeting.room_at = meeting.starts_at - _OPEN_FOR
    meeting.opened_at = opened_at
    meeting.closed_at = meeting.updated_at = ended_at
    meeting.head_count = sum(row.state in CAME for row in rows)
    meeting.save(update_fields=_HELD)


def _sign(row: Attendee, meeting: Meeting, recorder: Member, rng: Random) -> None:
    """Somebody signs in, or does not; the recorder is there in any case."""
    if row.person_id == recorder.pk:
        row.state, row.way = Presence.PRESENT, SignInWay.CODE
        row.arrived_at = meeting.starts_at - timedelta(minutes=3)
    else:
        _arrive(row, meeting.starts_at, rng)


def _arrive(row: Attendee, starts_at: datetime, rng: Random) -> None:
    drawn = rng.random()
    if drawn < 0.9:
        row.state, row.way = Presence.PRESENT, SignInWay.CODE
        row.arrived_at = starts_at - timedelta(seconds=rng.randrange(20, 420))
    elif drawn < 0.94:
        row.state, row.way = Presence.LATE, SignInWay.CODE
        row.arrived_at = starts_at + timedelta(seconds=rng.randrange(150, 480))
    elif drawn < 0.98:
        row.state, row.way, row.note = Presence.TRIP, SignInWay.HAND, rng.choice(words.TRIPS)
    else:
        row.state, row.way = Presence.ABSENT, SignInWay.HAND


def _excuse(stage: MonthStage, who: Member, pk: int, number: int, at: datetime) -> None:
    give_absence(
        meeting_id=pk,
        kind=AbsenceKind.LEAVE,
        reason=words.EXCUSES[number % len(words.EXCUSES)],
        actor=stage.players.actor(who, at),
        at=at,
    )


def _open(stage: MonthStage, chair: Member, pk: int, at: datetime) -> None:
    open_room(
        meeting_id=pk,
        expected_version=_meeting(pk).version,
        actor=stage.players.actor(chair, at),
        at=at,
    )


def _begin(stage: MonthStage, chair: Member, recorder: Member, pk: int, at: datetime) -> None:
    begin_meeting(
        meeting_id=pk,
        recorder_id=recorder.pk,
        expected_version=_meeting(pk).version,
        actor=stage.players.actor(chair, at),
        at=at,
    )


def _sign_in(pk: int, recorder: Member, rng: Random, at: datetime) -> None:
    """Everybody who has not been settled."""
    meeting = _meeting(pk)
    rows = list(Attendee.objects.filter(meeting=meeting, state=Presence.OPEN))
    for row in rows:
        row.recorded_at = at
        _sign(row, meeting, recorder, rng)
    Attendee.objects.bulk_update(rows, ["state", "way", "arrived_at", "note", "recorded_at"])


def _end(stage: MonthStage, chair: Member, pk: int, at: datetime) -> None:
    end_meeting(
        meeting_id=pk,
        head_count=Attendee.objects.filter(meeting_id=pk, state__in=CAME).count(),
        expected_version=_meeting(pk).version,
        actor=stage.players.actor(chair, at),
        at=at,
    )


def _written(
    stage: MonthStage, place: int, crew: Crew, meeting: Meeting, number: int
) -> Iterator[Event]:
    """The minutes: handed in, perhaps given back, approved; later what they decided is done."""
    if meeting.kind not in MINUTED:
        return
    chair, recorder = _chair(crew, meeting), _recorder(crew)
    next_day = stage.calendar.next_working_day(meeting.on)
    is_late = place == _LATE and number % 4 == 1
    submitted_at = stage.on(next_day, 17 if is_late else 11, 50, minutes=place * 3)
    submit = partial(_submit, stage, crew, recorder, meeting.pk, number)
    yield submitted_at, submit
    approved_at = submitted_at + timedelta(hours=1, minutes=20)
    if place == 0 and number % 11 == 5:
        yield submitted_at + timedelta(minutes=25), partial(_give_back, stage, chair, meeting.pk)
        yield submitted_at + timedelta(minutes=55), submit
    if place == _UNAPPROVED and number % 5 == 2:
        return
    yield approved_at, partial(_approve, stage, chair, meeting.pk)
    done_on = stage.calendar.next_working_day(meeting.on, 3)
    yield stage.on(done_on, 16, 10, minutes=place * 4), partial(_close_one, stage, meeting.pk)


def _filed(
    stage: MonthStage, place: int, crew: Crew, meeting: Meeting, number: int, sha256: str
) -> Iterator[Event]:
    """The signed papers, as the recorder files them two days later: mostly both."""
    if meeting.kind not in MINUTED or not _takes_place(place, meeting, number):
        return
    drawn = stage.chance("scans", crew.code, meeting.kind, meeting.key).random()
    parts = [part for part in ScanPart if drawn > _UNFILED[part]]
    on = stage.calendar.next_working_day(meeting.on, 2)
    file = partial(_file_papers, crew, meeting, parts, sha256)
    yield stage.on(on, 10, 20, minutes=place * 3), file


def _file_papers(
    crew: Crew, meeting: Meeting, parts: list[ScanPart], sha256: str, at: datetime
) -> None:
    recorder = _recorder(crew)
    number = minutes_number(meeting.kind, meeting.key, crew.code, meeting.on)
    files = StoredFile.objects.bulk_create(
        StoredFile(
            name=f"{part.label} {number}.pdf",
            content_type="application/pdf",
            size=len(SIGNED_PAPER),
            sha256=sha256,
            kind="scan",
            level=Level.INTERNAL,
            branch_id=crew.branch_id,
            owner_id=recorder.pk,
            owner_name=recorder.name,
            stored_at=at,
        )
        for part in parts
    )
    Scan.objects.bulk_create(
        Scan(meeting=meeting, part=part, file=file, added_at=at, added_by_id=recorder.pk)
        for part, file in zip(parts, files, strict=True)
    )


def _entry(stage: MonthStage, crew: Crew, meeting: Meeting, number: int) -> MinutesEntry:
    said = _SAID.get(MeetingKind(meeting.kind)) or words.WEEKLY[number % len(words.WEEKLY)]
    if meeting.joined.exists():
        said = (*said, *words.ANALYSIS)
    asked = Contribution.objects.filter(
        branch_id=crew.branch_id, answered_at__isnull=True, handed_in_at__lt=meeting.starts_at
    )
    waiting = {one.kind: one for one in asked if meeting.kind != MeetingKind.WEEKLY}
    came = set(
        Attendee.objects.filter(meeting=meeting, state__in=CAME).values_list("person_id", flat=True)
    )
    speakers = [one for one in crew.managers if one.pk in came] or crew.managers
    items = []
    for place, (kind, topic, discussion, conclusion) in enumerate(said):
        handed_in = waiting.pop({"case": "case", "answer": "question"}.get(kind, ""), None)
        items.append(
            Item(
                key=f"i{place}",
                kind=kind,
                topic=handed_in.title if handed_in else topic,
                speaker=speakers[(place + number) % len(speakers)].name,
                discussion=discussion,
                conclusion=conclusion,
                contribution=handed_in.pk if handed_in else None,
            )
        )
    return MinutesEntry(items=tuple(items), actions=tuple(_actions(stage, crew, meeting, number)))


def _actions(stage: MonthStage, crew: Crew, meeting: Meeting, number: int) -> Iterator[ActionLine]:
    for place in range(2):
        content, owner, within, evidence = words.TASKS[(number + place) % len(words.TASKS)]
        yield ActionLine(
            key=f"a{place}",
            content=content,
            owner=crew.managers[owner].pk,
            due_on=stage.calendar.next_working_day(meeting.on, within).isoformat(),
            evidence=evidence,
        )


def _submit(
    stage: MonthStage, crew: Crew, recorder: Member, pk: int, number: int, at: datetime
) -> None:
    meeting = _meeting(pk)
    draft = draft_of(recorder.pk, draft_key(pk))
    submit_minutes(
        meeting_id=pk,
        entry=_entry(stage, crew, meeting, number),
        expected_version=draft.version if draft else 0,
        actor=stage.players.actor(recorder, at),
        at=at,
    )


def _decide(
    decide: Callable[..., Minutes], stage: MonthStage, chair: Member, pk: int, at: datetime
) -> None:
    minutes = Minutes.objects.get(meeting_id=pk)
    if minutes.state == MinutesState.SUBMITTED:
        decide(
            meeting_id=pk,
            expected_version=minutes.version,
            actor=stage.players.actor(chair, at),
            at=at,
        )


def _approve(stage: MonthStage, chair: Member, pk: int, at: datetime) -> None:
    _decide(approve_minutes, stage, chair, pk, at)


def _give_back(stage: MonthStage, chair: Member, pk: int, at: datetime) -> None:
    _decide(partial(return_minutes, opinion=words.RETURNED), stage, chair, pk, at)


def _close_one(stage: MonthStage, pk: int, at: datetime) -> None:
    """The owner of the first open action closes it."""
    action = Action.objects.open().filter(meeting_id=pk).select_related("owner").first()
    if action is None:
        return
    owner = Member(action.owner_id, action.owner.job_number, action.owner.name, stage.month.first)
    close_action(
        action_id=action.pk,
        result=words.DONE,
        expected_version=action.version,
        actor=stage.players.actor(owner, at),
        at=at,
    )
