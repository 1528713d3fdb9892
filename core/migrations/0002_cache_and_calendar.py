"""The table of counters (rate limits, lock-outs), and the working days known at shipping."""

from django.core.management import call_command
from django.db import migrations

from core.seeds import seed_calendar


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def seed(apps, schema_editor):
    seed_calendar(apps)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
