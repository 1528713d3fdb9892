"""What targets, results and requirements show and take alike: numbers as decimal text, grids."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api.fields import Body, IdField
from kpi.target_entries import Cell


class NumberField(serializers.DecimalField):
    """A number as decimal text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 16, "decimal_places": 2, **kwargs})


class NumberCellBody(serializers.Serializer[Any]):
    """A cell of a grid: null clears it."""

    row = IdField()
    indicator = serializers.CharField(max_length=20)
    value = NumberField(allow_null=True)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")


class NumberCellsBody(Body):
    """Cells of a grid; those that are not named stay as they are."""

    cells = NumberCellBody(many=True, allow_empty=False)

    def validate_cells(self, cells: Sequence[Any]) -> Sequence[Any]:
        """Each with its row, indicator and value, though other fields of a PATCH may be absent."""
        for cell in cells:
            if missing := [name for name in ("row", "indicator", "value") if name not in cell]:
                raise serializers.ValidationError(
                    _("每一格都要有 %(name)s。") % {"name": missing[0]}
                )
        return cells


def cells_of(body: Mapping[str, Any]) -> list[Cell]:
    """The cells as operations take them."""
    return [
        Cell(cell["row"], cell["indicator"], cell["value"], cell.get("note", ""))
        for cell in body.get("cells", ())
    ]


def text_of(value: Decimal | None, places: int) -> str | None:
    """A number with the indicator's places."""
    return None if value is None else f"{value:.{places}f}"
