from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_import_month")]

    operations = [
        migrations.AddField(
            model_name="importrow",
            name="in_other_languages",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="importrun",
            name="better_table",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="importrun",
            name="in_other_languages",
            field=models.JSONField(default=dict),
        ),
    ]
