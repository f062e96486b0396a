"""The ledger can be added to, read and verified, and nothing else."""

import pytest
from django.db import IntegrityError, connection, transaction

from panout.team import actions, queries
from panout.team.models import LedgerEntry
from panout.team.queries import LedgerFilter

pytestmark = pytest.mark.django_db


def test_every_change_is_told_with_its_author_and_both_sides(owner, teammate, noon):
    actions.set_capacity(owner, teammate.id, 40, "10.0.0.1", noon)
    line = queries.ledger(LedgerFilter(verb="set capacity")).lines[0]
    assert (line.actor, line.label, line.origin) == ("Olga Owner", "Theo Teammate", "10.0.0.1")
    assert line.before == {"capacity": 100}
    assert line.after == {"capacity": 40}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE team_ledgerentry SET verb = 'nothing'",
        "DELETE FROM team_ledgerentry",
        "UPDATE team_ledgerdetail SET label = 'nobody'",
        "DELETE FROM team_ledgerdetail",
        "UPDATE team_ledgerseal SET hash = 'x'",
    ],
)
def test_nothing_edits_the_ledger(owner, noon, sql):
    actions.seal_ledger(noon)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)


def test_a_chain_is_whole_until_somebody_goes_round_the_triggers(owner, teammate, noon):
    assert actions.seal_ledger(noon) == LedgerEntry.objects.count()
    assert queries.verify_chain().whole
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE team_ledgerentry SET actor_name = 'Mallory' WHERE verb = 'invite'")
        cursor.execute("SET session_replication_role = origin")
    broken = queries.verify_chain()
    assert not broken.whole
    assert broken.broken_at == 2


def test_changed_details_break_the_chain_too(owner, noon):
    actions.seal_ledger(noon)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE team_ledgerdetail SET label = 'Mallory'")
        cursor.execute("SET session_replication_role = origin")
    assert queries.verify_chain().broken_at == 1


def test_sealing_again_seals_only_what_is_new(owner, noon):
    first = actions.seal_ledger(noon)
    assert actions.seal_ledger(noon) == 0
    actions.change_profile(owner, "Olga O.", "UTC", noon)
    assert actions.seal_ledger(noon) == 1
    assert queries.verify_chain().sealed == first + 1
