"""What bands suggest (annex 5): proposals that a person takes up or not, never the system."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.chips import chip
from core.errors import NotAllowed, NotFound, Refused
from core.exports import hand_out
from core.formats import month_name, number
from core.forms import add_problems
from core.pages import toast
from core.parts import Segment
from core.periods import Month, local_date
from core.requests import SignedInRequest
from kpi.choices import ConsequenceState
from kpi.consequence_table import DECIDED, consequences_workbook, is_month
from kpi.labels import label_set_of
from kpi.models import Consequence
from kpi.operations.consequences import decide_consequence
from kpi.queries.proposals import ProposalRow, proposals_seen
from kpi.sheet_forms import ProposalForm
from kpi.views.sheet_ways import sheet_url, with_values

CHIPS: Final = {
    ConsequenceState.OPEN: "unsigned",
    ConsequenceState.ACCEPTED: "confirmed",
    ConsequenceState.DISMISSED: "stopped",
}


@dataclass(frozen=True)
class ShownProposal:
    """A proposal as the page shows it: its grounds with their addresses, its chip, its form."""

    row: ProposalRow
    month: str
    grounds: list[tuple[str, str, str]]
    chip: str
    form: ProposalForm | None


@require_safe
def consequences(request: SignedInRequest) -> HttpResponse:
    """The proposals that wait, or those that were decided."""
    return _page(request)


def _page(
    request: SignedInRequest, wrong: tuple[int, ProposalForm] | None = None, status: int = 200
) -> HttpResponse:
    at = clock.now()
    _guard(request)
    is_open = request.GET.get("show", "") != DECIDED
    rows = proposals_seen(
        request.actor, label_set_of(Month.containing(local_date(at))), is_open=is_open
    )
    mine = sum(row.can_decide for row in rows)
    here = reverse("consequences")
    context = {
        "title": _title(rows, mine) if is_open else _("已决定的考核建议"),
        "shown": [_shown(row, wrong) for row in rows],
        "is_open": is_open,
        "segments": [
            Segment(_("待决定"), here, is_open),
            Segment(_("已决定"), with_values(here, show=DECIDED), not is_open),
        ],
        "export_url": with_values(
            reverse("consequences-workbook"), show="" if is_open else DECIDED
        ),
        "at": at,
    }
    return render(request, "kpi/consequences.html", context, status=status)


def _guard(request: SignedInRequest) -> None:
    if not (request.actor.reads_all or request.actor.led_branches or request.actor.has_role(
        "manager"
    )):  # fmt: skip
        raise NotAllowed(_("考核建议由主管、总经理和市场部看。"))


@require_safe
def consequences_export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook."""
    _guard(request)
    actor = request.actor
    made = consequences_workbook(actor, clock.now(), show=request.GET.get("show", ""))
    branch_id = None if actor.branches is None else actor.branch_id
    return hand_out(request, made.content, name=made.name, rows=made.rows, branch_id=branch_id)


def _title(rows: list[ProposalRow], mine: int) -> str:
    if mine:
        return ngettext(
            "%(n)d 条考核建议等您决定", "%(n)d 条考核建议等您决定", mine
        ) % {"n": mine}  # fmt: skip
    if rows:
        return ngettext("%(n)d 条考核建议待决定", "%(n)d 条考核建议待决定", len(rows)) % {
            "n": len(rows)
        }
    return _("没有待决定的考核建议")


def _shown(row: ProposalRow, wrong: tuple[int, ProposalForm] | None) -> ShownProposal:
    one = row.consequence
    state = ConsequenceState(one.state)
    form = None
    if row.can_decide:
        is_wrong = wrong is not None and wrong[0] == one.pk
        form = wrong[1] if wrong is not None and is_wrong else ProposalForm(prefix=None)
        form.auto_id = f"id-{one.pk}-%s"
    return ShownProposal(
        row,
        month_name(Month.parse(one.month)),
        [_ground(one, key, score) for key, score in row.grounds],
        chip(CHIPS[state], state.label),
        form,
    )


def _ground(one: Consequence, key: str, score: str) -> tuple[str, str, str]:
    """A month or quarter it follows from: its name, the points, the sheet of a month."""
    text = number(Decimal(score), 2)
    if is_month(key):
        return month_name(Month.parse(key)), text, sheet_url(key, one.manager_id)
    return key, text, ""


@require_POST
def consequence_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """A head of the branch takes a proposal up, or not, and says why."""
    at = clock.now()
    if not Consequence.objects.visible_to(request.actor).filter(pk=pk).exists():
        raise NotFound
    form = ProposalForm(request.POST)
    if not form.is_valid():
        return _page(request, (pk, form), 422)
    try:
        decided = decide_consequence(
            consequence_id=pk,
            is_accepted=form.cleaned_data["result"] == "yes",
            decision=form.cleaned_data["decision"],
            actor=request.actor,
            at=at,
        )
    except Refused as refused:
        add_problems(form, refused)
        return _page(request, (pk, form), 422)
    toast(request, str(ConsequenceState(decided.state).label), detail=decided.manager.name)
    return HttpResponseRedirect(reverse("consequences"))


urlpatterns = [
    path("scores/consequences/", consequences, name="consequences"),
    path("scores/consequences/workbook/", consequences_export, name="consequences-workbook"),
    path("scores/consequences/<int:pk>/decide/", consequence_decide, name="consequence-decide"),
]
