"""Sentences the figures suggest for each part: every one stands on rows and goes with them.

A sentence is made by ``_said``, which says nothing where there is no row. Its key stays the same
as long as it is about the same thing, so that a taken sentence is found again. Written in
Chinese, the language of the record.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from core.numbers import rounded
from core.periods import Month
from reports.document import Link
from reports.masking import Masking
from reports.rules import rise

Figures = Mapping[str, Any]
ROWS_AT_MOST: Final = 12
NAMED_AT_MOST: Final = 6


@dataclass(frozen=True)
class Suggestion:
    """A sentence that may be taken into a part, with the rows it stands on."""

    key: str
    text: str
    rows: tuple[Link, ...]


Offered = Mapping[str, Sequence[Suggestion]]


def suggestions(figures: Figures) -> dict[str, list[Suggestion]]:
    """The sentences by part as the company's edition says them: people by job number."""
    masking = Masking(figures["people"])
    return {
        part: [told(one, masking, None) for one in each] for part, each in marked(figures).items()
    }


def marked(figures: Figures) -> dict[str, list[Suggestion]]:
    """The sentences by part, with marks where people are spoken of (reports.masking)."""
    return {
        part: [one for make in makers for one in make(figures)] for part, makers in _MAKERS.items()
    }


def told(one: Suggestion, masking: Masking, branch_id: int | None) -> Suggestion:
    """A marked sentence as an edition says it; its rows stand by job number in every one."""
    return Suggestion(
        one.key,
        masking.told(one.text, branch_id),
        tuple(Link(masking.told(row.label, None), row.url) for row in one.rows),
    )


def _said(key: str, text: str, rows: Iterable[Link]) -> list[Suggestion]:
    """The sentence, or nothing where nothing bears it out."""
    found = tuple(dict.fromkeys(rows))[:ROWS_AT_MOST]
    return [Suggestion(key, text, found)] if found else []


# Words and rows


def _report(branch: Figures) -> Link:
    return Link(f"{branch['name']}抽查报告", branch["url"])


def _named(names: Sequence[str]) -> str:
    """A、B、C, or with how many more."""
    if len(names) <= NAMED_AT_MOST:
        return "、".join(names)
    return f"{'、'.join(names[:NAMED_AT_MOST])}等{len(names)}个分公司"


def _names(branches: Sequence[Figures]) -> str:
    return _named([branch["name"] for branch in branches])


def _changed(now: Decimal, before: Decimal, unit: str) -> str:
    difference = now - before
    if not difference:
        return "与上月持平"
    return f"比上月{'上升' if difference > 0 else '下降'}{abs(difference)}{unit}"


def _scored(figures: Figures) -> list[Figures]:
    """The branches that have a score, the best first."""
    found = [branch for branch in figures["branches"] if branch["score"] is not None]
    return sorted(found, key=lambda one: (-Decimal(one["score"]), one["code"]))


def _by_branch(rows: Sequence[Figures]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in rows:
        counts[row["branch"]] = counts.get(row["branch"], 0) + 1
    return counts


def _most(figures: Figures, rows: Sequence[Figures], unit: str) -> str:
    """Which branch has most of the rows, if one alone does and others have some too."""
    counts = _by_branch(rows)
    most = max(counts.values())
    places = [branch for branch in figures["branches"] if counts.get(branch["id"]) == most]
    if len(places) != 1 or len(counts) == 1:
        return ""
    return f"，其中{places[0]['name']}{most}{unit}，最多"


def _problem_links(problems: Sequence[Figures]) -> list[Link]:
    return [Link(f"{one['evidence']} {one['fact']}", one["url"]) for one in problems]


# Part 3: overall


def _mean(figures: Figures) -> list[Suggestion]:
    known = _scored(figures)
    trend = figures["trend"]
    if not known or trend[-1]["mean"] is None:
        return []
    text = f"全公司平均{trend[-1]['mean']}分"
    if len(trend) > 1 and trend[-2]["mean"] is not None:
        changed = _changed(Decimal(trend[-1]["mean"]), Decimal(trend[-2]["mean"]), "分")
        text = f"{text}，{changed}"
    return _said("mean", f"{text}。", map(_report, known))


def _grades(figures: Figures) -> list[Suggestion]:
    known = _scored(figures)
    counts = [
        (word, sum(1 for branch in known if branch["grade"] == grade))
        for grade, word in (("good", "良好"), ("pass", "合格"), ("rectify", "整改"))
    ]
    told = "、".join(f"{word}{count}个" for word, count in counts if count)
    return _said("grades", f"按等次分，{told}。", map(_report, known))


def _moved(figures: Figures) -> list[Suggestion]:
    moves = [(branch, rise(branch["rank"], branch["previous_rank"])) for branch in _scored(figures)]
    up = [(branch, by) for branch, by in moves if by and by > 0]
    down = [(branch, -by) for branch, by in moves if by and by < 0]
    told = [f"{branch['name']}升{by}位" for branch, by in up]
    told += [f"{branch['name']}降{by}位" for branch, by in down]
    return _said(
        "moved", f"名次上，{_named(told)}。", (_report(branch) for branch, _by in (*up, *down))
    )


def _below(figures: Figures) -> list[Suggestion]:
    low = [branch for branch in _scored(figures) if branch["grade"] == "rectify"]
    return _said("below", f"{_names(low)}低于{figures['pass']}分，须限期整改。", map(_report, low))


# Part 4: results


def _item_results(figures: Figures) -> list[Suggestion]:
    found = []
    for item in figures["items"]:
        problems = [one for one in figures["problems"] if one["item"] == item["code"]]
        if not item["is_checked"]:
            continue
        if problems:
            text = f"“{item['name']}”发现{len(problems)}处{_most(figures, problems, '处')}。"
            found += _said(f"item-{item['code']}", text, _problem_links(problems))
        else:
            checked = {line["branch"] for line in item["lines"] if line["is_checked"]}
            rows = [_report(one) for one in figures["branches"] if one["id"] in checked]
            found += _said(f"item-{item['code']}", f"“{item['name']}”没有发现问题。", rows)
    return found


# Part 5: good practice


def _clean(figures: Figures) -> list[Suggestion]:
    found = [
        branch
        for branch in _scored(figures)
        if not branch["problems"] and Decimal(branch["kept"]) == Decimal(branch["checked"])
    ]
    return _said("clean", f"{_names(found)}本月所查项目没有扣分。", map(_report, found))


def _attended(figures: Figures) -> list[Suggestion]:
    """Who was at every meeting in time (E6)."""
    praised = figures.get("praised", {}).get("attendance", ())
    names = {branch["id"]: branch["name"] for branch in figures["branches"]}
    who = "、".join(
        f"{names.get(one['branch'], '')}客户经理⟦{one['manager']}⟧"
        for one in praised[:NAMED_AT_MOST]
    )
    if len(praised) > NAMED_AT_MOST:
        who = f"{who}等{len(praised)}人"
    return _said(
        "attended",
        f"{who}本月会议没有迟到和缺席。",
        (Link(f"⟦{one['manager']}⟧会议出勤 到会{one['came']}次", one["url"]) for one in praised),
    )


def _well_talked(figures: Figures) -> list[Suggestion]:
    """Meetings of whose contents an inspector gave some the best mark (E6, annex 3.8)."""
    names = {branch["id"]: branch["name"] for branch in figures["branches"]}
    found = []
    for one in figures.get("praised", {}).get("contents", ()):
        on = date.fromisoformat(one["on"])
        what = f"{names.get(one['branch'], '')}{on.month}月{on.day}日{one['name']}"
        found += _said(
            f"content-{one['meeting']}",
            f"{what}的{'、'.join(one['topics'])}内容充实，评为满分。",
            [Link(f"{what}纪要", one["url"])],
        )
    return found


def _best_managers(figures: Figures) -> list[Suggestion]:
    rated = [one for one in figures["sheets"]["managers"] if one["total"] is not None]
    if not rated:
        return []
    highest = max(Decimal(one["total"]) for one in rated)
    best = [one for one in rated if Decimal(one["total"]) == highest]
    names = {branch["id"]: branch["name"] for branch in figures["branches"]}
    who = "、".join(
        f"{names.get(one['branch'], '')}客户经理⟦{one['manager']}⟧" for one in best[:NAMED_AT_MOST]
    )
    if len(best) > NAMED_AT_MOST:
        who = f"{who}等{len(best)}人"
    return _said(
        "best",
        f"{who}考核得分{highest}分，为全公司最高。",
        (Link(f"{names.get(one['branch'], '')}考核表 {one['total']}", one["url"]) for one in best),
    )


def _bonus_cases(figures: Figures) -> list[Suggestion]:
    names = {branch["id"]: branch["name"] for branch in figures["branches"]}
    return [
        one
        for case in figures["cases"]
        for one in _said(
            f"case-{case['number']}",
            f"{names.get(case['branch'], '')}客户经理⟦{case['manager']}⟧"
            f"“{case['name']}”经认定加{case['points']}分。",
            [Link(case["number"], case["url"])],
        )
    ]


# Parts 6 to 8: problems and what becomes of them


def _problem_count(figures: Figures) -> list[Suggestion]:
    problems = figures["problems"]
    cost = sum((Decimal(one["points"] or 0) for one in problems), Decimal(0))
    return _said(
        "count",
        f"本月发现问题{len(problems)}项，扣分合计{cost}分。",
        _problem_links(problems),
    )


def _costliest(figures: Figures) -> list[Suggestion]:
    lost: dict[str, Decimal] = {}
    for one in figures["problems"]:
        lost[one["item"]] = lost.get(one["item"], Decimal(0)) + Decimal(one["points"] or 0)
    names = {item["code"]: item["name"] for item in figures["items"]}
    known = {code: points for code, points in lost.items() if points and code in names}
    if len(known) < 2:
        return []
    code = max(known, key=lambda one: (known[one], one))
    rows = [one for one in figures["problems"] if one["item"] == code]
    return _said(
        "costliest",
        f"“{names[code]}”扣分最多，共{known[code]}分。",
        _problem_links(rows),
    )


def _repeated(figures: Figures) -> list[Suggestion]:
    """Managers of whom an item was found wanting more than once."""
    by_person: dict[tuple[str, int], list[Figures]] = {}
    for one in figures["problems"]:
        if one["person"] is not None and one["item"]:
            by_person.setdefault((one["item"], one["person"]), []).append(one)
    names = {item["code"]: item["name"] for item in figures["items"]}
    often = {key: rows for key, rows in by_person.items() if len(rows) > 1 and key[0] in names}
    found = []
    for code, name in names.items():
        rows = [(key[1], rows) for key, rows in often.items() if key[0] == code]
        if not rows:
            continue
        who = "、".join(f"⟦{person}⟧（{len(each)}处）" for person, each in rows[:NAMED_AT_MOST])
        more = f"等{len(rows)}人" if len(rows) > NAMED_AT_MOST else ""
        found += _said(
            f"repeated-{code}",
            f"“{name}”重复发生：{who}{more}。",
            _problem_links([one for _person, each in rows for one in each]),
        )
    return found


def _finding_links(findings: Sequence[Figures]) -> list[Link]:
    return [Link(one["number"], one["url"]) for one in findings]


def _followed(figures: Figures) -> list[Suggestion]:
    before = [one for one in figures["findings"] if not one["is_new"]]
    closed = [one for one in before if one["is_closed"]]
    overdue = [one for one in before if one["is_overdue"]]
    open_ = len(before) - len(closed) - len(overdue)
    text = f"上期及以前的问题{len(before)}项，已闭环{len(closed)}项，整改中{open_}项"
    if overdue:
        names = [b["name"] for b in figures["branches"] if b["id"] in _by_branch(overdue)]
        text = f"{text}，逾期{len(overdue)}项（{_named(names)}）"
    return _said("followed", f"{text}。", _finding_links(before))


def _to_rectify(figures: Figures) -> list[Suggestion]:
    waiting = [one for one in figures["findings"] if one["is_new"] and not one["is_closed"]]
    return _said(
        "rectify",
        f"本月立项的{len(waiting)}个问题由责任分公司在期限前书面答复并附证据，市场部逐项复查。",
        _finding_links(waiting),
    )


def _low_rectify(figures: Figures) -> list[Suggestion]:
    low = [branch for branch in _scored(figures) if branch["grade"] == "rectify"]
    return _said("low", f"{_names(low)}须查明原因，限期整改并接受复查。", map(_report, low))


# Parts 9 and 10


def _assessed(figures: Figures) -> list[Suggestion]:
    sheets = figures["sheets"]
    rated = [one for one in sheets["managers"] if one["total"] is not None]
    if not rated:
        return []
    total = sum((Decimal(one["total"]) for one in rated), Decimal(0))
    bands = [
        (band["name"], sum(1 for one in rated if one["band"] == band["code"]))
        for band in sheets["bands"]
    ]
    told = "、".join(f"{name}{count}人" for name, count in bands if count)
    state = "" if sheets["is_locked"] else "（尚未锁定）"
    return _said(
        "assessed",
        f"本月考核客户经理{len(rated)}人{state}，平均{rounded(total / len(rated))}分；{told}。",
        (Link(f"考核表 {one['total']}", one["url"]) for one in rated),
    )


def _counts_in(figures: Figures) -> list[Suggestion]:
    known = _scored(figures)
    return _said(
        "quality",
        "检查得分计入各分公司当月服务质量考核，有异议的在确认期内提出。",
        map(_report, known),
    )


def _focus(figures: Figures) -> list[Suggestion]:
    """The two items of which the largest share was lost, and branches that lost points there."""
    shares = []
    for item in figures["items"]:
        lines = [line for line in item["lines"] if line["is_checked"]]
        points = Decimal(item["points"]) * len(lines)
        lost = sum((Decimal(line["lost"] or 0) for line in lines), Decimal(0))
        if points and lost:
            shares.append((lost / points, item, {line["branch"] for line in lines
                                                 if Decimal(line["lost"] or 0)}))  # fmt: skip
    shares.sort(key=lambda one: (-one[0], one[1]["code"]))
    found = []
    for _share, item, branch_ids in shares[:2]:
        branches = [branch for branch in figures["branches"] if branch["id"] in branch_ids]
        found += _said(
            f"focus-{item['code']}",
            f"继续抓好“{item['name']}”，重点是{_names(branches)}。",
            map(_report, branches),
        )
    return found


def _overdue_focus(figures: Figures) -> list[Suggestion]:
    overdue = [one for one in figures["findings"] if one["is_overdue"]]
    return _said("overdue", f"逾期的{len(overdue)}个问题逐项督办到闭环。", _finding_links(overdue))


_Maker = Callable[[Figures], list[Suggestion]]
_MAKERS: Final[Mapping[str, tuple[_Maker, ...]]] = {
    "overall": (_mean, _grades, _moved, _below),
    "results": (_item_results,),
    "good": (_clean, _attended, _well_talked, _best_managers, _bonus_cases),
    "problems": (_problem_count, _costliest, _repeated),
    "followed_up": (_followed,),
    "rectify": (_to_rectify, _low_rectify),
    "assessment": (_assessed, _counts_in),
    "next_month": (_focus, _overdue_focus),
}


def month_in_words(key: str) -> str:
    """2026年11月."""
    month = Month.parse(key)
    return f"{month.year}年{month.number}月"
