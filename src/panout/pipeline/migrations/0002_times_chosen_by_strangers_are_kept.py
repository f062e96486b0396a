import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Asking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(max_length=320)),
                ("source", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.bookinglink",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.meeting",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["email", "starts_at"], name="askings_by_address"),
                    models.Index(fields=["source", "asked_at"], name="askings_by_source"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("link", "starts_at"),
                        name="a_time_is_kept_for_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("meeting", None), ("answered_at__isnull", False), _connector="OR"
                        ),
                        name="a_meeting_answers_an_asking",
                    ),
                ],
            },
        ),
    ]
