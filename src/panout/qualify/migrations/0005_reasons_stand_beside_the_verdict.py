"""Reasons stand beside the verdict, and verdicts in the order of their rank: a list reads few and narrow pages."""

from __future__ import annotations

from django.db import migrations, models

from panout.team.at_once import AtOnce

_APART = "INSERT INTO qualify_explanation (verdict_id, reasons) SELECT id, reasons FROM qualify_verdict ORDER BY id"
_BACK = (
    "UPDATE qualify_verdict v SET reasons = e.reasons FROM qualify_explanation e WHERE e.verdict_id = v.id"
)
# Django writes no such key before its version 6.1. Undoing an import deletes verdicts by the million, unloaded.
_KEY = (
    "ALTER TABLE qualify_explanation ADD CONSTRAINT an_explanation_is_of_a_verdict"
    " FOREIGN KEY (verdict_id) REFERENCES qualify_verdict (id) ON DELETE CASCADE"
)
_NO_KEY = "ALTER TABLE qualify_explanation DROP CONSTRAINT an_explanation_is_of_a_verdict"


class Migration(AtOnce):
    dependencies = [("qualify", "0004_whoever_is_found_is_ranked_from_the_index")]

    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                (
                    "verdict",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.DO_NOTHING,
                        primary_key=True,
                        related_name="explanation",
                        serialize=False,
                        to="qualify.verdict",
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
            ],
        ),
        migrations.RunSQL(_APART, _BACK),
        migrations.RunSQL(_KEY, _NO_KEY),
        migrations.RemoveField(model_name="verdict", name="reasons"),
        # Writes the table anew, which gives back the room of the reasons.
        migrations.RunSQL("CLUSTER qualify_verdict USING verdicts_by_rank", migrations.RunSQL.noop),
    ]
