"""What the tests of the command line share: a way to run it, a profile, and a small list."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from panout.cli.main import run

ICP = """\
name: Test
version: 2
owners: {ae: A, sdr: S}
review: 2026-12-01
fit:
  - {name: size, rule: employees between 50 and 500, weight: 50, required: true}
  - {name: market, rule: 'country in ("DE", "US")', weight: 30}
  - {name: software, rule: 'industry has word "software"', weight: 20}
disqualifiers:
  - {name: public, rule: 'industry has word "government"', reason: Buys by tender only.}
roles:
  - {name: tech, role: decision_maker, titles: [cto, vp engineering], cover: true}
signals:
  - {type: hiring, weight: 30}
  - {type: hiring_started, weight: 30}
  - {type: job_changed, weight: 40}
"""

PEOPLE = """\
First Name,Last Name,Title,Company,Email,# Employees,Industry,Website,Company Country
Ada,Obi,CTO,Northbeam Inc.,ada@northbeam.com,51-200,Software,northbeam.com,USA
Ben,Roth,VP Engineering,Quarzwerk GmbH,ben@quarzwerk.de,250,Computer Software,https://www.quarzwerk.de,Germany
Cem,Kaya,Office Manager,Quarzwerk,cem@quarzwerk.de,250,Computer Software,quarzwerk.de,Deutschland
Dora,Lund,CTO,City of Lund,dora@lund.se,400,Government Administration,lund.se,Sweden
,,,,n/a,,,,
"""

SIGNALS = """\
type,domain,email,date,strength,source,evidence
hiring,quarzwerk.de,,2026-11-10,0.9,https://news.example/1,Four roles in Berlin
job_changed,,ada@northbeam.com,2026-11-01,1.0,https://news.example/2,New CTO
hiring,nobody-knows.example,,2026-11-10,0.9,https://news.example/3,Elsewhere
"""

AS_OF = "2026-11-20"


def lay(folder: Path, people: str | bytes = PEOPLE, icp: str = ICP, signals: str = SIGNALS) -> None:
    """Write the three files into `folder`: people.csv, icp.yaml, signals.csv."""
    content = people.encode() if isinstance(people, str) else people
    (folder / "people.csv").write_bytes(content)
    (folder / "icp.yaml").write_text(icp, encoding="utf-8")
    (folder / "signals.csv").write_text(signals, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Told:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def panout(*arguments: str, folder: Path) -> Told:
    """Run the command in `folder`, inside this process: as the installed script does, and faster."""
    out, err = io.StringIO(), io.StringIO()
    with (
        chdir(folder),
        patch.object(sys, "argv", ["panout", *arguments]),
        patch.dict(os.environ, {"NO_COLOR": "1", "COLUMNS": "120"}),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            run()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
    return Told(code, out.getvalue(), err.getvalue())


def panout_process(*arguments: str, folder: Path, **more) -> Told:
    """Run the command as a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "panout", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "120"},
        check=False,
        **more,
    )
    return Told(told.returncode, told.stdout, told.stderr)
