"""A branch's roll-up (W6): the page where it is written, sending, the mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.drafts import discard_draft, draft_of, save_draft, save_in_turn
from core.errors import Refused, Stale
from core.pages import toast
from core.panels import is_for_panel
from core.parts import Difference, ErrorLink, FormPart
from core.periods import Week, local_date
from core.requests import SignedInRequest, autosaved, whole_number
from duties.models import DutyPeriod
from organization.models import Branch
from worklogs import permissions, rules
from worklogs.board_queries import last_rollup, text_groups
from worklogs.contents import Content, rollup_content
from worklogs.models import RollUp
from worklogs.operations.rollups import send_rollup, write_rollup
from worklogs.queries import branch_for, period_of, persons_in_charge
from worklogs.rollup_queries import (
    dispatch_of,
    is_changed,
    mail_preview,
    person_lines,
    rollup_version,
    total_lines,
)
from worklogs.views import rollup_list, rollup_versions

IN: Final = "in:"


# The page of one week


@dataclass(frozen=True)
class RollUpWeek:
    """A branch's week on the roll-up's page: the row (perhaps not begun) and its content now."""

    branch: Branch
    week: Week
    period: DutyPeriod | None
    rollup: RollUp
    content: Content


def rollup_week(request: SignedInRequest, week: Week, branch_id: int, at: datetime) -> RollUpWeek:
    """The week as it stands; NotFound for a branch that the actor does not see."""
    branch = branch_for(request.actor, branch_id)
    rollup = last_rollup(branch.pk, week) or RollUp(branch=branch, week=week.key)
    return RollUpWeek(
        branch,
        week,
        period_of("rollup", branch.pk, week),
        rollup,
        rollup_content(branch, week, comment=rollup.comment, left_out=rollup.left_out, cut=at),
    )


@require_safe
def rollup(request: SignedInRequest, week: Week, branch: int) -> HttpResponse:
    """Where the roll-up is written; whoever only reads gets the newest version that was sent."""
    at = clock.now()
    state = rollup_week(request, week, branch, at)
    if state.rollup.newest and not permissions.can_roll_up(request.actor, state.branch):
        return HttpResponseRedirect(
            reverse("rollup-version", args=[week.key, branch, state.rollup.newest])
        )
    return _page(request, state, at)


@dataclass(frozen=True)
class Typed:
    """What stood in the form when it was refused; None for what was not typed."""

    comment: str
    left_out: tuple[str, ...]
    why: str = ""


def _page(
    request: SignedInRequest,
    state: RollUpWeek,
    at: datetime,
    *,
    typed: Typed | None = None,
    links: list[ErrorLink] | None = None,
    stale: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``stale`` shows what stands now beside what was typed here."""
    actor, rollup, week = request.actor, state.rollup, state.week
    may_write = permissions.can_roll_up(actor, state.branch)
    versions = list(rollup.versions.all()) if rollup.pk else []
    draft = draft_of(actor.somebody, _why_key(state)) if may_write else None
    why = typed.why if typed else str(draft.body.get("why", "")) if draft else ""
    content = _with_choice(state.content, typed.left_out) if typed else state.content
    receivers = persons_in_charge(state.branch.pk, local_date(at))
    groups = text_groups(content)
    context = {
        "week": week,
        "branch": state.branch,
        "at": at,
        "period": state.period,
        "rollup": rollup,
        "rollup_version": rollup.version,
        "newest": versions[-1] if versions else None,
        "versions": versions,
        "is_changed": is_changed(state.content, versions[-1]) if versions else True,
        "is_open": state.period is not None and rules.rollup_can_be_sent(at, state.period.opens_at),
        "may_write": may_write,
        "comment": typed.comment if typed else rollup.comment,
        "why": why,
        "people": person_lines(content),
        "totals": total_lines(content),
        "groups": groups,
        "supplement": content["supplement"],
        "content": content,
        "lacking_count": content["counts"]["missing"] + content["counts"]["not_due"],
        "has_texts": any(group.items for group in groups),
        "why_is_wrong": any(link.anchor == "why" for link in links or ()),
        "receivers": receivers,
        "links": links or [],
        "stale": stale or [],
        "parts": _parts(content, rollup.comment, groups),
        "headline": _headline(state, content),
        "previous_url": reverse("rollup", args=[week.previous.key, state.branch.pk]),
        "next_url": reverse("rollup", args=[week.next.key, state.branch.pk])
        if week.next.monday <= local_date(at)
        else "",
    }
    return render(request, "worklogs/rollup.html", context, status=status)


def _headline(state: RollUpWeek, content: Content) -> str:
    number, counts = state.week.number, content["counts"]
    if state.period is None:
        return _("第 %(n)d 周不用汇总") % {"n": number}
    lacking = counts["missing"] + counts["not_due"]
    if state.rollup.newest:
        return _("第 %(n)d 周汇总：已发第 %(v)d 版") % {"n": number, "v": state.rollup.newest}
    if lacking:
        return _("第 %(week)d 周汇总：还有 %(n)d 人未交") % {"week": number, "n": lacking}
    if counts["returned"]:
        return _("第 %(week)d 周汇总：%(n)d 份退回待改，未发送") % {
            "week": number,
            "n": counts["returned"],
        }
    return _("第 %(n)d 周汇总：周报齐了，未发送") % {"n": number}


def _filed_state(counts: dict[str, int], filed: int, owing: int) -> str:
    """All there, or something lacking; before the deadline it is only waited for."""
    if filed == owing:
        return "confirmed"
    return "waiting" if filed + counts["not_due"] == owing else "lacking"


def _parts(content: Content, comment: str, groups: list[Any]) -> list[FormPart]:
    counts = content["counts"]
    filed = counts["on_time"] + counts["late"]
    written = sum(len(group.items) for group in groups)
    taken = sum(group.taken for group in groups)
    differing = sum(1 for one in content["totals"] if one["system"] != one["declared"])
    return [
        FormPart(
            _("一 提交"),
            _filed_state(counts, filed, len(content["people"])),
            f"{filed}/{len(content['people'])}",
            "people",
        ),
        FormPart(
            _("二 数据"),
            "confirmed",
            _("%(n)d 项不同") % {"n": differing} if differing else "",
            "totals",
        ),
        FormPart(_("三 文字"), "confirmed", f"{taken}/{written}", "texts"),
        FormPart(_("四 意见"), "confirmed" if comment else "late", "", "comment"),
    ]


def _with_choice(content: Content, left_out: tuple[str, ...]) -> Content:
    """The content with other items left out."""
    return {
        **content,
        "texts": [
            {
                **group,
                "items": [{**item, "is_in": item["id"] not in left_out} for item in group["items"]],
            }
            for group in content["texts"]
        ],
    }


def _why_key(state: RollUpWeek) -> str:
    return f"rollup:{state.week.key}:{state.branch.pk}"


# Writing


@require_http_methods(["PATCH"])
def rollup_write(request: SignedInRequest, week: Week, branch: int) -> HttpResponse:
    """What is typed and ticked, as it is typed; Stale gives what stands now, field by field."""
    at = clock.now()
    sent = autosaved(request)
    fields = sent.fields
    state = rollup_week(request, week, branch, at)
    if "why_corrected" in fields and permissions.can_roll_up(request.actor, state.branch):
        draft = draft_of(request.actor.somebody, _why_key(state))
        save_draft(
            owner_id=request.actor.somebody,
            key=_why_key(state),
            body={"why": str(fields["why_corrected"])[: rules.TEXT_AT_MOST]},
            expected_version=draft.version if draft else 0,
            at=at,
        )
    ticked = {name: bool(on) for name, on in fields.items() if name.startswith(IN)}
    if not ticked and "comment" not in fields:
        return JsonResponse({"version": str(sent.version), "saved_at": at.isoformat()})
    out = set(state.rollup.left_out)
    out -= {name.removeprefix(IN) for name, on in ticked.items() if on}
    out |= {name.removeprefix(IN) for name, on in ticked.items() if not on}
    try:
        version = save_in_turn(
            owner_id=request.actor.somebody,
            thing=_why_key(state),
            expected_version=sent.version,
            at=at,
            window=sent.window,
            save=lambda version: (
                write_rollup(
                    branch_id=branch,
                    week=week,
                    comment=str(fields.get("comment", state.rollup.comment)),
                    left_out=sorted(out),
                    expected_version=version,
                    actor=request.actor,
                    at=at,
                ).version
            ),
        )
    except Stale as stale:
        raise Stale(_as_fields(stale.current, state.content, at)) from stale
    return JsonResponse({"version": str(version), "saved_at": at.isoformat()})


def _as_fields(current: dict[str, Any], content: Content, at: datetime) -> dict[str, Any]:
    """What stands now, by the form's names."""
    ids = [item["id"] for group in content["texts"] for item in group["items"]]
    return {
        "version": str(current["version"]),
        "saved_at": at.isoformat(),
        "fields": {
            "comment": current["comment"],
            **{f"{IN}{key}": key not in current["left_out"] for key in ids},
        },
    }


@require_POST
def rollup_send(request: SignedInRequest, week: Week, branch: int) -> HttpResponse:
    """Send what stands in the form; nothing typed is lost when it cannot be sent."""
    at = clock.now()
    state = rollup_week(request, week, branch, at)
    typed = _typed(request, state)
    try:
        with transaction.atomic():
            sent = _written_and_sent(request, state, typed, at)
    except Refused as refusal:
        links = [
            ErrorLink(problem.message, _ANCHORS.get(problem.field, ""))
            for problem in refusal.problems
        ]
        return _page(request, state, at, typed=typed, links=links, status=422)
    except Stale as stale:
        return _page(
            request, state, at, typed=typed, stale=_beside(stale.current, typed), status=409
        )
    discard_draft(request.actor.somebody, _why_key(state))
    toast(request, _("汇总已发送"), detail=sent.archive_number)
    return HttpResponseRedirect(reverse("rollup-version", args=[week.key, branch, sent.number]))


_ANCHORS: Final = {"why_corrected": "why", "comment": "comment-text"}


def _typed(request: SignedInRequest, state: RollUpWeek) -> Typed:
    """The form as it was sent: every item of the page was either ticked or left out."""
    known = request.POST.getlist("known")
    left_out = set(state.rollup.left_out) - set(known)
    left_out |= {key for key in known if f"{IN}{key}" not in request.POST}
    return Typed(
        request.POST.get("comment", ""),
        tuple(sorted(left_out)),
        request.POST.get("why_corrected", ""),
    )


def _written_and_sent(
    request: SignedInRequest, state: RollUpWeek, typed: Typed, at: datetime
) -> Any:
    version = whole_number(request.POST.get("version")) or 0
    rollup = state.rollup
    is_same = typed.comment.strip() == rollup.comment and typed.left_out == tuple(
        sorted(rollup.left_out)
    )
    if not is_same:
        version = write_rollup(
            branch_id=state.branch.pk,
            week=state.week,
            comment=typed.comment,
            left_out=typed.left_out,
            expected_version=version,
            actor=request.actor,
            at=at,
        ).version
    return send_rollup(
        branch_id=state.branch.pk,
        week=state.week,
        expected_version=version,
        why_corrected=typed.why,
        actor=request.actor,
        at=at,
    )


def _beside(current: dict[str, Any], typed: Typed) -> list[Difference]:
    """What was typed here → what stands now."""
    found = []
    if typed.comment.strip() != current["comment"]:
        found.append(Difference(_("主管意见"), typed.comment, current["comment"]))
    if set(typed.left_out) != set(current["left_out"]):
        found.append(
            Difference(_("不进汇总的条数"), str(len(typed.left_out)), str(len(current["left_out"])))
        )
    return found


# The mail


@require_safe
def rollup_mail(request: SignedInRequest, week: Week, branch: int) -> HttpResponse:
    """The mail exactly as it will be sent, or (``?number=``) as it was."""
    at = clock.now()
    number = whole_number(request.GET.get("number"))
    if number is not None:
        version = rollup_version(request.actor, branch, week, number)
        mail = rollup_versions.mail_of(version)
        known = version.rollup.branch
        receivers = [(one.name, one.address) for one in dispatch_of(version).recipients]
        attached = version.file.name if version.file else ""
    else:
        state = rollup_week(request, week, branch, at)
        known = state.branch
        deadline_at = state.period.deadline_at if state.period else at
        mail = mail_preview(state.rollup, state.content, at, deadline_at)
        receivers = [(one.name, one.email) for one in persons_in_charge(known.pk, local_date(at))]
        archive = f"HZ-{known.code}-{week.key}-{state.rollup.newest + 1}"
        attached = f"{known.name}_{week.key}_{archive}.xlsx"
    context = {
        "week": week,
        "branch": known,
        "number": number,
        "mail": mail,
        "receivers": receivers,
        "attached": attached,
        "is_panel": is_for_panel(request),
        "at": at,
    }
    return render(request, "worklogs/rollup_mail.html", context)


_ONE = "rollups/<week:week>/<int:branch>/"
urlpatterns = [
    path("rollups/", rollup_list.rollups, name="rollups"),
    path(_ONE, rollup, name="rollup"),
    path(f"{_ONE}write/", rollup_write, name="rollup-write"),
    path(f"{_ONE}send/", rollup_send, name="rollup-send"),
    path(f"{_ONE}mail/", rollup_mail, name="rollup-mail"),
    path(f"{_ONE}receive/", rollup_versions.rollup_receive, name="rollup-receive"),
    path(f"{_ONE}versions/<int:number>/", rollup_versions.version_page, name="rollup-version"),
    path(
        f"{_ONE}versions/<int:number>/progress/",
        rollup_versions.rollup_progress,
        name="rollup-progress",
    ),
    path(
        f"{_ONE}versions/<int:number>/workbook/",
        rollup_versions.rollup_workbook,
        name="rollup-workbook",
    ),
]
