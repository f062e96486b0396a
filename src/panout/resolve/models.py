"""Accounts and contacts: one row each for life, what they were called elsewhere, and every merge."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Lower

from panout.kernel.lifecycle import Lifecycle
from panout.sources.models import ImportBatch
from panout.team.models import User

LIFECYCLES = [(stage.value, stage.value) for stage in Lifecycle]


class AccountSet(models.QuerySet["Account"]):
    def living(self) -> AccountSet:
        """Not merged into another."""
        return self.filter(merged_into=None)


class Account(models.Model):
    """A company. Unknown is NULL. The catalogue's fields come first, under the catalogue's names.

    `key` is the strongest key that it was made with (see resolve.rules): two workers that meet the same new
    company at once make one row. `search` is what the search box looks through, folded. `version` counts
    changes: who saves over a newer version is told. `touched_at` is the last change by a person's hand.
    """

    company_name = models.TextField(null=True, blank=True)
    domain = models.TextField(null=True, blank=True)
    website = models.TextField(null=True, blank=True)
    company_linkedin = models.TextField(null=True, blank=True)
    company_phone = models.TextField(null=True, blank=True)
    industry = models.TextField(null=True, blank=True)
    subindustry = models.TextField(null=True, blank=True)
    employees = models.BigIntegerField(null=True, blank=True)
    revenue = models.FloatField(null=True, blank=True)
    funding = models.FloatField(null=True, blank=True)
    founded = models.BigIntegerField(null=True, blank=True)
    address = models.TextField(null=True, blank=True)
    postal_code = models.TextField(null=True, blank=True)
    city = models.TextField(null=True, blank=True)
    region = models.TextField(null=True, blank=True)
    country = models.TextField(null=True, blank=True)
    technologies = ArrayField(models.TextField(), null=True, blank=True)
    tags = ArrayField(models.TextField(), null=True, blank=True)
    compliance = ArrayField(models.TextField(), null=True, blank=True)
    former_names = ArrayField(models.TextField(), null=True, blank=True)
    one_liner = models.TextField(null=True, blank=True)
    description = models.TextField(null=True, blank=True)
    status = models.TextField(null=True, blank=True)
    stage = models.TextField(null=True, blank=True)
    hiring = models.BooleanField(null=True, blank=True)
    company_record_id = models.TextField(null=True, blank=True)

    key = models.CharField(max_length=40)
    name_key = models.TextField(null=True, blank=True)
    search = models.TextField(default="")
    custom = models.JSONField(default=dict)
    lifecycle = models.CharField(max_length=12, choices=LIFECYCLES, default=Lifecycle.LEAD)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    touched_at = models.DateTimeField(null=True)
    touched_fields = ArrayField(models.TextField(), default=list, db_default=[])  # typed by a person
    made_by = models.ForeignKey(ImportBatch, models.PROTECT, null=True, related_name="+", db_index=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="absorbed", db_index=False
    )

    objects = AccountSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="an_account_key_is_used_once"),
            models.CheckConstraint(
                condition=Q(lifecycle__in=[s.value for s in Lifecycle]), name="an_account_has_a_lifecycle"
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="an_account_is_not_merged_into_itself"
            ),
        ]
        indexes = [
            GinIndex(OpClass("search", "gin_trgm_ops"), name="accounts_by_words"),
            models.Index(fields=["domain"], name="accounts_by_domain"),
            # Nameless records stand at the end of the alphabet.
            models.Index(Lower(Coalesce("company_name", Value("~"))), "id", name="accounts_by_name"),
            models.Index(fields=["country", "id"], name="accounts_by_country"),
            models.Index(Lower("industry"), "id", name="accounts_by_industry"),
            GinIndex(fields=["tags"], name="accounts_by_tag", condition=Q(tags__isnull=False)),
            models.Index(fields=["owner", "id"], name="accounts_by_owner", condition=Q(owner__isnull=False)),
            models.Index(fields=["made_by"], name="accounts_by_import", condition=Q(made_by__isnull=False)),
            models.Index(
                fields=["merged_into"], name="accounts_absorbed", condition=Q(merged_into__isnull=False)
            ),
        ]

    @property
    def label(self) -> str:
        return self.company_name or self.domain or f"Account {self.pk}"


class ContactSet(models.QuerySet["Contact"]):
    def living(self) -> ContactSet:
        """Not merged into another."""
        return self.filter(merged_into=None)


class Contact(models.Model):
    """A person, with or without a company: one row for life. Columns as for Account."""

    full_name = models.TextField(null=True, blank=True)
    first_name = models.TextField(null=True, blank=True)
    last_name = models.TextField(null=True, blank=True)
    title = models.TextField(null=True, blank=True)
    seniority = models.TextField(null=True, blank=True)
    department = models.TextField(null=True, blank=True)
    buying_role = models.TextField(null=True, blank=True)
    email = models.TextField(null=True, blank=True)
    email_grade = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    mobile = models.TextField(null=True, blank=True)
    linkedin = models.TextField(null=True, blank=True)
    person_address = models.TextField(null=True, blank=True)
    person_postal_code = models.TextField(null=True, blank=True)
    person_city = models.TextField(null=True, blank=True)
    person_region = models.TextField(null=True, blank=True)
    person_country = models.TextField(null=True, blank=True)
    language = models.TextField(null=True, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    household_size = models.BigIntegerField(null=True, blank=True)
    household_income = models.FloatField(null=True, blank=True)
    home_owner = models.BooleanField(null=True, blank=True)
    do_not_call = models.BooleanField(null=True, blank=True)
    opted_out = models.BooleanField(null=True, blank=True)
    last_contacted = models.DateField(null=True, blank=True)
    contact_record_id = models.TextField(null=True, blank=True)

    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="contacts", db_index=False)
    key = models.CharField(max_length=40)
    search = models.TextField(default="")
    labels = ArrayField(models.TextField(), null=True, blank=True)  # tags on the person
    custom = models.JSONField(default=dict)
    lifecycle = models.CharField(max_length=12, choices=LIFECYCLES, default=Lifecycle.LEAD)
    parked_until = models.DateField(null=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    touched_at = models.DateTimeField(null=True)
    touched_fields = ArrayField(models.TextField(), default=list, db_default=[])
    made_by = models.ForeignKey(ImportBatch, models.PROTECT, null=True, related_name="+", db_index=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="absorbed", db_index=False
    )

    objects = ContactSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="a_contact_key_is_used_once"),
            models.CheckConstraint(
                condition=Q(lifecycle__in=[s.value for s in Lifecycle]), name="a_contact_has_a_lifecycle"
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="a_contact_is_not_merged_into_itself"
            ),
        ]
        indexes = [
            GinIndex(OpClass("search", "gin_trgm_ops"), name="contacts_by_words"),
            models.Index(fields=["account"], name="contacts_by_account"),
            models.Index(fields=["email"], name="contacts_by_email"),
            models.Index(Lower(Coalesce("full_name", Value("~"))), "id", name="contacts_by_name"),
            GinIndex(fields=["labels"], name="contacts_by_label", condition=Q(labels__isnull=False)),
            # Of the living, so that a list has from the index alone who is at a stage, or somebody's.
            models.Index(fields=["lifecycle", "id"], name="contacts_by_stage", condition=Q(merged_into=None)),
            models.Index(
                fields=["owner", "id"],
                name="contacts_by_owner",
                condition=Q(owner__isnull=False, merged_into=None),
            ),
            models.Index(fields=["made_by"], name="contacts_by_import", condition=Q(made_by__isnull=False)),
            models.Index(
                fields=["merged_into"], name="contacts_absorbed", condition=Q(merged_into__isnull=False)
            ),
        ]

    @property
    def label(self) -> str:
        return self.full_name or self.email or self.linkedin or f"Contact {self.pk}"


class Identifier(models.Model):
    """Another name for an account or a contact: a second address, a former domain, an id in another system.

    The first of each kind is a column of the record itself; these are the others, and they find it too.
    """

    kind = models.CharField(max_length=20)  # email, phone, linkedin, domain, name, record_id
    value = models.CharField(max_length=400)  # normalised as the column of that kind is
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="identifiers")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="identifiers")
    source = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "account", "contact"],
                nulls_distinct=False,
                name="an_alias_is_noted_once",
            ),
            models.CheckConstraint(
                condition=Q(account=None) ^ Q(contact=None), name="an_alias_names_one_record"
            ),
        ]


class Sighting(models.Model):
    """Which row of which import spoke of whom: where a record's values come from, row by row."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="+", db_index=False)
    row = models.BigIntegerField()
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row"], name="a_row_of_an_import_is_one_sighting")
        ]
        indexes = [
            models.Index(fields=["account"], name="sightings_of_account"),
            models.Index(fields=["contact"], name="sightings_of_contact", condition=Q(contact__isnull=False)),
        ]


class ImportChange(models.Model):
    """What an import changed on a record that was there before: enough to put it back."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    before = models.JSONField()  # the changed fields only
    after = models.JSONField()
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None) ^ Q(contact=None), name="a_change_is_of_one_record"
            ),
            models.UniqueConstraint(
                fields=["batch", "account", "contact"],
                nulls_distinct=False,
                name="an_import_changes_a_record_once",
            ),
        ]


class MatchState(models.TextChoices):
    """What was decided about a doubtful pair."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"


class Match(models.Model):
    """Two records that may be one. `left` is always the older: a pair stands here once."""

    left_account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    right_account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    left_contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    right_contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    probability = models.FloatField()
    reasons = models.JSONField(default=list)  # [{"field", "left", "right", "weight", "text"}]
    state = models.CharField(max_length=10, choices=MatchState.choices, default=MatchState.OPEN)
    found_by = models.ForeignKey(ImportBatch, models.SET_NULL, null=True, related_name="+")
    found_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["left_account", "right_account", "left_contact", "right_contact"],
                nulls_distinct=False,
                name="a_pair_is_asked_about_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    left_account__isnull=False,
                    right_account__isnull=False,
                    left_contact=None,
                    right_contact=None,
                    left_account__lt=models.F("right_account"),
                )
                | Q(
                    left_contact__isnull=False,
                    right_contact__isnull=False,
                    left_account=None,
                    right_account=None,
                    left_contact__lt=models.F("right_contact"),
                ),
                name="a_pair_is_two_of_a_kind_older_first",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-probability", "id"], name="open_pairs", condition=Q(state=MatchState.OPEN.value)
            )
        ]


class Merge(models.Model):
    """One record taken into another, with all that is needed to part them again, days later."""

    kept_account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    gone_account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    kept_contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    gone_contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    before = models.JSONField()  # the kept record's changed fields
    moved = models.JSONField()  # {"app.table.column": [ids]} of children that changed hands
    reason = models.TextField(default="")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")


class Tag(models.Model):
    """The vocabulary of tags; the tags themselves stand on the records."""

    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="a_tag_is_named_once")]


class Note(models.Model):
    """What somebody wrote about an account or a contact."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="notes")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="notes")
    text = models.TextField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False), name="a_note_is_about_somebody"
            )
        ]


class Activity(models.Model):
    """One line of the timeline of a person and of their account, over every channel and every room.

    Rooms downstream write here through `resolve.actions.note_activity`, inside their own transaction; the
    ledger (team) answers who did what, this answers what happened to whom. `kind` is a word such as import,
    note, email_sent, reply, call, meeting, lifecycle, signal; `link` is where the whole of it can be read.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    channel = models.CharField(max_length=20, default="", blank=True)
    text = models.TextField()
    link = models.CharField(max_length=200, default="", blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=80, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="an_activity_with_a_key_is_told_once"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False),
                name="an_activity_is_about_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="activity_of_account"),
            models.Index(fields=["contact", "-at", "-id"], name="activity_of_contact"),
        ]
