"""The figures of the style page, one of each kind."""

from decimal import Decimal

from django.utils.translation import gettext as _

from core.charts import (
    FULL,
    Bar,
    Bars,
    Cell,
    Figure,
    HeatMap,
    Lines,
    Segment,
    Segments,
    Series,
)

D = Decimal
_BRANCHES = ("高新", "江南", "江北", "临港", "松山", "云溪")
_SCORES = (D("93.05"), D("89.35"), D("85.75"), D("81.60"), D("76.20"), D("68.50"))
_LEVELS = ((0, 0, 1, 0, 0), (0, 1, 0, 0, 2), (0, 2, 0, 0, 0), (1, 0, 0, 3, 0), (3, 0, 2, 0, 1))


def sample_figures() -> dict[str, Figure]:
    """By the names under which the page shows them."""
    months = [_("%(n)d月") % {"n": month} for month in range(5, 11)]
    return {
        "lying": Bars(
            _("10月得分排名（分）"),
            tuple(_bar(*pair) for pair in zip(_BRANCHES, _SCORES, strict=True)),
            _("六家分公司的得分，由高到低；两家低于合格线 80 分。"),
            target=D(80),
            target_label=_("合格线 %(n)d") % {"n": 80},
            maximum=D(100),
        ),
        "standing": Bars(
            _("10月得分排名（分）"),
            tuple(_bar(*pair) for pair in zip(_BRANCHES, _SCORES, strict=True)),
            target=D(80),
            target_label=_("合格线 %(n)d") % {"n": 80},
            maximum=D(100),
            places=1,
            is_standing=True,
        ),
        "lines": Lines(
            _("近六个月走势（分）"),
            tuple(months),
            (
                Series(_("平均"), _decimals("80.4 81.2 81.0 82.6 83.3 82.40"), ("#",) * 6),
                Series(_("最高"), _decimals("89.3 90.2 90.7 90.1 91.4 93.05")),
                Series(_("最低"), (D("70.2"), D("71.9"), None, D(75), D("74.25"), D("68.50"))),
            ),
            _("平均分持平；最高与最低的差距拉大到 24.55 分。"),
        ),
        "segments": Segments(
            _("得分构成"),
            (
                Segment(_("业绩"), D("36.20"), D(40), url="#"),
                Segment(_("行为"), D("18.00"), D(20)),
                Segment(_("服务质量"), D("33.40"), D(40)),
                Segment(_("加减分"), D("-5.00"), D(20), is_signed=True),
            ),
            width=FULL,
        ),
        "heat": HeatMap(
            _("分公司与项目对照（未做到的次数）"),
            (_("晨会"), _("周例会"), _("周报"), _("周汇总"), _("生日关怀")),
            _BRANCHES[:5],
            tuple(
                tuple(_cell(level, is_void=(down, across) == (1, 3))
                      for across, level in enumerate(row))
                for down, row in enumerate(_LEVELS)
            ),
        ),
    }  # fmt: skip


def _bar(branch: str, score: Decimal) -> Bar:
    if score >= 90:
        return Bar(branch, score, "strong", url="#")
    return Bar(branch, score, "plain" if score >= 80 else "hatched", url="#")


def _decimals(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(one) for one in text.split())


def _cell(level: int, *, is_void: bool) -> Cell:
    return Cell("" if is_void else str(level), level, is_void, url="" if is_void else "#")
