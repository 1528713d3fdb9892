"""Index the inside of the words of cases and questions on PostgreSQL."""

from django.db import migrations


def index_search_text(apps, schema_editor):
    """A trigram index finds what stands inside a word; SQLite reads the column instead."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    schema_editor.execute(
        "CREATE INDEX IF NOT EXISTS meetings_contribution_search ON meetings_contribution "
        "USING gin (search_text gin_trgm_ops)"
    )


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial")]
    operations = [migrations.RunPython(index_search_text, migrations.RunPython.noop)]
