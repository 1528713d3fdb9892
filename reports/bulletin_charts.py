"""The bulletin's charts: ranks with the line to pass, six months, where points were lost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from core.charts import FULL, Bar, Bars, Cell, Figure, HeatMap, Lines, Series, as_data
from reports.bulletin_view import View, ranked
from reports.document import Chart

Figures = Mapping[str, Any]
# More bars than this are not read on a page: the best and the last are shown.
BARS_AT_MOST: Final = 24
ROWS_AT_MOST: Final = 30
# Points lost from which a field of the heat map is darker, and darkest.
DARKER: Final = Decimal(2)
DARKEST: Final = Decimal(5)


def _chart(key: str, caption: str, figure: Figure) -> Chart:
    kind, data = as_data(figure)
    return Chart(key, caption, kind, data)  # type: ignore[arg-type]


def ranks_chart(view: View) -> Chart | None:
    """Every branch's score as a bar, with the line that must be passed; None for no score."""
    known = [branch for branch in ranked(view.figures["branches"]) if branch["score"] is not None]
    if not known:
        return None
    month = int(view.figures["month"][5:])
    caption = f"{month}月得分排名（分）"
    if len(known) > BARS_AT_MOST:
        half = BARS_AT_MOST // 2
        caption = f"{month}月得分最高和最低的各{half}个分公司（分）"
        known = [*known[:half], *known[-half:]]
    line = Decimal(view.figures["pass"])
    return _chart(
        "ranks",
        caption,
        Bars(
            title=caption,
            bars=tuple(_bar(view, branch, line) for branch in known),
            description="；".join(f"{one['name']}{one['score']}分" for one in known),
            target=line,
            target_label=f"合格线 {line}",
            maximum=Decimal(100),
        ),
    )


def _bar(view: View, branch: Figures, line: Decimal) -> Bar:
    score = Decimal(branch["score"])
    is_marked = branch["rank"] == 1 if view.branch_id is None else branch["id"] == view.branch_id
    tone: Any = "hatched" if score < line else "strong" if is_marked else "plain"
    return Bar(view.short_names[branch["id"]], score, tone, url=branch["url"])


def trend_chart(view: View) -> Chart | None:
    """Six months: the best, the mean and the last, or the own branch; None for a single month."""
    trend = view.figures["trend"]
    if sum(1 for point in trend if point["mean"] is not None) < 2:
        return None
    if view.branch_id is None:
        lines = (("平均", "mean"), ("最高", "highest"), ("最低", "lowest"))
        series = [Series(name, tuple(_value(point[key]) for point in trend)) for name, key in lines]
    else:
        own = str(view.branch_id)
        series = [
            Series("本分公司", tuple(_value(point["scores"].get(own)) for point in trend)),
            Series("平均", tuple(_value(point["mean"]) for point in trend)),
            Series("最高", tuple(_value(point["highest"]) for point in trend)),
        ]
    caption = "近六个月走势（分）"
    return _chart(
        "trend",
        caption,
        Lines(
            title=caption,
            points=tuple(f"{int(point['month'][5:])}月" for point in trend),
            series=tuple(one for one in series if any(v is not None for v in one.values)),
            description="；".join(
                f"{int(point['month'][5:])}月平均{point['mean']}分"
                for point in trend
                if point["mean"] is not None
            ),
        ),
    )


def _value(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def losses_chart(view: View) -> Chart | None:
    """Where points were lost: branches by items, the darker the more points, whichever the item."""
    items = [item for item in view.figures["items"] if item["is_checked"]]
    branches = ranked(view.branches)
    if view.branch_id is not None or len(items) < 2 or not 2 <= len(branches) <= ROWS_AT_MOST:
        return None
    lost = {
        (line["branch"], item["code"]): line["lost"] if line["is_checked"] else None
        for item in items
        for line in item["lines"]
    }
    caption = f"各分公司各项扣分（分，{DARKER}分和{DARKEST}分起加深）"
    return _chart(
        "losses",
        caption,
        HeatMap(
            title=caption,
            columns=tuple(item["name"] for item in items),
            rows=tuple(view.short_names[branch["id"]] for branch in branches),
            cells=tuple(
                tuple(_cell(lost.get((branch["id"], item["code"])), item, branch) for item in items)
                for branch in branches
            ),
            width=FULL,
        ),
    )


def _cell(lost: str | None, item: Figures, branch: Figures) -> Cell:
    if lost is None:
        return Cell("", is_void=True, title=f"{branch['name']} {item['name']} 未检查")
    points = Decimal(lost)
    level = (points > 0) + (points >= DARKER) + (points >= DARKEST)
    return Cell(str(lost), level, url=f"{branch['url']}#item-{item['code']}")
