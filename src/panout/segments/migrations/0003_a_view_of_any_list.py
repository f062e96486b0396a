"""A view may be of any list that can be filtered."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_uses_and_sweeps")]

    operations = [
        migrations.AlterField(model_name="savedview", name="what", field=models.CharField(max_length=20)),
    ]
