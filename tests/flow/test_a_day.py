"""One prospect from a list to a meeting, to a decision on the board, to a better profile. Read it top down."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment
from panout.cadence.rules.moves import StopReason
from panout.cadence.rules.plan import Step
from panout.campaigns import actions as campaigns
from panout.flow import importing, scoring
from panout.icp import actions as icp
from panout.icp.queries import active, shipped_text
from panout.kernel.channels import TouchKind
from panout.learn import actions as learn
from panout.learn import queries as board
from panout.learn.models import Proposal
from panout.mailbox.actions import receiving
from panout.outreach import actions as outreach
from panout.outreach.models import Message, MessageStatus, Sender, Touch
from panout.outreach.outbox import Outcome, begin, claim, finish
from panout.pipeline import actions as pipeline
from panout.pipeline.models import Opportunity
from panout.pipeline.rules import MeetingState
from panout.qualify.queries import verdict_of
from panout.replies import actions as replies
from panout.replies.models import Reading
from panout.resolve.models import Account, Contact
from panout.signals import actions as signals
from panout.sources import actions as sources

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
LIST = b"""First Name,Last Name,Title,Company Name,Email,# Employees,Industry,Website,Country,Technologies
Ada,Quinn,Head of Data,Gearworks,ada@gearworks.example,220,Software,https://gearworks.example,GB,Snowflake; dbt
"""
ANSWER = "Good timing. Yes, I am interested: could we talk on Thursday at ten?"


@pytest.fixture
def monday(monkeypatch, tmp_path):
    """The clock stands at Monday morning."""
    clock = tmp_path / "clock"
    clock.write_text(MONDAY.isoformat())
    monkeypatch.setenv("PANOUT_CLOCK", str(clock))
    return MONDAY


def test_from_a_list_to_a_meeting_to_a_better_profile(owner, monday):
    # A profile says whom we seek; a list brings Ada.
    icp.activate(
        owner, icp.create_icp(owner, "Us", shipped_text("b2b-software"), "test", monday), "", "t", monday
    )
    number = sources.upload(owner, "list.csv", [LIST], 10_000_000, "test", monday)
    sources.commit(owner, number, "test", monday)
    while importing.work_on_one("test") is not None:
        pass
    ada = Contact.objects.get(email="ada@gearworks.example")

    # The news: her company was funded a week ago.
    signals.note_signal(
        owner, account_id=ada.account_id, contact_id=None, kind="funding", level="company",
        on=monday.date() - timedelta(days=7), strength=0.9, source="https://news.example/gearworks",
        evidence="Gearworks announced a funding round", origin="test", now=monday,
    )  # fmt: skip
    scoring.score_everybody()

    # She fits, she buys, and something has just happened: a prospect, with reasons.
    verdict = verdict_of(contact_id=ada.pk)
    assert verdict is not None
    assert verdict.verdict == "prospect"
    assert "funding" in verdict.why_now

    # A campaign is one hypothesis; it is said how it will be judged before anybody is touched.
    sender = outreach.save_sender(
        owner, name="Olga", email="olga@panout.test", company="Panout", postal_address="1 Pan St", now=monday
    )
    Sender.objects.filter(id=sender).update(left_today=50)
    outreach.save_template(
        owner, "hello", "Hello", TouchKind.EMAIL, "Lineage", "Hi {{ first_name }}, shall we talk?", monday
    )
    steps = (Step("open", TouchKind.EMAIL, 0, "hello"), Step("call", TouchKind.CALL, 2))
    arm = campaigns.ArmSketch("One", cadence.create(owner, "Short", steps, monday))
    sketch = campaigns.Sketch(
        "Funded teams", "Who was funded must show figures", 'country = "GB"', ("funding",), "lineage",
        (arm,), (monday + timedelta(days=14)).date(), sender_id=sender,
    )  # fmt: skip
    campaign = campaigns.draft(owner, sketch, monday)
    assert campaigns.launch(owner, campaign, monday, random.Random(1)).enrolled == 1

    # Her first mail leaves.
    cadence.advance_due(monday)
    mail = Message.objects.get()
    at = max(monday, mail.not_before)
    claim({mail.pk: "first@panout.test"}, "worker", at)
    begin([mail.pk], "worker", at)
    finish("worker", [Outcome(mail.pk, MessageStatus.SENT, at=at)])
    cadence.messages_settled([mail.pk], at)
    cadence.advance_due(at)
    assert Touch.objects.get().contact == ada

    # She answers; the answer is understood, and her cadence ends.
    evening = at + timedelta(hours=6)
    answer = EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = ada.email, "olga@panout.test", "Re: Lineage"
    answer["Message-ID"], answer["In-Reply-To"] = "<a@gearworks.example>", "<first@panout.test>"
    answer.set_content(ANSWER)
    receiving.take_in(answer.as_bytes(), evening)
    replies.read_new(evening)
    assert Reading.objects.get().meant in {"interested", "meeting_request"}
    assert Enrolment.objects.get().stop_reason == StopReason.INTERESTED

    # They meet, and there is an opportunity.
    meeting = pipeline.book(ada.pk, evening + timedelta(days=2), 30, "reply", None, evening, asker=owner)
    pipeline.close_meeting(owner, meeting, MeetingState.HELD, "went well", evening + timedelta(days=3))
    assert Opportunity.objects.get().contact_id == ada.pk

    # One hit proves nothing, and the board says so. The person in charge decides, with the evidence frozen.
    review_day = monday + timedelta(days=15)
    judged = board.finding_of(campaign, review_day)
    assert judged.finding.count.hits == 1
    assert judged.finding.call == "iterate"
    campaigns.decide(owner, campaign, "iterate", "iterate", judged.finding.why, judged.evidence(), review_day)

    # Weeks later the same holds for many: those who were funded meet us, the others do not.
    _weeks_later(owner, ada, review_day)
    month = (review_day.date() - timedelta(days=30), review_day.date() + timedelta(days=1))
    assert learn.propose(*month, review_day) > 0
    before = active()[0]
    proposal = Proposal.objects.get(axis="signal", value="funding")
    version = learn.accept(owner, proposal.pk, "test", review_day)

    # Accepted: a new version of the profile is in force, and everybody is scored by it from now on.
    after = active()[0]
    assert after.id == version != before.id
    assert after.text != before.text


def _weeks_later(owner, ada, now):
    """120 more people were touched; the sixty whose company was funded met us, the others did not."""
    from panout.pipeline.models import Meeting
    from panout.signals.models import Signal

    for number in range(120):
        company = Account.objects.create(
            company_name=f"C{number}", domain=f"c{number}.example", key=f"c{number}", created_at=now,
            changed_at=now,
        )  # fmt: skip
        person = Contact.objects.create(
            full_name=f"P{number}", email=f"p@c{number}.example", account=company, key=f"p{number}",
            created_at=now, changed_at=now,
        )  # fmt: skip
        Touch.objects.create(contact=person, account=company, kind="email", channel="email", at=now)
        if number < 60:
            Signal.objects.create(
                key=f"s{number}", type="funding", level="company", account=company, date=now.date(),
                strength=1, source="https://news.example", evidence="funded", seen_at=now,
            )  # fmt: skip
        if number < 40:
            Meeting.objects.create(
                contact=person, account=company, title="Met", starts_at=now, source="reply",
                ends_at=now + timedelta(minutes=30), uid=f"u{number}", booked_at=now,
            )  # fmt: skip
