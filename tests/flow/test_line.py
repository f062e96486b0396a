"""The screen with the whole line is complete, and every alarm clock on it rings. Settings fit together."""

from panout.flow import jobs
from panout.flow.checks import settings_fit_together
from panout.flow.line import LINE
from panout.settings import ROOMS


def test_every_room_of_the_line_is_on_the_screen_in_its_order():
    rooms = list(dict.fromkeys(stage.room for stage in LINE))
    assert rooms == [room for room in ROOMS if room in rooms]
    assert set(ROOMS) - set(rooms) <= {
        "consent"
    }  # wishes wait for nobody: they hold from the moment they stand


def test_what_wakes_a_stage_is_a_job_that_rings_by_itself():
    periodic = {task.task.name for task in jobs.app.periodic_registry.periodic_tasks.values()}
    assert {stage.wakes for stage in LINE} - {"a person"} <= periodic


def test_settings_that_do_not_fit_together_are_told_with_a_hint(settings):
    assert settings_fit_together(None) == []
    settings.URL, settings.DEBUG = "https://panout.example", True
    told = {one.id: one.hint for one in settings_fit_together(None)}
    assert set(told) == {"panout.W001", "panout.E002"}
    assert all(told.values())
