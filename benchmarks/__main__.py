"""`make bench`: every benchmark, or those named (`make bench ARGS="pan scoring"`); each prints its own ratios."""

from __future__ import annotations

import subprocess
import sys

# In the order of the line. Each is a module of this folder that runs by itself, in a process of its own so that
# the memory of one is not the memory of the next.
NAMES = (
    "pan",
    "scoring",
    "resolution",
    "importing",
    "steering",
    "cadence",
    "sending",
    "receiving",
    "replies",
    "learning",
    "market",
)


def main(argv: list[str]) -> int:
    """Run the benchmarks named, all of them if none is; returns the exit code."""
    unknown = [name for name in argv if name not in NAMES]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in argv or NAMES:
        print(f"\n== {name}", flush=True)
        failed = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        if failed:
            return failed
    return 0


sys.exit(main(sys.argv[1:]))
