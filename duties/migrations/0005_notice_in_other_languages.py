"""What a notice says in the languages other than its receiver's; older ones have but one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("duties", "0004_period_updated_at")]

    operations = [
        migrations.AddField("notice", "in_other_languages", models.JSONField(default=dict)),
    ]
