"""What changed between two snapshots of a list, as a file of signals that `pan --signals` reads."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from panout.batch.engine import open_engine
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB
from panout.flow.outputs import write_csv
from panout.flow.pan import Run, Unwatched, compare, read, resolve
from panout.icp.rules.profile import Audience, Emphasis, Gate, Icp
from panout.kernel.errors import BadInput
from panout.signals.detectors.snapshot import VIEWS, Thresholds, snapshot_steps

# Reading and resolving lists ask nothing of a profile.
_NOBODY = Icp(
    name="",
    version=0,
    ae="",
    sdr="",
    review=date.min,
    audience=Audience.COMPANIES,
    fit=(),
    disqualifiers=(),
    problems=(),
    roles=(),
    signals=(),
    other=None,
    gate=Gate(0, 0),
    emphasis=Emphasis(1, 0, 0, 0),
    channels=(),
    changes=(),
)

_TOLD = """
SELECT s.type, s.level, s.account_id, s.contact_id, a.company_name, a.domain, c.full_name, c.email,
       s.date, s.strength, s.source, s.evidence
FROM snapshot_signals AS s
LEFT JOIN accounts AS a ON a.account_id = s.account_id
LEFT JOIN contacts AS c ON c.contact_id = s.contact_id
ORDER BY s.type, s.account_id, s.contact_id
"""


def snapshot_changes(
    old: Path, new: Path, *, on: date, thresholds: Thresholds, mapping: dict[str, str | None] | None = None
) -> pa.Table:
    """The signals that lie between two snapshots, dated `on`; ids and names are those of the new one.

    Raises BadInput for lists that cannot be read, NothingUsable where no row of the new one can be used.
    """
    with (
        tempfile.TemporaryDirectory(prefix="panout-", ignore_cleanup_errors=True) as folder,
        closing(open_engine("duckdb", Path(folder))) as engine,
    ):
        run = Run([new], [old], None, mapping, _NOBODY, on, engine, Path(folder), Unwatched())
        run.work.mkdir()
        for stage in (compare, read, resolve):
            stage(run)
        people = engine.rows("contacts") > 0 and engine.rows("old_contacts") > 0
        for step in snapshot_steps(
            DUCKDB,
            on=on,
            source=new.name,
            thresholds=thresholds,
            old_contacts="old_contacts" if people else None,
            new_contacts="contacts" if people else None,
        ):
            (engine.view if step.name in VIEWS else engine.run)(step)
        engine.run(Step("told", _TOLD))
        return engine.arrow("told")


def write_changes(table: pa.Table, out: Path) -> None:
    """As CSV, or as Parquet where the name says so; whole or not at all."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise BadInput(
            f"cannot write '{out.suffix}' files.", where=f"--out {out}", mend="Name a .csv or .parquet file."
        )
    partial = out.with_name(f".{out.name}.partial")
    try:
        if out.suffix.lower() == ".parquet":
            pq.write_table(table, partial)
        else:
            write_csv(partial, table.to_batches(), table.column_names)
        partial.replace(out)
    except OSError as error:
        raise BadInput(
            f"cannot be written: {error.strerror or error}.", where=f"--out {out}", mend="Name another place."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
