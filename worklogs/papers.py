"""The weekly progress summary on paper (W5, annex 3.4): one version, as it was filed."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from confidentiality.choices import Level
from core.marked_days import days_marked
from core.papers import render_pdf
from core.periods import Week
from core.queries import calendar
from worklogs.choices import SummaryState, TextPart
from worklogs.figures import figures
from worklogs.models import SummaryVersion

TEMPLATE = "papers/weekly-summary.html"
FIGURES_ACROSS = 3


@dataclass(frozen=True)
class FigureLine:
    """One figure: what the system counted, what was declared, and why they differ."""

    label: str
    unit: str
    value: str
    declared: str
    reason: str

    @property
    def differs(self) -> bool:
        """Whether the two differ."""
        return self.value != self.declared


@dataclass(frozen=True)
class TextLine:
    """One written part; ``is_nothing`` when "nothing this week" was said."""

    number: int
    label: str
    text: str
    is_nothing: bool


@dataclass(frozen=True)
class Signature:
    """A line to sign: by whom, and the name and moment where it was done electronically."""

    label: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class SummaryPaper:
    """All that the sheet shows. ``figures`` are only those that have a source."""

    branch: str
    manager: str
    job_number: str
    week: Week
    receipt: str
    number: int
    submitted_at: datetime
    standing: str
    level: str
    figures: tuple[FigureLine, ...]
    texts: tuple[TextLine, ...]
    log_count: int
    opinion: str
    filed_by: str
    why_filed_for: str
    confirmed_at: datetime | None
    signatures: tuple[Signature, ...]
    url: str

    @property
    def rows(self) -> list[list[FigureLine | None]]:
        """The figures in columns, read downwards; the last column may end early."""
        depth = -(-len(self.figures) // FIGURES_ACROSS)
        columns = [self.figures[n * depth : (n + 1) * depth] for n in range(FIGURES_ACROSS)]
        return [
            [column[line] if line < len(column) else None for column in columns]
            for line in range(depth)
        ]

    @property
    def differing(self) -> list[FigureLine]:
        """Figures whose declared number is another than the system's."""
        return [figure for figure in self.figures if figure.differs]


def summary_paper(version: SummaryVersion, *, url: str) -> SummaryPaper:
    """The sheet of one version, labels in the active language; ``url`` is what its QR opens.

    The opinion is the standing version's: an earlier one was given back and has none.
    """
    summary = version.summary
    is_standing = version.number == summary.newest
    reviewer = summary.reviewed_by if is_standing else None
    return SummaryPaper(
        branch=version.branch.name,
        manager=summary.manager.name,
        job_number=summary.manager.job_number,
        week=Week.parse(summary.week),
        receipt=version.receipt,
        number=version.number,
        submitted_at=version.submitted_at,
        standing=_standing(version),
        level=str(Level.INTERNAL.label),
        figures=_figures(version),
        texts=_texts(version),
        log_count=version.log_count,
        opinion=summary.opinion if is_standing else "",
        filed_by="" if version.filed_by_id == summary.manager_id else version.filed_by.name,
        why_filed_for=version.why_filed_for,
        confirmed_at=version.confirmed_at,
        signatures=(
            _managers_signature(version),
            Signature(
                _("主管"),
                reviewer.name if reviewer else "",
                summary.reviewed_at if reviewer else None,
            ),
            Signature(_("签收日期")),
        ),
        url=url,
    )


def summary_pdf(version: SummaryVersion, *, url: str) -> bytes:
    """The sheet as PDF (A4); half a second, so never inside a transaction."""
    paper = summary_paper(version, url=url)
    with days_marked(calendar):
        return render_pdf(TEMPLATE, {"paper": paper}, title=f"{paper.receipt} {paper.manager}")


def _standing(version: SummaryVersion) -> str:
    summary = version.summary
    if version.number < summary.newest or summary.state == SummaryState.RETURNED:
        return _("已退回")
    if summary.minutes_late:
        return _("迟交 %(n)s 分钟") % {"n": summary.minutes_late}
    return _("按时")


def _managers_signature(version: SummaryVersion) -> Signature:
    """The manager signs by filing, or by confirming what somebody else filed."""
    manager = version.summary.manager
    if version.filed_by_id == manager.pk:
        return Signature(_("客户经理"), manager.name, version.submitted_at)
    if version.confirmed_at is not None:
        return Signature(_("客户经理"), manager.name, version.confirmed_at)
    return Signature(_("客户经理"))


def _figures(version: SummaryVersion) -> tuple[FigureLine, ...]:
    """In the form's order; what had no source when it was filed is absent, never 0."""
    return tuple(
        FigureLine(
            str(figure.label),
            str(figure.unit),
            str(version.figures[key]["value"]),
            str(version.figures[key]["declared"]),
            str(version.figures[key].get("reason", "")),
        )
        for key, figure in figures().items()
        if key in version.figures
    )


def _texts(version: SummaryVersion) -> tuple[TextLine, ...]:
    return tuple(
        TextLine(
            number,
            str(part.label),
            str(version.texts.get(part.value, "")).strip(),
            part.value in version.nothing,
        )
        for number, part in enumerate(TextPart, 1)
    )
