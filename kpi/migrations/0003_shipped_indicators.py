"""The indicators that the product ships: M1–M5 and S1 of annex 5.1 and 5.2."""

import json
from pathlib import Path
from typing import Any

from django.db import migrations

SHIPPED = Path(__file__).resolve().parents[1] / "shipped" / "indicators.json"


def ship_indicators(apps: Any, _schema: Any) -> None:
    """Add those that are not there."""
    indicators = apps.get_model("kpi", "Indicator").objects
    standing = set(indicators.values_list("code", flat=True))
    indicators.bulk_create(
        [
            indicators.model(**values)
            for values in json.loads(SHIPPED.read_text(encoding="utf-8"))
            if values["code"] not in standing
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("kpi", "0002_shipped_scheme")]

    operations = [migrations.RunPython(ship_indicators, migrations.RunPython.noop)]
