"""For the rights matrix: of every kind of thing one's own, a colleague's, another branch's, none.

The visitor's own are those of the person who visits; ``branch`` are a colleague's in the same
branch, ``foreign`` another branch's, ``missing`` is what does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.test import Client

from core import audit, files, jobs
from core.evidence import Evidence
from core.models import ImportRun, Job, StoredFile
from core.periods import Month, Week
from customers.models import Contact, Customer
from duties.models import Notice, ToDo
from inspections.models import CheckItem, Finding, FindingStep
from inspections.operations.findings import raise_finding
from kpi.computing import computed_sheets, scheme_for
from kpi.models import (
    Bill,
    Consequence,
    Correction,
    Indicator,
    Objection,
    Rehearsal,
    Scheme,
    ScoreSheet,
    SheetVersion,
)
from kpi.operations.cases import file_case
from kpi.operations.complaints import receive_complaint
from kpi.operations.schemes import draft_scheme, propose_scheme, rehearse_scheme
from kpi.operations.targets import issue_targets, write_targets
from kpi.operations.work_items import add_work_items
from kpi.target_entries import LineEntry, TargetEntry, WorkEntry
from meetings.models import Absence, CalendarFeed, Contribution, Document, Meeting
from meetings.operations.absences import give_absence
from meetings.operations.contributions import hand_in
from meetings.operations.documents import Reach, add_document
from meetings.operations.occurrences import ensure_meetings
from meetings.queries.feeds import hash_of
from meetings.sign_in_codes import code_for
from organization.models import ApiToken, BranchSetting, Person, RoleGrant, SignIn
from reports.models import Edition, StampedCopy
from tests.cast import FRIDAY, NOON, Cast, at
from tests.conftest import signed_in
from tests.domain.editions import bundle_of, copy_of, rendered
from tests.domain.week import WEEK, filed, logged, sent
from tests.things_minutes import APPROVED, TO_DECIDE, TO_WRITE, make_minutes, minuted, scan_of
from tests.things_reports import bulletin_in, comment_of, make_bulletins
from worklogs.models import RollUpVersion, ServiceLog, Summary
from worklogs.operations.consolidations import issue_consolidation

MISSING: Final = 987_654
SECRET: Final = "an-address-nobody-guesses"
EMPTY_WEEK: Final = Week(2019, 10)
MONTH: Final = Month(2026, 11)
SCORED: Final = Month(2026, 10)
# Who visits for each role.
VISITORS: Final = {
    "manager": "林晓岚",
    "supervisor": "周建平",
    "gm": "赵国梁",
    "deputy": "钱慧敏",
    "market": "韩静",
    "group_office": "孙岚",
    "confidentiality": "沈默",
    "sysadmin": "马骏",
    "secadmin": "宋琪",
    "auditor": "许衡",
}
# After the deadline, so that roll-ups can be sent.
EVENING: Final = at("2026-11-27 18:30:00")

# Of an address; a dict at the end is its query.
Arguments = tuple[Any, ...]


@dataclass
class World:
    """The cast with a closed week, for each person something of the person's own, and browsers."""

    cast: Cast
    browsers: dict[str, Client] = field(default_factory=dict)

    def of(self, thing: str, visitor: Person) -> dict[str, Arguments]:
        """Place → arguments of the address; a place is left out where there is no such thing."""
        return KINDS[thing](self.cast, visitor)


def make_world(cast: Cast) -> World:
    """A week in which 林晓岚, 陈嘉怡 and 吴志远 filed; both roll-ups sent; a company issue."""
    for who, customer in (
        ("林晓岚", "东方纺织集团"),
        ("陈嘉怡", "明珠酒店"),
        ("吴志远", "西岭水泥"),
    ):
        logged(cast, who, customer, "2026-11-25 10:00:00")
        filed(cast, who, "2026-11-27 17:00:00")
    sent(cast, "2026-11-27 17:45:00")
    sent(cast, "2026-11-27 17:46:00", who="郑秋实")
    issue_consolidation(
        week=WEEK,
        comment="",
        expected_number=0,
        actor=cast.actor("孙岚", on=EVENING),
        at=EVENING,
        why_corrected="",
    )
    for branch, name in ((cast.east, "何俊峰"), (cast.west, "吴志远")):
        RoleGrant.objects.create(
            person=cast[name],
            role="supervisor",
            branch=branch,
            valid_from=FRIDAY,
            valid_to=FRIDAY + timedelta(days=8),
            is_acting=True,
        )
    for one in (cast.head, cast.east, cast.west):
        BranchSetting.objects.create(
            branch=one,
            key="summary_due",
            value="17:00",
            valid_from=FRIDAY + timedelta(days=30),
            set_at=NOON,
        )
    for name in ("林晓岚", "陈嘉怡", "吴志远"):
        _make_finding(cast, cast[name])
        _make_case(cast, cast[name])
    for name in ("陈嘉怡", "吴志远"):
        _make_complaint(cast, cast[name])
    ensure_meetings(FRIDAY, FRIDAY + timedelta(days=14), at=NOON)
    for name in ("林晓岚", "陈嘉怡", "吴志远"):
        _make_absence(cast, name)
    CalendarFeed.objects.create(person=cast["林晓岚"], key_hash=hash_of(SECRET), made_at=NOON)
    _make_passed_on(cast)
    make_minutes(cast)
    _make_scores(cast)
    _make_schemes(cast)
    make_bulletins(cast)
    for leader, managers in (("周建平", ("林晓岚", "陈嘉怡")), ("郑秋实", ("吴志远",))):
        _make_targets(cast, leader, managers)
    _make_editions(cast)
    for person in cast.people.values():
        _make_own(person)
    for job in Job.objects.filter(kind__in=("worklogs.post_rollup", "worklogs.post_consolidation")):
        jobs.run(job.pk, at=EVENING)
    return World(cast, {name: signed_in(cast[name], EVENING) for name in VISITORS.values()})


def _weekly(branch: Any) -> Meeting:
    return Meeting.objects.get(branch=branch, kind="weekly", key="2026-W49")


def _make_absence(cast: Cast, name: str) -> None:
    """A notice for next Monday's meeting."""
    give_absence(
        meeting_id=_weekly(cast[name].branch).pk,
        kind="leave",
        reason="x",
        actor=cast.actor(name, on=EVENING),
        at=EVENING,
    )


def _make_passed_on(cast: Cast) -> None:
    """A branch's document with a file; of each manager a question open, and one answered."""
    for leader in (cast["周建平"], cast["郑秋实"]):
        add_document(
            title="x",
            gist="x",
            tell_by=FRIDAY + timedelta(days=7),
            file=Evidence("x.txt", leader.job_number.encode()),
            reach=Reach([leader.branch_id]),
            actor=cast.actor(leader.name, on=EVENING),
            at=EVENING,
        )
    for name in ("林晓岚", "陈嘉怡", "吴志远"):
        author = cast.actor(name, on=EVENING)
        for title in ("open", "answered"):
            hand_in(kind="question", title=title, text="x", actor=author, at=EVENING)
    Contribution.objects.filter(title="answered").update(
        state="answered", answer="x", answered_at=EVENING
    )


def _make_schemes(cast: Cast) -> None:
    """Two drafts proposed, one of them by somebody else, and one at work with a rehearsal."""
    keeper = cast.actor("韩静", on=EVENING)
    drafts = [draft_scheme(name=name, actor=keeper, at=EVENING) for name in ("x", "y", "z")]
    rehearse_scheme(number=drafts[0].number, actor=keeper, at=EVENING)
    for draft in drafts[1:]:
        propose_scheme(number=draft.number, expected_version=1, actor=keeper, at=EVENING)
    Scheme.objects.filter(pk=drafts[2].pk).update(drafted_by=cast["孙岚"])


def _make_scores(cast: Cast) -> None:
    """October's score sheets; of three managers with an objection, a correction, a proposal."""
    scheme = scheme_for(SCORED, EVENING)
    assert scheme is not None
    for one in computed_sheets(scheme, SCORED, NOON):
        sheet = ScoreSheet.objects.create(
            manager_id=one.member.manager_id,
            branch=one.member.branch,
            month=SCORED.key,
            scheme=scheme,
            cut_at=NOON,
            computed_at=EVENING,
            updated_at=EVENING,
        )
        SheetVersion.objects.create(
            sheet=sheet,
            number=1,
            kind="computed",
            content=one.content,
            digest=one.digest,
            made_at=EVENING,
        )
    for name in ("林晓岚", "陈嘉怡", "吴志远"):
        sheet = _sheet(cast[name])
        Objection.objects.create(
            sheet=sheet,
            item="P3c",
            text="x",
            raised_at=EVENING,
            file=StoredFile.objects.create(
                name="x.pdf",
                content_type="application/pdf",
                size=1,
                sha256=files.keep_bytes(name.encode()),
                kind="objection",
                branch_id=sheet.branch_id,
                owner_id=sheet.manager_id,
                stored_at=EVENING,
            ),
        )
        Correction.objects.create(
            sheet=sheet,
            item="P3c",
            inputs={"met": "1", "total": "1"},
            why="x",
            proposed_at=EVENING,
            proposed_by=cast["马骏"],
        )
        Consequence.objects.create(
            manager=cast[name],
            branch=sheet.branch,
            month=SCORED.key,
            kind="talk",
            proposed_at=EVENING,
        )


def _sheet(manager: Person) -> ScoreSheet:
    return ScoreSheet.objects.get(manager=manager, month=SCORED.key)


def _proposal(branch: Any) -> int:
    return int(Consequence.objects.get(manager_id=_manager_of(branch)).pk)


def _make_finding(cast: Cast, owner: Person) -> None:
    """A finding that somebody must put right, and has answered with a file."""
    finding = raise_finding(
        branch_id=owner.branch_id,
        month=MONTH,
        title="x",
        facts="x",
        owner_id=owner.pk,
        actor=cast.actor("韩静", on=EVENING),
        at=EVENING,
    )
    FindingStep.objects.create(
        finding=finding,
        kind="answered",
        at=EVENING,
        by=owner,
        file=StoredFile.objects.create(
            name=f"{owner.job_number}.pdf",
            content_type="application/pdf",
            size=1,
            sha256=files.keep_bytes(owner.job_number.encode()),
            kind="finding",
            branch_id=owner.branch_id,
            owner_id=owner.pk,
            stored_at=EVENING,
        ),
    )


def _make_targets(cast: Cast, leader: str, managers: tuple[str, ...]) -> None:
    """November's targets of a branch, issued, with an item of work for each of the managers."""
    branch = cast[leader].branch
    boss = replace(cast.actor(leader), posts=frozenset({("gm", branch.pk)}))
    sheet = write_targets(
        branch_id=branch.pk,
        month=MONTH,
        entry=TargetEntry(lines={"M1": LineEntry(value=Decimal("30.00"))}),
        expected_version=0,
        actor=boss,
        at=NOON,
    )
    add_work_items(
        branch_id=branch.pk,
        month=MONTH,
        manager_ids=[cast[name].pk for name in managers],
        entry=WorkEntry(what="x", due_on=FRIDAY),
        expected_version=sheet.version,
        actor=boss,
        at=NOON,
    )
    issue_targets(branch_id=branch.pk, month=MONTH, expected_version=2, actor=boss, at=NOON)
    ToDo.objects.all().delete()


_PRINTED: Final = Month(2026, 6)


def _make_editions(cast: Cast) -> None:
    """June's bulletin with its files; everybody has taken one, singly and in a ZIP."""
    bulletin = rendered(cast, month=_PRINTED.key)
    company = Edition.objects.get(bulletin=bulletin, branch=None)
    for person in cast.people.values():
        bundle_of(copy_of(company, person))


def _edition(branch: Any) -> Edition:
    return Edition.objects.get(branch=branch, bulletin__month=_PRINTED.key)


def _digest(edition: Edition) -> str:
    return edition.pdf.sha256 if edition.pdf else ""


def _copy(person: Person) -> StampedCopy:
    return StampedCopy.objects.get(person=person)


def _bundle(person: Person) -> Job:
    return Job.objects.get(kind="reports.zip_month", owner_id=person.pk)


def _make_case(cast: Cast, manager: Person) -> None:
    """A prize that the market department filed, with its certificate; a bill with arrears."""
    file_case(
        manager_id=manager.pk,
        item="B2",
        option="city",
        subject="x",
        happened_on=FRIDAY,
        facts="x",
        files=[Evidence("x.txt", manager.job_number.encode())],
        actor=cast.actor("韩静", on=EVENING),
        at=EVENING,
    )
    customer = _customer(manager)
    Bill.objects.create(
        customer=customer,
        manager=manager,
        branch=customer.branch,
        month=MONTH.key,
        due=1,
        paid=0,
        arrears=1,
        arrears_days=40,
        recorded_at=EVENING,
    )


def _make_complaint(cast: Cast, manager: Person) -> None:
    """A customer's complaint, investigated by the market department."""
    receive_complaint(
        complainant="customer",
        manager_id=manager.pk,
        facts="x",
        by="x",
        received_at=NOON,
        investigator_id=cast["韩静"].pk,
        actor=cast.actor("韩静", on=EVENING),
        at=EVENING,
    )


def _make_own(person: Person) -> None:
    """A session, a token, a notice, a job, a file and an import of the person's own."""
    key = person.job_number
    SignIn.objects.create(person=person, session_key=key, started_at=EVENING, seen_at=EVENING)
    ApiToken.objects.create(
        person=person,
        name="x",
        digest=key,
        tail="x",
        issued_at=NOON,
        expires_at=EVENING + timedelta(days=9),
    )
    Notice.objects.create(
        person=person,
        kind="reminder",
        group="x",
        title="x",
        key=key,
        created_at=NOON,
        updated_at=NOON,
    )
    ToDo.objects.create(
        owner=person,
        branch_id=person.branch_id,
        title="x",
        url="/todos/",
        due_at=EVENING,
        source_type="by_hand",
        created_at=NOON,
        created_by=person,
        updated_at=NOON,
    )
    Job.objects.create(
        kind="core.import_preview",
        key=f"own-{key}",
        run_after=EVENING,
        created_at=NOON,
        owner_id=person.pk,
    )
    file = StoredFile.objects.create(
        name="x.xlsx",
        content_type="application/octet-stream",
        size=1,
        sha256=files.keep_bytes(key.encode()),
        kind="import",
        branch_id=person.branch_id,
        owner_id=person.pk,
        stored_at=NOON,
    )
    ImportRun.objects.create(
        table="logs",
        file=file,
        branch_id=person.branch_id,
        owner_id=person.pk,
        owner_name=person.name,
        state="failed",
        started_at=NOON,
    )


def _colleague(cast: Cast, visitor: Person) -> Person:
    """Somebody else of the visitor's branch."""
    if visitor.branch_id == cast.east.pk:
        return cast["何俊峰" if visitor.name != "何俊峰" else "陈嘉怡"]
    return cast["韩静" if visitor.name != "韩静" else "孙岚"]


def _by_owner(pick: Callable[[Person], Any]) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """Things that belong to one person: own, a colleague's, somebody's of the other branch."""

    def places(cast: Cast, visitor: Person) -> dict[str, Arguments]:
        people = {
            "own": visitor,
            "branch": _colleague(cast, visitor),
            "foreign": cast["郑秋实"],
        }
        return {place: (pick(person),) for place, person in people.items()} | {
            "missing": (MISSING,)
        }

    return places


def _by_owner_of_month(
    pick: Callable[[Person], Arguments],
) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """A person's month."""

    def places(cast: Cast, visitor: Person) -> dict[str, Arguments]:
        people = {
            "own": visitor,
            "branch": _colleague(cast, visitor),
            "foreign": cast["郑秋实"],
        }
        return {place: pick(person) for place, person in people.items()} | {
            "missing": (MONTH, MISSING)
        }

    return places


def _by_branch(
    pick: Callable[[Any], Arguments], missing: Arguments, *, own: str = "own"
) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """Things of a branch as a whole: the visitor's own branch's, and the other's."""

    def places(cast: Cast, visitor: Person) -> dict[str, Arguments]:
        found = {"foreign": pick(cast.west), "missing": missing}
        if visitor.branch_id == cast.east.pk:
            found[own] = pick(cast.east)
        return found

    return places


def _by_manager(
    pick: Callable[[Person], Arguments], missing: Arguments
) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """What managers write: the visitor's own, a colleague's, a foreign manager's."""

    def places(cast: Cast, visitor: Person) -> dict[str, Arguments]:
        found = {"foreign": pick(cast["吴志远"]), "missing": missing}
        if visitor.branch_id == cast.east.pk:
            found["branch"] = pick(cast["陈嘉怡"])
        if visitor.name == "林晓岚":
            found["own"] = pick(visitor)
        return found

    return places


def _without_colleagues(
    places: Callable[[Cast, Person], dict[str, Arguments]],
) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """The same without a colleague's, which a manager sees and is refused."""

    def found(cast: Cast, visitor: Person) -> dict[str, Arguments]:
        made = places(cast, visitor)
        return {place: made[place] for place in made if place != "branch" or "own" not in made}

    return found


def _contributions(title: str) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """Cases and questions of managers, by their title."""
    return _by_manager(
        lambda manager: (Contribution.objects.get(author=manager, title=title).pk,), (MISSING,)
    )


def _customer(manager: Person) -> Customer:
    return Customer.objects.filter(manager=manager, kind="group").earliest("code")


def _log(manager: Person) -> ServiceLog:
    return ServiceLog.objects.filter(manager=manager).earliest("pk")


def _version_number(branch: Any) -> int:
    return RollUpVersion.objects.get(rollup__branch=branch).number


def _manager_of(branch: Any) -> int:
    return int(Person.objects.get(name={"CD": "陈嘉怡", "CX": "吴志远"}[branch.code]).pk)


def _files(cast: Cast, visitor: Person) -> dict[str, Arguments]:
    """An imported file is its owner's alone; so every other place holds an archived one."""
    own = StoredFile.objects.get(owner_id=visitor.pk, kind="import")
    archived = {
        branch.pk: StoredFile.objects.get_or_create(
            kind="archived",
            branch_id=branch.pk,
            defaults={
                "name": f"{branch.code}.xlsx",
                "content_type": "application/octet-stream",
                "size": 1,
                "sha256": files.keep_bytes(branch.code.encode()),
                "stored_at": EVENING,
            },
        )[0]
        for branch in (cast.east, cast.west)
    }
    found = {"own": (own.pk,), "foreign": (archived[cast.west.pk].pk,), "missing": (MISSING,)}
    if visitor.branch_id == cast.east.pk:
        found["branch"] = (archived[cast.east.pk].pk,)
    return found


def _trail(cast: Cast, visitor: Person) -> dict[str, Arguments]:
    row = audit.record(
        actor=cast.actor("周建平"), at=NOON, what="test", target_type="test", target_id=1
    )
    return {"foreign": (row.pk,), "missing": (MISSING,)}


def _fixed(*arguments: Any) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """An address that names no thing of anybody's: a day, a year, a week."""
    return lambda cast, visitor: {"foreign": arguments}


def _with_missing(
    pick: Callable[[], Arguments],
) -> Callable[[Cast, Person], dict[str, Arguments]]:
    """What belongs to no person and no branch, and what there is not."""
    return lambda cast, visitor: {"foreign": pick(), "missing": (MISSING, *pick()[1:])}


def _proposed_schemes(cast: Cast, visitor: Person) -> dict[str, Arguments]:
    """What 韩静 proposed, and what somebody else did."""
    found = {"foreign": (4,), "missing": (MISSING,)}
    return found | ({"own": (3,)} if visitor.name == "韩静" else {})


def _finding(manager: Person) -> Finding:
    return Finding.objects.get(owner=manager)


def _bill(manager: Person) -> Bill:
    return Bill.objects.get(customer=_customer(manager))


_WEEK: Final = WEEK
KINDS: Final[dict[str, Callable[[Cast, Person], dict[str, Arguments]]]] = {
    "": _fixed(),
    "nothing": _fixed(),
    "day": _fixed(FRIDAY),
    "year": _fixed(2026),
    "week": _fixed(_WEEK),
    "draft": _fixed("x"),
    "person": _by_owner(lambda person: person.pk),
    "grant": _by_owner(lambda person: person.grants.filter(is_acting=False).get().pk),
    "session": _by_owner(lambda person: SignIn.objects.get(session_key=person.job_number).pk),
    "token": _by_owner(lambda person: ApiToken.objects.get(digest=person.job_number).pk),
    "notice": _by_owner(lambda person: Notice.objects.get(key=person.job_number).pk),
    "job": _by_owner(lambda person: Job.objects.get(key=f"own-{person.job_number}").pk),
    "import": _by_owner(lambda person: ImportRun.objects.get(owner_id=person.pk).pk),
    "file": _files,
    "trail": _trail,
    "branch": _by_branch(lambda branch: (branch.pk,), (MISSING,)),
    "setting": _by_branch(lambda branch: (branch.settings.get().pk,), (MISSING,)),
    "acting": _by_branch(
        lambda branch: (branch.grants.get(is_acting=True).pk,), (MISSING,), own="branch"
    ),
    "rollup": _by_branch(lambda branch: (_WEEK, branch.pk), (_WEEK, MISSING), own="branch"),
    "rollup-version": _by_branch(
        lambda branch: (_WEEK, branch.pk, _version_number(branch)),
        (_WEEK, MISSING, 1),
        own="branch",
    ),
    "customer": _by_manager(lambda manager: (_customer(manager).pk,), (MISSING,)),
    "contact": _by_manager(
        lambda manager: (Contact.objects.get(customer=_customer(manager)).pk,), (MISSING,)
    ),
    "indicator": lambda cast, visitor: {
        "foreign": (Indicator.objects.get(code="M2").pk,),
        "missing": (MISSING,),
    },
    "target": _by_branch(lambda branch: (MONTH, branch.pk), (MONTH, MISSING), own="branch"),
    "target-version": _by_branch(
        lambda branch: (MONTH, branch.pk, 1), (MONTH, MISSING, 1), own="branch"
    ),
    "target-of": _by_owner_of_month(lambda person: (MONTH, person.pk)),
    "work": _by_manager(lambda manager: (manager.work_items.get().pk,), (MISSING,)),
    "asked-results": _by_branch(
        lambda branch: (MONTH, {"branch": branch.pk}), (MONTH, {"branch": MISSING}), own="branch"
    ),
    "todo": _by_manager(lambda manager: (manager.to_dos.get().pk,), (MISSING,)),
    "log": _by_manager(lambda manager: (_log(manager).thread_id or _log(manager).pk,), (MISSING,)),
    "summary": _by_manager(lambda manager: (_WEEK, manager.pk), (_WEEK, MISSING)),
    "summary-version": _by_manager(
        lambda manager: (_WEEK, manager.pk, Summary.objects.get(manager=manager).newest),
        (_WEEK, MISSING, 1),
    ),
    "summary-part": _by_manager(
        lambda manager: (_WEEK, manager.pk, "needs"), (_WEEK, MISSING, "needs")
    ),
    "summary-figure": _by_manager(
        lambda manager: (_WEEK, manager.pk, "calls"), (_WEEK, MISSING, "calls")
    ),
    "asked-customer": _by_manager(
        lambda manager: ({"customer": _customer(manager).pk},), ({"customer": MISSING},)
    ),
    "board": _by_branch(
        lambda branch: ({"branch": branch.pk},), ({"branch": MISSING},), own="branch"
    ),
    "board-week": _by_branch(
        lambda branch: (_WEEK, {"branch": branch.pk}), (_WEEK, {"branch": MISSING}), own="branch"
    ),
    "week-of-branch": _by_branch(
        lambda branch: (_WEEK, {"branch": branch.pk}), (_WEEK, {"branch": MISSING}), own="branch"
    ),
    "board-summary": _by_branch(
        lambda branch: (_WEEK, _manager_of(branch), {"branch": branch.pk}),
        (_WEEK, MISSING, {"branch": MISSING}),
        own="branch",
    ),
    "finding": _by_manager(lambda manager: (_finding(manager).pk,), (MISSING,)),
    "finding-file": _by_manager(
        lambda manager: (
            _finding(manager).pk,
            FindingStep.objects.get(finding=_finding(manager), kind="answered").pk,
        ),
        (MISSING, MISSING),
    ),
    "case": _by_manager(lambda manager: (manager.cases.get().pk,), (MISSING,)),
    "case-bill": _by_manager(lambda manager: (_bill(manager).pk,), (MISSING,)),
    "case-file": _by_manager(
        lambda manager: (manager.cases.get().pk, manager.cases.get().files.get().pk),
        (MISSING, MISSING),
    ),
    "complaint": _by_branch(lambda branch: (branch.complaints.get().pk,), (MISSING,), own="branch"),
    "finding-branch": _by_branch(
        lambda branch: ({"branch": branch.pk},), ({"branch": MISSING},), own="branch"
    ),
    "check-item": lambda cast, visitor: {
        "foreign": (CheckItem.objects.get(code="notice").pk,),
        "missing": (MISSING,),
    },
    "check-item-code": lambda cast, visitor: {"foreign": ("notice",), "missing": ("nothing",)},
    "meeting": _by_branch(
        lambda branch: (_weekly(branch).pk,),
        (MISSING,),
        own="branch",
    ),
    "absence": _by_manager(lambda manager: (Absence.objects.get(person=manager).pk,), (MISSING,)),
    "sign-in-code": lambda cast, visitor: {"foreign": (code_for(_weekly(cast.east).pk, EVENING),)},
    "document": _by_branch(
        lambda branch: (Document.objects.get(branch=branch).pk,), (MISSING,), own="branch"
    ),
    "contribution": _contributions("open"),
    "contribution-own": _without_colleagues(_contributions("open")),
    "contribution-answered": _contributions("answered"),
    "meeting-month": _by_branch(lambda branch: (MONTH, branch.pk), (MONTH, MISSING), own="branch"),
    "calendar-secret": lambda cast, visitor: {"foreign": (SECRET,)},
    "minutes": _by_branch(lambda branch: (minuted(branch, APPROVED).pk,), (MISSING,), own="branch"),
    "minutes-version": _by_branch(
        lambda branch: (minuted(branch, APPROVED).pk, 1), (MISSING, 1), own="branch"
    ),
    "minutes-to-write": _by_branch(
        lambda branch: (minuted(branch, TO_WRITE).pk,), (MISSING,), own="branch"
    ),
    "minutes-to-decide": _by_branch(
        lambda branch: (minuted(branch, TO_DECIDE).pk,), (MISSING,), own="branch"
    ),
    "scan": _by_branch(scan_of, (MISSING, MISSING), own="branch"),
    "meeting-action": _by_manager(lambda manager: (manager.meeting_actions.get().pk,), (MISSING,)),
    "meeting-action-own": _without_colleagues(
        _by_manager(lambda manager: (manager.meeting_actions.get().pk,), (MISSING,))
    ),
    "month": _fixed(MONTH),
    "score": _by_manager(lambda manager: (SCORED, manager.pk), (SCORED, MISSING)),
    "score-version": _by_manager(lambda manager: (SCORED, manager.pk, 1), (SCORED, MISSING, 1)),
    "score-line": _by_manager(
        lambda manager: (SCORED, manager.pk, "P3c"), (SCORED, MISSING, "P3c")
    ),
    "scheme": _with_missing(lambda: (1,)),
    "scheme-file": _with_missing(lambda: (1, "json")),
    "scheme-draft": _with_missing(lambda: (2,)),
    "scheme-proposed": _proposed_schemes,
    "rehearsal": _with_missing(lambda: (2, Rehearsal.objects.get().pk)),
    "scored": _by_manager(lambda manager: (manager.pk,), (MISSING,)),
    "score-branch": _by_branch(lambda branch: (SCORED, branch.pk), (SCORED, MISSING), own="branch"),
    "objection": _by_manager(lambda manager: (_sheet(manager).objections.get().pk,), (MISSING,)),
    "correction": _by_manager(lambda manager: (_sheet(manager).corrections.get().pk,), (MISSING,)),
    "consequence": _by_branch(lambda branch: (_proposal(branch),), (MISSING,), own="branch"),
    "spot-check": _by_branch(lambda branch: (MONTH, branch.pk), (MONTH, MISSING), own="branch"),
    "spot-check-line": _by_branch(
        lambda branch: (MONTH, branch.pk, "punctual"), (MONTH, MISSING, "punctual"), own="branch"
    ),
    "edition": _by_branch(lambda branch: (_edition(branch).pk,), (MISSING,), own="branch"),
    "edition-file": _by_branch(
        lambda branch: (_edition(branch).pk, "pdf"), (MISSING, "pdf"), own="branch"
    ),
    "edition-month": lambda cast, visitor: {
        "foreign": (_PRINTED,),
        "missing": (Month(2019, 10),),
    },
    "edition-code": lambda cast, visitor: {"foreign": (_edition(cast.west).code,)},
    "edition-digest": lambda cast, visitor: {
        "foreign": (_digest(_edition(cast.west)),),
        "missing": ("0" * 64,),
    },
    "copy": _by_owner(lambda person: _copy(person).pk),
    "bundle": _by_owner(lambda person: _bundle(person).pk),
    "bulletin-drafted": lambda cast, visitor: bulletin_in("draft"),
    "bulletin-asked": lambda cast, visitor: bulletin_in("commenting"),
    "bulletin-proposed": lambda cast, visitor: bulletin_in("proposed"),
    "bulletin-published": lambda cast, visitor: bulletin_in("published"),
    "bulletin-preview": _by_branch(
        lambda branch: (*bulletin_in("commenting")["foreign"], branch.pk),
        (MISSING, MISSING),
        own="branch",
    ),
    "bulletin-comment": _by_branch(comment_of, (MISSING, MISSING), own="branch"),
    "consolidation": lambda cast, visitor: {
        "foreign": (_WEEK, 1),
        "missing": (EMPTY_WEEK, 1),
    },
}
