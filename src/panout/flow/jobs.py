"""Every background job. A job is an alarm clock: it looks for rows that wait, and losing it loses only time.

Each job here also rings by itself every minute, so nothing needs to have woken it.
"""

from __future__ import annotations

import os
import random
import socket

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app

from panout.cadence.actions import advance_due, wake_due
from panout.clients.http import Web
from panout.flow import answers, clock, erasing, importing, learning, reminding, retaining, scoring, sending
from panout.flow import checks as checks  # registers itself
from panout.pipeline.actions import forget_askings, remind_of_unmet
from panout.qualify import handing
from panout.segments import sweeping
from panout.team.actions import seal_ledger

_log = structlog.get_logger("panout.jobs")
STALLED_SECONDS = 60
KEEP_HOURS = 24


def worker_name() -> str:
    """Who claims, as rows and logs name it."""
    return f"{socket.gethostname()}-{os.getpid()}"


@app.periodic(cron="* * * * *", periodic_id="imports")
@app.task(name="look_for_imports", lock="imports", pass_context=False)
def look_for_imports(timestamp: int = 0) -> None:  # noqa: ARG001 - the queue gives periodic jobs their minute
    """Carry every import that waits, or whose worker died, to its end."""
    while importing.work_on_one(worker_name()) is not None:
        pass


@app.periodic(cron="* * * * *", periodic_id="verdicts")
@app.task(name="look_for_stale_verdicts", lock="verdicts")
def look_for_stale_verdicts(timestamp: int = 0) -> None:  # noqa: ARG001
    """Score whom the active profiles have not judged since they changed, and everybody once a day."""
    scoring.catch_up()


@app.periodic(cron="* * * * *", periodic_id="previews")
@app.task(name="look_for_previews", lock="previews")
def look_for_previews(timestamp: int = 0) -> None:  # noqa: ARG001
    """Judge large books by the drafts that somebody wants to put in force."""
    scoring.work_on_previews()


@app.periodic(cron="* * * * *", periodic_id="owners")
@app.task(name="look_for_owners", lock="owners")
def look_for_owners(timestamp: int = 0) -> None:  # noqa: ARG001
    """Hand out new prospects by the assignment rules, where they are applied by themselves."""
    handing.look(clock.now())


@app.periodic(cron="* * * * *", periodic_id="sweeps")
@app.task(name="look_for_sweeps", lock="sweeps")
def look_for_sweeps(timestamp: int = 0) -> None:  # noqa: ARG001
    """Do, or undo, what somebody asked for many records at once, part by part."""
    while sweeping.work_on_one(clock.now()):
        pass


@app.periodic(cron="* * * * *", periodic_id="touches")
@app.task(name="look_for_due_touches", lock="touches")
def look_for_due_touches(timestamp: int = 0) -> None:  # noqa: ARG001
    """Take every due enrolment as far as it may go, wake who was parked until now, remind of who is unmet."""
    now = clock.now()
    while advance_due(now):
        pass
    wake_due(now)
    remind_of_unmet(now)


@app.periodic(cron="* * * * *", periodic_id="outbox")
@app.task(name="look_for_mail_to_send", lock="outbox")
def look_for_mail_to_send(timestamp: int = 0) -> None:  # noqa: ARG001
    """Carry what is queued, by every limit; settle what is in doubt; say what each mailbox has left."""
    now = clock.now()
    sending.minutely(now)
    sending.carry_due(clock.now, random.Random())  # noqa: S311  the jitter between mails is no secret
    sending.settle_doubts(now)
    sending.file_copies(now)


@app.periodic(cron="* * * * *", periodic_id="answers")
@app.task(name="look_for_answers", lock="answers")
def look_for_answers(timestamp: int = 0) -> None:  # noqa: ARG001
    """Bring in what came, understand it, act on it."""
    answers.look_for_answers(clock.now())


@app.periodic(cron="23 4 * * *", periodic_id="domains")
@app.task(name="look_at_domains", lock="domains")
def look_at_domains(timestamp: int = 0) -> None:  # noqa: ARG001
    """Once a day: every sending domain is checked anew."""
    sending.daily(clock.now())


@app.periodic(cron="35 6 * * 1-5", periodic_id="campaigns")
@app.task(name="fill_campaigns", lock="campaigns")
def fill_campaigns(timestamp: int = 0) -> None:  # noqa: ARG001
    """Each working day: open campaigns take in who newly belongs to them."""
    learning.fill_campaigns(clock.now(), random.Random())  # noqa: S311  which arm is drawn is no secret


@app.periodic(cron="15 5 * * *", periodic_id="reviews")
@app.task(name="remind_of_reviews", lock="reviews")
def remind_of_reviews(timestamp: int = 0) -> None:  # noqa: ARG001
    """Once a day: profiles whose review is due are put in their owners' Today."""
    reminding.remind_of_reviews(clock.now())


@app.periodic(cron="45 5 * * 1", periodic_id="learning")
@app.task(name="look_at_what_worked", lock="learning")
def look_at_what_worked(timestamp: int = 0) -> None:  # noqa: ARG001
    """Each Monday: what the outcomes speak for becomes proposals; the review goes to whoever sees the team."""
    now = clock.now()
    learning.weekly_look(now)
    learning.mail_review(now)


@app.periodic(cron="* * * * *", periodic_id="erasures")
@app.task(name="look_for_erasures_to_tell", lock="erasures")
def look_for_erasures_to_tell(timestamp: int = 0) -> None:  # noqa: ARG001
    """Tell processors of the erasures they have not heard of."""
    web = Web(follow=False)
    try:
        erasing.tell_processors(web, clock.now())
    finally:
        web.close()


@app.periodic(cron="* * * * *", periodic_id="erased")
@app.task(name="look_for_erased_names", lock="erased")
def look_for_erased_names(timestamp: int = 0) -> None:  # noqa: ARG001
    """Look through whatever we keep for the names of who was erased, place by place."""
    while erasing.look_further(clock.now()):
        pass


@app.periodic(cron="41 3 * * *", periodic_id="retention")
@app.task(name="look_for_whom_to_forget", lock="retention")
def look_for_whom_to_forget(timestamp: int = 0) -> None:  # noqa: ARG001
    """Once a night: who has been quiet for too long is listed; whose notice is over is erased."""
    retaining.look(clock.now())
    forget_askings(clock.now())


@app.periodic(cron="* * * * *", periodic_id="ledger")
@app.task(name="seal_the_ledger", lock="ledger")
def seal_the_ledger(timestamp: int = 0) -> None:  # noqa: ARG001
    """Add what was written to the hash chain."""
    while seal_ledger(clock.now()):
        pass


@app.periodic(cron="* * * * *", periodic_id="stalled")
@app.task(name="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int = 0) -> None:  # noqa: ARG001
    """Jobs of workers that died are put back; the rows they looked after waited meanwhile."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await manager.retry_job(job)
    await manager.prune_stalled_workers(STALLED_SECONDS * 5)


@app.periodic(cron="17 * * * *", periodic_id="tidy")
@app.task(name="forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int = 0) -> None:  # noqa: ARG001
    """Finished jobs are kept a day for whoever looks."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_HOURS, include_failed=True)


def wake_imports() -> None:
    """Ring now, for who does not want to wait a minute. Call it after the transaction."""
    look_for_imports.defer()


def wake_scoring() -> None:
    """Ring now. Call it after the transaction."""
    look_for_stale_verdicts.defer()


def wake_sweeps() -> None:
    """Ring now. Call it after the transaction."""
    look_for_sweeps.defer()


def wake_erasures() -> None:
    """Ring now. Call it after the transaction."""
    look_for_erased_names.defer()


def wake_previews() -> None:
    """Ring now. Call it after the transaction."""
    look_for_previews.defer()
