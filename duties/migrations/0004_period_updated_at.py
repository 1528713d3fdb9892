"""When a duty period was made or moved: before, as the clock makes them, two weeks ahead."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations, models

SHANGHAI = ZoneInfo("Asia/Shanghai")
AHEAD = timedelta(weeks=2)


def take_the_rules(apps, schema_editor):
    periods = apps.get_model("duties", "DutyPeriod").objects.all()
    for key in periods.order_by().values_list("key", flat=True).distinct():
        year, _w, number = key.partition("-W")
        if not number:
            continue
        monday = date.fromisocalendar(int(year), int(number), 1) - AHEAD
        periods.filter(key=key).update(updated_at=datetime.combine(monday, time.min, SHANGHAI))
    periods.filter(updated_at__isnull=True).update(updated_at=models.F("opens_at"))


class Migration(migrations.Migration):
    dependencies = [("duties", "0003_to_dos_by_hand")]

    operations = [
        migrations.AddField("dutyperiod", "updated_at", models.DateTimeField(null=True)),
        migrations.RunPython(take_the_rules, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("dutyperiod", "updated_at", models.DateTimeField(db_index=True)),
    ]
