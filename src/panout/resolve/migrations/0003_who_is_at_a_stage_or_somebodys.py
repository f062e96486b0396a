"""Who is at a stage, and whose somebody is, of the living: a list has it from the index alone."""

from __future__ import annotations

from django.db import migrations, models

from panout.team.at_once import AtOnce


class Migration(AtOnce):
    dependencies = [("resolve", "0002_found_by_tag_and_by_stage")]

    operations = [
        migrations.RemoveIndex(model_name="contact", name="contacts_by_stage"),
        migrations.RemoveIndex(model_name="contact", name="contacts_by_owner"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["lifecycle", "id"],
                name="contacts_by_stage",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into", None), ("owner__isnull", False)),
                fields=["owner", "id"],
                name="contacts_by_owner",
            ),
        ),
    ]
