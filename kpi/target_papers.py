"""The target sheet on paper (annex 3.6): A4, one version as it was issued, lines to sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from confidentiality.choices import Level
from core.formats import month_name, number
from core.marked_days import days_marked
from core.papers import render_pdf
from core.periods import Month
from core.queries import calendar
from kpi.choices import Adding, Method
from kpi.labels import label_set_of, name_of, unit_name
from kpi.models import TargetVersion
from kpi.target_contents import Content

TEMPLATE = "papers/target-sheet.html"
# So many indicators stand beside each other on a page that is read without a glass.
COLUMNS_AT_MOST = 6


@dataclass(frozen=True)
class PaperLine:
    """An indicator on paper; numbers as text."""

    name: str
    unit: str
    required: str
    value: str
    method: str
    given: str
    lacking: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class PaperPerson:
    """A manager on paper: the parts, and the acknowledgement as a signature."""

    name: str
    job_number: str
    parts: Sequence[str]
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class PaperWork:
    """A work item on paper."""

    name: str
    what: str
    quantity: str
    due_on: date
    resource: str


@dataclass(frozen=True)
class PartTable:
    """The parts of some of the indicators: as many as fit beside each other."""

    heads: Sequence[tuple[str, str]]
    people: Sequence[PaperPerson]
    totals: Sequence[str]
    has_signatures: bool


@dataclass(frozen=True)
class TargetPaper:
    """All that the sheet shows."""

    title: str
    branch: str
    month: str
    number: int
    why: str
    level: str
    issued_by: str
    issued_at: datetime
    digest: str
    lines: Sequence[PaperLine]
    tables: Sequence[PartTable]
    work: Sequence[PaperWork]
    priorities: str
    resources: str
    why_no_items: str
    url: str


def target_paper(
    version: TargetVersion, acknowledged: Mapping[int, datetime], *, url: str
) -> TargetPaper:
    """The sheet of one version in the active language; ``url`` is what its QR opens."""
    content: Content = version.content
    month = Month.parse(content["month"])
    label_set = label_set_of(month)
    people = {one["id"]: one["name"] for one in content["managers"]}
    return TargetPaper(
        title=_("%(month)s目标分解表") % {"month": month_name(month)},
        branch=content["branch"]["name"],
        month=month.key,
        number=version.number,
        why=version.why,
        level=str(Level.INTERNAL.label),
        issued_by=version.issued_by.name,
        issued_at=version.issued_at,
        digest=version.digest,
        lines=[_line(line, label_set) for line in content["lines"]],
        tables=_tables(content, acknowledged, label_set),
        work=[
            PaperWork(
                people.get(item["manager"], ""),
                item["what"],
                f"{number(item['quantity'])} {unit_name(item['unit'])}".strip(),
                date.fromisoformat(item["due_on"]),
                item["resource"],
            )
            for item in content["items"]
        ],
        priorities=content["priorities"],
        resources=content["resources"],
        why_no_items=content["why_no_items"],
        url=url,
    )


def target_pdf(version: TargetVersion, acknowledged: Mapping[int, datetime], *, url: str) -> bytes:
    """The sheet as PDF (A4); half a second, so never inside a transaction."""
    paper = target_paper(version, acknowledged, url=url)
    title = f"{paper.branch} {paper.title} {paper.number}"
    with days_marked(calendar):
        return render_pdf(TEMPLATE, {"paper": paper}, title=title)


def _line(line: Content, label_set: str) -> PaperLine:
    places = line["places"]
    is_mean = line["adding"] == Adding.MEAN
    lacking = Decimal(line["lacking"])
    reasons = []
    if line["why_not_required"]:
        reasons.append(_("与要求不同：%(why)s") % {"why": line["why_not_required"]})
    if lacking and line["why_not_sum"]:
        reasons.append(_("未分尽：%(why)s") % {"why": line["why_not_sum"]})
    return PaperLine(
        name=name_of(line["labels"], label_set),
        unit=unit_name(line["unit"]),
        required=_text(line["required"], places),
        value=_text(line["value"], places),
        method=str(Method(line["method"]).label),
        given=_("取平均") if is_mean else number(_given(line), places),
        lacking="" if is_mean else number(lacking, places),
        reasons=reasons,
    )


def _given(line: Content) -> Decimal:
    return sum((Decimal(part["value"]) for part in line["parts"]), Decimal(0))


def _text(value: str | None, places: int) -> str:
    return "" if value is None else number(Decimal(value), places)


def _tables(
    content: Content, acknowledged: Mapping[int, datetime], label_set: str
) -> list[PartTable]:
    lines = content["lines"]
    tables = []
    for start in range(0, len(lines), COLUMNS_AT_MOST):
        own = lines[start : start + COLUMNS_AT_MOST]
        parts = [
            {part["manager"]: _text(part["value"], line["places"]) for part in line["parts"]}
            for line in own
        ]
        tables.append(
            PartTable(
                heads=[
                    (name_of(line["labels"], label_set), unit_name(line["unit"])) for line in own
                ],
                people=[
                    PaperPerson(
                        one["name"],
                        one["job_number"],
                        [given.get(one["id"], "") for given in parts],
                        acknowledged.get(one["id"]),
                    )
                    for one in content["managers"]
                ],
                totals=[
                    "" if line["adding"] == Adding.MEAN else number(_given(line), line["places"])
                    for line in own
                ],
                has_signatures=start + COLUMNS_AT_MOST >= len(lines),
            )
        )
    return tables
