"""What ships renders, for a typical prospect, and passes our own checks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import NOON
from tests.web.world import populate

from panout.cadence.rules.presets import PRESETS
from panout.kernel.channels import TouchKind
from panout.kernel.signals import SIGNAL_TYPES
from panout.outreach import actions, library, queries
from panout.outreach.models import EntryKind, LibraryEntry, Message, MessageStatus, Sender, TemplateVersion
from panout.outreach.rules.claims import Backing, unsupported
from panout.outreach.rules.lint import read_seconds
from panout.resolve.models import Contact
from panout.team.rules import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(owner: Person) -> Sender:
    number = actions.save_sender(
        owner, name="Olga Owner", email="olga@panout.test", company="Panout", postal_address="1 Pan Street", now=NOON
    )  # fmt: skip
    return Sender.objects.get(id=number)


@pytest.fixture
def stocked(owner: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(
        "tests.web.world.score", lambda _: None
    )  # verdicts say nothing here, and cost seconds
    populate(owner, NOON)
    library.load_playbooks(owner, NOON)
    words = library.EntryWords(
        EntryKind.PROOF,
        "Quarry Payments halved its failed loads in one quarter.",
        source="https://panout.test/quarry",
    )
    library.add_entry(owner, words, NOON)
    return owner


def test_every_step_of_the_shipped_cadences_has_its_playbook() -> None:
    shipped = {one.slug: one.kind for one in library.playbooks()}
    for plan in PRESETS.values():
        for step in plan.steps:
            assert shipped[step.template] == step.kind


def test_loading_twice_changes_nothing_and_edits_stay(stocked: Person) -> None:
    actions.save_template(
        stocked, "break-up", "Break-up", TouchKind.EMAIL, "", "Goodbye {{ first_name }}.", NOON
    )
    versions, entries = TemplateVersion.objects.count(), LibraryEntry.objects.count()
    assert library.load_playbooks(stocked, NOON) == 0
    assert (TemplateVersion.objects.count(), LibraryEntry.objects.count()) == (versions, entries)
    assert queries.template("break-up").body == "Goodbye {{ first_name }}."


def drafts(slug: str, sender: Sender) -> list[actions.Draft]:
    people = queries.materials(Contact.objects.values_list("id", flat=True), NOON)
    return [
        actions.draft(material, queries.template(slug), sender)
        for material in people.values()
        if material.evidence
    ]


def test_the_first_touch_passes_lint_and_claims_for_every_prospect_with_a_signal(
    stocked: Person, sender: Sender
) -> None:
    made = drafts("first-touch-email", sender)
    assert len(made) >= 10
    for one in made:
        assert (one.unresolved, one.unsupported, one.remarks) == ((), (), ()), one.body
    assert len({one.body.split("\n")[2][:12] for one in made}) >= 3, "structures vary"


@pytest.mark.parametrize("slug", [one.slug for one in library.playbooks()])
def test_every_playbook_renders_without_a_hole_or_an_unsupported_claim(
    stocked: Person, sender: Sender, slug: str
) -> None:
    for one in drafts(slug, sender):
        assert (one.unresolved, one.unsupported) == ((), ()), one.body
        assert not {code for code, _ in one.remarks} & {"asks", "cliche", "spam", "long", "long_spoken"}, one


def test_the_voicemail_takes_thirty_to_forty_seconds(stocked: Person, sender: Sender) -> None:
    seconds = [read_seconds(one.body) for one in drafts("value-voicemail", sender)]
    assert all(25 <= one <= 40 for one in seconds), seconds


def test_a_claim_without_evidence_waits_and_leaves_only_when_somebody_vouches(
    stocked: Person, sender: Sender
) -> None:
    from panout.kernel.errors import Conflict

    ada = Contact.objects.get(full_name="Ada Sommer")
    actions.save_template(
        stocked, "bold", "Bold", TouchKind.EMAIL, "Hello",
        "Hi {{ first_name }}, congratulations on acquiring a rival for 12 million. Shall we talk?", NOON,
    )  # fmt: skip
    made = actions.draft(queries.materials([ada.pk], NOON)[ada.pk], queries.template("bold"), sender)
    assert any("acquiring" in one for one in made.unsupported)
    order = actions.Order(made, "manual", None, NOON, reviewed=False, cold=True)
    number = actions.queue(stocked, order, NOON)
    row = Message.objects.get(id=number)
    assert row.status == MessageStatus.REVIEW
    assert actions.approve_many(stocked, [number], NOON) == 0
    with pytest.raises(Conflict, match="acquiring"):
        actions.approve(stocked, number, row.subject, row.body, NOON)
    actions.approve(stocked, number, row.subject, row.body, NOON, vouch=True)
    row.refresh_from_db()
    assert row.status == MessageStatus.QUEUED
    assert {one["code"] for one in row.problems} == {"vouched"}


def test_evidence_that_went_cold_holds_a_message_back(stocked: Person, sender: Sender) -> None:
    ada = Contact.objects.get(full_name="Ada Sommer")
    made = actions.draft(
        queries.materials([ada.pk], NOON)[ada.pk], queries.template("first-touch-email"), sender
    )
    number = actions.queue(stocked, actions.Order(made, "manual", None, NOON, reviewed=True, cold=True), NOON)
    assert actions.approve_many(stocked, [number], NOON + timedelta(days=200)) == 0
    assert actions.approve_many(stocked, [number], NOON + timedelta(days=1)) == 1


@pytest.mark.parametrize("name", SIGNAL_TYPES)
def test_the_words_for_a_kind_of_signal_are_borne_out_by_any_signal_of_that_kind(name: str) -> None:
    kind = SIGNAL_TYPES[name]
    seen = queries.Evidence("signal", 1, name, "Told on a page of theirs", "https://example.com", NOON.date())
    backing = Backing(actions._in_full(seen), name, NOON.date())
    for said in (
        f"Saw that Acme {kind.label} (Told on a page of theirs).",
        f"Acme {kind.label}: Told on a page of theirs. That is why I write now.",
    ):
        assert unsupported(said, [backing], ("Ada Quinn", "Acme"), NOON.date()) == ()
