"""The words for what is wrong with a scheme or with inputs, and for what does not apply."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi import breakdown as why

_SENTENCES: Final[Mapping[str, str | Promise]] = {
    # The shape of the content
    "missing": gettext_lazy("这里不能空着。"),
    "unknown_key": gettext_lazy("没有“%(key)s”这一项。"),
    "not_an_object": gettext_lazy("这里应是一组“名称：值”。"),
    "not_a_list": gettext_lazy("这里应是一个列表。"),
    "unread": gettext_lazy("这一行的算法用不到“%(value)s”。"),
    "not_a_text": gettext_lazy("这里应是文字，最长 %(longest)s 字。"),
    "not_a_number": gettext_lazy("“%(value)s”不是数字。"),
    "not_whole": gettext_lazy("“%(value)s”不是整数。"),
    "not_a_choice": gettext_lazy("“%(value)s”不在可选的值里。"),
    "not_a_code": gettext_lazy("代码“%(value)s”只能用字母、数字和下划线，以字母开头。"),
    "twice": gettext_lazy("代码“%(value)s”重复了。"),
    "reserved": gettext_lazy("“%(value)s”已有别的意思，请换一个名称。"),
    "too_many": gettext_lazy("太多了，最多 %(most)s 个。"),
    "out_of_range": gettext_lazy("%(value)s 超出范围，应在 %(least)s 到 %(most)s 之间。"),
    "two_places": gettext_lazy("%(value)s 最多保留两位小数。"),
    "above": gettext_lazy("不能大于 %(other)s。"),
    "not_positive": gettext_lazy("应大于 0。"),
    # What it says
    "weights_not_hundred": gettext_lazy("各项目分值合计 %(sum)s，应为 100。"),
    "weights_above_maximum": gettext_lazy("本组项目分值合计 %(sum)s，超过本组上限 %(most)s。"),
    "weights_below_maximum": gettext_lazy(
        "本组项目分值合计 %(sum)s，永远到不了本组上限 %(most)s。"
    ),
    "empty_bounds": gettext_lazy("上限应大于下限，且 0 在两者之间或与其一相等。"),
    "no_groups": gettext_lazy("至少要有一个目标考核组或过程考核组。"),
    "no_items": gettext_lazy("“%(code)s”组里还没有项目。"),
    "no_weight": gettext_lazy("“%(code)s”组里没有一个项目有分值。"),
    "unknown_group": gettext_lazy("没有“%(value)s”这个组。"),
    "unknown_topic": gettext_lazy("本组没有“%(value)s”这个小类。"),
    "cases_weigh_nothing": gettext_lazy("加减分项目的分值应为 0，它的分数来自事项。"),
    "only_cases": gettext_lazy("加减分组里只能放按事项计分的项目。"),
    "no_bands": gettext_lazy("至少要有一个等级。"),
    "not_descending": gettext_lazy("等级要从高到低排，应低于上一等级的 %(above)s。"),
    "last_band_not_zero": gettext_lazy("最低等级应从 0 分起。"),
    "points_or_share": gettext_lazy("“分数”和“占比”只填一个。"),
    "overlaps": gettext_lazy("与第 %(row)s 行有重叠。"),
    "one_form": gettext_lazy("固定分、分数范围、按次数分档，三种只选一种。"),
    "not_ascending": gettext_lazy("次数应是整数，并且逐行增大。"),
    "metric_unfit": gettext_lazy("数据来源“%(metric)s”不能用于 %(kind)s 公式。"),
    # Expressions
    "too_long": gettext_lazy("算式太长，最多 %(part)s 个字符。"),
    "too_many_parts": gettext_lazy("算式太复杂，最多 %(part)s 个部分。"),
    "too_deep": gettext_lazy("算式里括号套得太深，最多 %(part)s 层。"),
    "not_readable": gettext_lazy("算式读不懂，请检查括号和符号。"),
    "not_allowed": gettext_lazy("算式里不能用“%(part)s”。"),
    "unknown_name": gettext_lazy("算式里的“%(part)s”没有定义。"),
    "no_number": gettext_lazy("算式的结果应是数字，不是“对”或“错”。"),
    "wrong_count": gettext_lazy("“%(part)s”的参数个数不对。"),
    "mixed": gettext_lazy("算式把数字和比较混在一起了。"),
    "division_by_zero": gettext_lazy("算式除以了 0。"),
    "out_of_bounds": gettext_lazy("算式的结果太大。"),
    # Inputs
    "unknown_option": gettext_lazy("方案里没有“%(value)s”这一种。"),
}

_REASONS: Final[Mapping[str, str | Promise]] = {
    why.NO_SOURCE: gettext_lazy("数据来源尚未启用"),
    why.NOTHING: gettext_lazy("本月没有发生"),
    why.NO_TARGET: gettext_lazy("没有目标"),
    why.NO_RESULT: gettext_lazy("没有结果"),
    why.NEW_MANAGER: gettext_lazy("新任，首个完整月不评级"),
    why.MOSTLY_ABSENT: gettext_lazy("在岗不足半数工作日，不评级"),
    why.GROUP_EMPTY: gettext_lazy("有一组没有可计分的项目，不评级"),
}


class _Values(dict[str, str]):
    """A place that was not given stays empty: a sentence never fails."""

    def __missing__(self, key: str) -> str:
        return ""


def sentence(code: str, values: Mapping[str, str]) -> str:
    """What a fault of a scheme, an expression or inputs says, with what to do about it."""
    text = _SENTENCES.get(code)
    return _("这里的值不对。") if text is None else str(text) % _Values(values)


def why_not(code: str) -> str:
    """Why an item does not apply or a month is not rated; "" for neither."""
    text = _REASONS.get(code)
    return "" if text is None else str(text)
