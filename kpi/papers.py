"""The score sheet on paper (K4, annex 5): A4, one version as it is frozen, with lines to sign.

Everything comes out of the version's breakdown (kpi.breakdown); nothing is computed anew. Items
of bonus and penalty appear when something happened in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from confidentiality.choices import Level
from core.formats import month_name, number, plain_moment, signed
from core.marked_days import days_marked
from core.papers import is_one_page, render_pdf
from core.queries import calendar
from kpi.amending import scheme_of
from kpi.breakdown import NO_SOURCE
from kpi.choices import ObjectionState, VersionKind
from kpi.labels import name_of
from kpi.line_figures import data_of, plain
from kpi.models import Objection, ScoreSheet
from kpi.queries.sheet_views import GroupView, LineView, SheetView

TEMPLATE: Final = "papers/score-sheet.html"
_RULES: Final[Mapping[str, str | Promise]] = {
    "RATE": gettext_lazy("完成率"),
    "RATIO": gettext_lazy("比率"),
    "TIER": gettext_lazy("分档"),
    "EXAM": gettext_lazy("考试"),
    "RATE5": gettext_lazy("评分"),
    "DEDUCT": gettext_lazy("扣分"),
    "CASE": gettext_lazy("按事项"),
    "EXPR": gettext_lazy("算式"),
}
_RATED: Final = frozenset({"RATE", "RATIO", "EXAM", "RATE5"})
# The rows as far apart as is pleasant; closer, until all is on one page.
_WAYS: Final = (
    {"closeness": ""},
    {"closeness": "is-close"},
    {"closeness": "is-tight"},
    {"closeness": "is-tight is-tightest"},
)
_NARROW: Final = 3


@dataclass(frozen=True)
class PaperLine:
    """An item as it is printed; all as text. ``is_quiet``: it does not apply."""

    code: str
    name: str
    weight: str
    rule: str
    data: str
    rate: str
    score: str
    is_quiet: bool


@dataclass(frozen=True)
class PaperGroup:
    """A group with the items that are printed and its sum; ``bounds`` is 40分 or ±20分."""

    name: str
    bounds: str
    maximum: str
    lines: Sequence[PaperLine]
    score: str
    is_cases: bool

    @property
    def height(self) -> int:
        """How many rows it takes, the sum included."""
        return len(self.lines) + 1

    @property
    def name_lines(self) -> list[str]:
        """The name on two lines of a narrow cell, where it is of Chinese characters."""
        if self.name.isascii() or len(self.name) <= _NARROW:
            return [self.name]
        half = -(-len(self.name) // 2)
        return [self.name[:half], self.name[half:]]


@dataclass(frozen=True)
class Signature:
    """A line to sign: by whom, and name and moment where it was done electronically."""

    label: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class ScorePaper:
    """All that the sheet shows."""

    branch: str
    manager: str
    job_number: str
    month: str
    scheme: str
    number: str
    version: int
    level: str
    state: str
    cut_at: datetime
    groups: Sequence[PaperGroup]
    sum: str
    total: str
    band: str
    notes: Sequence[str]
    is_confirmed: bool
    objections: Sequence[str]
    supervisor_opinion: str
    head_opinion: str
    signatures: Sequence[Signature]
    digest: str
    url: str


def sheet_number(sheet: ScoreSheet, job_number: str) -> str:
    """The number of a sheet of paper: KH-202610-1108."""
    return f"KH-{sheet.month.replace('-', '')}-{job_number}"


def score_paper(view: SheetView, *, url: str) -> ScorePaper:
    """The paper of the version that is shown, in the active language; ``url`` is its QR code's."""
    sheet, content = view.sheet, view.version.content
    manager = content["manager"]
    groups = [_group(group, view.label_set) for group in view.groups]
    return ScorePaper(
        branch=content["branch"]["name"],
        manager=manager["name"],
        job_number=manager["job_number"],
        month=month_name(view.month),
        scheme=_("第 %(n)d 版") % {"n": content["scheme"]["number"]},
        number=sheet_number(sheet, manager["job_number"]),
        version=view.version.number,
        level=str(Level.INTERNAL.label),
        state=_state(view),
        cut_at=datetime.fromisoformat(content["cut_at"]),
        groups=groups,
        sum=_sum(view.groups),
        total=number(view.total, 2) if view.total is not None else "—",
        band=view.band_name or _("不评"),
        notes=_notes(view),
        is_confirmed=sheet.confirmed_at is not None,
        objections=[_objection(one) for one in view.objections if _stands(one)],
        supervisor_opinion=sheet.supervisor_opinion,
        head_opinion=sheet.head_opinion,
        signatures=_signatures(sheet, manager["name"]),
        digest=view.version.digest,
        url=url,
    )


def score_pdf(view: SheetView, *, url: str) -> bytes:
    """The paper as PDF (A4); a second, so never inside a transaction."""
    with days_marked(calendar):
        paper = score_paper(view, url=url)
        title = f"{paper.number} {paper.manager} {paper.version}"
        return render_pdf(TEMPLATE, {"paper": paper}, title=title, ways=_WAYS, fits=is_one_page)


def _state(view: SheetView) -> str:
    if not view.is_newest:
        return _("已被第 %(n)d 版代替") % {"n": view.sheet.newest}
    return view.sheet.get_state_display()


# Lines


def _group(group: GroupView, label_set: str) -> PaperGroup:
    is_cases = group.kind == "cases"
    shown = [one for one in group.lines if not is_cases or _has_happened(one)]
    lines = [_line(one, label_set, is_cases=is_cases) for one in shown]
    if is_cases and not lines:
        lines = [PaperLine("", _("没有发生"), "", "", "", "", "", is_quiet=True)]
    score = signed(group.score, 2) if is_cases else number(group.score, 2)
    return PaperGroup(
        name=group.name,
        bounds=_bounds(group.minimum, group.maximum),
        maximum="" if is_cases else plain(group.maximum),
        lines=lines,
        score=score if group.score is not None else "—",
        is_cases=is_cases,
    )


def _has_happened(line: LineView) -> bool:
    return bool(line.line["inputs"] and line.line["inputs"].get("cases"))


def _bounds(minimum: Decimal, maximum: Decimal) -> str:
    if minimum == -maximum:
        return _("±%(n)s 分") % {"n": plain(maximum)}
    if minimum < 0:
        return _("%(least)s 至 %(most)s 分") % {"least": plain(minimum), "most": plain(maximum)}
    return _("%(n)s 分") % {"n": plain(maximum)}


def _line(view: LineView, label_set: str, *, is_cases: bool) -> PaperLine:
    if view.score is None:
        return PaperLine(
            view.code,
            view.name,
            "—",
            _rule(view),
            view.why_not,
            pgettext("考核表", "不适用"),
            "—",
            is_quiet=True,
        )
    is_rated = view.rate is not None and view.line["formula"]["kind"] in _RATED
    rate = f"{number((view.rate or Decimal(0)) * 100, 1)}%" if is_rated else "—"
    return PaperLine(
        code=view.code,
        name=view.name,
        weight="" if is_cases else plain(view.effective),
        rule=_rule(view),
        data=_data(view, label_set),
        rate="" if is_cases else rate,
        score=signed(view.score, 2) if is_cases else number(view.score, 2),
        is_quiet=False,
    )


def _data(view: LineView, label_set: str) -> str:
    """The numbers; a result that nobody had checked by the cut says so."""
    data = data_of(view.line, label_set)
    return _("%(data)s（未复核）") % {"data": data} if view.is_unchecked else data


def _rule(view: LineView) -> str:
    """The kind of the formula, of a stair its step."""
    formula = view.line["formula"]
    if formula["kind"] == "STEP":
        return _("每差 %(size)s 扣 %(loss)s") % {
            "size": plain(formula.get("size") or 1),
            "loss": plain(formula.get("loss") or 0),
        }
    return str(_RULES[formula["kind"]])


def _sum(groups: Sequence[GroupView]) -> str:
    """38.25 + 17.75 + 36.22 − 3.00."""
    parts = [group.score for group in groups if group.score is not None]
    text = " ".join(f"{'−' if score < 0 else '+'} {number(abs(score), 2)}" for score in parts)
    return text.removeprefix("+ ")


# What is said below


def _notes(view: SheetView) -> list[str]:
    content = view.version.content
    notes = [*_not_applicable(view)]
    if view.why_not:
        notes.append(_("本月不评：%(why)s") % {"why": view.why_not})
    if view.is_vetoed:
        notes.append(_("有一票否决的事项，等次不高于“%(band)s”。") % {"band": view.band_name})
    unchecked = [line.code for line in view.lines.values() if line.is_unchecked]
    if unchecked:
        said = _("%(codes)s 的结果到数据截止时没有经第二人复核，按录入的数计。")
        notes.append(said % {"codes": "、".join(unchecked)})
    notes += [_adjusted(line) for line in view.lines.values() if line.adjusted]
    notes.append(_bands(view))
    if view.departs:
        notes.append(_("本方案的分组与 40/20/40±20 不同，由公司另行批准。"))
    if view.version.kind == VersionKind.CORRECTION and view.version.why:
        notes.append(_("更正原因：%(why)s") % {"why": view.version.why})
    cut = datetime.fromisoformat(content["cut_at"])
    notes.append(
        _("数据截至 %(at)s；内容摘要 %(digest)s。")
        % {"at": plain_moment(cut), "digest": view.version.digest[:16]}
    )
    return notes


def _not_applicable(view: SheetView) -> list[str]:
    """Items that do not apply, by reason; their weight is spread within their group."""
    by_reason: dict[str, list[str]] = {}
    for group in view.groups:
        if group.kind == "cases":
            continue
        for line in group.lines:
            if line.score is None:
                by_reason.setdefault(line.line["why_not"], []).append(line.code)
    found = []
    for reason, codes in by_reason.items():
        values = {"codes": "、".join(codes)}
        if reason == NO_SOURCE:
            words = _("%(codes)s 本月没有数据来源，不适用，分值摊入本组其余项目。")
        else:
            words = _("%(codes)s 本月无事项，不适用，分值摊入本组其余项目。")
        found.append(words % values)
    return found


def _adjusted(line: LineView) -> str:
    adjusted: Mapping[str, Any] = line.adjusted or {}
    return _("%(code)s 已调整：%(why)s") % {"code": line.code, "why": adjusted.get("why", "")}


def _bands(view: SheetView) -> str:
    bands = sorted(scheme_of(view.sheet).bands, key=lambda band: band.since, reverse=True)
    names = [name_of(band.names, view.label_set) for band in bands]
    parts = [
        _("%(least)s 分起%(name)s") % {"least": plain(band.since), "name": name}
        for band, name in zip(bands[:-1], names, strict=False)
    ]
    if len(bands) > 1:
        lowest = {"least": plain(bands[-2].since), "name": names[-1]}
        parts.append(_("%(least)s 分以下%(name)s") % lowest)
    return _("等次：%(bands)s；等次只作建议，由人决定。") % {"bands": "，".join(parts)}


def _stands(objection: Objection) -> bool:
    return objection.state != ObjectionState.WITHDRAWN


def _objection(objection: Objection) -> str:
    """M3：text（不成立：answer）."""
    state = objection.get_state_display()
    answer = f"{state}：{objection.answer}" if objection.answer else state
    return _("%(item)s：%(text)s（%(answer)s）") % {
        "item": objection.item,
        "text": objection.text,
        "answer": answer,
    }


def _signatures(sheet: ScoreSheet, manager: str) -> tuple[Signature, ...]:
    """Who signed electronically stands on the line with name and moment."""
    supervisor, head = sheet.supervised_by, sheet.approved_by
    return (
        Signature(_("客户经理"), manager if sheet.confirmed_at else "", sheet.confirmed_at),
        Signature(_("主管"), supervisor.name if supervisor else "", sheet.supervised_at),
        Signature(_("总经理"), head.name if head else "", sheet.approved_at),
    )
