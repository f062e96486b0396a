"""Campaigns, the board, the weekly review and proposals, as their readers see them."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment
from panout.cadence.rules.plan import Step
from panout.campaigns import actions
from panout.campaigns.models import Campaign, CampaignState
from panout.flow.rehearsal import play, rehearse
from panout.icp.models import Icp, IcpVersion
from panout.icp.queries import active, shipped_text
from panout.kernel.channels import TouchKind
from panout.learn.models import Proposal
from panout.outreach import actions as outreach
from panout.outreach.models import Message, Sender, Task, Touch
from panout.pipeline.models import Meeting
from panout.qualify.models import Verdict
from panout.resolve.models import Account, Contact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday(monkeypatch, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat())
    monkeypatch.setenv("PANOUT_CLOCK", str(clock))


@pytest.fixture
def drafted(owner):
    """A campaign on paper that reaches twelve prospects by mail and telephone."""
    icp = Icp.objects.create(name="Us", created_at=NOW)
    version = IcpVersion.objects.create(
        icp=icp, number=1, text=shipped_text("b2b-software"), created_at=NOW, activated_at=NOW
    )
    for number in range(12):
        company = Account.objects.create(
            company_name=f"C{number}", domain=f"c{number}.example", country="GB", industry="Software",
            key=f"c{number}", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        person = Contact.objects.create(
            full_name=f"Person {number}", first_name="P", email=f"p@c{number}.example", account=company,
            phone="+442079460000", key=f"p{number}", buying_role="champion", created_at=NOW,
            changed_at=NOW,
        )  # fmt: skip
        Verdict.objects.create(
            contact=person, account=company, icp_version=version, verdict="prospect", priority=number,
            known=1, scored_at=NOW,
        )  # fmt: skip
    sender = outreach.save_sender(
        owner, name="Olga", email="o@panout.test", company="Panout", postal_address="1 Pan St", now=NOW
    )
    Sender.objects.filter(id=sender).update(left_today=50)
    outreach.save_template(owner, "hello", "hello", TouchKind.EMAIL, "Lineage", "Hi {{ first_name }}", NOW)
    steps = (
        Step("one", TouchKind.EMAIL, 0, "hello"), Step("call", TouchKind.LINKEDIN_CONNECT, 1),
        Step("two", TouchKind.EMAIL, 2, "hello"),
    )  # fmt: skip
    arm = actions.ArmSketch("One", cadence.create(owner, "C", steps, NOW))
    review = (NOW + timedelta(days=14)).date()
    sketch = actions.Sketch("Lineage", "Teams lack it", "", (), "in a week", (arm,), review, sender_id=sender)
    return actions.draft(owner, sketch, NOW)


def test_a_rehearsal_leaves_nothing_behind_and_the_real_run_goes_the_same_way(owner, drafted):
    told = rehearse(owner, drafted, NOW, seed=3, days=10)
    assert {one.what for one in told.events} >= {"mail", "linkedin_connect"}
    assert sum(day.mails for day in told.days) >= 12
    assert Campaign.objects.get().state == CampaignState.DRAFT
    assert not Enrolment.objects.exists()
    assert not Message.objects.exists()
    assert not Task.objects.exists()
    real = play(owner, drafted, NOW, seed=3, days=10)
    assert real.events == told.events
    assert real.days == told.days


def test_a_draft_says_what_it_could_show_and_launches(owner_client, drafted):
    page = owner_client.get(f"/campaigns/{drafted}").content.decode()
    assert "12" in page
    assert "12 contacts teach little" in page
    assert "No signal: nothing says why now." in page
    assert "would happen" not in owner_client.get(f"/campaigns/{drafted}/rehearsal").content.decode()
    assert owner_client.post(f"/campaigns/{drafted}/launch").status_code == 303
    assert "Nothing can be said yet" in owner_client.get(f"/campaigns/{drafted}").content.decode()


def test_the_form_warns_before_anything_is_kept(owner_client, drafted):
    page = owner_client.get("/campaigns/new", {"name": "X", "hypothesis": "Y", "audience": "country ="})
    assert page.status_code == 400
    page = owner_client.get("/campaigns/new", {"name": "X", "hypothesis": "Y"}).content.decode()
    assert "Only a rate of" in page


def test_the_board_judges_and_freezes_the_evidence(owner, owner_client, drafted):
    actions.launch(owner, drafted, NOW, random.Random(1))
    Campaign.objects.update(review_on=NOW.date())
    page = owner_client.get("/board").content.decode()
    assert "To judge" in page
    assert "Iterate" in page
    wrong = owner_client.post(f"/board/{drafted}/decide", {"call": "keep"})
    assert wrong.status_code == 400
    assert owner_client.post(f"/board/{drafted}/decide", {"call": "iterate"}).status_code == 303
    decision = Campaign.objects.get().decisions.get()
    assert decision.evidence["baseline"] == pytest.approx(0.19)
    assert "kept as it stood" in owner_client.get(f"/campaigns/{drafted}").content.decode()


def test_a_stranger_sees_none_of_it_and_an_sdr_cannot_decide(stranger, teammate_client, drafted):
    for address in ("/campaigns", "/board", "/weekly", "/proposals"):
        assert stranger.get(address).status_code == 302
    assert teammate_client.get("/board").status_code == 200
    assert teammate_client.post(f"/board/{drafted}/decide", {"call": "kill"}).status_code == 403
    assert teammate_client.get("/weekly").status_code == 403


def test_the_review_counts_people_opens_their_rows_and_proposes(owner_client, drafted):
    for number in range(120):
        person = Contact.objects.create(
            full_name=f"Q{number}", email=f"q{number}@c0.example", buying_role="champion" if number < 60 else "influencer",
            key=f"q{number}", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        Touch.objects.create(contact=person, kind="email", channel="email", at=NOW)
        if number < 30:
            Meeting.objects.create(
                contact=person, title="Met", starts_at=NOW, ends_at=NOW + timedelta(minutes=30),
                source="reply", uid=f"u{number}", booked_at=NOW,
            )  # fmt: skip
    empty = owner_client.get("/weekly", {"since": "2001-01-01", "until": "2001-01-29"}).content.decode()
    assert "1 % to 99 %" not in empty
    page = owner_client.get("/weekly").content.decode()
    assert "19 typical, 52 best" in page
    assert "axis=persona" in page
    rows = owner_client.get("/weekly/rows", {"axis": "persona", "value": "champion"}).content.decode()
    assert "60 people" in rows
    owner_client.post("/proposals/look")
    found = {one.title for one in Proposal.objects.all()}
    assert found == {"Double down on persona champion", "Retire persona influencer"}
    number = Proposal.objects.get(value="champion").pk
    before = active()[0].id
    assert owner_client.post(f"/proposals/{number}/accept").status_code == 303
    assert active()[0].id != before
    assert "accepted" in owner_client.get("/proposals").content.decode()
    other = Proposal.objects.get(value="influencer").pk
    assert owner_client.post(f"/proposals/{other}/decline", {"note": ""}).status_code == 400
    assert owner_client.post(f"/proposals/{other}/decline", {"note": "They sign off"}).status_code == 303
    owner_client.post("/proposals/look")
    assert Proposal.objects.filter(state="open").count() == 0


def test_every_figure_of_the_review_opens_as_many_rows_as_it_says(owner_client, drafted):
    for number in range(9):
        person = Contact.objects.create(
            full_name=f"R{number}", email=f"r{number}@c0.example", key=f"r{number}", created_at=NOW,
            buying_role="champion" if number < 6 else "influencer", changed_at=NOW,
        )  # fmt: skip
        Touch.objects.create(contact=person, kind="email", channel="email", at=NOW)
        if number % 3 == 0:
            Meeting.objects.create(
                contact=person, title="Met", starts_at=NOW, ends_at=NOW + timedelta(minutes=30),
                source="reply", uid=f"r{number}", booked_at=NOW,
            )  # fmt: skip
    page = owner_client.get("/weekly").content.decode()
    figures = re.findall(r'<a href="(/weekly/rows[^"]+)">(\d+)</a>', page)
    assert len(figures) >= 12
    for address, said in figures:
        rows = owner_client.get(html.unescape(address)).content.decode()
        assert f"<h1>{said} people</h1>" in rows, address
