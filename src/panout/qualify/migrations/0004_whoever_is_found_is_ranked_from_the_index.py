"""What a list asks of a verdict stands in the index of whom it is about."""

from __future__ import annotations

from django.db import migrations, models

from panout.team.at_once import AtOnce


class Migration(AtOnce):
    dependencies = [
        ("icp", "0001_initial"),
        ("qualify", "0003_a_list_is_walked_along_its_index"),
        ("resolve", "0002_found_by_tag_and_by_stage"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="verdict",
            name="a_contact_has_one_verdict",
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                condition=models.Q(("contact__isnull", False)),
                fields=("contact",),
                include=("id", "verdict", "priority"),
                name="a_contact_has_one_verdict",
            ),
        ),
    ]
