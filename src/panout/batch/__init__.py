"""Set-at-a-time machinery: named SQL steps on DuckDB or Spark, and Splink. Knows no Django."""

from __future__ import annotations

import sys

import pyarrow as pa


class _NoPandas:
    """An import finder for which there is no pandas."""

    def find_spec(self, name: str, *_: object) -> None:
        """Refuse pandas; of everything else nothing is known here."""
        if name == "pandas":
            raise ModuleNotFoundError("not now", name=name)


def _spare_pandas() -> None:
    """Let Arrow find that there is no pandas, while nobody needs it.

    The first `pa.array` of a process imports pandas if it is installed (Splink brings it along), only to ask
    whether what it was given is a Series: over a second before the first row is read. Arrow looks once and
    remembers; when it is asked for `to_pandas()` it looks again, and finds it.
    """
    if "pandas" in sys.modules:
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(finder)


_spare_pandas()
