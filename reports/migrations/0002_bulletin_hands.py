"""Who has had a hand in a bulletin, and what taking its figures anew changed (annex 11.11)."""

from typing import Any

from django.db import migrations, models


def from_the_trail(apps: Any, schema_editor: Any) -> None:
    """Bulletins of before: who wrote in them and took their figures, as the trail tells."""
    rows = apps.get_model("core", "AuditRow").objects.filter(
        target_type="bulletin",
        what__in=("reports.write_bulletin", "reports.take_figures"),
        actor_id__isnull=False,
    )
    hands: dict[str, set[int]] = {}
    for target, actor_id in rows.values_list("target_id", "actor_id"):
        hands.setdefault(target, set()).add(actor_id)
    bulletins = apps.get_model("reports", "Bulletin").objects
    for target, people in hands.items():
        bulletins.filter(pk=int(target)).update(written_by=sorted(people))


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("core", "0001_initial")]

    operations = [
        migrations.AddField("bulletin", "written_by", models.JSONField(default=list)),
        migrations.AddField("bulletin", "changed", models.JSONField(default=list)),
        migrations.RunPython(from_the_trail, migrations.RunPython.noop),
    ]
