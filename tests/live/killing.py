"""Kill senders at random while they send, restart the server meanwhile, and count what arrived."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from panout.flow import clock
from panout.mailbox.actions import sending
from panout.mailbox.models import MailAccount
from panout.outreach.models import Message
from tests.live.sink import sinking
from tests.mailbox.world import make_account, make_messages


@dataclass
class Aftermath:
    statuses: dict
    counts: dict
    ids: set
    kills: int
    restarts: int
    seconds: float

    @property
    def doubles(self):
        return [who for who, times in self.counts.items() if times > 1]

    def lost(self):
        """Said to be sent and never arrived, or arrived and said to be neither sent nor in doubt."""
        return [
            who
            for who, status in self.statuses.items()
            if (status == "sent" and who not in self.counts)
            or (who in self.counts and status not in ("sent", "unsure"))
        ]


def dsn():
    kept = connection.settings_dict
    return make_conninfo(
        host=kept["HOST"],
        port=kept["PORT"] or None,
        dbname=kept["NAME"],
        user=kept["USER"],
        password=kept["PASSWORD"] or None,
    )


def rampage(owner, mails, *, seed, pause, senders=2, moods=True, pace=0.0, killing=60.0, limit=120.0):
    """Send `mails` while killing. Returns what became of each, and what the server saw."""
    rng = random.Random(seed)
    now = clock.now()
    account = make_account(owner, now)
    make_messages(account, now, [f"p{n}@sink.test" for n in range(mails)])
    env = {
        **os.environ,
        "DATABASE_URL": dsn(),
        "DJANGO_SETTINGS_MODULE": "panout.settings",
        "PANOUT_LOG_LEVEL": "ERROR",
    }
    env["PANOUT_SECRET_KEY"] = "the same for all of them"
    kills = restarts = 0
    started = time.monotonic()
    with sinking(seed=seed) as (sink, running):
        sink.pace = pace
        MailAccount.objects.filter(id=account.pk).update(smtp_port=sink.port, secrets=_locked())
        alive = [_start(account.pk, env) for _ in range(senders)]
        try:
            while time.monotonic() - started < limit:
                time.sleep(rng.uniform(*pause))
                open_ = Message.objects.exclude(status__in=["sent", "unsure", "refused"]).count()
                if not open_:
                    break
                if time.monotonic() - started > killing:
                    # Enough was killed: the rest may finish in peace.
                    sink.mood = "well"
                    _due_again(now)
                    continue
                victim = rng.randrange(senders)
                if alive[victim].poll() is None:
                    alive[victim].send_signal(signal.SIGKILL)
                    kills += 1
                alive[victim].wait()
                if rng.random() < 0.3:
                    running.restart()
                    restarts += 1
                if moods:
                    sink.mood = rng.choice(
                        ["well", "well", "drop at data", "drop after taking", "grey", "drop before taking"]
                    )
                    sink.share = 0.05
                # The lease is nothing at all: the living sender's claims are taken from it too, and its
                # fence must hold.
                sending.look_after(clock.now(), timedelta(0))
                _due_again(now)
                alive[victim] = _start(account.pk, env)
        finally:
            for process in alive:
                process.kill()
                process.wait()
        sending.look_after(clock.now() + timedelta(seconds=1), timedelta(0))
        statuses = dict(Message.objects.values_list("to_email", "status"))
        return Aftermath(statuses, dict(sink.counts), sink.ids, kills, restarts, time.monotonic() - started)


def _due_again(now):
    """What waits for a later try is due at once; rows in a sender's hands are left alone."""
    with transaction.atomic():
        queued = Message.objects.filter(status="queued", not_before__gt=now)
        ids = list(queued.select_for_update(skip_locked=True).values_list("id", flat=True))
        Message.objects.filter(id__in=ids).update(not_before=now)


def _locked():
    from panout.mailbox.rules.secrets import key_from, lock

    return lock({}, key_from("the same for all of them", "mail accounts"))


def _start(account, env):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.live.sender_process", str(account), "4"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=None,
    )
