"""Ship the tiers of annex 6, and index the inside of words on PostgreSQL."""

from django.db import migrations

TIERS = [
    ("A", "group", "A 类", "Tier A", ["A类", "A级", "甲"], 1),
    ("B", "group", "B 类", "Tier B", ["B类", "B级", "乙"], 2),
    ("C", "group", "C 类", "Tier C", ["C类", "C级", "丙"], 3),
    ("diamond", "person", "钻石卡", "Diamond", ["钻石", "钻卡", "钻"], 4),
    ("gold", "person", "金卡", "Gold", ["金", "黄金卡", "黄金"], 5),
    ("silver", "person", "银卡", "Silver", ["银", "白银卡", "白银"], 6),
]


def ship_tiers(apps, schema_editor):
    tier = apps.get_model("customers", "Tier")
    for code, kind, name_zh, name_en, aliases, rank in TIERS:
        tier.objects.get_or_create(
            code=code,
            defaults={
                "kind": kind,
                "name_zh": name_zh,
                "name_en": name_en,
                "aliases": aliases,
                "rank": rank,
            },
        )


def index_search_text(apps, schema_editor):
    """A trigram index finds what stands inside a word; SQLite reads the column instead."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    schema_editor.execute(
        "CREATE INDEX IF NOT EXISTS customers_search ON customers_customer "
        "USING gin (search_text gin_trgm_ops)"
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.RunPython(ship_tiers, migrations.RunPython.noop),
        migrations.RunPython(index_search_text, migrations.RunPython.noop),
    ]
