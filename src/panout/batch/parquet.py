"""Parquet written from Arrow batches as they come."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

# Rows handed over at a time. Big enough that the hand-over costs nothing, small enough that a batch of wide
# rows stays within some tens of megabytes.
BATCH_ROWS = 65_536

# Rows that are read where they lie in an Arrow file count as memory of ours while they are used; those of a longer
# file go into the engine, which spills. Taking them in costs as much as reading them five times.
MOST_MAPPED = 1024**3


def write_parquet(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Stream batches to one Parquet file. Row groups have a fixed size: bytes depend on rows alone."""
    rows = 0
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for batch in batches:
            waiting.append(batch)
            rows += batch.num_rows
            if sum(part.num_rows for part in waiting) >= BATCH_ROWS:
                # In one piece: where pages of a column begin would else depend on how the rows came.
                table = pa.Table.from_batches(waiting, schema).combine_chunks()
                whole = table.num_rows - table.num_rows % BATCH_ROWS
                writer.write_table(table.slice(0, whole), row_group_size=BATCH_ROWS)
                waiting = table.slice(whole).to_batches()
        writer.write_table(pa.Table.from_batches(waiting, schema).combine_chunks(), row_group_size=BATCH_ROWS)
    return rows
