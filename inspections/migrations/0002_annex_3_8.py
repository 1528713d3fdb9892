"""Ship the inspection sheet of annex 3.8: a hundred points, as data from the beginning on."""

from decimal import Decimal

from django.db import migrations

FROM = "2000-01"
# code, Chinese, English, points, taking, points off by kind of fault, clause, what judges it
ITEMS = [
    ("data", "资料及时更新", "Customer data up to date", 15, "per_fault",
     {"stale": "1", "wrong": "1"}, "P3.1", "customers.fresh"),
    ("agree", "三方一致", "Three records agree", 20, "per_fault",
     {"mismatch": "2"}, "P3.2", "weeks.agree"),
    ("frequency", "服务频次", "Service frequency", 15, "share",
     {}, "P3.3", "coverage.frequency"),
    ("birthday", "生日宣传品记录", "Birthday gift records", 10, "per_fault",
     {"missing": "1", "incomplete": "1"}, "P3.4", "birthdays.recorded"),
    ("perception", "客户感知", "Customers know their manager", 15, "share",
     {}, "B3", "callbacks.known"),
    ("notice", "换管告知", "Change of manager told", 5, "per_fault",
     {"late": "1", "missing": "1"}, "B3.1", "handovers.told"),
    ("minutes", "会议纪要与签到", "Minutes and sign-in", 15, "per_fault",
     {"missing": "3", "incomplete": "1"}, "M2.3", "meetings.minutes"),
    ("punctual", "计划与周报及时", "Plans and summaries on time", 5, "per_fault",
     {"late": "0.5", "missing": "1"}, "W5", "summaries.punctuality"),
]  # fmt: skip


def ship_items(apps, schema_editor):
    item = apps.get_model("inspections", "CheckItem")
    for rank, (code, chinese, english, points, taking, faults, clause, key) in enumerate(ITEMS, 1):
        item.objects.get_or_create(
            code=code,
            valid_from=FROM,
            defaults={
                "names": {"zh-hans": chinese, "en": english},
                "points": Decimal(points),
                "taking": taking,
                "faults": faults,
                "clause": clause,
                "rank": rank,
                "judged_by": key,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("inspections", "0001_initial")]
    operations = [migrations.RunPython(ship_items, migrations.RunPython.noop)]
