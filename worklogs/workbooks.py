"""The workbooks that are mailed and archived (W6): a branch's roll-up, the company's week.

Made from the frozen content alone, so that the same roll-up always gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from confidentiality.choices import Level
from core.formats import week_name, week_span
from core.periods import Week, local
from core.workbooks import ColumnSpec, SheetSpec, write_workbook
from worklogs.choices import Standing
from worklogs.contents import RECORD_LANGUAGE, Content
from worklogs.models import Consolidation, RollUpVersion

WIDE, MEDIUM = 80, 24
Fact = tuple[str, str]


def rollup_workbook(version: RollUpVersion) -> bytes:
    """A branch's week as XLSX: overview, people, totals, what was written, the supplement."""
    with override(RECORD_LANGUAGE):
        content: Content = version.content
        title = _("%(branch)s周汇总") % {"branch": content["branch"]["name"]}
        heading = (title, _week_line(content))
        return write_workbook(
            [
                _overview(heading, _rollup_facts(version, content)),
                _people(heading, content),
                _totals(heading, content["totals"]),
                _texts(heading, _rollup_texts(content), with_branch=False),
                _supplement(heading, content["supplement"]),
            ]
        )


def consolidation_workbook(issue: Consolidation) -> bytes:
    """The company's week as XLSX: overview, branches, totals, what was written."""
    with override(RECORD_LANGUAGE):
        content: Content = issue.content
        heading = (_("全司周汇总"), _week_line(content))
        return write_workbook(
            [
                _overview(heading, _consolidation_facts(issue, content)),
                _branches(heading, content["branches"]),
                _totals(heading, content["totals"]),
                _texts(heading, _company_texts(content), with_branch=True),
            ]
        )


def _week_line(content: Content) -> str:
    week = Week.parse(content["week"])
    return f"{week_name(week)}（{week_span(week)}）"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _shown(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{local(moment):%Y-%m-%d %H:%M:%S}"


def _people_count(n: int) -> str:
    return ngettext("%(n)s 人", "%(n)s 人", n) % {"n": n}


def _services_count(n: int) -> str:
    return ngettext("%(n)s 笔", "%(n)s 笔", n) % {"n": n}


def _receipt(sent_at: datetime, minutes_late: int) -> str:
    shown = _shown(sent_at)
    if not minutes_late:
        return _("%(at)s 按时") % {"at": shown}
    return _("%(at)s 迟 %(n)s 分钟") % {"at": shown, "n": minutes_late}


def _issue_facts(
    archive_number: str, number: int, why_corrected: str, digest: str
) -> Iterable[Fact]:
    yield _("档案号"), archive_number
    yield _("密级"), str(Level.INTERNAL.label)
    if number > 1:
        yield _("更正"), _("第 %(n)s 版：%(why)s") % {"n": number, "why": why_corrected}
    yield _("内容校验（SHA-256）"), digest


def _rollup_facts(version: RollUpVersion, content: Content) -> list[Fact]:
    counts = content["counts"]
    return [
        (_("分公司"), f"{content['branch']['name']}（{content['branch']['code']}）"),
        (_("周次"), _week_line(content)),
        *_issue_facts(
            version.archive_number, version.number, version.why_corrected, version.digest
        ),
        (_("周报截止"), _shown(content["deadline_at"])),
        (_("数据截至"), _shown(content["cut_at"])),
        (_("发送人"), version.sent_by.name),
        (_("发送时间"), _receipt(version.sent_at, version.minutes_late)),
        (_("应交"), _people_count(len(content["people"]))),
        *(
            (str(one.label), _people_count(counts.get(one.value, 0)))
            for one in _shown_standings(counts)
        ),
        (_("未交人员"), "、".join(_names(content["people"], Standing.MISSING, Standing.NOT_DUE))),
        (_("交后和截止后补充"), _services_count(content["supplement"]["services"])),
        (_("主管评语"), content["comment"]),
    ]


def _shown_standings(counts: dict[str, int]) -> list[Standing]:
    """On time, late, returned and missing always; not due only where somebody is."""
    shown = [Standing.ON_TIME, Standing.LATE, Standing.RETURNED, Standing.MISSING]
    return [*shown, Standing.NOT_DUE] if counts.get(Standing.NOT_DUE) else shown


def _names(people: Sequence[Content], *standings: Standing) -> list[str]:
    return [person["name"] for person in people if person["standing"] in standings]


def _consolidation_facts(issue: Consolidation, content: Content) -> list[Fact]:
    branches = content["branches"]
    sums = {
        key: sum(branch[key] for branch in branches)
        for key in ("owing", "on_time", "late", "returned", "missing", "supplement")
    }
    return [
        (_("周次"), _week_line(content)),
        *_issue_facts(issue.archive_number, issue.number, issue.why_corrected, issue.digest),
        (_("数据截至"), _shown(content["cut_at"])),
        (_("归档人"), issue.issued_by.name),
        (_("归档时间"), _shown(issue.issued_at)),
        (_("分公司"), ngettext("%(n)s 家", "%(n)s 家", len(branches)) % {"n": len(branches)}),
        (_("未报分公司"), "、".join(content["missing"])),
        (_("应交"), _people_count(sums["owing"])),
        (str(Standing.ON_TIME.label), _people_count(sums["on_time"])),
        (str(Standing.LATE.label), _people_count(sums["late"])),
        (str(Standing.RETURNED.label), _people_count(sums["returned"])),
        (str(Standing.MISSING.label), _people_count(sums["missing"])),
        (_("交后和截止后补充"), _services_count(sums["supplement"])),
        (_("集团客户室评语"), content["comment"]),
    ]


def _overview(heading: Sequence[str], facts: Sequence[Fact]) -> SheetSpec:
    return SheetSpec(
        _("概况"),
        [ColumnSpec(_("项目"), width=MEDIUM), ColumnSpec(_("内容"), width=WIDE)],
        facts,
        heading=heading,
        is_landscape=False,
        continues_long_texts=True,
    )


def _number(text: str) -> int | Decimal:
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)


def _people(heading: Sequence[str], content: Content) -> SheetSpec:
    """Who filed and when, with each one's declared figures."""
    totals = content["totals"]
    columns = [
        ColumnSpec(_("工号"), width=12),
        ColumnSpec(_("姓名"), width=12),
        ColumnSpec(_("状态"), width=10),
        ColumnSpec(_("收到时间"), "moment"),
        ColumnSpec(_("迟交（分钟）"), "integer"),
        ColumnSpec(_("版本"), "integer"),
        ColumnSpec(_("代填人"), width=12),
        ColumnSpec(_("服务笔数"), "integer"),
        *(ColumnSpec(one["label"], "integer") for one in totals),
    ]
    rows = [
        [
            person["job_number"],
            person["name"],
            str(Standing(person["standing"]).label),
            _moment(person["received_at"]),
            person["minutes_late"],
            person["version"] or None,
            person["filed_by"],
            person["services"],
            *(_figure(person, one["key"]) for one in totals),
        ]
        for person in content["people"]
    ]
    sums = [sum(row[place] or 0 for row in rows) for place in range(7, len(columns))]
    total: list[Any] = [_("合计"), *[None] * 6, *sums]
    return SheetSpec(_("人员"), columns, rows, heading=heading, total=total)


def _figure(person: Content, key: str) -> int | Decimal | None:
    """The declared figure; nothing where the week was not filed, never 0."""
    value = person["figures"].get(key)
    return None if value is None else _number(value)


def _totals(heading: Sequence[str], totals: Sequence[Content]) -> SheetSpec:
    return SheetSpec(
        _("数据合计"),
        [
            ColumnSpec(_("项目"), width=MEDIUM),
            ColumnSpec(_("单位"), width=8),
            ColumnSpec(_("系统"), "integer"),
            ColumnSpec(_("申报"), "integer"),
            ColumnSpec(_("差异"), "integer"),
        ],
        [
            [
                line["label"],
                line["unit"],
                line["system"],
                line["declared"],
                line["declared"] - line["system"],
            ]
            for line in totals
        ],
        heading=heading,
        notes=[_("“系统”由服务日志计算，“申报”为本人填报。")],
        is_landscape=False,
    )


def _rollup_texts(content: Content) -> list[list[str]]:
    return [
        [group["label"], item["author"], item["text"]]
        for group in content["texts"]
        for item in group["items"]
        if item["is_in"]
    ]


def _company_texts(content: Content) -> list[list[str]]:
    return [
        [group["label"], item["branch"], item["author"], item["text"]]
        for group in content["texts"]
        for item in group["items"]
    ]


def _texts(
    heading: Sequence[str], rows: Sequence[Sequence[str]], *, with_branch: bool
) -> SheetSpec:
    """What was written, grouped by kind, with its author."""
    branch = [ColumnSpec(_("分公司"), width=16)] if with_branch else []
    return SheetSpec(
        _("需求与问题"),
        [
            ColumnSpec(_("类别"), width=16),
            *branch,
            ColumnSpec(_("客户经理"), width=12),
            ColumnSpec(_("内容"), width=WIDE),
        ],
        rows,
        heading=heading,
        continues_long_texts=True,
    )


def _supplement(heading: Sequence[str], content: Content) -> SheetSpec:
    """Services after Friday's deadline: of their own week, on lines of their own (annex 2)."""
    return SheetSpec(
        _("补充"),
        [ColumnSpec(_("客户经理"), width=40), ColumnSpec(_("服务笔数"), "integer")],
        [[person["name"], person["services"]] for person in content["people"]],
        heading=heading,
        total=[_("合计"), content["services"]],
        notes=[
            _("其中主动 %(active)s 笔，被动 %(passive)s 笔。")
            % {"active": content["active"], "passive": content["passive"]}
        ],
        is_landscape=False,
    )


def _branches(heading: Sequence[str], branches: Sequence[Content]) -> SheetSpec:
    """The branch table; a branch without a roll-up stands in it and says so."""
    rows = [
        [
            branch["code"],
            branch["name"],
            branch["owing"],
            branch["on_time"],
            branch["late"],
            branch["returned"],
            branch["missing"],
            _("已报") if branch["sent_at"] else _("未报"),
            _moment(branch["sent_at"]),
            branch["minutes_late"] if branch["sent_at"] else None,
            branch["archive_number"],
            branch["supplement"],
            branch["comment"],
        ]
        for branch in branches
    ]
    counts = [sum(row[place] for row in rows) for place in range(2, 7)]
    total = [_("合计"), None, *counts, None, None, None, None, sum(row[11] for row in rows), None]
    return SheetSpec(
        _("分公司"),
        [
            ColumnSpec(_("编码"), width=10),
            ColumnSpec(_("分公司"), width=18),
            ColumnSpec(_("应交"), "integer"),
            ColumnSpec(str(Standing.ON_TIME.label), "integer"),
            ColumnSpec(str(Standing.LATE.label), "integer"),
            ColumnSpec(str(Standing.RETURNED.label), "integer"),
            ColumnSpec(str(Standing.MISSING.label), "integer"),
            ColumnSpec(_("周汇总"), width=10),
            ColumnSpec(_("发送时间"), "moment"),
            ColumnSpec(_("迟（分钟）"), "integer"),
            ColumnSpec(_("档案号"), width=22),
            ColumnSpec(_("补充（笔）"), "integer"),
            ColumnSpec(_("主管评语"), width=60),
        ],
        rows,
        heading=heading,
        total=total,
        continues_long_texts=True,
    )
