"""The bulletins by year, and one of them: written, commented on, approved, read and signed for."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from core import clock
from core.actors import Actor
from core.chips import chip
from core.errors import NotAllowed, NotFound
from core.exports import hand_out
from core.formats import moment, month_name, short_day
from core.lists import Column, KeysetPage, RowLinks, work_table
from core.marked_days import filled
from core.parts import Fact, Segment
from core.periods import Month, local_date
from core.requests import SignedInRequest, whole_number
from duties.month_end import MonthEnd
from duties.month_queries import month_end_of
from organization.models import Branch
from reports import permissions
from reports.bulletin_notices import day_of_end
from reports.bulletin_shown import document_shown
from reports.choices import BulletinState
from reports.document import from_content
from reports.drafting import document_of
from reports.hindrances import before_publishing
from reports.models import Bulletin, SignFor
from reports.queries.bulletin_due import publish_by
from reports.queries.bulletins import (
    Line,
    bulletin_for,
    bulletin_lines,
    can_read_bulletins,
    comments_of,
    editions_of,
    month_to_draft,
    receipts_of,
    supplements_of,
    told_led,
    years_of,
)
from reports.receipt_table import receipts_workbook
from reports.texts import bulletin_name, changed_words, edition_name
from reports.views import bulletin_editor

CHIPS = {
    BulletinState.DRAFT: "draft",
    BulletinState.COMMENTING: "active",
    BulletinState.PROPOSED: "waiting",
    BulletinState.PUBLISHED: "done",
}


def state_chip(bulletin: Bulletin) -> SafeString:
    """The bulletin's state."""
    return chip(CHIPS[BulletinState(bulletin.state)], bulletin.get_state_display())


# The list


@require_safe
def bulletins(request: SignedInRequest) -> HttpResponse:
    """The bulletins of a year as far as the reader sees them."""
    actor, at = request.actor, clock.now()
    if not can_read_bulletins(actor):
        raise NotAllowed(_("工作通报由市场部和分公司阅读。"))
    years = years_of(actor)
    year = whole_number(request.GET.get("year")) or (years[0] if years else local_date(at).year)
    lines = bulletin_lines(actor, year)
    to_draft = month_to_draft(actor, at)
    context = {
        "headline": _list_headline(lines, to_draft),
        "table": _table(request, lines, at),
        "year": year,
        "years": [Segment(str(one), f"?year={one}", one == year) for one in years],
        "to_draft": to_draft,
        "draft_at": _draft_at(to_draft, at),
        "next": next_to_draft(actor, at) if to_draft is None else None,
        "may_write": permissions.can_write(actor),
        "at": at,
    }
    return render(request, "reports/bulletins.html", context)


def next_to_draft(actor: Actor, at: datetime) -> tuple[Month, MonthEnd] | None:
    """The month whose figures freeze next, for who writes: until then nothing can be drafted."""
    if not permissions.can_write(actor):
        return None
    running = Month.containing(local_date(at))
    for month in (running.previous, running):
        end = month_end_of(month)
        if at < end.frozen_at:
            return month, end
    return None


def _draft_at(month: Month | None, at: datetime) -> datetime | None:
    """When the clock begins the month's bulletin, if that is still to come."""
    draft_at = month_end_of(month).draft_at if month else None
    return draft_at if draft_at and at < draft_at else None


def _list_headline(lines: list[Line], to_draft: Month | None) -> str:
    """What waits first."""
    open_ones = [line for line in lines if line.bulletin.state != BulletinState.PUBLISHED]
    if open_ones:
        one = open_ones[0].bulletin
        return _("%(month)s通报：%(state)s") % {
            "month": bulletin_name(one),
            "state": one.get_state_display(),
        }
    if to_draft is not None:
        return _("%(month)s通报还没有起草") % {"month": month_name(to_draft)}
    mine = sum(1 for line in lines if line.waits_for_me)
    if mine:
        return ngettext("%(n)d 份通报等您签收", "%(n)d 份通报等您签收", mine) % {"n": mine}
    return _("工作通报")


def _table(request: HttpRequest, lines: list[Line], at: datetime) -> Any:
    columns = (
        Column[Line]("month", gettext_lazy("月份"), lambda line: bulletin_name(line.bulletin)),
        Column[Line](
            "number",
            gettext_lazy("文号"),
            lambda line: line.bulletin.document_number,
        ),
        Column[Line](
            "state",
            gettext_lazy("状态"),
            lambda line: line.bulletin.get_state_display(),
            cell=lambda line: state_chip(line.bulletin),
            is_bare=True,
        ),
        Column[Line]("when", gettext_lazy("时间"), lambda line: when_text(line.bulletin, at)),
        Column[Line]("signed", pgettext_lazy("通报", "签收"), _signed_text, cell=_signed_cell),
    )
    return work_table(
        request,
        KeysetPage(lines),
        columns,
        RowLinks[Line](
            key=lambda line: line.bulletin.pk,
            url=lambda line: reverse("bulletin", args=[line.bulletin.pk]),
        ),
        key="bulletins",
        caption=_("工作通报"),
    )


def when_text(bulletin: Bulletin, at: datetime) -> str:
    """When it was published, or what is due next of it."""
    if bulletin.published_at is not None:
        return filled(_("%(when)s 发布"), when=moment(bulletin.published_at, at))
    if bulletin.state == BulletinState.COMMENTING and bulletin.comments_until is not None:
        return filled(_("%(when)s前提意见"), when=day_of_end(bulletin.comments_until))
    due_at = publish_by(bulletin, month_end_of)
    return filled(_("%(when)s前发布"), when=day_of_end(due_at))


def _signed_text(line: Line) -> str:
    return f"{line.signed}/{line.signers}" if line.signers else ""


def _signed_cell(line: Line) -> SafeString | str:
    if line.waits_for_me:
        return chip("unsigned", _("等您签收"))
    return _signed_text(line)


# One of them


@require_safe
def bulletin(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page of a bulletin: its editor, or the paper with what is to be done about it."""
    at = clock.now()
    found = bulletin_for(request.actor, pk)
    is_open = found.state in (BulletinState.DRAFT, BulletinState.COMMENTING)
    if is_open and permissions.can_write(request.actor) and "preview" not in request.GET:
        return bulletin_editor.editor(request, found, at)
    return reading_page(request, found, at)


def reading_page(
    request: SignedInRequest,
    found: Bulletin,
    at: datetime,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The bulletin as it is printed; ``errors`` and ``typed`` belong to the forms beside it."""
    actor = request.actor
    is_published = found.state == BulletinState.PUBLISHED
    shown = _edition_page(request, found) if is_published else _preview(request, found, at)
    context = {
        "bulletin": found,
        "name": bulletin_name(found),
        "state_chip": state_chip(found),
        "facts": _facts(found, at),
        "at": at,
        "errors": errors or {},
        "typed": typed or {},
        "may_write": permissions.can_write(actor),
        "may_publish": found.state == BulletinState.PROPOSED
        and permissions.can_publish(actor, found),
        "may_send_back": found.state == BulletinState.PROPOSED and permissions.can_write(actor),
        "hindrances": before_publishing(found, at)
        if found.state == BulletinState.PROPOSED and permissions.can_write(actor)
        else [],
        **shown,
        **(_receipts(actor, found) if is_published else _comments(actor, found, at)),
    }
    if is_published:
        supplements = supplements_of(actor, found)
        context["supplements"] = supplements
        context["may_supplement"] = (
            permissions.can_write(actor)
            and not found.supplement
            and all(one.state == BulletinState.PUBLISHED for one in supplements)
        )
    return render(request, "reports/bulletin.html", context, status=status)


def _edition_page(request: SignedInRequest, found: Bulletin) -> dict[str, Any]:
    """The edition that is asked for, else the own branch's, else the company's."""
    editions = editions_of(request.actor, found)
    asked = whole_number(request.GET.get("edition"))
    own = [one for one in editions if one.branch_id == request.actor.branch_id and one.branch_id]
    chosen = next((one for one in editions if one.pk == asked), None)
    if asked is not None and chosen is None:
        raise NotFound
    if chosen is None:
        chosen = (own or [one for one in editions if one.branch_id is None])[0]
    return {
        "edition": chosen,
        "shown": document_shown(from_content(chosen.content)),
        "editions": [
            Segment(edition_name(one), f"?edition={one.pk}", one == chosen) for one in editions
        ],
    }


def _preview(request: SignedInRequest, found: Bulletin, at: datetime) -> dict[str, Any]:
    """The document as it would be published now: the company's or a branch's."""
    actor = request.actor
    branches = told_led(actor, found)
    asked = whole_number(request.GET.get("branch"))
    chosen: Branch | None = next((one for one in branches if one.pk == asked), None)
    if asked is not None and chosen is None:
        raise NotFound
    is_writer = permissions.can_write(actor)
    if not is_writer and branches and asked is None and "company" not in request.GET:
        chosen = branches[0]
    extra = "&preview" if "preview" in request.GET else ""
    return {
        "shown": document_shown(document_of(found, chosen, local_date(at))),
        "branch": chosen,
        "editions": [
            Segment(_("全司版"), f"?company{extra}", chosen is None),
            *(Segment(one.name, f"?branch={one.pk}{extra}", one == chosen) for one in branches),
        ],
    }


def _facts(found: Bulletin, at: datetime) -> list[Fact]:
    facts = []
    if found.published_at is not None:
        facts.append(Fact(_("发布"), moment(found.published_at, at)))
    else:
        due_at = publish_by(found, month_end_of)
        facts.append(Fact(_("发布期限"), day_of_end(due_at)))
    if found.proposed_by is not None:
        facts.append(Fact(_("提请人"), found.proposed_by.name))
    if found.approved_by is not None:
        facts.append(Fact(_("批准人"), found.approved_by.name))
    facts.append(Fact(_("数据截至"), moment(datetime.fromisoformat(found.figures["cut_at"]), at)))
    if found.changed and found.published_at is None:
        facts.append(Fact(_("重新取数后有变"), changed_words(found)))
    return facts


def _receipts(actor: Actor, found: Bulletin) -> dict[str, Any]:
    """Who has signed, as far as the reader sees it; the own signature first."""
    receipts = receipts_of(found, actor)
    mine = next((one for one in receipts if one.person_id == actor.person_id), None)
    return {
        "mine": mine,
        "receipts": sorted(receipts, key=_open_first),
        "signed": sum(1 for one in receipts if one.signed_at is not None),
        "may_remind": permissions.can_write(actor)
        and any(one.signed_at is None for one in receipts),
    }


def _open_first(receipt: SignFor) -> tuple[bool, str, str]:
    return (receipt.signed_at is not None, receipt.branch.code, receipt.person.sort_key)


def _comments(actor: Actor, found: Bulletin, at: datetime) -> dict[str, Any]:
    """What was said of the draft, and which branches may still say something."""
    comments = comments_of(found, actor)
    said = {one.branch_id for one in comments}
    until = found.comments_until
    is_open = found.state == BulletinState.COMMENTING and until is not None and at < until
    return {
        "comments": comments,
        "to_comment": [
            one
            for one in told_led(actor, found)
            if is_open and one.pk not in said and permissions.can_comment(actor, one.pk)
        ],
        "comment_day": short_day(until) if until and not is_open else "",
        "comments_until": day_of_end(until) if until else "",
        "is_over": until is not None and at >= until,
    }


@require_safe
def receipts_export(request: SignedInRequest, pk: int) -> HttpResponse:
    """The sign-for list as a workbook, as far as the reader sees it."""
    made = receipts_workbook(bulletin_for(request.actor, pk), request.actor)
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=None)


urlpatterns = [
    path("bulletins/", bulletins, name="bulletins"),
    path("bulletins/<int:pk>/", bulletin, name="bulletin"),
    path(
        "bulletins/<int:pk>/receipts-workbook/", receipts_export, name="bulletin-receipts-workbook"
    ),
]
