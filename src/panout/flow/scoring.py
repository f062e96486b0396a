"""Keeps verdicts in step with the active profiles: after a change of profile, and as signals age."""

from __future__ import annotations

import tempfile
from pathlib import Path

import structlog

from panout.batch.engine import DuckDBEngine
from panout.flow import clock
from panout.icp.queries import version
from panout.qualify import actions, foresight, queries
from panout.qualify.foresight import Foresight

ENGINE_BYTES = 1024**3
_log = structlog.get_logger("panout.scoring")


def catch_up() -> int:
    """Score everybody if anybody's verdict is by a version that is not active now, or older than today."""
    now = clock.now()
    if not queries.verdicts_are_stale(now.date()):
        return 0
    return score_everybody()


def foresee(version_id: int) -> Foresight:
    """What activating a draft would change; nothing is written. Raises IcpError when it does not read."""
    draft = version(version_id)
    with tempfile.TemporaryDirectory(prefix="panout-foresee-") as folder:
        engine = DuckDBEngine(Path(folder), memory_limit=ENGINE_BYTES)
        try:
            return foresight.foresee(engine, draft, clock.now().date())
        finally:
            engine.close()


def score_everybody() -> int:
    """Score the whole book; returns how many."""
    now = clock.now()
    with tempfile.TemporaryDirectory(prefix="panout-score-") as folder:
        engine = DuckDBEngine(Path(folder), memory_limit=ENGINE_BYTES)
        try:
            done = actions.rescore(engine, actions.Scope(), now.date(), now, lambda _more: None)
        finally:
            engine.close()
    _log.info("scored", people=done.scored)
    return done.scored
