"""The decision trace in its short form; indexes that each advance paid for and nothing looked up are gone."""

import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from panout.team.at_once import AtOnce

_LETTERS = {"pass": "p", "hold": "h", "deny": "d"}


def shorten(apps, _schema):
    """What was kept as JSON, one line a rule. Their order was, and is, that of the first edition."""
    judgement = apps.get_model("cadence", "Judgement")
    rows = []
    for row in judgement.objects.only("id", "rulings").iterator(2000):
        row.rulings = "\n".join(_line(one) for one in json.loads(row.rulings))
        rows.append(row)
        if len(rows) == 2000:
            judgement.objects.bulk_update(rows, ["rulings"])
            rows.clear()
    judgement.objects.bulk_update(rows, ["rulings"])


def _line(one):
    line = _LETTERS[one["verdict"]] + " ".join(one["value"].split())
    return f"{line}\t{one['until'] or ''}\t{one['mend']}" if one["until"] or one["mend"] else line


class Migration(AtOnce):
    dependencies = [
        ("cadence", "0001_initial"),
        ("outreach", "0003_what_proves_it"),
        ("resolve", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="judgement",
            name="edition",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="resolve.account",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="enrolled_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="next_version",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cadence.cadenceversion",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="open_message",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="outreach.message",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="open_task",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="outreach.task",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="sender",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="outreach.sender",
            ),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments",
                to="cadence.cadenceversion",
            ),
        ),
        migrations.AlterField(
            model_name="judgement",
            name="enrolment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="judgements",
                to="cadence.enrolment",
            ),
        ),
        migrations.AlterField(
            model_name="judgement",
            name="rulings",
            field=models.TextField(default=""),
        ),
        migrations.RunPython(shorten, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="passed",
            name="enrolment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passed",
                to="cadence.enrolment",
            ),
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                condition=models.Q(("open_task__isnull", False)),
                fields=["open_task"],
                name="enrolments_by_task",
            ),
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                condition=models.Q(("open_message__isnull", False)),
                fields=["open_message"],
                name="enrolments_by_message",
            ),
        ),
    ]
