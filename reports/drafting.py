"""The bulletin as a document: figures and tables filled in, the market department's texts between.

The company's edition speaks of account managers by job number alone; a branch's edition shows
its own people by name and its own rows, with the table of all branches for comparison. A
supplement holds what was written for it and the tables that are no longer as they were.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import override

from confidentiality.choices import Level
from core.periods import Month, local, local_date
from organization.models import Branch
from reports import bulletin_lists as lists
from reports import bulletin_tables as tables
from reports.bulletin_charts import losses_chart, ranks_chart, trend_chart
from reports.bulletin_view import NOT_CHECKED, View
from reports.document import PARTS, Document, Paragraph, Part, Table
from reports.figures import WRITTEN_IN
from reports.masking import Masking
from reports.models import Bulletin
from reports.suggestions import Offered, marked, month_in_words, told

HEADINGS: Final = {
    "head": "",
    "scope": "检查范围",
    "overall": "总体情况",
    "results": "分项结果",
    "good": "亮点",
    "problems": "存在问题",
    "followed_up": "上期整改",
    "rectify": "整改要求",
    "assessment": "考核应用",
    "next_month": "下月重点",
    "annex": "附件",
}
# How long a level holds (annex 9.1).
TERMS: Final = {1: "", 2: "1年", 3: "3年", 4: "5年"}
# What a part says that has nothing to show.
NOTHING: Final = {
    "overall": "本月没有可查的项目。",
    "good": "本月没有登记亮点。",
    "problems": "本月没有发现问题。",
    "followed_up": "没有上期遗留的问题。",
    "rectify": "本月没有新的整改事项。",
    "assessment": "本月考核表尚未计算。",
    "next_month": "无。",
}


def document_of(bulletin: Bulletin, branch: Branch | None, on: date | None = None) -> Document:
    """The document of the company's edition, or of a branch's, as it would be printed ``on``."""
    return documents_of(bulletin, [branch], on)[0]


def documents_of(
    bulletin: Bulletin, places: Sequence[Branch | None], on: date | None = None
) -> list[Document]:
    """The documents of several editions (None: the company's), in their order.

    By the day of publication it is said which of their dates have passed: until then by ``on``,
    else by the day of the figures.
    """
    masking = Masking(bulletin.figures["people"])
    taken = _taken(bulletin)
    by = _printed_on(bulletin, on)
    return [_document(bulletin, branch, masking, taken, by) for branch in places]


def _printed_on(bulletin: Bulletin, on: date | None = None) -> date:
    if bulletin.published_at is not None:
        return local_date(bulletin.published_at)
    return on or local_date(datetime.fromisoformat(bulletin.figures["cut_at"]))


def _taken(bulletin: Bulletin) -> Offered:
    """The sentences that were taken and still stand on rows, marked."""
    if not any(bulletin.taken.values()):
        return {}
    return {
        part: [one for one in each if one.key in bulletin.taken.get(part, ())]
        for part, each in marked(bulletin.figures).items()
    }


def _document(
    bulletin: Bulletin, branch: Branch | None, masking: Masking, taken: Offered, on: date
) -> Document:
    with override(WRITTEN_IN):
        view = View(bulletin.figures, branch.pk if branch else None, masking, on)
        if bulletin.supplement:
            main = Bulletin.objects.get(month=bulletin.month, supplement=0)
            parts = _supplement_parts(bulletin, main, view, taken)
        else:
            parts = [_part(key, bulletin, view, taken) for key in PARTS]

        def masked(text: str) -> str:
            return masking.shown(text, view.branch_id)

        return Document(
            title=masked(bulletin.title),
            issuer=bulletin.figures["issuer"],
            document_number=bulletin.document_number,
            level=str(Level(bulletin.level).label),
            term=TERMS[bulletin.level],
            month=bulletin.month,
            send_to=masked(bulletin.send_to),
            copy_to=masked(bulletin.copy_to),
            signed_by=bulletin.figures["signed_by"],
            published_on=_day(bulletin.published_at),
            branch=branch.name if branch else "",
            supplement=bulletin.supplement,
            parts=tuple(parts),
        )


def _day(at: datetime | None) -> str:
    return local_date(at).isoformat() if at else ""


def _part(key: str, bulletin: Bulletin, view: View, taken: Offered) -> Part:
    written = _written(key, bulletin, view, taken)
    shown = tuple(table for table in _tables(key, view) if table is not None)
    charts = tuple(chart for chart in _charts(key, view) if chart is not None)
    stated = _stated(key, bulletin, view)
    if not (stated or written or shown) and key in NOTHING:
        stated = [Paragraph(NOTHING[key])]
    return Part(key, HEADINGS[key], (*stated, *written), shown, charts)


def _written(key: str, bulletin: Bulletin, view: View, taken: Offered) -> list[Paragraph]:
    """The sentences that were taken and still stand on rows, then what a person wrote."""
    sentences = [
        Paragraph(one.text, one.rows)
        for one in (told(each, view.masking, view.branch_id) for each in taken.get(key, ()))
    ]
    lines = bulletin.texts.get(key, "").splitlines()
    return sentences + [
        Paragraph(view.masking.shown(line.strip(), view.branch_id))
        for line in lines
        if line.strip()
    ]


def _tables(key: str, view: View) -> tuple[Table | None, ...]:
    match key:
        case "overall":
            return (tables.ranks_table(view),) if view.figures["branches"] else ()
        case "results":
            return (
                tables.projects_table(view),
                tables.agreement_table(view),
                tables.punctuality_table(view),
                tables.meetings_table(view),
            )
        case "problems":
            return (lists.problems_table(view),)
        case "followed_up":
            return (lists.follow_up_table(view),)
        case "rectify":
            return (lists.rectify_table(view),)
        case "assessment":
            return (lists.assessment_table(view),)
        case "annex":
            return (lists.items_table(view), lists.targets_table(view), lists.sheets_table(view))
    return ()


def _charts(key: str, view: View) -> tuple[Any, ...]:
    if key == "overall":
        return (ranks_chart(view), trend_chart(view))
    return (losses_chart(view),) if key == "results" else ()


# What is always said


def _stated(key: str, bulletin: Bulletin, view: View) -> list[Paragraph]:
    if key == "head":
        return [Paragraph(_opening(bulletin, view))]
    return [Paragraph(text) for text in _scope(view)] if key == "scope" else []


def _opening(bulletin: Bulletin, view: View) -> str:
    asked = "草案已征求各分公司意见，" if bulletin.comments_until else ""
    return (
        f"按照月度检查安排，市场部对{len(view.figures['branches'])}个分公司"
        f"{month_in_words(bulletin.month)}的客户经理工作进行了检查。"
        f"数据截至{_moment(view.figures['cut_at'])}，{asked}现将结果通报如下。"
    )


def _moment(text: str) -> str:
    at = local(datetime.fromisoformat(text))
    return f"{at.month}月{at.day}日{at:%H:%M}"


def _scope(view: View) -> list[str]:
    """What was checked, of how many, and what was not."""
    items = view.figures["items"]
    checked = [item for item in items if item["is_checked"]]
    missing = [item["name"] for item in items if not item["is_checked"]]
    found = []
    if checked:
        names = "、".join(
            f"{item['name']}（{sum(line['counted'] for line in item['lines'])}份）"
            for item in checked
        )
        month = Month.parse(view.figures["month"])
        found.append(
            f"检查期为{month.number}月1日至{month.last.day}日，补交的计到"
            f"{_moment(view.figures['frozen_at'])}，由系统全量核对，不抽样：{names}。"
        )
    if missing:
        found.append(f"{'、'.join(missing)}{NOT_CHECKED}，不计分也不扣分。")
    return found


# Supplements


def _supplement_parts(
    bulletin: Bulletin,
    main: Bulletin,
    view: View,
    taken: Offered,
) -> list[Part]:
    """The opening with its reason, what was written, and the tables that changed."""
    masking = Masking(main.figures["people"])
    then = View(main.figures, view.branch_id, masking, _printed_on(main))
    parts = [
        Part(
            "head",
            "",
            (
                Paragraph(
                    view.masking.shown(
                        f"{main.document_number}《{main.title}》发布后，有下列补充：{bulletin.why}",
                        view.branch_id,
                    )
                ),
            ),
        )
    ]
    for key in PARTS[1:]:
        before = {table.key: _said(table) for table in _tables(key, then) if table is not None}
        changed = tuple(
            table
            for table in _tables(key, view)
            if table is not None and before.get(table.key) != _said(table)
        )
        written = tuple(_written(key, bulletin, view, taken))
        if written or changed:
            parts.append(Part(key, HEADINGS[key], written, changed))
    return parts


def _said(table: Table) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """What a table says; how far a problem has been put right since changes none of it."""
    codes = {place for place, column in enumerate(table.columns) if column.key == "evidence"}
    rows = [
        tuple(cell.partition(" ")[0] if place in codes else cell for place, cell in enumerate(row))
        for row in table.rows
    ]
    return rows, table.total
