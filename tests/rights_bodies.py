"""Bodies that get past the reading of a request, so that only the right decides."""

from collections.abc import Callable
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile

from customers.models import Customer
from inspections.models import CheckItem
from kpi.models import Complaint
from meetings.models import Meeting
from organization.models import Person
from tests.cast import Cast

Body = dict[str, Any]
Maker = Callable[[Cast, Person, tuple[Any, ...]], Body]
TODAY: Final = "2026-11-27"


def body_of(
    name: str, method: str, cast: Cast, visitor: Person, arguments: tuple[Any, ...]
) -> Body:
    """What is sent to this route; nothing where the right is decided without."""
    maker = BODIES.get((name, method))
    return maker(cast, visitor, arguments) if maker else {}


def _plain(**values: Any) -> Maker:
    return lambda cast, visitor, arguments: values


def _query(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    """The address's query again in the form."""
    return dict(arguments[-1])


def _upload(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    return {"table": "groups", "file": SimpleUploadedFile("x.csv", "名称\n甲\n".encode())}


def _tapped(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    return {"person": cast["何俊峰"].pk, "seen": "open", "state": "present"}


def _recorder(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    """Somebody of the meeting's branch who writes its minutes."""
    meeting = Meeting.objects.filter(pk=arguments[0]).first()
    is_west = meeting is not None and meeting.branch_id == cast.west.pk
    return {"version": 1, "recorder": cast["吴志远" if is_west else "陈嘉怡"].pk}


def _signed_paper(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    return {"part": "minutes", "file": SimpleUploadedFile("x.pdf", b"%PDF-1.7")}


_document: Final = _plain(version=1, title="x", gist="x", tell_by="2026-12-30", level=2)
_question: Final = _plain(version=1, kind="question", title="x", text="x")


def _stand_up_beside(meeting_id: int) -> int:
    """Another meeting of the same branch."""
    beside = Meeting.objects.filter(branch__meetings=meeting_id, key="2026-12-01").first()
    return beside.pk if beside else meeting_id


def _customer(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    """A customer's form as it stands."""
    customer = Customer.objects.filter(pk=arguments[0]).first()
    return {"version": customer.version if customer else 1, "name": "x", "state": "active"}


def _assigned(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    customer = Customer.objects.filter(pk=arguments[0]).select_related("branch").first()
    manager = "吴志远" if customer and customer.branch_id == cast.west.pk else "何俊峰"
    return {"version": 1, "manager": cast[manager].pk, "valid_from": TODAY, "reason": "x"}


def _log(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    """A service over the API, at a customer whom the visitor sees if there is one."""
    return {
        "customer": cast.customer("东方纺织集团").pk,
        "occurred_at": "2026-11-27T10:00:00+08:00",
        "initiator": "active",
        "channel": "phone",
        "category": "routine",
        "content": "x",
        **({"reason": "x"} if arguments else {}),
    }


def _evidence(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    """A file beside the version."""
    return {"version": 1, "level": 2, **_file_alone(cast, visitor, arguments)}


def _file_alone(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    return {"file": SimpleUploadedFile("x.txt", b"x")}


def _assigning(cast: Cast, visitor: Person, arguments: tuple[Any, ...]) -> Body:
    """A leader of the branch that the complaint is of."""
    complaint = Complaint.objects.filter(pk=arguments[0]).first()
    is_west = complaint is not None and complaint.branch_id == cast.west.pk
    return {"version": 1, "investigator": cast["郑秋实" if is_west else "周建平"].pk}


_GRANT: Final[Maker] = lambda cast, visitor, arguments: {  # noqa: E731
    "role": "gm",
    "branch_id": cast.east.pk,
    "valid_from": TODAY,
}
_DAY: Final = {"on": TODAY, "is_workday": True}
_REMARK: Final = {"remarks": {"text:help": "x"}}
_LABELS: Final = {"telecom": {"zh-hans": "x"}}
_TIER: Final = {"version": 1, "tier": "B", "valid_from": TODAY, "reason": "x"}

BODIES: Final[dict[tuple[str, str], Maker]] = {
    ("role-grant", "post"): _GRANT,
    ("api-roles", "post"): lambda cast, visitor, arguments: {
        "person": cast["何俊峰"].pk,
        "branch": cast.east.pk,
        "role": "gm",
        "valid_from": TODAY,
    },
    ("api-role-end", "post"): _plain(on=TODAY),
    ("api-people", "post"): lambda cast, visitor, arguments: {
        "job_number": "900001",
        "name": "x",
        "branch": cast.east.pk,
    },
    ("api-person-close", "post"): _plain(on=TODAY),
    ("api-branches", "post"): _plain(code="X", name="X"),
    ("api-branch-close", "post"): _plain(on=TODAY),
    ("api-branch-acting", "post"): lambda cast, visitor, arguments: {
        "person": cast["陈嘉怡"].pk,
        "first": TODAY,
        "last": TODAY,
    },
    ("api-settings", "post"): _plain(branch=None, key="reminders_a_day", value=2, valid_from=TODAY),
    ("api-calendar-mark", "post"): _plain(**_DAY),
    ("api-calendar-clear", "post"): _plain(on=TODAY),
    ("api-calendar-load", "post"): _plain(days=[_DAY], source="x"),
    ("calendar-clear", "post"): _plain(version=1),
    ("api-todos", "post"): lambda cast, visitor, arguments: {
        "owner": visitor.pk,
        "title": "x",
        "due_on": TODAY,
    },
    ("imports", "post"): _upload,
    ("api-imports", "post"): _upload,
    ("api-import-columns", "post"): _plain(columns={"A": "name"}),
    ("import-columns", "post"): _plain(version=1),
    ("import-switch", "post"): _plain(version=1, table="groups"),
    ("api-import-switch", "post"): _plain(table="groups"),
    ("customer-change", "post"): _customer,
    ("customer-assign", "post"): _assigned,
    ("customer-tier", "post"): _plain(**_TIER),
    ("contact-reveal", "post"): _plain(reason="x"),
    ("api-customer", "patch"): _plain(note="x"),
    ("api-customer-assign", "post"): lambda cast, visitor, arguments: {
        name: value
        for name, value in _assigned(cast, visitor, arguments).items()
        if name != "version"
    },
    ("api-customer-tier", "post"): _plain(tier="B", valid_from=TODAY, reason="x"),
    ("api-contact-reveal", "post"): _plain(reason="x"),
    ("log-correct", "post"): _plain(),
    ("api-logs", "post"): _log,
    ("api-logs-bulk", "post"): lambda cast, visitor, arguments: {
        "logs": [_log(cast, visitor, arguments)]
    },
    ("api-log-correct", "post"): _log,
    ("summary-draft", "patch"): _plain(version=0, fields={"text:needs": "x"}),
    ("summary-return", "post"): _plain(**{"version": 1, "text:help": "x"}),
    ("summary-review", "post"): _plain(version=1, opinion="x"),
    ("api-summary-draft", "put"): _plain(texts={"needs": "x"}),
    ("api-summary-return", "post"): _plain(**_REMARK),
    ("remind", "post"): _query,
    ("api-board-remind", "post"): lambda cast, visitor, arguments: {
        "managers": [cast["何俊峰"].pk]
    },
    ("requirements-write", "patch"): _plain(version=0, fields={}),
    ("target-write", "patch"): _plain(version=1, fields={}),
    ("work-report", "post"): _plain(version=1, done=1),
    ("results-write", "patch"): _plain(version=0, fields={}),
    ("api-indicators", "post"): _plain(code="X1", labels=_LABELS, unit="户"),
    ("api-indicator", "patch"): _plain(unit="户"),
    ("api-requirements", "patch"): lambda cast, visitor, arguments: {
        "cells": [{"row": cast.east.pk, "indicator": "M1", "value": "1.00"}]
    },
    ("api-target", "patch"): _plain(priorities="x"),
    ("api-work-add", "post"): lambda cast, visitor, arguments: {
        "managers": [cast["何俊峰"].pk],
        "what": "x",
        "due_on": TODAY,
    },
    ("api-work-item", "patch"): _plain(what="x"),
    ("api-work-report", "post"): _plain(done=1),
    ("api-results", "patch"): lambda cast, visitor, arguments: {
        "cells": [{"row": cast["何俊峰"].pk, "indicator": "M1", "value": "1.00"}]
    },
    ("rollup-write", "patch"): _plain(version=1, fields={"comment": "x"}),
    ("rollup-receive", "post"): _plain(number=1),
    ("api-rollup", "patch"): _plain(comment="x"),
    ("content-mark", "post"): _plain(version=0),
    ("api-content-mark", "post"): _plain(marks={"case": 3}),
    ("meeting-room-open", "post"): _plain(version=1),
    ("meeting-begin", "post"): _plain(version=1),
    ("meeting-end", "post"): _plain(version=1, head_count=0),
    ("meeting-not-held", "post"): _plain(version=1, reason="x"),
    ("meeting-presence", "post"): _tapped,
    ("absence-new", "post"): _plain(kind="leave", reason="x"),
    ("absence-decide", "post"): _plain(decision="accepted"),
    ("api-meeting-end", "post"): _plain(head_count=0),
    ("api-meeting-not-held", "post"): _plain(reason="x"),
    ("api-meeting-presence", "post"): _tapped,
    ("api-sign-in-here", "post"): _plain(code="x", number="00", device="a phone"),
    ("api-absence-give", "post"): _plain(reason="x"),
    ("api-absence-decide", "post"): _plain(is_accepted=True),
    ("minutes-draft", "patch"): _plain(version=0, fields={"items.i1.topic": "x"}),
    ("minutes-draft", "post"): _plain(version=0, do="items"),
    ("minutes-submit", "post"): _plain(version=0),
    ("minutes-correct", "post"): _plain(version=0, why="x"),
    ("minutes-return", "post"): _plain(version=1, opinion="x"),
    ("minutes-approve", "post"): _plain(version=1),
    ("minutes-recorder", "post"): _recorder,
    ("meeting-action-close", "post"): _plain(version=1, result="x"),
    ("meeting-action-drop", "post"): _plain(version=1, reason="x"),
    ("meeting-action-reopen", "post"): _plain(version=1, reason="x"),
    ("api-minutes-draft", "put"): _plain(items=[]),
    ("api-minutes-correct", "post"): _plain(why="x"),
    ("api-minutes-return", "post"): _plain(opinion="x"),
    ("api-minutes-recorder", "post"): lambda cast, visitor, arguments: {
        "recorder": _recorder(cast, visitor, arguments)["recorder"]
    },
    ("api-meeting-action-close", "post"): _plain(result="x"),
    ("api-meeting-action-drop", "post"): _plain(why="x"),
    ("api-meeting-action-reopen", "post"): _plain(why="x"),
    ("api-meeting-scans", "post"): _signed_paper,
    ("document-change", "post"): _document,
    ("document-withdraw", "post"): _plain(version=1, why="x"),
    ("api-document", "patch"): _plain(tell_by="2026-12-30"),
    ("api-document-withdraw", "post"): _plain(why="x"),
    ("api-documents", "post"): _plain(title="x", gist="x", tell_by="2026-12-30"),
    ("contribution-change", "post"): _question,
    ("contribution-withdraw", "post"): _plain(version=1),
    ("contribution-answer", "post"): _plain(version=1, answer="x"),
    ("contribution-share", "post"): _plain(version=1),
    ("contribution-unshare", "post"): _plain(version=1),
    ("api-contributions", "post"): _plain(kind="case", title="x", text="x"),
    ("api-contribution", "patch"): _plain(title="x"),
    ("api-contribution-answer", "post"): _plain(answer="x"),
    ("meeting-move", "post"): _plain(version=1, on="2026-12-02", start="10:00", reason="x"),
    ("meeting-cancel", "post"): _plain(version=1, reason="x"),
    ("meeting-restore", "post"): _plain(version=1),
    ("meeting-combine", "post"): _plain(version=1),
    ("meeting-separate", "post"): _plain(version=1),
    ("meeting-delegate", "post"): _plain(version=1),
    ("meeting-delegate-end", "post"): _plain(version=1),
    ("api-meeting-move", "post"): _plain(on="2026-12-02", start="10:00", reason="x"),
    ("api-meeting-cancel", "post"): _plain(reason="x"),
    ("api-meeting-combine", "post"): lambda cast, visitor, arguments: {
        "joined": _stand_up_beside(arguments[0])
    },
    ("api-meeting-delegate", "post"): _plain(delegate=987_654, reason="x"),
    ("finding-new", "post"): lambda cast, visitor, arguments: {
        "title": "x",
        "facts": "x",
        "owner": cast["周建平"].pk,
        "due_on": "2026-12-04",
    },
    ("finding-confirm", "post"): _plain(version=1),
    ("finding-object", "post"): _plain(version=1, text="x"),
    ("finding-decide", "post"): _plain(version=1, text="x", decision="upheld"),
    ("finding-answer", "post"): _plain(version=1, text="x"),
    ("finding-recheck", "post"): _plain(version=1, text="x", result="closed"),
    ("finding-carry", "post"): _plain(version=1, text="x", due_on="2026-12-31"),
    ("check-items", "post"): _plain(code="x"),
    ("check-item-drop", "post"): _plain(valid_from="2027-01"),
    ("check-item-withdraw", "post"): lambda cast, visitor, arguments: {
        "id": CheckItem.objects.earliest("pk").pk
    },
    ("bulletin-draft", "post"): _plain(month="2026-10"),
    ("bulletin-write", "patch"): _plain(version=1, fields={"title": "x"}),
    ("bulletin-figures", "post"): _plain(version=1),
    ("bulletin-ask", "post"): _plain(version=1),
    ("bulletin-comment", "post"): lambda cast, visitor, arguments: {
        "branch": cast.east.pk,
        "text": "x",
    },
    ("bulletin-answer", "post"): _plain(answer="x"),
    ("bulletin-propose", "post"): _plain(version=1),
    ("bulletin-send-back", "post"): _plain(version=1, why="x"),
    ("bulletin-publish", "post"): _plain(version=1),
    ("bulletin-supplement", "post"): _plain(why="x"),
    ("api-bulletins", "post"): _plain(month="2026-10"),
    ("api-bulletin", "patch"): _plain(title="x"),
    ("api-bulletin-comments", "post"): lambda cast, visitor, arguments: {
        "branch": cast.east.pk,
        "text": "x",
    },
    ("api-bulletin-answer", "post"): _plain(answer="x"),
    ("api-bulletin-send-back", "post"): _plain(why="x"),
    ("api-bulletin-supplement", "post"): _plain(why="x"),
    ("overview-again", "post"): _plain(phase="provisional"),
    ("api-findings", "post"): lambda cast, visitor, arguments: {
        "branch": cast.east.pk,
        "title": "x",
        "facts": "x",
        "owner": cast["周建平"].pk,
    },
    ("api-finding-object", "post"): _plain(text="x"),
    ("api-finding-decide", "post"): _plain(text="x", is_upheld=True),
    ("api-finding-answer", "post"): _plain(text="x"),
    ("api-finding-recheck", "post"): _plain(text="x", is_closed=True),
    ("api-finding-carry", "post"): _plain(text="x", due_on="2026-12-31"),
    ("api-check-items", "post"): _plain(
        code="x", valid_from="2027-01", names={"en": "x"}, points="1.00", taking="share", rank=9
    ),
    ("api-check-item-drop", "post"): _plain(valid_from="2027-01"),
    ("api-overview-again", "post"): _plain(phase="provisional"),
    ("api-edition-copies", "post"): _plain(kind="pdf"),
    ("scheme-edit", "post"): _plain(do="keep", version="1.0"),
    ("scheme-autosave", "patch"): _plain(version="1.0", fields={"h.why": "x"}),
    ("scheme-propose", "post"): _plain(version=1),
    ("scheme-withdraw", "post"): _plain(version=1, why="x"),
    ("scheme-approve", "post"): _plain(version=2),
    ("api-schemes", "post"): _plain(name="x"),
    ("api-scheme-import", "post"): lambda cast, visitor, arguments: {
        "file": SimpleUploadedFile("x.json", b"{}")
    },
    ("api-scheme-check", "post"): _plain(content={}),
    ("api-scheme", "patch"): _plain(why="x"),
    ("api-scheme-withdraw", "post"): _plain(why="x"),
    ("sheet-confirm", "post"): _plain(version=1),
    ("sheet-object", "post"): _plain(version=1, item="P4", text="x"),
    ("sheet-supervise", "post"): _plain(version=1),
    ("sheet-approve", "post"): _plain(version=1),
    ("sheet-correct", "post"): _plain(version=1, item="P3c", why="x"),
    ("objection-review", "post"): _plain(version=1, opinion="x"),
    ("objection-decide", "post"): _plain(version=1, decision="rejected", answer="x"),
    ("objection-withdraw", "post"): _plain(version=1),
    ("correction-decide", "post"): _plain(version=1, result="no", decision="x"),
    ("consequence-decide", "post"): _plain(result="no", decision="x"),
    ("api-score-what-if", "post"): _plain(inputs={"P3c": {"met": "1", "total": "1"}}),
    ("api-score-object", "post"): _plain(item="P4", text="x"),
    ("api-score-correct", "post"): _plain(item="P3c", inputs={"met": "1", "total": "1"}, why="x"),
    ("api-objection-decide", "post"): _plain(is_upheld=False, answer="x"),
    ("api-correction-decide", "post"): _plain(is_approved=False, decision="x"),
    ("api-consequence-decide", "post"): _plain(is_accepted=False, decision="x"),
    ("api-marks-record", "post"): lambda cast, visitor, arguments: {
        "cells": [{"manager": cast["陈嘉怡"].pk, "item": "P4", "value": "1"}]
    },
    ("api-cases", "post"): lambda cast, visitor, arguments: {
        "manager": (visitor if visitor.name == "林晓岚" else cast["何俊峰"]).pk,
        "item": "B2",
        "option": "branch",
        "subject": "y",
        "happened_on": TODAY,
        "facts": "x",
    },
    ("case-state", "post"): _plain(version=1, statement="x"),
    ("case-review", "post"): _plain(version=1, opinion="x"),
    ("case-decide", "post"): _plain(version=1, verdict="rejected", option="city", decision="x"),
    ("case-withdraw", "post"): _plain(version=1),
    ("case-file-add", "post"): _evidence,
    ("api-case-state", "post"): _plain(statement="x"),
    ("api-case-review", "post"): _plain(opinion="x"),
    ("api-case-decide", "post"): _plain(is_approved=False, decision="x"),
    ("api-case-file-add", "post"): _file_alone,
    ("api-complaints", "post"): lambda cast, visitor, arguments: {
        "manager": cast["何俊峰"].pk,
        "facts": "x",
        "received_at": "2026-11-27T10:00:00+08:00",
        "investigator": cast["韩静"].pk,
    },
    ("complaint-assign", "post"): _assigning,
    ("complaint-answer", "post"): _plain(version=1, answer="x"),
    ("complaint-decide", "post"): _plain(version=1, verdict="upheld", finding="x"),
    ("complaint-escalate", "post"): _plain(version=1, why="x"),
    ("complaint-withdraw", "post"): _plain(version=1, why="x"),
    ("complaint-open", "post"): _plain(reason="x"),
    ("complaint-case", "post"): _plain(facts="x"),
    ("api-complaint-assign", "post"): lambda cast, visitor, arguments: {
        "investigator": _assigning(cast, visitor, arguments)["investigator"]
    },
    ("api-complaint-answer", "post"): _plain(answer="x"),
    ("api-complaint-decide", "post"): _plain(is_upheld=True, finding="x"),
    ("api-complaint-escalate", "post"): _plain(why="x"),
    ("api-complaint-withdraw", "post"): _plain(why="x"),
    ("api-complaint-open", "post"): _plain(reason="x"),
}
