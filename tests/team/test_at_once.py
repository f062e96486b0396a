"""A migration that is carried out at once leaves behind what it would have left one operation at a time."""

from __future__ import annotations

import pytest
from django.contrib.postgres.operations import TrigramExtension
from django.db import connection, migrations, models, transaction
from django.db.migrations.state import ProjectState, StateApps

from panout.team.at_once import AtOnce

pytestmark = pytest.mark.django_db


def _name_the_nameless(apps, _editor):
    """Code in the middle sees the tables as they are by then: a town has no mayor yet."""
    town = apps.get_model("trial", "town")
    assert {field.name for field in town._meta.get_fields()} == {"id", "name", "house"}
    town.objects.create(name="")
    town.objects.filter(name="").update(name="Nowhere")


OPERATIONS = [
    TrigramExtension(),
    migrations.CreateModel(
        "House", [("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField())]
    ),
    migrations.CreateModel(
        "Town",
        [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=20))],
        {"indexes": [models.Index(fields=["name"], name="towns_by_name")]},
    ),
    migrations.AddField("house", "town", models.ForeignKey("trial.Town", models.PROTECT)),
    migrations.AddField("house", "colour", models.CharField(default="", max_length=9)),
    migrations.AlterField("house", "colour", models.TextField(default="")),
    migrations.AddIndex("house", models.Index(fields=["-number"], name="houses_by_number")),
    migrations.RemoveIndex("town", "towns_by_name"),
    migrations.AddConstraint(
        "house", models.UniqueConstraint(fields=["town", "number"], name="a_house_has_its_number")
    ),
    migrations.RunSQL("COMMENT ON TABLE trial_house IS 'lived in'"),
    migrations.RunPython(_name_the_nameless),
    migrations.AddField("town", "mayor", models.CharField(max_length=20, null=True)),
    migrations.AlterField("town", "name", models.CharField(max_length=30, unique=True)),
    migrations.AddIndex("town", models.Index(fields=["mayor"], name="towns_by_mayor")),
    migrations.AddConstraint(
        "town", models.CheckConstraint(condition=~models.Q(name=""), name="a_town_has_a_name")
    ),
]

_LEFT = """
SELECT 'column', table_name, ordinal_position::text, concat_ws(' ', column_name, data_type,
       character_maximum_length, is_nullable, column_default)
  FROM information_schema.columns WHERE table_name LIKE 'trial%%'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'trial%%'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE conrelid::regclass::text LIKE 'trial%%'
UNION ALL SELECT 'comment', 'trial_house', '', obj_description('trial_house'::regclass)
UNION ALL SELECT 'row', 'trial_town', '', name FROM trial_town
ORDER BY 1, 2, 3, 4"""


class _Enough(Exception):
    """Takes the tables away again."""


def _left_by(kind, monkeypatch):
    """What a migration of this kind leaves behind, the state it ends in, and how many models it rendered for it."""
    rendered = []
    plain = StateApps.render_multiple

    def counting(apps, states):
        rendered.extend(states)
        plain(apps, states)

    migration = kind("0001_initial", "trial")
    migration.operations = OPERATIONS
    state, left = ProjectState(), []
    assert not state.apps.get_models()  # rendered, as it is when others went before
    with monkeypatch.context() as patched, pytest.raises(_Enough), transaction.atomic():  # noqa: PT012
        patched.setattr(StateApps, "render_multiple", counting)
        with connection.schema_editor(atomic=False) as editor:
            state = migration.apply(state, editor)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(_LEFT)
            left = cursor.fetchall()
        raise _Enough
    return left, state, len(rendered)


def test_what_is_left_is_the_same_and_takes_less(monkeypatch):
    plainly, plain_state, many = _left_by(migrations.Migration, monkeypatch)
    at_once, state, few = _left_by(AtOnce, monkeypatch)
    assert at_once == plainly
    assert [line[0] for line in at_once].count("constraint") >= 5
    assert state == plain_state
    assert {model._meta.label for model in state.apps.get_models()} == {"trial.House", "trial.Town"}
    assert few < many / 2


def test_rows_are_filled_before_it_is_demanded_that_they_are(monkeypatch):
    monkeypatch.setattr(
        f"{__name__}.OPERATIONS",
        [
            *OPERATIONS,
            migrations.AddField("town", "river", models.CharField(max_length=9, null=True)),
            migrations.RunSQL("UPDATE trial_town SET river = 'Spree'"),
            migrations.AlterField("town", "river", models.CharField(max_length=9)),
            migrations.AddField("town", "lake", models.CharField(max_length=9, null=True)),
            migrations.AlterField("town", "lake", models.CharField(max_length=9, default="")),
            migrations.RenameModel("Town", "City"),
            migrations.AddField("city", "hill", models.IntegerField(null=True)),
        ],
    )
    monkeypatch.setattr(
        f"{__name__}._LEFT", _LEFT.replace("'', name FROM trial_town", "river, lake FROM trial_city")
    )
    plainly, _, _ = _left_by(migrations.Migration, monkeypatch)
    at_once, state, _ = _left_by(AtOnce, monkeypatch)
    assert at_once == plainly
    assert ("row", "trial_town", "Spree", "") in at_once
    assert {model._meta.label for model in state.apps.get_models()} == {"trial.House", "trial.City"}
