"""Workers of the engine that are killed at random: `python -m tests.cadence.killing ROUNDS SEED PEOPLE`.

The database is in DATABASE_URL. Workers are forked, so that a new one costs milliseconds; a third process is the
hand that closes tasks and the mailbox that sends. Time goes by an hour a round.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import Value
from multiprocessing.sharedctypes import Synchronized

import django

BEGAN = datetime(2026, 11, 23, 10, tzinfo=UTC)  # a Monday
STEPS = 4


def main(rounds: int, seed: int) -> None:
    django.setup()
    rng = random.Random(seed)
    hours = Value("i", 0)
    hand = fork(lambda: helping(hours))
    workers = [fork(lambda: working(hours)) for _ in range(2)]
    kills = 0
    for _ in range(rounds):
        time.sleep(rng.uniform(0.02, 0.2))
        hours.value += 1
        for place in range(2):
            if rng.random() < 0.6:
                os.kill(workers[place], signal.SIGKILL)
                os.waitpid(workers[place], 0)
                kills += 1
                workers[place] = fork(lambda: working(hours))
    for process in (*workers, hand):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    print(kills)


def fork(work: Callable[[], None]) -> int:
    """A child that does this till it is killed; the parent holds no connection that it could share."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(1)
    return process


def working(hours: Synchronized[int]) -> None:
    from panout.cadence.actions import advance_due

    while True:
        if advance_due(BEGAN + timedelta(hours=hours.value), limit=20) == 0:
            time.sleep(0.005)


def helping(hours: Synchronized[int]) -> None:
    from panout.kernel.errors import Conflict

    while True:
        try:
            help_once(BEGAN + timedelta(hours=hours.value))
        except Conflict:
            continue
        time.sleep(0.01)


def help_once(now: datetime, most: int = 25) -> int:
    """Close open tasks as done and send queued mails; how many."""
    from panout.cadence.actions import complete_task, messages_settled
    from panout.cadence.rules.dispositions import Disposition
    from panout.outreach.models import Message, MessageStatus, Task, TaskStatus
    from panout.team.rules import SYSTEM

    open_ = list(
        Task.objects.filter(status=TaskStatus.OPEN).order_by("id").values_list("id", flat=True)[:most]
    )
    for task in open_:
        complete_task(SYSTEM, task, Disposition.DONE, "", now)
    waiting = [MessageStatus.QUEUED, MessageStatus.REVIEW]
    mails = list(
        Message.objects.filter(status__in=waiting).order_by("id").values_list("id", flat=True)[:most]
    )
    for mail in mails:
        Message.objects.filter(id=mail).update(
            status=MessageStatus.SENT, sent_at=now, message_id=f"{mail}@panout.test"
        )
    messages_settled(mails, now)
    return len(open_) + len(mails)


def people(owner_id: int, count: int) -> None:
    """That many people, each at an account of their own, in a cadence of four steps."""
    from panout.cadence import actions as cadence
    from panout.cadence.models import HousePolicy
    from panout.cadence.rules.plan import Step
    from panout.kernel.channels import TouchKind
    from panout.outreach import actions as outreach
    from panout.outreach.models import Sender
    from panout.resolve.models import Account, Contact
    from panout.team.queries import member

    owner = member(owner_id).person
    HousePolicy.objects.create(
        id=1, recent_gap_hours=0, person_per_week=100, account_per_week=100, people_at_first=9
    )
    outreach.save_template(
        owner, "hello", "Hello", TouchKind.EMAIL, "For {{ first_name }}", "Hi {{ first_name }}.", BEGAN
    )
    sender = outreach.save_sender(
        owner,
        name="Olga Owner",
        email="olga@panout.test",
        company="Panout",
        postal_address="1 Pan Street",
        now=BEGAN,
    )
    Sender.objects.filter(id=sender).update(left_today=1_000_000, left_on=BEGAN.date() + timedelta(days=400))
    accounts = Account.objects.bulk_create(
        Account(
            company_name=f"Works {n}",
            domain=f"works{n}.example",
            country="FR",
            key=f"w{n}",
            created_at=BEGAN,
            changed_at=BEGAN,
        )
        for n in range(count)
    )
    contacts = Contact.objects.bulk_create(
        Contact(first_name="Ada", full_name=f"Ada {n}", email=f"ada@works{n}.example", key=f"a{n}", account=account,
                created_at=BEGAN, changed_at=BEGAN)
        for n, account in enumerate(accounts)
    )  # fmt: skip
    steps = (
        Step("first", TouchKind.TASK),
        Step("mail", TouchKind.EMAIL, 0, "hello"),
        Step("ask", TouchKind.LINKEDIN_CONNECT),
        Step("last", TouchKind.TASK),
    )
    made = cadence.create(owner, "Under fire", steps, BEGAN)
    cadence.enrol(owner, [one.pk for one in contacts], made, sender, BEGAN)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
