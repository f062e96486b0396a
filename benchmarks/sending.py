"""Sending: claim, build, sign, send and record, beside django-post-office and Postfix's own load generator.

    python -m benchmarks.sending                     the three, same sink, same run
    python -m benchmarks.sending --kill 10000        kill senders at random while that many mails leave

All three talk to Postfix's `smtp-sink` on loopback. One worker on our side: one process, one scribe thread.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from panout.flow import clock, database

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS = ROOT / ".venv-bench"
BODY = (
    "Hello,\n\n"
    + "\n".join(f"line {number} of a short cold mail, as they are." for number in range(8))
    + "\n"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Print mails a second for each, and the ratios."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--mails", type=int, default=4000)
    words.add_argument("--rounds", type=int, default=2)
    words.add_argument("--width", type=int, default=40)
    words.add_argument("--kill", type=int, default=0)
    words.add_argument("--without-peer", action="store_true")
    asked = words.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="panout-bench-") as folder:
        Path(folder).chmod(0o711)
        state = Path(folder) / "state"
        state.mkdir(mode=0o711)
        os.environ |= {"PANOUT_STATE": str(state), "PANOUT_LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        with database.up():
            database.migrate()
            if asked.kill:
                kill(asked.kill)
            else:
                compare(asked.mails, asked.rounds, asked.width, Path(folder), peer=not asked.without_peer)


def compare(mails: int, rounds: int, width: int, folder: Path, *, peer: bool) -> None:
    from panout.mailbox.rules.dkim import new_key

    key = new_key()
    (folder / "key").write_bytes(key)
    best: dict[str, float] = {}
    with smtp_sink() as port:
        for _ in range(rounds):
            figures = {"panout": ours(mails, port, width, key), "smtp-source": load(mails * 4, port)}
            if peer:
                for way in ("dkimpy", "ours"):
                    figures[f"post-office ({way})"] = theirs(mails // 4, port, way, folder / "key")
            for name, figure in figures.items():
                best[name] = max(best.get(name, 0.0), figure)
    for name, figure in best.items():
        print(f"{name:<24} {figure:>9,.0f} mails/s   panout is {best['panout'] / figure:6.2f} times this")


def ours(mails: int, port: int, width: int, key: bytes) -> float:
    from django.db import connection
    from tests.mailbox.world import make_account, make_messages

    from panout.flow.sending import carry_account
    from panout.mailbox.actions.accounts import Wish
    from panout.outreach.models import Message
    from panout.team import actions, queries

    now = clock.now()
    if queries.has_people():
        owner = queries.people()[0].person
    else:
        made = actions.create_owner("Olga Owner", "olga@panout.test", "pan for gold 1849", "UTC", now)
        owner = queries.member(made).person
    wish = Wish(
        smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", dkim_selector="s1", dkim_key=key.decode()
    )
    account = make_account(owner, now, wish=wish, email=f"olga{time.time_ns()}@panout.test")
    at = time.time_ns()
    numbers = make_messages(account, now, [f"p{at}x{number}@sink.test" for number in range(mails)], body=BODY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outreach_message, resolve_contact, mailbox_attempt")
    started = time.perf_counter()
    tally = carry_account(account.pk, clock.now, random.Random(1), width=width, batch=200)
    seconds = time.perf_counter() - started
    assert tally.sent == mails, tally
    assert Message.objects.filter(id__in=numbers, status="sent").count() == mails
    return mails / seconds


def load(mails: int, port: int) -> float:
    command = ["smtp-source", "-s", "20", "-m", str(mails), "-l", "900", "-f", "a@panout.test"]
    started = time.perf_counter()
    subprocess.run([*command, "-t", "b@sink.test", f"127.0.0.1:{port}"], check=True)
    return mails / (time.perf_counter() - started)


def theirs(mails: int, port: int, way: str, key: Path) -> float:
    import psycopg
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    from panout.clients import embedded

    python = peers()
    dsn = embedded.at(settings.STATE).dsn()
    name = f"peer_{time.time_ns()}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    done = subprocess.run(
        [python, HERE / "sending_peer.py", make_conninfo(dsn, dbname=name), str(port), str(mails), way, key],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout.split()[-1])


def peers() -> Path:
    """The environment of the peers, made when it is not there."""
    python = PEERS / "bin/python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
    wanted = ROOT / "requirements/bench.txt"
    mark = PEERS / f".{wanted.stat().st_mtime_ns}"
    if not mark.exists():
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
        mark.touch()
    return python


@contextmanager
def smtp_sink() -> Iterator[int]:
    from tests.live.servers import free_port, listens, until

    port = free_port()
    as_whom = ["-u", "postfix"] if os.geteuid() == 0 else []
    sink = subprocess.Popen(
        [shutil.which("smtp-sink") or "/usr/sbin/smtp-sink", *as_whom, f"127.0.0.1:{port}", "512"]
    )
    try:
        until(lambda: listens(port))
        yield port
    finally:
        sink.terminate()
        sink.wait()


def kill(mails: int) -> None:
    from tests.live.killing import rampage

    from panout.team import actions, queries

    made = actions.create_owner("Olga Owner", "olga@panout.test", "pan for gold 1849", "UTC", clock.now())
    after = rampage(queries.member(made).person, mails, seed=11, pause=(1.5, 5.0), killing=90, limit=280)
    told = {status: list(after.statuses.values()).count(status) for status in set(after.statuses.values())}
    print(
        f"{mails:,} mails, {after.kills} kills, {after.restarts} server restarts, {after.seconds:.0f} s: {told}"
    )
    print(f"doubles {len(after.doubles)}, lost {len(after.lost())}")
    if after.doubles or after.lost() or not set(told) <= {"sent", "unsure"}:
        sys.exit(1)


if __name__ == "__main__":
    main()
