"""What bars a target sheet from being issued, in words at the field where it is mended."""

from django.utils.translation import gettext as _

from core.errors import Problem
from core.formats import number
from core.periods import Month
from kpi.labels import indicator_name, label_set_of
from kpi.queries.targets import TargetView
from kpi.targets_rules import Bar


def bar_problems(view: TargetView) -> list[Problem]:
    """Every bar as a sentence; one query for the company's label set."""
    label_set = label_set_of(Month.parse(view.sheet.month))
    indicators = {line.indicator.code: line.indicator for line in view.lines}
    found = []
    for bar in view.bars:
        indicator = indicators.get(bar.code)
        name = indicator_name(indicator, label_set) if indicator else ""
        places = indicator.places if indicator else 0
        found.append(Problem(bar.field, _sentence(bar, name, places)))
    return found


def _sentence(bar: Bar, name: str, places: int) -> str:
    values = {"name": name, "n": number(abs(bar.amount), places)}
    sentences = {
        "nobody": _("本分公司这个月没有客户经理。"),
        "empty": _("还没有填任何目标。"),
        "value": _("%(name)s：公司有要求，目标没有填。"),
        "required": _("%(name)s：与公司要求差 %(n)s，要写原因。"),
        "part": _("%(name)s：有人没有分到目标。"),
        "items": _("没有布置工作内容，要写原因。"),
        "sum": _("%(name)s：还差 %(n)s 没有分下去，要写原因。")
        if bar.amount > 0
        else _("%(name)s：多分了 %(n)s，要写原因。"),
    }
    return sentences[bar.kind] % values
