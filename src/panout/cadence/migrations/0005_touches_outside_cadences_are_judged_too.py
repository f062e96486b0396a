"""A judgement may be of a task or a letter outside any cadence."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cadence", "0004_a_parked_day_begins_somewhere"),
        ("outreach", "0006_answers_fill_fields"),
    ]

    operations = [
        migrations.AddField(
            model_name="judgement",
            name="letter",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="outreach.paperletter",
            ),
        ),
        migrations.AddField(
            model_name="judgement",
            name="task",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="outreach.task",
            ),
        ),
        migrations.AlterField(
            model_name="judgement",
            name="enrolment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="judgements",
                to="cadence.enrolment",
            ),
        ),
        migrations.AddIndex(
            model_name="judgement",
            index=models.Index(
                condition=models.Q(("task__isnull", False)), fields=["task"], name="judgements_of_task"
            ),
        ),
        migrations.AddIndex(
            model_name="judgement",
            index=models.Index(
                condition=models.Q(("letter__isnull", False)), fields=["letter"], name="judgements_of_letter"
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("enrolment__isnull", False), ("letter", None), ("task", None)),
                    models.Q(("enrolment", None), ("letter", None), ("task__isnull", False)),
                    models.Q(("enrolment", None), ("letter__isnull", False), ("task", None)),
                    _connector="OR",
                ),
                name="a_judgement_is_of_one_touch",
            ),
        ),
    ]
