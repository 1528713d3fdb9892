"""What can be typed about each part of a scheme, as data: the editor's fields, kind by kind.

A row's key says where its value stands in the JSON of kpi.scheme ("names.telecom.en",
"formula.floor"); what each setting of a formula means is told in kpi.formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise
Kind = Literal["text", "number", "choice", "check", "lines", "tiers"]


@dataclass(frozen=True)
class FieldSpec:
    """A field: its place in the row, its label, what it takes.

    ``default`` is what a check box means where nothing is said; ``is_kept`` keeps an empty one in
    the JSON, for texts that a row must have.
    """

    key: str
    label: Text
    kind: Kind = "text"
    choices: Sequence[tuple[str, Text]] = ()
    hint: Text = ""
    default: bool = False
    is_kept: bool = False


def names(prefix: str = "names") -> tuple[FieldSpec, ...]:
    """A text in both label sets and both languages; the bank's only where it differs."""
    return (
        FieldSpec(f"{prefix}.telecom.zh-hans", _("名称")),
        FieldSpec(f"{prefix}.telecom.en", _("英文")),
        FieldSpec(f"{prefix}.bank.zh-hans", _("银行的名称")),
        FieldSpec(f"{prefix}.bank.en", _("银行的英文")),
    )


_CODE: Final = FieldSpec("code", _("代码"), is_kept=True)
_CLAUSE: Final = FieldSpec("clause", _("条款"), is_kept=True)
GROUP_KINDS: Final = (
    ("target", _("目标考核（K1）")),
    ("process", _("过程考核（K2）")),
    ("cases", _("加减分（K3）")),
)
FORMULA_KINDS: Final = (
    ("RATE", _("完成率：分值 × 完成 ÷ 目标")),
    ("RATIO", _("比例：分值 × 做到 ÷ 应做")),
    ("STEP", _("差一档扣分")),
    ("TIER", _("按数值分档")),
    ("DEDUCT", _("满分起扣")),
    ("EXAM", _("考试：分值 × 成绩 ÷ 满分")),
    ("RATE5", _("几问评分")),
    ("CASE", _("按事项加减分")),
    ("EXPR", _("算式")),
)
_CONSEQUENCE_KINDS: Final = (
    ("months", _("连续几个月")),
    ("quarters", _("连续几个季度")),
    ("rise", _("连续几个季度达到")),
    ("bottom", _("得分最低的一部分")),
)

HEAD: Final = (
    FieldSpec("names.telecom.zh-hans", _("考核表上的名称")),
    *names()[1:],
    FieldSpec("veto_band", _("一票否决时的等级"), "choice", is_kept=True),
    FieldSpec("unrated_below", _("在岗不足多少工作日不评级（如 50%）"), "number"),
)
GROUP: Final = (
    _CODE,
    FieldSpec("kind", _("类别"), "choice", GROUP_KINDS, is_kept=True),
    _CLAUSE,
    *names(),
    FieldSpec("minimum", _("下限"), "number"),
    FieldSpec("maximum", _("上限"), "number"),
)
TOPIC: Final = (_CODE, _CLAUSE, *names())
ITEM: Final = (
    _CODE,
    FieldSpec("group", _("组"), "choice", is_kept=True),
    FieldSpec("topic", _("小类"), "choice", is_kept=True),
    _CLAUSE,
    *names(),
    FieldSpec("weight", _("分值"), "number"),
    FieldSpec("unit", _("单位"), is_kept=True),
    FieldSpec("metric", _("数据来源"), "choice", is_kept=True),
    *names("source"),
    *names("note"),
    FieldSpec("formula.kind", _("公式"), "choice", FORMULA_KINDS, is_kept=True),
)
BAND: Final = (
    _CODE,
    *names(),
    FieldSpec("from", _("从几分起"), "number"),
    FieldSpec("coefficient", _("系数"), "number"),
)
CONSEQUENCE: Final = (
    _CODE,
    FieldSpec("kind", _("何时建议"), "choice", _CONSEQUENCE_KINDS, is_kept=True),
    *names(),
    FieldSpec("band", pgettext_lazy("考核", "等级"), "choice"),
    FieldSpec("count", _("次数"), "number"),
    FieldSpec("best", _("其中至少一次"), "choice"),
    FieldSpec("share", _("占多少（如 10%）"), "number"),
)
QUESTION: Final = (_CODE, *names())
NAME: Final = (_CODE, *names())
CASE_OPTION: Final = (
    _CODE,
    *names(),
    FieldSpec("points", _("固定分"), "number"),
    FieldSpec("least", _("最少"), "number"),
    FieldSpec("most", _("最多"), "number"),
)
DEDUCT_OPTION: Final = (
    *CASE_OPTION,
    FieldSpec("tiers", _("按次数"), "tiers", hint=_("次数=分数，如 1=1, 3=4")),
    FieldSpec("tiers_are", _("次数分"), "choice", (("", _("合计")), ("each", _("每次")))),
    FieldSpec("is_bonus", _("奖励"), "check"),
)
TIER_ROW: Final = (
    FieldSpec("from", _("从"), "number"),
    FieldSpec("from_in", _("含"), "check", default=True),
    FieldSpec("to", _("到"), "number"),
    FieldSpec("to_in", _("含"), "check", default=True),
    FieldSpec("points", _("得分"), "number"),
    FieldSpec("share", _("或满分的"), "number"),
)

_LOST_AT_MOST: Final = FieldSpec(
    "formula.lost_at_most", _("最多扣几分"), "number", hint=_("不填就扣到 0 为止")
)
SETTINGS: Final[Mapping[str, tuple[FieldSpec, ...]]] = {
    "RATE": (
        FieldSpec(
            "formula.floor",
            _("完成率低于多少不得分"),
            "number",
            hint=_("0.6 或 60%；不填是 60%"),
        ),
        FieldSpec(
            "formula.cap", _("完成率最多计到"), "number", hint=_("1.2 或 120%；不填是 100%")
        ),
    ),
    "RATIO": (),
    "STEP": (
        FieldSpec("formula.target", _("目标"), "number", hint=_("下达了目标时用下达的")),
        FieldSpec(
            "formula.direction",
            _("方向"),
            "choice",
            (("", _("越高越好")), ("down", _("越低越好"))),
        ),
        FieldSpec("formula.size", _("一档是多少"), "number", hint=_("不满一档不扣")),
        FieldSpec("formula.loss", _("差一档扣几分"), "number"),
        FieldSpec("formula.base", _("达到目标得几分"), "number", hint=_("不填是满分")),
        FieldSpec("formula.gain", _("超一档加几分"), "number", hint=_("加到满分为止")),
        _LOST_AT_MOST,
    ),
    "TIER": (
        FieldSpec(
            "formula.of",
            _("按什么分档"),
            "choice",
            (("", _("数值")), ("rate", _("完成率的百分数"))),
        ),
        FieldSpec("formula.otherwise", _("都不在时得几分"), "number", hint=_("不填是 0")),
    ),
    "DEDUCT": (_LOST_AT_MOST,),
    "EXAM": (
        FieldSpec("formula.full_mark", _("满分"), "number", hint=_("不填是 100")),
        FieldSpec(
            "formula.pass_mark", _("及格"), "number", hint=_("低于它不得分；不填是 60")
        ),
    ),
    "RATE5": (FieldSpec("formula.best", _("每问最高几分"), "number", hint=_("不填是 5")),),
    "CASE": (
        FieldSpec(
            "formula.sign",
            _("加还是减"),
            "choice",
            (("+", _("加分")), ("-", _("减分"))),
            is_kept=True,
        ),
        FieldSpec("formula.cap", _("本项最多几分"), "number"),
        FieldSpec("formula.highest_per_event", _("同一事项只计最高的一件"), "check"),
        FieldSpec("formula.is_veto", _("一票否决"), "check"),
    ),
    "EXPR": (
        FieldSpec(
            "formula.expression",
            _("算式"),
            "lines",
            hint=_("可用 + − × ÷、比较、min、max、round、IF(条件, 是, 否)，weight 是分值"),
        ),
        FieldSpec("formula.least", _("最少几分"), "number", hint=_("不填是 0")),
        FieldSpec("formula.most", _("最多几分"), "number", hint=_("不填是分值")),
    ),
}  # fmt: skip

# The rows below an item, by its kind of formula: where they stand, and their fields.
LISTS: Final[Mapping[str, tuple[str, tuple[FieldSpec, ...]]]] = {
    "TIER": ("formula.rows", TIER_ROW),
    "DEDUCT": ("formula.options", DEDUCT_OPTION),
    "RATE5": ("formula.questions", QUESTION),
    "CASE": ("formula.options", CASE_OPTION),
    "EXPR": ("formula.names", NAME),
}
ITEM_LISTS: Final = ("formula.options", "formula.questions", "formula.rows", "formula.names")
TOP_LISTS: Final[Mapping[str, tuple[FieldSpec, ...]]] = {
    "groups": GROUP,
    "items": ITEM,
    "bands": BAND,
    "consequences": CONSEQUENCE,
}
LIST_TITLES: Final[Mapping[str, Text]] = {
    "formula.options": _("事项和分数"),
    "formula.questions": _("问题"),
    "formula.rows": _("分档"),
    "formula.names": _("算式里的名称"),
}
