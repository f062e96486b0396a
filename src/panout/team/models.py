"""Users, teams, invitations, and the ledger of who did what."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from panout.team.rules import Person, Role, Sees

ROLES = [(role.value, role.value) for role in Role]
SEEN = [(sees.value, sees.value) for sees in Sees]


class Team(models.Model):
    """People who share records when they may see their team's."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="a_team_name_is_used_once")]


class Users(BaseUserManager["User"]):
    """Found by email, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in. Never deleted, only set inactive: the ledger names them for ever."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=ROLES)
    sees = models.CharField(max_length=8, choices=SEEN)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    zone = models.CharField(max_length=64, default="UTC")
    capacity = models.PositiveIntegerField(default=100)  # prospects this person can work at a time
    is_active = models.BooleanField(default=True)
    # Counted up when the password changes or the sign-in is closed: what was let in by an earlier number is out.
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="an_email_signs_in_one_user"),
            models.CheckConstraint(condition=Q(role__in=[r.value for r in Role]), name="a_user_has_a_role"),
            models.CheckConstraint(
                condition=Q(sees__in=[s.value for s in Sees]), name="a_user_sees_something"
            ),
        ]

    def get_session_auth_hash(self) -> str:
        """What a session must show; a closed sign-in ends it for good, not only until it is opened again."""
        return salted_hmac("panout.session", f"{self.password}:{self.epoch}", algorithm="sha256").hexdigest()

    @property
    def short_name(self) -> str:
        return self.name.split(" ")[0] or self.email

    @property
    def person(self) -> Person:
        """The user as rules and actions know them."""
        return Person(self.pk, self.name, Role(self.role), Sees(self.sees), self.team_id, self.zone)


class InvitationSet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> InvitationSet:
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """A link that lets one newcomer in; only the hash of its secret is kept."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=12, choices=ROLES)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    secret_hash = models.CharField(max_length=64)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["secret_hash"], name="an_invitation_secret_is_used_once"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="an_invitation_ends_in_one_way"
            ),
        ]


class PasswordLinkSet(models.QuerySet["PasswordLink"]):
    def open(self, now: datetime) -> PasswordLinkSet:
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=now, user__is_active=True)


class PasswordLink(models.Model):
    """A link that lets one user choose a new password; only the hash of its secret is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+"
    )  # None: from the machine itself
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # a newer link took its place

    objects = PasswordLinkSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["secret_hash"], name="a_password_link_secret_is_used_once"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(withdrawn_at=None), name="a_password_link_ends_in_one_way"
            ),
        ]


class LedgerEntry(models.Model):
    """Who did what, when. Written inside the action's transaction; a trigger refuses every change."""

    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # None: Panout itself
    actor_name = models.CharField(max_length=120)
    verb = models.CharField(max_length=60)  # "merge accounts"
    kind = models.CharField(max_length=40)  # of the subject: "account", "import"
    subject_id = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=80)  # an address, "import 12", "command line"
    details_digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "subject_id", "-id"], name="ledger_by_subject"),
            models.Index(fields=["actor", "-id"], name="ledger_by_actor"),
            models.Index(fields=["verb", "-id"], name="ledger_by_verb"),
            models.Index(fields=["-at"], name="ledger_by_time"),
        ]


class LedgerDetail(models.Model):
    """The words of an entry, apart from it so that erasing a person leaves the chain whole."""

    entry = models.OneToOneField(LedgerEntry, models.PROTECT, primary_key=True, related_name="detail")
    salt = models.CharField(max_length=32)
    label = models.TextField()  # how the subject was called
    reason = models.TextField(default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)


class LedgerSeal(models.Model):
    """A link of the hash chain. Entries are sealed within a minute, so that writers never wait in a row."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
