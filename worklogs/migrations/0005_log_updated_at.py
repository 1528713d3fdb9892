"""When a log was last changed: before, as its own moments tell."""

from django.db import migrations, models
from django.db.models.functions import Coalesce, Greatest


def date_logs(apps, schema_editor):
    apps.get_model("worklogs", "ServiceLog").objects.update(
        updated_at=Greatest(
            Coalesce("superseded_at", "recorded_at"), Coalesce("read_at", "recorded_at")
        )
    )


class Migration(migrations.Migration):
    dependencies = [("worklogs", "0004_updated_at")]

    operations = [
        migrations.AddField("servicelog", "updated_at", models.DateTimeField(null=True)),
        migrations.RunPython(date_logs, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("servicelog", "updated_at", models.DateTimeField(db_index=True)),
    ]
