"""A person's reminders of a week bear numbers: of presses at one moment, one gets the next."""

from django.db import migrations, models


def number_reminders(apps, schema_editor):
    reminder = apps.get_model("worklogs", "Reminder")
    counts = {}
    changed = []
    for row in reminder.objects.order_by("sent_at", "pk").iterator():
        key = (row.manager_id, row.week)
        counts[key] = row.number = counts.get(key, 0) + 1
        changed.append(row)
    reminder.objects.bulk_update(changed, ["number"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("worklogs", "0001_initial")]

    operations = [
        migrations.AddField(
            "reminder",
            "number",
            models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunPython(number_reminders, migrations.RunPython.noop, elidable=True),
        migrations.RemoveIndex("reminder", "worklogs_reminder_week"),
        migrations.AddConstraint(
            "reminder",
            models.UniqueConstraint(
                fields=("manager", "week", "number"), name="worklogs_reminder_once"
            ),
        ),
    ]
