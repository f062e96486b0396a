"""The whole line on one screen: each room's stage, the rows it looks for, what it leaves, and what wakes it.

Rows are the truth and jobs are alarm clocks. `wakes` names the job of `flow.jobs` that looks for the rows
every minute; whoever leaves such rows may ring it at once, and nothing is lost when nobody does.
"""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """One stage of the line in the running system."""

    room: str
    looks_for: str
    leaves: str
    wakes: str  # the job in `flow.jobs`, or "a person" on a page


LINE: tuple[Stage, ...] = (
    Stage("team", "ledger entries without a seal", "links of the hash chain", "seal_the_ledger"),
    Stage("consent", "people quiet for too long", "a list, notice, erasure", "look_for_whom_to_forget"),
    Stage(
        "consent", "places where erased people may be named", "words without them", "look_for_erased_names"
    ),
    Stage("consent", "erasures not told", "processors who know", "look_for_erasures_to_tell"),
    Stage("icp", "a draft that somebody activates", "the active version", "a person"),
    Stage("icp", "profiles whose review is due", "a task in their owners' Today", "remind_of_reviews"),
    Stage(
        "sources",
        "imports checking, loading or undoing, unclaimed",
        "rows kept as they came",
        "look_for_imports",
    ),
    Stage("resolve", "rows of an import at work", "accounts, contacts, doubtful pairs", "look_for_imports"),
    Stage("research", "facts that somebody notes", "facts with source and date", "a person"),
    Stage("signals", "lists that state or show a change", "dated signals", "look_for_imports"),
    Stage("qualify", "verdicts of another version or day", "verdicts, prospects", "look_for_stale_verdicts"),
    Stage("qualify", "drafts that somebody asked about", "who would change verdict", "look_for_previews"),
    Stage("qualify", "new prospects that nobody owns", "owners, by the assignment rules", "look_for_owners"),
    Stage("segments", "criteria that somebody saves", "audiences, live and static", "a person"),
    Stage("segments", "parts of a bulk change", "records changed, what they were before", "look_for_sweeps"),
    Stage("outreach", "drafts, tasks and approvals", "touches, messages in the outbox", "a person"),
    Stage(
        "cadence",
        "enrolments whose next look is due",
        "messages queued, tasks, stops",
        "look_for_due_touches",
    ),
    Stage("cadence", "people parked until a day that came", "prospects again", "look_for_due_touches"),
    Stage("campaigns", "prospects new in an open campaign", "people started, in an arm", "fill_campaigns"),
    Stage("campaigns", "touches and answers of an arm", "outcomes, a decision with its evidence", "a person"),
    Stage(
        "mailbox",
        "queued messages within every limit",
        "mail sent, refused or in doubt",
        "look_for_mail_to_send",
    ),
    Stage(
        "mailbox", "messages in doubt", "sent or queued again, by the Sent folder", "look_for_mail_to_send"
    ),
    Stage("mailbox", "mail in the folders of each account", "inbound mail, bounces", "look_for_answers"),
    Stage("mailbox", "sending domains, once a day", "findings on SPF, DKIM, DMARC", "look_at_domains"),
    Stage(
        "replies",
        "inbound mail not understood yet",
        "intents; cadences stopped, wishes kept",
        "look_for_answers",
    ),
    Stage("pipeline", "answers that ask for a meeting", "meetings, opportunities", "a person"),
    Stage("pipeline", "the interested without a meeting", "a task in Today, once", "look_for_due_touches"),
    Stage("learn", "outcomes of three months", "proposals that a person accepts", "look_at_what_worked"),
)
