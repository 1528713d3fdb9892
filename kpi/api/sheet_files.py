"""Score sheets as files over the API (K4): paper and workbook of one, the workbook of a month."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from core.actors import Actor
from core.api.downloads import DownloadView, Outgoing
from core.api.filters import QueryChoice
from core.errors import NotAllowed
from core.exports import XLSX
from core.periods import Month
from kpi.choices import SheetState
from kpi.models import ScoreSheet
from kpi.papers import score_pdf, sheet_number
from kpi.queries.sheet_views import SheetView, sheet_view
from kpi.queries.sheets import led_branch
from kpi.workbooks import sheet_workbook, table_workbook


class _Files(DownloadView):
    def queryset_for(self, actor: Actor) -> QuerySet[ScoreSheet]:
        """Visible sheets."""
        return ScoreSheet.objects.visible_to(actor)


class _OneSheet(_Files):
    """A version of somebody's sheet; without a number the newest."""

    def view(self) -> SheetView:
        """The sheet of this address; NotFound where it is not seen."""
        return sheet_view(
            self.actor,
            self.kwargs["month"],
            self.kwargs["manager"],
            self.at,
            number=self.kwargs.get("number"),
        )

    def page(self) -> str:
        """Where the sheet's page is: what its QR code opens."""
        address = reverse("sheet", args=[self.kwargs["month"], self.kwargs["manager"]])
        return self.request.build_absolute_uri(address)


class SheetPdf(_OneSheet):
    """A version as the A4 sheet."""

    media_types = ("application/pdf",)

    def outgoing(self) -> Outgoing:
        """Printed now, from the frozen content."""
        view = self.view()
        number = sheet_number(view.sheet, view.version.content["manager"]["job_number"])
        return Outgoing(
            name=f"{number}_{view.version.number}.pdf",
            content=score_pdf(view, url=self.page()),
            content_type="application/pdf",
            rows=1,
            branch_id=view.sheet.branch_id,
        )


class SheetVersionPdf(SheetPdf):
    """An earlier version as the A4 sheet."""


class SheetWorkbook(_OneSheet):
    """A version as a workbook."""

    media_types = (XLSX,)

    def outgoing(self) -> Outgoing:
        """Written now, from the frozen content."""
        view = self.view()
        made = sheet_workbook(view, url=self.page())
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=view.sheet.branch_id
        )


_STATES = QueryChoice("state", tuple(SheetState.values), _("只要这个状态的"))


class BranchSheets(_Files):
    """A branch's month as a workbook."""

    media_types = (XLSX,)
    choices = (_STATES,)

    def outgoing(self) -> Outgoing:
        """As it stands."""
        month: Month = self.kwargs["month"]
        branch = led_branch(self.actor, self.kwargs["branch"])
        made = table_workbook(self.actor, month, branch=branch, state=_state(self))
        return Outgoing(
            f"{made.name}.xlsx", made.content, XLSX, rows=made.rows, branch_id=branch.pk
        )


class CompanySheets(_Files):
    """The company's month as a workbook."""

    media_types = (XLSX,)
    choices = (_STATES,)

    def outgoing(self) -> Outgoing:
        """As it stands; for those who read every branch."""
        if not self.actor.reads_all:
            raise NotAllowed
        month: Month = self.kwargs["month"]
        made = table_workbook(self.actor, month, state=_state(self))
        return Outgoing(f"{made.name}.xlsx", made.content, XLSX, rows=made.rows)


def _state(view: Any) -> str:
    return "".join(view.asked("state"))


_ONE = "scores/<month:month>/<int:manager>/"
urlpatterns = [
    path(f"{_ONE}pdf/", SheetPdf.as_view(), name="api-score-pdf"),
    path(f"{_ONE}workbook/", SheetWorkbook.as_view(), name="api-score-workbook"),
    path(
        f"{_ONE}versions/<int:number>/pdf/",
        SheetVersionPdf.as_view(),
        name="api-score-version-pdf",
    ),
    path("scores/<month:month>/workbook/", CompanySheets.as_view(), name="api-scores-workbook"),
    path(
        "scores/<month:month>/branches/<int:branch>/workbook/",
        BranchSheets.as_view(),
        name="api-scores-branch-workbook",
    ),
]
