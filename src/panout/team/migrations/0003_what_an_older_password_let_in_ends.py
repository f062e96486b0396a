from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("team", "0002_a_link_to_choose_a_password")]

    operations = [
        migrations.AddField("user", "epoch", models.PositiveIntegerField(default=0)),
    ]
