"""Where records come from; rows are kept as they came.

The batch face, for lists that are files (no database needed):

- `panout.sources.files.lists.read_lists(paths, *, work_dir, mapping=None, default_country=None,
  progress=None) -> ListReader`. Iterate it for `rows` as `pyarrow.RecordBatch`es of `ROWS_SCHEMA`, streamed;
  when the iteration has ended, `.report` is the `ListReport` (counts per file, columns, seconds),
  `.rejects()`, `.warnings()` and `.columns()` are Arrow tables, and `work_dir/raw/*.parquet` holds every
  original cell.
- `panout.sources.files.lists.guess_headers(path, mapping=None) -> HeaderGuess`: what `panout headers` shows.
- `panout.sources.files.signals.read_signals(path, *, default_country=None) -> RawSignals`: a signals file as
  `SIGNALS_SCHEMA` with its rejects.
- `panout.sources.files.relations`: the schemas (`ROWS_SCHEMA`, `REJECTS_SCHEMA`, `WARNINGS_SCHEMA`,
  `COLUMNS_SCHEMA`, `SIGNALS_SCHEMA`).
- `panout.sources.rules.*`: the same normalisers for one value or one row at a time (forms, events, tests).
"""
