"""Columns that are indicators: each open one is a column, known by its code and its names."""

import re
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from core.imports.tables import Field, Scope, Shown
from core.imports.values import Reader, Reading, WrongValue, half_width, plain
from core.periods import Month
from core.workbooks import Cell
from kpi.labels import name_of
from kpi.models import Indicator
from kpi.queries.indicators import open_indicators
from kpi.target_entries import is_fitting
from organization.in_force import settings_of

# Headings of files are called as the company's newest setting has it.
LATEST: Final = Month(2199, 12).last
# A number as people write it: separators part thousands, and nothing else.
_WRITTEN: Final = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,20})(\.[0-9]{1,20})?")


def indicator_fields(*, may_be_negative: bool) -> tuple[Field, ...]:
    """A column for each open indicator, called as the company calls it; two queries."""
    label_set = settings_of(0, LATEST).label_set
    return tuple(
        Field(
            each.code,
            lazy(partial(name_of, each.labels, label_set), str)(),
            number_reader(each.places, may_be_negative=may_be_negative),
            aliases=(each.code, *_names(each)),
            show=partial(show_number, each.places),
            in_summary=True,
        )
        for each in open_indicators()
    )


def _names(indicator: Indicator) -> list[str]:
    return [name for texts in indicator.labels.values() for name in texts.values()]


def read_number(text: str, places: int, *, may_be_negative: bool) -> Decimal:
    """A number as people write it (thousands separators, full width); WrongValue otherwise."""
    written = half_width(text).replace(" ", "").removesuffix("%")
    if not _WRITTEN.fullmatch(written):
        raise WrongValue(gettext_lazy("应填数字，如 190.00"))
    value = Decimal(written.replace(",", ""))
    if value < 0 and not may_be_negative:
        raise WrongValue(gettext_lazy("不能小于 0"))
    if not is_fitting(value, places, may_be_negative=may_be_negative):
        raise WrongValue(_too_fine(places) if abs(value) < 10**13 else gettext_lazy("数字过大"))
    return value.quantize(Decimal(1).scaleb(-places))


def _too_fine(places: int) -> str:
    if not places:
        return _("应填整数")
    return _("最多 %(n)d 位小数") % {"n": places}


def number_reader(places: int, *, may_be_negative: bool) -> Reader:
    """Reads a cell of an indicator's column."""

    def read(cell: Cell, _reading: Reading) -> Decimal:
        return read_number(plain(cell), places, may_be_negative=may_be_negative)

    return read


def show_number(places: int, value: Decimal | None) -> Shown:
    """A number as previews show it."""
    return Shown(value, "" if value is None else f"{value:,.{places}f}")


def month_in(scope: Scope) -> Month:
    """The month whose numbers the file holds."""
    if scope.month is None:
        raise Refused(gettext_lazy("请选月份。"), field="month")
    return scope.month
