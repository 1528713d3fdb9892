"""Since when a customer's state holds: as the trail tells, where it was changed."""

from zoneinfo import ZoneInfo

from django.db import migrations, models

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read_the_trail(apps, schema_editor):
    customer = apps.get_model("customers", "Customer")
    row = apps.get_model("core", "AuditRow")
    for one in customer.objects.exclude(state="active").iterator():
        changes = row.objects.filter(
            what="customers.change_customer", target_type="customer", target_id=str(one.pk)
        ).order_by("-id")
        moments = [
            change.at
            for change in changes
            if change.after.get("state") == one.state and change.before.get("state") != one.state
        ]
        if moments:
            one.state_since = moments[0].astimezone(SHANGHAI).date()
            one.save(update_fields=["state_since"])


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("customers", "0002_tiers_and_search")]

    operations = [
        migrations.AddField("customer", "state_since", models.DateField(null=True)),
        migrations.RunPython(read_the_trail, migrations.RunPython.noop, elidable=True),
    ]
