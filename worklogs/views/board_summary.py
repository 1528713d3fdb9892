"""A summary under review in the board's panel: figures, texts, remarks, opinion (W5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from core.errors import NotFound, Refused, Stale
from core.formats import exact_moment, moment
from core.lists import Text
from core.pages import toast
from core.panels import is_for_panel, page_under
from core.parts import ErrorLink, Fact
from core.requests import SignedInRequest, whole_number
from worklogs import figures, permissions
from worklogs.board_table import standing_chip
from worklogs.choices import SummaryState, TextPart
from worklogs.models import Summary, SummaryReturn, SummaryVersion
from worklogs.operations.summaries import return_summary, review_summary
from worklogs.queries import Board, BoardRow, newest_version

REMARK = "remark:"
PageOf = Callable[..., HttpResponse]


@dataclass(frozen=True)
class FigureLine:
    """A figure as filed: counted, declared, why they differ, and the remark on it."""

    field: str
    label: Text
    unit: Text
    value: str
    declared: str
    reason: str
    remark: str
    given_back: str

    @property
    def differs(self) -> bool:
        """Whether the manager declares something else than the system."""
        return self.value != self.declared

    @property
    def name(self) -> str:
        """The remark's name in the form."""
        return f"{REMARK}{self.field}"

    @property
    def anchor(self) -> str:
        """The field as a part of an id."""
        return self.field.replace(":", "-")


@dataclass(frozen=True)
class TextLine:
    """A text as filed, or that there was nothing; and the remark on it."""

    field: str
    label: Text
    text: str
    is_nothing: bool
    remark: str
    given_back: str

    @property
    def name(self) -> str:
        """The remark's name in the form."""
        return f"{REMARK}{self.field}"

    @property
    def anchor(self) -> str:
        """The field as a part of an id."""
        return self.field.replace(":", "-")


def panel_of(
    request: SignedInRequest,
    state: Board,
    manager_id: int,
    at: datetime,
    *,
    typed: Mapping[str, str] | None = None,
    links: list[ErrorLink] | None = None,
    current: Text = "",
) -> dict[str, Any]:
    """What the panel shows of one manager's week; NotFound for somebody not on the board.

    ``typed`` holds remarks and opinion after a refusal, ``links`` what was refused, ``current``
    what somebody else did meanwhile.
    """
    row = next((row for row in state.rows if row.manager.pk == manager_id), None)
    if row is None:
        raise NotFound
    context: dict[str, Any] = {
        "row": row,
        "row_chip": standing_chip(row.standing, row.minutes_late),
        "panel_title": row.manager.name,
        "panel_about": _("第 %(n)d 周周报") % {"n": state.week.number},
        "close_url": _close_url(request, state),
        "links": links or [],
        "wanted": [link.anchor.removeprefix("remark-") for link in links or ()],
        "stale_note": current,
        "logs_url": _logs_url(state, manager_id),
        "whole_url": reverse("summary-of", args=[state.week.key, manager_id])
        if _stands("summary-of", state.week.key, manager_id)
        else "",
    }
    if row.summary is None:
        return context
    version = newest_version(row.summary)
    given_back = SummaryReturn.objects.filter(version=version).first()
    typed = typed or {}
    return {
        **context,
        "summary": row.summary,
        "version": version,
        "draft_key": f"review-{row.summary.pk}-{row.summary.version}",
        "facts": _facts(row.summary, version, at),
        "figures": _figures(version, given_back, typed),
        "texts": _texts(version, given_back, typed),
        "opinion": typed.get("opinion", row.summary.opinion),
        "may_review": permissions.can_review_summary(
            request.actor, row.summary, state.branch.pk, version.filed_by_id
        )
        and row.summary.state == SummaryState.SUBMITTED,
        "decide_url": _decide_url(state, manager_id),
    }


def _stands(name: str, *args: object) -> bool:
    try:
        reverse(name, args=args)
    except NoReverseMatch:
        return False
    return True


def _decide_url(state: Board, manager_id: int) -> str:
    url = reverse("board-summary", args=[state.week.key, manager_id])
    return f"{url}?branch={state.branch.pk}"


def _close_url(request: SignedInRequest, state: Board) -> str:
    """The board without the panel."""
    if request.method == "POST":
        return f"{reverse('board', args=[state.week.key])}?branch={state.branch.pk}"
    query = request.GET.copy()
    query.pop("of", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _logs_url(state: Board, manager_id: int) -> str:
    first, last = state.week.monday, state.week.sunday
    return f"{reverse('logs')}?manager={manager_id}&first={first}&last={last}"


def _facts(summary: Summary, version: SummaryVersion, at: datetime) -> list[Fact]:
    found = [
        Fact(_("收到"), exact_moment(version.submitted_at)),
        Fact(_("回执号"), version.receipt),
    ]
    if version.number > 1:
        found.append(Fact(_("版本"), _("第 %(n)d 版") % {"n": version.number}))
    if version.filed_by_id != summary.manager_id:
        found.append(Fact(_("代填"), f"{version.filed_by.name}　{version.why_filed_for}"))
        confirmed = moment(version.confirmed_at, at) if version.confirmed_at else _("还没有")
        found.append(Fact(_("本人确认"), confirmed))
    if summary.reviewed_at:
        found.append(Fact(_("已批阅"), moment(summary.reviewed_at, at)))
    return found


def _figures(
    version: SummaryVersion, given_back: SummaryReturn | None, typed: Mapping[str, str]
) -> list[FigureLine]:
    """The figures in the form's order, those that differ first."""
    known = figures.figures()
    lines = []
    for key, one in version.figures.items():
        field = f"figure:{key}"
        figure = known.get(key)
        lines.append(
            FigureLine(
                field,
                figure.label if figure else key,
                figure.unit if figure else "",
                one["value"],
                one["declared"],
                one["reason"],
                typed.get(f"{REMARK}{field}", ""),
                given_back.remarks.get(field, "") if given_back else "",
            )
        )
    return sorted(lines, key=lambda line: not (line.differs or line.given_back))


def _texts(
    version: SummaryVersion, given_back: SummaryReturn | None, typed: Mapping[str, str]
) -> list[TextLine]:
    return [
        TextLine(
            f"text:{part.value}",
            part.label,
            version.texts.get(part.value, ""),
            part.value in version.nothing,
            typed.get(f"{REMARK}text:{part.value}", ""),
            given_back.remarks.get(f"text:{part.value}", "") if given_back else "",
        )
        for part in TextPart
    ]


def _typed(request: SignedInRequest) -> dict[str, str]:
    """Remarks and opinion as they were typed."""
    return {
        name: str(value)
        for name, value in request.POST.items()
        if name == "opinion" or name.startswith(REMARK)
    }


def _current_words(current: Mapping[str, Any]) -> str:
    """What somebody else did meanwhile, in words."""
    state = current.get("state")
    word = str(SummaryState(state).label) if state in SummaryState.values else ""
    return _("这份周报刚被别人改过（现在：%(state)s）。您写的都在，看过后再按一次。") % {
        "state": word or _("已变动")
    }


def decide(
    request: SignedInRequest, state: Board, manager_id: int, at: datetime, page: PageOf
) -> HttpResponse:
    """Read the summary, or give it back with remarks; ``page`` draws the board around it."""
    row = next(row for row in state.rows if row.manager.pk == manager_id)
    if row.summary is None:
        raise NotFound
    typed = _typed(request)
    links: list[ErrorLink] = []
    current, status = "", 422
    try:
        _decided(request, row.summary, typed, at)
    except Refused as refusal:
        links = [
            ErrorLink(problem.message, _anchor(problem.field, row)) for problem in refusal.problems
        ]
    except Stale as stale:
        current, status = _current_words(stale.current), 409
    else:
        return _done(request, state, row, row.summary)
    panel = panel_of(request, state, manager_id, at, typed=typed, links=links, current=current)
    return page(request, state.week, at, panel=panel, status=status)


def _decided(
    request: SignedInRequest, summary: Summary, typed: Mapping[str, str], at: datetime
) -> None:
    remarks = {
        name.removeprefix(REMARK): text
        for name, text in typed.items()
        if name.startswith(REMARK) and text.strip()
    }
    version = whole_number(request.POST.get("version")) or 0
    if request.POST.get("action") == "return":
        return_summary(
            summary_id=summary.pk,
            remarks=remarks,
            expected_version=version,
            actor=request.actor,
            at=at,
        )
        return
    if remarks:
        raise Refused(_("写了批注：按“退回”发出，或清空批注再批阅。"), field=min(remarks))
    review_summary(
        summary_id=summary.pk,
        opinion=typed.get("opinion", ""),
        expected_version=version,
        actor=request.actor,
        at=at,
    )


def _anchor(field: str, row: BoardRow) -> str:
    """The id of the control a refusal is about."""
    if field.startswith(("figure:", "text:")):
        return f"remark-{field.replace(':', '-')}"
    return "remark-text-conclusions" if field == "remarks" else "opinion"


def _done(request: SignedInRequest, state: Board, row: BoardRow, summary: Summary) -> HttpResponse:
    """The board again, with the row as it is now."""
    is_return = request.POST.get("action") == "return"
    toast(
        request,
        _("已退回 %(name)s") % {"name": row.manager.name}
        if is_return
        else _("已批阅 %(name)s") % {"name": row.manager.name},
        clears=f"review-{summary.pk}-{summary.version}",
    )
    otherwise = (
        f"{reverse('board', args=[state.week.key])}?branch={state.branch.pk}&of={row.manager.pk}"
    )
    url = page_under(request, otherwise)
    if is_for_panel(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
