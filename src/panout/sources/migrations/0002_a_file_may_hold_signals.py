from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="content",
            field=models.CharField(
                blank=True,
                choices=[("records", "records"), ("signals", "signals")],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
    ]
