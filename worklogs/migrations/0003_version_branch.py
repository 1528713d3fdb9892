"""Each version of a summary says which branch received it: managers move between branches."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_the_summarys(apps, schema_editor):
    version = apps.get_model("worklogs", "SummaryVersion")
    summary = apps.get_model("worklogs", "Summary")
    of_summary = summary.objects.filter(pk=OuterRef("summary_id")).values("branch_id")[:1]
    version.objects.update(branch_id=Subquery(of_summary))
    if schema_editor.connection.vendor == "postgresql":
        # The table is altered next, and the references are checked before it.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _branch(**more):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="organization.branch",
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("organization", "0001_initial"),
        ("worklogs", "0002_reminder_once"),
    ]

    operations = [
        migrations.AddField("summaryversion", "branch", _branch(null=True)),
        migrations.RunPython(take_the_summarys, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("summaryversion", "branch", _branch()),
    ]
