"""When a notice was written or read: before, as its own moments tell."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


def date_notices(apps, schema_editor):
    apps.get_model("duties", "Notice").objects.update(updated_at=Coalesce("read_at", "created_at"))


class Migration(migrations.Migration):
    dependencies = [("duties", "0006_notices_of_meetings")]

    operations = [
        migrations.AddField("notice", "updated_at", models.DateTimeField(null=True)),
        migrations.RunPython(date_notices, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("notice", "updated_at", models.DateTimeField()),
    ]
