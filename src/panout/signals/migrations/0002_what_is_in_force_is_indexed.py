from django.db import migrations, models

from panout.team.at_once import AtOnce


class Migration(AtOnce):
    dependencies = [("signals", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="signal", name="signals_latest_first"),
        migrations.RemoveIndex(model_name="signal", name="signals_by_type"),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(("dismissed_at", None)), fields=["-date", "-id"], name="signals_in_force"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(("dismissed_at", None)),
                fields=["type", "-date", "-id"],
                name="signals_of_type",
            ),
        ),
    ]
