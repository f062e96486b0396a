"""Keeps verdicts in step with the active profiles: after a change of profile, and as signals age; and looks ahead."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from panout.batch.engine import DuckDBEngine, Engine
from panout.flow import clock
from panout.icp.queries import active, version
from panout.kernel.errors import PanoutError
from panout.qualify import actions, foresight, queries, runs
from panout.qualify.foresight import Foresight, PreviewCard
from panout.team.rules import Person

ENGINE_BYTES = 1024**3
_log = structlog.get_logger("panout.scoring")


def catch_up() -> int:
    """Score everybody if anybody's verdict is by a version that is not active now, or older than today."""
    now = clock.now()
    if not queries.verdicts_are_stale(now.date()):
        return 0
    return score_everybody()


def score_everybody() -> int:
    """Score the whole book, saying how far it is; returns how many."""
    now = clock.now()
    run = actions.begin_run(_why(), now)
    counted = 0

    def tick(more: int) -> None:
        nonlocal counted
        counted += more
        actions.say_run(run, counted)

    with _engine("score") as engine:
        done = actions.rescore(engine, actions.Scope(), now.date(), now, tick)
    actions.end_run(run, done, clock.now())
    _log.info("scored", people=done.scored)
    return done.scored


def _why() -> str:
    """In words for the page: a version that came into force since the last run, or the day."""
    last = runs.latest()
    since = [
        one for one in active() if one.activated_at and (last is None or one.activated_at >= last.started_at)
    ]
    if since:
        return " and ".join(f"{one.name}, version {one.number}" for one in since[:3])
    return "signals have aged by a day"


def foresee(version_id: int) -> Foresight:
    """What activating a draft would change; nothing is written. Raises IcpError when it does not read."""
    draft = version(version_id)
    with _engine("foresee") as engine:
        return foresight.foresee(engine, draft, clock.now().date())


def preview(asker: Person, version_id: int) -> PreviewCard:
    """At once in a small book; in a large one by a worker, who says how far it is."""
    draft, now = version(version_id), clock.now()
    if not foresight.is_small():
        return foresight.ask_preview(asker, draft, now.date(), now)
    return PreviewCard(1, 1, "", now, foresee(version_id))


def work_on_previews() -> int:
    """Judge by every draft that somebody asked about; returns how many."""
    count = 0
    while (asked := foresight.claim_preview(clock.now())) is not None:
        count += 1
        try:
            draft = version(asked.version_id)
            with _engine("foresee") as engine:
                told = foresight.foresee(engine, draft, asked.day, _says(asked.id))
        except PanoutError as error:
            foresight.keep_preview(asked.id, None, str(error), clock.now())
        else:
            foresight.keep_preview(asked.id, told, "", clock.now())
    return count


def _says(preview_id: int) -> Callable[[int, int], None]:
    return lambda done, total: foresight.say_progress(preview_id, done, total, clock.now())


@contextmanager
def _engine(what: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix=f"panout-{what}-") as folder:
        engine = DuckDBEngine(Path(folder), memory_limit=ENGINE_BYTES)
        try:
            yield engine
        finally:
            engine.close()
