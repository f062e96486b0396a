"""Receiving: fetch over IMAP from Dovecot, keep, understand and act, on one core.

    python -m benchmarks.receiving                  messages a second, for two kinds of mail

*Strangers* are messages that answer nothing of ours; *answers* each come from somebody who is in a cadence and was
written to, so that cadences end or wait, owners are told, wishes are kept and deeds written. CPU seconds are of this process; the database and Dovecot run beside.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from panout.flow import clock, database


def main(argv: Sequence[str] | None = None) -> None:
    """Print messages a second for each kind."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--mails", type=int, default=1000)
    asked = words.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="panout-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "state").mkdir(mode=0o711)
        (folder / "mail").mkdir(mode=0o755)
        os.environ |= {"PANOUT_STATE": str(folder / "state"), "PANOUT_LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        with database.up():
            database.migrate()
            from tests.live.servers import mail_server

            with mail_server(folder / "mail") as server:
                _measure(server, asked.mails)


def _measure(server, mails: int) -> None:  # type: ignore[no-untyped-def]  # a helper of the tests
    from tests.live.test_conversation import empty, mailbox
    from tests.live.test_real_servers import wish
    from tests.mailbox.world import make_account, make_messages

    from panout.cadence.models import Enrolment
    from panout.flow.answers import understand_all
    from panout.mailbox.actions import receiving
    from panout.outreach.models import Message, MessageStatus
    from panout.replies.models import Deed, Reading
    from panout.replies.trained import trained
    from panout.team import actions, queries

    made = actions.create_owner("Olga Owner", "olga@panout.test", "pan for gold 1849", "UTC", clock.now())
    account = make_account(queries.member(made).person, clock.now(), wish=wish(server))
    texts = _texts()
    trained()  # the model is read once in a worker's life
    for kind in ("strangers", "answers"):
        empty(server)
        box = mailbox(server)
        receiving.fetch_new(account.pk, box, clock.now())  # the first look at a mailbox stops at 200
        box.close()
        now = clock.now()
        numbers: list[int] = []
        if kind == "answers":
            numbers = make_messages(account, now, [f"p{place}@buyers.test" for place in range(mails)])
            for number in numbers:
                Message.objects.filter(id=number).update(
                    status=MessageStatus.SENT, sent_at=now, message_id=f"m{number}@panout.test",
                    claimed_by="w", claimed_at=now,
                )  # fmt: skip
            _enrol(queries.member(made).person, account.sender_id, numbers, now)
        box = mailbox(server)
        for place in range(mails):
            box.append("INBOX", _mail(kind, place, texts[place % len(texts)], numbers), now)
        box.close()
        before = Reading.objects.count()
        box = mailbox(server)
        wall, cpu = time.perf_counter(), time.process_time()
        fetched = receiving.fetch_new(account.pk, box, clock.now()).new
        middle = time.perf_counter()
        understood = understand_all(clock.now())
        wall, cpu, middle = time.perf_counter() - wall, time.process_time() - cpu, middle - wall
        box.close()
        assert (fetched, understood, Reading.objects.count() - before) == (mails, mails, mails)
        if numbers:
            ended = Enrolment.objects.exclude(stopped_at=None).count()
            print(f"           {ended} cadences ended, {Deed.objects.count()} deeds")
        print(
            f"{kind:<10} {mails / wall:>7,.0f} messages/s  ({wall:.1f} s: fetching {middle:.1f}, understanding "
            f"{wall - middle:.1f}; {cpu:.1f} CPU seconds here, which is {mails / cpu:,.0f} a second of one core)"
        )


def _enrol(owner, sender: int, numbers: list[int], now) -> None:  # type: ignore[no-untyped-def]
    """Everybody who was written to is in a cadence, at its second step."""
    from panout.cadence import actions as cadence
    from panout.cadence.models import CadenceVersion, Enrolment
    from panout.cadence.rules.plan import Step
    from panout.kernel.channels import TouchKind
    from panout.outreach import actions as outreach
    from panout.outreach.models import Message

    outreach.save_template(owner, "hello", "hello", TouchKind.EMAIL, "Roles", "Hi {{ first_name }}", now)
    steps = (Step("one", TouchKind.EMAIL, 0, "hello"), Step("two", TouchKind.EMAIL, 3, "hello"))
    version = CadenceVersion.objects.get(cadence=cadence.create(owner, "Answers", steps, now))
    people = Message.objects.filter(id__in=numbers).values_list("contact_id", flat=True)
    Enrolment.objects.bulk_create(
        Enrolment(
            contact_id=person, version=version, sender_id=sender, owner_id=owner.id, started_at=now,
            next_look_at=now + timedelta(days=3),
        )
        for person in people
    )  # fmt: skip


def _texts() -> list[str]:
    """What people write: the corpus that ships, every class and style."""
    from panout.replies.corpus.make import examples

    return [one.text for one in examples()]


def _mail(kind: str, place: int, text: str, numbers: list[int]) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = f"Buyer {place} <p{place}@buyers.test>", "olga@panout.test"
    made["Subject"], made["Date"] = "Re: Three new roles in Leeds", format_datetime(clock.now())
    made["Message-ID"] = f"<{kind}{place}@buyers.test>"
    if kind == "answers":
        made["In-Reply-To"] = f"<m{numbers[place]}@panout.test>"
    made.set_content(text)
    return made.as_bytes().replace(b"\n", b"\r\n")


if __name__ == "__main__":
    main()
