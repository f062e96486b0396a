"""A park keeps the instant at which its day begins; those of before began by the clock of UTC."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models

from panout.team.at_once import AtOnce

_BACKFILL = "UPDATE cadence_park SET wakes_at = until::timestamp AT TIME ZONE 'UTC' WHERE until IS NOT NULL"


class Migration(AtOnce):
    dependencies = [
        ("cadence", "0003_runs_know_their_origin"),
        ("resolve", "0003_who_is_at_a_stage_or_somebodys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="park", name="parks_by_date"),
        migrations.AddField(model_name="park", name="wakes_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="park",
            index=models.Index(
                condition=models.Q(("woken_at", None)), fields=["wakes_at"], name="parks_by_moment"
            ),
        ),
        migrations.AddConstraint(
            model_name="park",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("wakes_at__isnull", True), _connector="XOR", _negated=True
                ),
                name="a_dated_park_has_its_moment",
            ),
        ),
    ]
