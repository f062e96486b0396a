"""Where each run came from, in words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cadence", "0002_traces_are_kept_short"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="origin",
            field=models.CharField(blank=True, default="", max_length=160),
        ),
    ]
