"""What we say and as whom: templates, senders, the outbox, tasks for people, and touches that happened.

`Message` is the outbox. Rooms upstream of the mailbox queue messages here; the mailbox, further down, claims
what is queued and writes back what became of it. `send_key` makes a second queueing of the same step the
same message, so nothing is ever written twice.

    review -> queued -> claimed -> sending -> sent | refused | unsure        unsure -> sent | queued (settled)
                 ^________/           (a claim whose worker died is given back; from `sending` on never)
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from panout.kernel.channels import Channel, TouchKind
from panout.research.models import Fact
from panout.resolve.models import Account, Contact
from panout.signals.models import Signal
from panout.team.models import User

KINDS = [(kind.value, kind.value) for kind in TouchKind]
CHANNELS = [(channel.value, channel.value) for channel in Channel]


class Template(models.Model):
    """A text by name; its words are in its versions, the highest of which is used."""

    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=KINDS)
    persona = models.CharField(max_length=60, default="", blank=True)
    industry = models.CharField(max_length=120, default="", blank=True)
    shipped = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="a_template_slug_is_used_once")]


class TemplateVersion(models.Model):
    """The words of a template at one moment; never edited, so that a sent text can name what it came from."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.TextField(default="", blank=True)
    body = models.TextField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_versions_are_numbered")
        ]


class Sender(models.Model):
    """As whom we write: name, address, and the postal address that the law wants in every mail.

    A cadence plans around `left_today` and what follows it: caps, and a failing domain.
    """

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    email = models.CharField(max_length=320)
    reply_to = models.CharField(max_length=320, default="", blank=True)
    title = models.CharField(max_length=120, default="", blank=True)
    company = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, default="", blank=True)
    postal_address = models.TextField()
    signature = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    # Published by the mailbox, which knows the account behind the address, for rooms upstream of it.
    # Null `left_today`: no account sends for this address. `left_on` is the day it speaks of.
    left_today = models.PositiveIntegerField(null=True)
    left_on = models.DateField(null=True)
    opens_at = models.DateTimeField(null=True)
    hold_reason = models.CharField(max_length=300, default="", blank=True)
    domain_trouble = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=Q(retired_at=None), name="a_sender_address_is_used_once"
            ),
            models.CheckConstraint(condition=~Q(postal_address=""), name="a_sender_has_a_postal_address"),
        ]


class MessageStatus(models.TextChoices):
    """Where a message stands. Only QUEUED ones are ever claimed."""

    REVIEW = "review"  # waits for approval, or for somebody to mend what the checks found
    QUEUED = "queued"
    CLAIMED = "claimed"  # a worker has it; no byte of it has left
    SENDING = "sending"  # handed to the mail server, or about to be; its fate is not known here yet
    SENT = "sent"
    UNSURE = "unsure"  # it may have left: no machine tries again
    REFUSED = "refused"  # the world said no for good
    CANCELLED = "cancelled"


class MessageSet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> MessageSet:
        """Queued, with their time come."""
        return self.filter(status=MessageStatus.QUEUED, not_before__lte=now)

    def in_hand(self) -> MessageSet:
        """With a worker: claimed, or on their way."""
        return self.filter(status__in=[MessageStatus.CLAIMED, MessageStatus.SENDING])

    def unsure(self) -> MessageSet:
        """They may have left; the Sent folder or a person settles it."""
        return self.filter(status=MessageStatus.UNSURE)

    def open(self) -> MessageSet:
        """Not yet settled one way or the other."""
        return self.filter(
            status__in=[
                MessageStatus.REVIEW,
                MessageStatus.QUEUED,
                MessageStatus.CLAIMED,
                MessageStatus.SENDING,
                MessageStatus.UNSURE,
            ]
        )


class Message(models.Model):
    """One email to one person: the outbox, and afterwards the record of what was said.

    `message_id` is reserved, and stored, before the first byte leaves. `in_reply_to` and `references` thread
    a follow-up under the first mail. `problems` are what the checks found; a message with problems leaves
    only after a person has approved it.
    """

    # Keys without an index are those that nobody asks by, or that an index below begins with: each index is
    # written three times for every mail that leaves.
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    sender = models.ForeignKey(Sender, models.PROTECT, null=True, related_name="messages", db_index=False)
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    to_email = models.CharField(max_length=320)
    subject = models.TextField()
    body = models.TextField()
    drafted_body = models.TextField(default="", blank=True)  # as the template made it, before any hand
    origin = models.CharField(max_length=20)  # cadence, reply, manual, event, referral
    send_key = models.CharField(max_length=120, null=True)  # noqa: DJ001 - NULL: not bound to a step
    status = models.CharField(max_length=10, choices=MessageStatus.choices)
    reason = models.TextField(default="", blank=True)  # why it stands where it stands
    problems = models.JSONField(default=list)  # [{"code", "text"}]
    not_before = models.DateTimeField()
    cold = models.BooleanField(default=True)  # an answer to a person's own mail is not
    reviewed = models.BooleanField(default=False)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    approved_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=255, null=True)  # noqa: DJ001 - NULL until reserved
    in_reply_to = models.CharField(max_length=255, default="", blank=True)
    references = ArrayField(models.CharField(max_length=255), default=list)
    claimed_by = models.CharField(max_length=80, default="", blank=True)
    claimed_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)  # when `sending` was committed, before the first byte
    tries = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = MessageSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["send_key"], name="a_step_is_written_once"),
            models.UniqueConstraint(fields=["message_id"], name="a_message_id_is_used_once"),
            models.CheckConstraint(
                condition=~Q(status=MessageStatus.SENT.value)
                | Q(sent_at__isnull=False, message_id__isnull=False),
                name="a_sent_message_has_its_time_and_id",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["claimed", "sending"])
                | Q(message_id__isnull=False, claimed_at__isnull=False) & ~Q(claimed_by=""),
                name="a_message_in_hand_has_its_id_and_worker",
            ),
            models.CheckConstraint(
                condition=~Q(to_email__regex=r"[\r\n,;<>\s]") & ~Q(subject__regex=r"[\r\n]"),
                name="a_message_has_one_recipient_and_a_one_line_subject",
            ),
            models.CheckConstraint(
                condition=~Q(status=MessageStatus.QUEUED.value)
                | Q(reviewed=False)
                | Q(approved_at__isnull=False),
                name="a_reviewed_message_is_queued_only_once_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before", "id"], name="messages_due", condition=Q(status="queued")),
            models.Index(
                fields=["created_at", "id"], name="messages_in_review", condition=Q(status="review")
            ),
            models.Index(
                fields=["status", "claimed_at"],
                name="messages_in_hand",
                condition=Q(status__in=["claimed", "sending"]),
            ),
            models.Index(
                fields=["sender", "not_before", "id"],
                name="messages_due_of_sender",
                condition=Q(status="queued"),
            ),
            models.Index(fields=["id"], name="messages_unsure", condition=Q(status="unsure")),
            models.Index(fields=["contact", "-id"], name="messages_of_contact"),
            models.Index(fields=["sender", "-sent_at"], name="messages_of_sender"),
            models.Index(fields=["-sent_at"], name="messages_sent", condition=Q(status="sent")),
        ]


class Citation(models.Model):
    """The live fact or signal that a message rests on, as it stood when the message was written."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="citations")
    signal = models.ForeignKey(Signal, models.SET_NULL, null=True, related_name="+")
    fact = models.ForeignKey(Fact, models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    source = models.CharField(max_length=2000)
    as_of = models.DateField(null=True)


class TaskStatus(models.TextChoices):
    """Whether somebody still has to do it."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskSet(models.QuerySet["Task"]):
    def waiting(self, now: datetime) -> TaskSet:
        """Open, due, and not put off."""
        return self.filter(status=TaskStatus.OPEN, due_at__lte=now)


class Task(models.Model):
    """Something a person does: a call, a social touch, a letter, a review. `origin_key` makes it once.

    Snoozing moves `due_at`; `deadline` is a promise (an event's 24 hours, a callback) and stays.
    """

    kind = models.CharField(max_length=20, choices=KINDS)
    title = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=20)  # cadence, park, event, referral, partner, reply, manual
    origin_key = models.CharField(max_length=120, null=True)  # noqa: DJ001 - NULL: made by hand
    why = models.TextField(default="", blank=True)
    script = models.TextField(default="", blank=True)  # what to say, rendered
    template_version = models.ForeignKey(TemplateVersion, models.PROTECT, null=True, related_name="+")
    value = models.FloatField(default=0)  # 0 to 100: the verdict's priority when it was made
    due_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True)
    snoozed = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    disposition = models.CharField(max_length=30, default="", blank=True)
    note = models.TextField(default="", blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = TaskSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin_key"], name="a_task_with_an_origin_is_made_once"),
            models.CheckConstraint(
                condition=Q(status=TaskStatus.OPEN.value) ^ Q(done_at__isnull=False),
                name="a_task_is_open_until_it_is_done",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "due_at"], name="tasks_waiting", condition=Q(status="open")),
            models.Index(fields=["contact", "-id"], name="tasks_of_contact"),
            models.Index(fields=["account", "-id"], name="tasks_of_account"),
        ]


class Touch(models.Model):
    """One executed action on one person, on any channel. Budgets and the learn board count these."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=KINDS)
    channel = models.CharField(max_length=10, choices=CHANNELS)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    message = models.OneToOneField(Message, models.PROTECT, null=True, related_name="touch")
    task = models.OneToOneField(Task, models.PROTECT, null=True, related_name="touch")
    disposition = models.CharField(max_length=30, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(message=None) | Q(task=None), name="a_touch_is_a_message_or_a_task"
            )
        ]
        indexes = [
            models.Index(fields=["contact", "-at"], name="touches_of_contact"),
            models.Index(fields=["account", "-at"], name="touches_of_account"),
            models.Index(F("at").desc(), name="touches_latest"),
        ]


class EntryKind(models.TextChoices):
    """What a library entry is good for."""

    PROBLEM = "problem"
    OUTCOME = "outcome"
    VALUE = "value"  # what we offer, in one sentence
    PROOF = "proof"
    QUESTION = "question"
    OBJECTION = "objection"


class LibraryEntry(models.Model):
    """A sentence that we stand by, for a persona and an industry (empty: any). A proof names its source."""

    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    text = models.TextField()
    answer = models.TextField(default="", blank=True)  # to an objection
    persona = models.CharField(max_length=40, default="", blank=True)  # a buying role
    industry = models.CharField(max_length=120, default="", blank=True)
    source = models.CharField(max_length=2000, default="", blank=True)
    # Of a question: which field of the person its answer fills, "buying_role" or "custom.pain", and with what.
    field = models.CharField(max_length=60, default="", blank=True)
    options = models.JSONField(default=list)
    shipped = models.BooleanField(default=False)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kind="proof") | ~Q(source=""), name="a_proof_has_a_source"),
            models.UniqueConstraint(
                fields=["kind", "text", "persona", "industry"],
                condition=Q(retired_at=None),
                name="a_library_entry_stands_once",
            ),
        ]


class Answer(models.Model):
    """What somebody said to a qualification question or brought forward as an objection."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    entry = models.ForeignKey(LibraryEntry, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["contact", "-at"], name="answers_of_contact")]


class Gathering(models.Model):
    """A fair, a conference, a dinner: where we meet people, and whom."""

    name = models.CharField(max_length=160)
    place = models.CharField(max_length=160, default="", blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), "starts_on", name="a_gathering_is_noted_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="a_gathering_ends_after_it_starts"
            ),
        ]


class Part(models.TextChoices):
    """In what part somebody is there."""

    ATTENDEE = "attendee"
    SPEAKER = "speaker"
    BOOTH = "booth"  # stood at ours


class Participation(models.Model):
    """One person at one gathering: asked beforehand, met there, followed up within 24 hours."""

    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="people")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    part = models.CharField(max_length=10, choices=Part.choices)
    note = models.TextField(default="", blank=True)
    asked_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gathering", "contact"], name="somebody_is_once_at_a_gathering")
        ]


class ReferralAsk(models.Model):
    """A warm introduction asked of a customer: one each quarter."""

    customer = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asked_of = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    wanted = models.TextField()  # to whom
    quarter = models.CharField(max_length=6)  # 2026Q4
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=20, default="", blank=True)  # introduced, declined, no_answer
    outcome_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "quarter"], name="a_customer_is_asked_once_a_quarter")
        ]


class Partner(models.Model):
    """Somebody who sells beside us and knows our prospects."""

    name = models.CharField(max_length=160)
    contact_name = models.CharField(max_length=160, default="", blank=True)
    email = models.CharField(max_length=320, default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="a_partner_is_noted_once")]


class PartnerCustomer(models.Model):
    """A company on a partner's list, under the keys that the resolver compares."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="customers")
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=255, default="", blank=True)
    name_key = models.CharField(max_length=200, default="", blank=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name", "domain"], name="a_partner_lists_a_company_once"
            )
        ]
        indexes = [
            models.Index(fields=["domain"], name="partner_customers_by_domain"),
            models.Index(fields=["name_key"], name="partner_customers_by_name"),
        ]


class LetterBatch(models.Model):
    """Letters printed together; they are posted on one day and arrive on about one day."""

    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    posted_on = models.DateField()
    arrives_on = models.DateField()


class PaperLetter(models.Model):
    """A letter on paper: words and address as they are printed. It waits until it is in a batch."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    task = models.OneToOneField(Task, models.PROTECT, null=True, related_name="letter")
    sender = models.ForeignKey(Sender, models.PROTECT, null=True, related_name="+")
    address = models.TextField()  # lines
    body = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(LetterBatch, models.PROTECT, null=True, related_name="letters")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="letters_waiting", condition=Q(batch=None, withdrawn_at=None))
        ]


class ChannelRule(models.Model):
    """From which signal strength on which road opens, and who is met by which road first. One for the house."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    strong = models.PositiveSmallIntegerField(default=60)  # timing, 0 to 100: from here the telephone opens
    some = models.PositiveSmallIntegerField(default=25)  # from here a mail may open
    first_by_role = models.JSONField(default=dict)  # {"economic_buyer": "post"}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_channel_rule"),
            models.CheckConstraint(
                condition=Q(some__lte=F("strong")) & Q(strong__lte=100), name="a_strong_signal_is_above_some"
            ),
        ]


class ChannelChoice(models.Model):
    """Somebody's own word on which road goes first with one person; it stands until it is taken back."""

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="+")
    road = models.CharField(max_length=10)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
