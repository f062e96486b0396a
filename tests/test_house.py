"""The house keeps the rules that import-linter cannot see."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ORDER = {room: place for place, room in enumerate(settings.ROOMS)}


def links():
    for model in apps.get_models():
        for field in model._meta.get_fields():
            here, there = model._meta.app_label, getattr(field.related_model, "_meta", None)
            if field.concrete and there and here in ORDER and there.app_label in ORDER:
                yield pytest.param(field, here, there.app_label, id=str(field))


@pytest.mark.parametrize(("field", "here", "there"), list(links()))
def test_foreign_keys_point_upstream_and_leave_no_way_back(field, here, there):
    assert ORDER[there] <= ORDER[here]
    if here != there:
        assert field.remote_field.related_name == "+"


ROOT = Path(__file__).parent.parent


def test_the_map_names_every_room_and_no_other():
    drawn = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/map.md").read_text(), re.MULTILINE))
    built = {folder.name for folder in (ROOT / "src/panout").iterdir() if (folder / "__init__.py").exists()}
    assert drawn == built
