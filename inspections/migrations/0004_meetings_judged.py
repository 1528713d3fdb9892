"""Let minutes and sign-in be judged, from the first month whose report is not frozen yet.

Reports that are frozen stay as they are, also when they are read or made again: for their months
the item goes on being "not checked".
"""

from django.db import migrations

from core.periods import Month

CODE, BEFORE, SOURCE = "minutes", "meetings.minutes", "meetings.records"
# One point for each kind of content that was marked below 3.
CONTENT = {"content": "1"}


def first_open_month(report):
    """The month after the last frozen one; "" where none was ever frozen."""
    frozen = report.objects.filter(phase="frozen").order_by("-month")
    last = frozen.values_list("month", flat=True).first()
    return Month.parse(last).next.key if last else ""


def judge_meetings(apps, schema_editor):
    item = apps.get_model("inspections", "CheckItem")
    begin = first_open_month(apps.get_model("reports", "SpotCheck"))
    rows = list(item.objects.filter(code=CODE).order_by("valid_from"))
    past = [row for row in rows if row.valid_from < begin]
    coming = [row for row in rows if row.valid_from >= begin]
    if past and past[-1].judged_by == BEFORE and all(row.valid_from > begin for row in coming):
        standing = past[-1]
        standing.pk, standing.valid_from = None, begin
        coming.append(standing)
    for row in coming:
        if row.judged_by == BEFORE:
            row.judged_by = SOURCE
            row.faults = CONTENT | row.faults
            row.save()


class Migration(migrations.Migration):
    dependencies = [("inspections", "0003_content_marks"), ("reports", "0001_initial")]
    operations = [migrations.RunPython(judge_meetings, migrations.RunPython.noop)]
