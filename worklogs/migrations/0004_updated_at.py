"""When a summary and a roll-up were last changed: before, as their versions and the trail tell."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Max

_WHAT = ("worklogs.write_rollup", "worklogs.send_rollup", "worklogs.receive_rollup")


def date_summaries(apps, schema_editor):
    summary = apps.get_model("worklogs", "Summary")
    changed = []
    rows = summary.objects.annotate(
        filed=Max("versions__submitted_at"),
        confirmed=Max("versions__confirmed_at"),
        returned=Max("versions__given_back__returned_at"),
    )
    for row in rows.iterator(chunk_size=2000):
        moments = (row.received_at, row.reviewed_at, row.filed, row.confirmed, row.returned)
        row.updated_at = max(moment for moment in moments if moment is not None)
        changed.append(row)
        if len(changed) == 2000:
            summary.objects.bulk_update(changed, ["updated_at"], batch_size=200)
            changed.clear()
    summary.objects.bulk_update(changed, ["updated_at"], batch_size=200)


def date_rollups(apps, schema_editor):
    rollup = apps.get_model("worklogs", "RollUp")
    trail = apps.get_model("core", "AuditRow").objects.filter(target_type="rollup", what__in=_WHAT)
    rows = rollup.objects.annotate(
        sent=Max("versions__sent_at"), received=Max("versions__received_at")
    )
    for row in rows:
        written = trail.filter(target_id=str(row.pk)).aggregate(at=Max("at"))["at"]
        moments = [moment for moment in (row.sent, row.received, written) if moment is not None]
        year, number = row.week.split("-W")
        friday = datetime.fromisocalendar(int(year), int(number), 5).replace(hour=9, tzinfo=UTC)
        rollup.objects.filter(pk=row.pk).update(updated_at=max(moments, default=friday))


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("worklogs", "0003_version_branch")]

    operations = [
        migrations.AddField("summary", "updated_at", models.DateTimeField(null=True)),
        migrations.AddField("rollup", "updated_at", models.DateTimeField(null=True)),
        migrations.RunPython(date_summaries, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(date_rollups, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("summary", "updated_at", models.DateTimeField(db_index=True)),
        migrations.AlterField("rollup", "updated_at", models.DateTimeField(db_index=True)),
    ]
