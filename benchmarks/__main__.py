"""`make bench`: every benchmark, or those named (`make bench ARGS="pan scoring"`); each prints its own ratios."""

from __future__ import annotations

import subprocess
import sys

# In the order of the line: a module of this folder, and what it is run with. Each run is a process of its own, so that
# the memory of one is not the memory of the next.
RUNS = (
    ("pan",),
    ("scoring",),
    ("resolution",),
    ("resolution", "--speed", "1000000"),
    ("resolution", "--link", "1000000"),
    ("importing",),
    ("pages",),
    ("steering",),
    ("cadence",),
    ("cadence", "--kill", "1000"),
    ("sending",),
    ("sending", "--kill", "10000"),
    ("receiving",),
    ("replies",),
    ("learning",),
    ("market",),
)
NAMES = tuple(dict.fromkeys(name for name, *_ in RUNS))


def main(argv: list[str]) -> int:
    """Run the benchmarks named, all of them if none is; returns the exit code."""
    unknown = [name for name in argv if name not in NAMES]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name, *given in (run for run in RUNS if not argv or run[0] in argv):
        print(f"\n== {' '.join((name, *given))}", flush=True)
        failed = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *given], check=False).returncode
        if failed:
            return failed
    return 0


sys.exit(main(sys.argv[1:]))
