"""The scheme that the product ships: annex 5, as data."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import migrations

from core.canonical import digest

SHIPPED = Path(__file__).resolve().parents[1] / "shipped" / "annex5.json"
# Older than any month of any company: it scores every month until another one is approved.
SHIPPED_AT = datetime(2000, 1, 1, tzinfo=UTC)


def ship_scheme(apps: Any, _schema: Any) -> None:
    """Add it where there is no scheme at all."""
    schemes = apps.get_model("kpi", "Scheme").objects
    if schemes.exists():
        return
    content = json.loads(SHIPPED.read_text(encoding="utf-8"))
    schemes.create(
        number=1,
        name=content["names"]["telecom"]["zh-hans"],
        valid_from="2000-01",
        state="approved",
        content=content,
        digest=digest(content),
        departs=False,
        drafted_at=SHIPPED_AT,
        approved_at=SHIPPED_AT,
        updated_at=SHIPPED_AT,
    )


class Migration(migrations.Migration):
    dependencies = [("kpi", "0001_initial")]

    operations = [migrations.RunPython(ship_scheme, migrations.RunPython.noop)]
