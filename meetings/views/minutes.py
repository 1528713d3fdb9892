"""The minutes of a meeting: read or written, returned or approved, every version, on paper."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from confidentiality.choices import Level
from confidentiality.operations import disclose
from core import clock
from core.actions import Again, action_context, perform, status_of
from core.actors import Acting
from core.chips import chip
from core.errors import NotAllowed, NotFound
from core.formats import hour, moment
from core.forms import Versioned
from core.pages import toast
from core.parts import Fact, Step, checksum
from core.requests import SignedInRequest, whole_number
from meetings.choices import MinutesState, TopicKind
from meetings.minutes_entries import MinutesEntry, hands_of
from meetings.minutes_forms import RecorderForm, ReturnForm
from meetings.minutes_papers import absent_words, draft_version, minutes_pdf
from meetings.minutes_permissions import (
    can_add_scan,
    can_approve_minutes,
    can_name_recorder,
    can_record,
    can_take_minutes,
)
from meetings.models import Action, MinutesVersion
from meetings.operations import minutes as operations
from meetings.queries.minutes import (
    Written,
    actions_of,
    can_be_minuted,
    counted,
    entry_of,
    is_chair_gone,
    level_of,
    may_change_recorder,
    not_to_be_read,
    recorders_to_name,
    version_for,
    written_of,
)
from meetings.queries.scans import scans_of
from meetings.reading import note_reading
from meetings.views.meeting import lacks_shown
from meetings.views.minutes_form import entry_differences, form_page
from meetings.words import chair_words, sitting_name

CHIPS: Final = {
    MinutesState.SUBMITTED: "waiting",
    MinutesState.RETURNED: "returned",
    MinutesState.APPROVED: "confirmed",
}


@dataclass(frozen=True)
class ItemShown:
    """An item of the minutes as it is read."""

    kind: str
    topic: str
    speaker: str
    discussion: str
    conclusion: str


@dataclass(frozen=True)
class ActionShown:
    """An action of the minutes; ``action`` is its row once they were approved."""

    content: str
    owner: str
    due_on: date
    evidence: str
    action: Action | None


@require_safe
def minutes(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form for the recorder while they are his to write, for everybody else what stands."""
    found = written_of(request.actor, pk, clock.now())
    is_writer = can_record(request.actor, found.meeting) and can_be_minuted(found.meeting)
    if is_writer and (found.is_open or "edit" in request.GET):
        return form_page(request, found, entry_of(found))
    return page(request, found)


def page(request: SignedInRequest, found: Written, again: Again | None = None) -> HttpResponse:
    """The minutes as they stand, with what their reader can do."""
    lead = found.meeting
    version = found.shown
    if version is not None:
        note_reading(lead, version, number=found.number, actor=request.actor, at=found.at)
    meeting_url = reverse("meeting", args=[lead.pk])
    context = {
        "found": found,
        "lead": lead,
        "name": sitting_name(lead),
        "state": state_chip(found),
        "version": version,
        "items": items_of(version) if version else (),
        "actions": _actions(found, version) if version else (),
        "is_hidden": not found.is_readable,
        "level": level_words(found),
        "is_pending": bool(found.approved and version and found.approved.number != version.number),
        "lacks": lacks_shown(lead, found.at),
        "facts": _facts(found),
        "steps": steps_of(found),
        "scans": scans_of(lead) if found.is_readable else (),
        "may_add_scan": can_add_scan(request.actor, lead) and lead.state == "held",
        "may_correct": can_record(request.actor, lead) and not found.is_open,
        "at": found.at,
        **action_context(request, _forms(request, found), again, list_url=meeting_url),
    }
    return render(request, "meetings/minutes.html", context, status=status_of(again))


def state_chip(found: Written) -> SafeString:
    """Where the minutes stand: not written yet, overdue, waiting, given back, filed, and late."""
    minutes = found.minutes
    if minutes is None:
        if found.due_at is not None and found.is_needed and found.at > found.due_at:
            return chip("overdue", _("纪要逾期"))
        return chip("draft", _("待写"))
    state = MinutesState(minutes.state)
    words = str(state.label)
    is_late_only = bool(found.minutes_late) and state != MinutesState.RETURNED
    if found.minutes_late:
        words = _("%(state)s，迟交") % {"state": words}
    return chip("late" if is_late_only else CHIPS[state], words)


def items_of(version: MinutesVersion) -> list[ItemShown]:
    """A version's items, their kinds in words."""
    return [
        ItemShown(
            str(TopicKind(item["kind"]).label),
            item["topic"],
            item["speaker"],
            item["discussion"],
            item["conclusion"],
        )
        for item in version.content["items"]
    ]


def _actions(found: Written, version: MinutesVersion) -> list[ActionShown]:
    rows = {action.key: action for action in actions_of(found.meeting)}
    is_standing = version.approved_at is not None
    return [
        ActionShown(
            row["content"],
            hands_of(row),
            date.fromisoformat(row["due_on"]),
            row["evidence"],
            rows.get(row["key"]) if is_standing else None,
        )
        for row in version.content["actions"]
    ]


def level_words(found: Written) -> str:
    """The level that they bear, and the lower one that still waits to be approved (annex 9.2)."""
    words = str(Level(found.level).label)
    if found.latest is None or found.latest.content["level"] == found.level:
        return words
    lower = str(Level(found.latest.content["level"]).label)
    return _("%(level)s（批准后改为%(lower)s）") % {"level": words, "lower": lower}


def _facts(found: Written) -> list[Fact]:
    lead, version, minutes = found.meeting, found.shown, found.minutes
    facts = [
        (_("编号"), found.number),
        (_("主持"), chair_words(lead)),
        (_("记录"), lead.recorder.name if lead.recorder else ""),
        (_("实际"), f"{hour(lead.opened_at)}–{hour(lead.closed_at)}"
         if lead.opened_at and lead.closed_at else ""),
        (pgettext("纪要", "应交"), moment(found.due_at, found.at) if found.due_at else ""),
        (_("首次提交"), moment(minutes.received_at, found.at) if minutes else ""),
    ]  # fmt: skip
    if version is not None:
        seen = counted(version.content["attendance"])
        said = _("应到 %(n)d，实到 %(k)d") % {"n": seen.expected, "k": seen.came}
        facts += [(_("出席"), said), (_("缺席"), _("；").join(absent_words(version)))]
    shown = [Fact(label, value) for label, value in facts if value]
    return [*shown, checksum(_("内容校验码"), version.sha256)] if version else shown


def steps_of(found: Written) -> list[Step]:
    """Their way so far, version by version; what was said on it is for whoever reads them."""
    steps = []
    for one in found.versions:
        word = _("第 %(n)d 版提交") % {"n": one.number}
        said = _("更正：%(why)s") % {"why": one.why} if one.why and found.is_readable else ""
        steps.append(Step("sent", word, one.submitted_by.name, one.submitted_at, said))
        if one.returned_at is not None:
            who = one.returned_by.name if one.returned_by else ""
            opinion = one.opinion if found.is_readable else ""
            steps.append(Step("returned", _("退回"), who, one.returned_at, opinion))
        if one.approved_at is not None:
            who = one.approved_by.name if one.approved_by else ""
            steps.append(Step("confirmed", _("批准归档"), who, one.approved_at))
    return steps


def _forms(request: SignedInRequest, found: Written) -> dict[str, forms.Form]:
    """What the reader can do now, by name."""
    actor, lead, minutes = request.actor, found.meeting, found.minutes
    shown: dict[str, forms.Form] = {}
    is_chair = can_approve_minutes(actor, lead, is_chair_gone=is_chair_gone(lead, found.at))
    if is_chair and minutes is not None and minutes.state == MinutesState.SUBMITTED:
        begin = {"version": minutes.version}
        shown["approve"] = Versioned(initial=begin)
        shown["return"] = ReturnForm(initial=begin)
    is_to_write = can_be_minuted(lead) and may_change_recorder(lead, minutes, found.at)
    if is_to_write and can_name_recorder(actor, lead):
        shown["recorder"] = RecorderForm(
            initial={"version": lead.version, "recorder": lead.recorder_id or ""},
            people=recorders_to_name(lead, found.at),
        )
    return shown


# What the chair does


def _act(
    request: SignedInRequest,
    pk: int,
    name: str,
    form: forms.Form,
    said: str,
    act: Callable[[dict[str, Any], Acting], Any],
) -> HttpResponse:
    at = clock.now()

    def done(_result: Any) -> HttpResponse:
        toast(request, said)
        return HttpResponseRedirect(reverse("minutes", args=[pk]))

    return perform(
        request,
        name,
        form,
        act,
        at=at,
        find=lambda: written_of(request.actor, pk, at),
        show=lambda found, again: page(request, found, again),
        meanwhile=lambda _found: _("纪要刚被别人动过，下面是现在的样子。"),
        done=done,
    )


@require_POST
def minutes_return(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give them back."""

    def act(given: dict[str, Any], acting: Acting) -> Any:
        return operations.return_minutes(meeting_id=pk, opinion=given["opinion"], **acting)

    return _act(request, pk, "return", ReturnForm(request.POST), _("已退回给记录人"), act)


@require_POST
def minutes_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approve and lock them."""

    def act(_given: dict[str, Any], acting: Acting) -> Any:
        return operations.approve_minutes(meeting_id=pk, **acting)

    said = _("已归档，行动项已成为责任人的待办")
    return _act(request, pk, "approve", Versioned(request.POST), said, act)


@require_POST
def minutes_recorder(request: SignedInRequest, pk: int) -> HttpResponse:
    """Name who writes them."""
    found = written_of(request.actor, pk, clock.now())

    def act(given: dict[str, Any], acting: Acting) -> Any:
        return operations.name_recorder(meeting_id=pk, recorder_id=given["recorder"], **acting)

    form = RecorderForm(request.POST, people=recorders_to_name(found.meeting, found.at))
    return _act(request, pk, "recorder", form, _("已指定记录人"), act)


# Versions and paper


@require_safe
def minutes_version(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """One version as it was submitted, and what differs from the one before."""
    at = clock.now()
    version = version_for(request.actor, pk, number)
    found = written_of(request.actor, pk, at)
    earlier = next((one for one in found.versions if one.number == number - 1), None)
    note_reading(found.meeting, version, number=found.number, actor=request.actor, at=at)
    context = {
        "found": found,
        "lead": found.meeting,
        "name": sitting_name(found.meeting),
        "version": version,
        "items": items_of(version),
        "actions": [
            ActionShown(row["content"], hands_of(row), date.fromisoformat(row["due_on"]),
                        row["evidence"], None)
            for row in version.content["actions"]
        ],
        "differences": entry_differences(
            MinutesEntry.of_version(earlier), MinutesEntry.of_version(version)
        )
        if earlier
        else (),
        "earlier": earlier,
        "at": at,
    }  # fmt: skip
    return render(request, "meetings/minutes_version.html", context)


@require_safe
def minutes_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign-in and minutes as A4: what stands, a version by ``?version``, or the recorder's draft
    by ``?draft``."""
    at = clock.now()
    found = written_of(request.actor, pk, at)
    if "draft" in request.GET:
        if not can_record(request.actor, found.meeting):
            raise NotFound
        version = draft_version(found, entry_of(found))
    elif not found.is_readable:
        raise NotAllowed(not_to_be_read())
    else:
        version = _asked_version(request, found)
    content = minutes_pdf(
        found, version, url=_scan_url(request, pk, "minutes"),
        sign_in_url=_scan_url(request, pk, "sign_in"),
    )  # fmt: skip
    name = f"{found.number}.pdf"
    disclose(
        actor=request.actor,
        at=at,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=len(version.content["items"]),
        level=level_of(found.meeting, version),
        branch_id=found.meeting.branch_id,
        is_named=can_take_minutes(request.actor, found.meeting),
    )
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _scan_url(request: SignedInRequest, pk: int, part: str) -> str:
    """Where the scan of a part is added; the QR code on it leads there."""
    return request.build_absolute_uri(f"{reverse('scan-add', args=[pk])}?part={part}")


def _asked_version(request: SignedInRequest, found: Written) -> MinutesVersion:
    if (number := whole_number(request.GET.get("version"))) is not None:
        return version_for(request.actor, found.meeting.pk, number)
    standing = found.approved or found.latest
    if standing is None:
        raise NotFound
    return standing


_MEETING: Final = "meetings/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path(f"{_MEETING}minutes/", minutes, name="minutes"),
    path(f"{_MEETING}minutes/return/", minutes_return, name="minutes-return"),
    path(f"{_MEETING}minutes/approve/", minutes_approve, name="minutes-approve"),
    path(f"{_MEETING}minutes/recorder/", minutes_recorder, name="minutes-recorder"),
    path(f"{_MEETING}minutes/<int:number>/", minutes_version, name="minutes-version"),
    path(f"{_MEETING}minutes.pdf", minutes_paper, name="minutes-paper"),
]
