"""How to approach somebody: roads and a person's own word, answers that count, a letter out of a task."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from panout.cadence.models import CadenceVersion
from panout.campaigns.models import Arm, Campaign, Member
from panout.consent import actions as consent
from panout.consent.rules.suppression import Kind, Reason
from panout.flow import clock
from panout.icp import actions as icp
from panout.icp.models import Icp
from panout.kernel.channels import TouchKind
from panout.outreach import actions, library, roads
from panout.outreach.models import LibraryEntry, PaperLetter, Task
from panout.outreach.rules.channels import House, Road
from panout.qualify.queries import verdict_of
from panout.research.models import Fact
from panout.resolve.models import Account, Contact
from panout.team.models import LedgerDetail
from panout.team.rules import Person
from tests.web import work
from tests.web.seen import text_of
from tests.web.world import populate, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(owner: Person, monkeypatch: pytest.MonkeyPatch) -> Contact:
    monkeypatch.setattr("tests.web.world.score", lambda _: None)
    populate(owner, clock.now())
    library.load_playbooks(owner, clock.now())
    row = Contact.objects.get(full_name="Ada Sommer")
    Contact.objects.filter(id=row.pk).update(
        person_country="GB",
        phone="+442079460000",
        linkedin="https://linkedin.com/in/ada",
        buying_role="champion",
    )
    row.refresh_from_db()
    return row


def test_a_persons_word_goes_before_the_signals_and_says_why(
    owner: Person, owner_client: Client, ada: Contact
) -> None:
    before = roads.plan_of(ada.pk, clock.now()).first
    assert before is not None
    page = text_of(owner_client.get(f"/contacts/{ada.pk}/roads"))
    assert before.why in page
    form = {"road": "phone", "reason": "She told me that she never reads mail."}
    assert owner_client.post(f"/contacts/{ada.pk}/road", form | {"reason": " "}).status_code == 400
    assert owner_client.post(f"/contacts/{ada.pk}/road", form).status_code == 303
    plan = roads.plan_of(ada.pk, clock.now())
    assert plan.first is not None
    assert plan.first.road is Road.PHONE
    assert "never reads mail" in text_of(owner_client.get(f"/contacts/{ada.pk}/roads"))
    assert LedgerDetail.objects.filter(reason__contains="never reads mail").exists()
    owner_client.post(f"/contacts/{ada.pk}/road", {"do": "drop"})
    again = roads.plan_of(ada.pk, clock.now())
    assert (again.first, again.word) == (before, None)


def test_what_law_or_a_wish_closes_stays_closed_whoever_says_what(
    owner: Person, owner_client: Client, ada: Contact
) -> None:
    consent.suppress(
        owner, Kind.PHONE, "+442079460000", Reason.DO_NOT_CALL, "test", clock.now(), channel="phone"
    )
    page = text_of(owner_client.get(f"/contacts/{ada.pk}/roads"))
    assert "phone closed" in page
    assert owner_client.post(f"/contacts/{ada.pk}/road", {"road": "phone", "reason": "x"}).status_code == 400
    Contact.objects.filter(id=ada.pk).update(person_country="DE")
    plan = roads.plan_of(ada.pk, clock.now())
    assert Road.EMAIL in dict(plan.closed)
    assert all(leg.road not in dict(plan.closed) for leg in plan.legs)


def test_the_playbooks_settings_decide_for_a_role_and_a_strength(
    owner: Person, owner_client: Client, teammate_client: Client, ada: Contact
) -> None:
    form = {"strong": "70", "some": "30", "champion": "social"}
    assert teammate_client.post("/channels/set", form).status_code == 403
    assert owner_client.post("/channels/set", form | {"some": "90"}).status_code == 400
    assert owner_client.post("/channels/set", form).status_code == 303
    assert roads.house() == House(70, 30, {"champion": Road.SOCIAL})
    plan = roads.plan_of(ada.pk, clock.now())
    assert plan.first is not None
    assert plan.first.road is Road.SOCIAL
    assert "social first" in text_of(owner_client.get("/channels"))


def test_the_cadence_that_opens_by_the_first_road_is_offered(
    owner: Person, owner_client: Client, ada: Contact
) -> None:
    made = work.begin(owner, clock.now(), called=0, mailed=0)
    Contact.objects.filter(id=ada.pk).update(person_country="GB", person_region=None)
    for road, cadence in (("phone", made.calls), ("email", made.mails)):
        roads.choose_road(owner, ada.pk, road, "so I want it", clock.now())
        page = owner_client.get(f"/cadences/enrol?contact={ada.pk}").content.decode()
        assert f'<option value="{cadence}" selected>' in page, road


def test_the_persons_page_leads_to_everything_about_approaching_them(
    owner_client: Client, ada: Contact
) -> None:
    page = owner_client.get(f"/contacts/{ada.pk}").content.decode()
    page += owner_client.get(f"/contacts/{ada.pk}/roads").content.decode()
    for place in ("card", "why-write", "why", "suggest", "roads"):
        assert f'href="/contacts/{ada.pk}/{place}"' in page, place
    assert 'action="/letters/write"' in page
    assert f'href="/cadences/enrol?contact={ada.pk}"' in page


PROFILE = """
name: Pain first
version: 1
owners: {ae: Nadia, sdr: Jonas}
review: 2026-12-31
audience: companies
fit:
  - name: any size
    rule: employees > 1
    weight: 10
problems:
  - name: it hurts
    pain: It hurts.
    outcome: It no longer hurts.
    proof: none
    evidence:
      - name: they say so
        rule: custom.pain = "every week"
        weight: 60
roles:
  - name: buyer
    role: economic_buyer
    titles: [chief buyer]
signals:
  - type: funding
    weight: 10
"""


def test_an_answer_changes_intensity_and_the_role_and_says_where_it_came_from(
    owner: Person, owner_client: Client, ada: Contact
) -> None:
    moment = clock.now()
    icp.retire(owner, Icp.objects.get().pk, "test", moment)
    version = icp.create_icp(owner, "Pain first", PROFILE, "test", moment)
    icp.activate(owner, version, "Test.", "test", moment)
    score(moment)
    before = verdict_of(contact_id=ada.pk)
    questions = {one.field: one for one in LibraryEntry.objects.exclude(field="")}
    page = text_of(owner_client.get(f"/contacts/{ada.pk}/card"))
    assert "How often does this hurt?" in page
    for field, said in (("custom.pain", "every week"), ("buying_role", "economic_buyer")):
        form = {"entry": questions[field].pk, "text": said}
        assert owner_client.post(f"/contacts/{ada.pk}/answers", form).status_code == 303
    ada.refresh_from_db()
    assert (ada.custom["pain"], ada.buying_role) == ("every week", "economic_buyer")
    fact = Fact.objects.get(contact=ada, name="custom.pain")
    assert fact.source == f"said to {owner.name}"
    assert fact.quote == "How often does this hurt?"
    score(moment + timedelta(minutes=1))
    after = verdict_of(contact_id=ada.pk)
    assert before is not None
    assert after is not None
    assert (after.intensity or 0) > (before.intensity or 0)


def test_a_letter_is_opened_from_its_task_seen_as_pdf_and_printing_closes_the_task(
    owner: Person, owner_client: Client, ada: Contact
) -> None:
    actions.save_sender(
        owner, name="Olga Owner", email="olga@panout.test", company="Panout", now=clock.now(),
        postal_address="1 Pan Street\n12345 Testville\nDE",
    )  # fmt: skip
    Account.objects.filter(id=ada.account_id).update(
        address="Ledgerstr. 5", postal_code="10115", city="Berlin", country="DE"
    )
    wish = actions.Wish(
        TouchKind.DIRECT_MAIL, "Write to Ada", "cadence", "run-1-step", clock.now(), ada.pk, ada.account_id, owner.id
    )  # fmt: skip
    task = actions.open_task(owner, wish, clock.now())
    today = owner_client.get("/today").content.decode()
    assert "Write the letter" in today
    form = {"contact": ada.pk, "task": task}
    assert owner_client.post("/letters/write", form | {"task": task + 1}).status_code == 400
    assert owner_client.post("/letters/write", form).status_code == 303
    letter = PaperLetter.objects.get()
    assert letter.task_id == task
    seen = owner_client.get(f"/letters/{letter.pk}.pdf")
    assert seen["Content-Type"] == "application/pdf"
    assert seen.content.startswith(b"%PDF")
    assert owner_client.post("/letters/print", {"letter": letter.pk}).status_code == 303
    assert Task.objects.get(id=task).status == "done"
    assert owner_client.get(f"/letters/{letter.pk}.pdf").status_code == 404


def test_a_campaign_has_a_footprint_of_its_own(owner: Person, owner_client: Client, ada: Contact) -> None:
    made = work.begin(owner, clock.now(), called=0, mailed=8)
    version = CadenceVersion.objects.get(cadence=made.mails)
    campaign = Campaign.objects.create(
        name="Wave one", hypothesis="h", created_at=clock.now() - timedelta(hours=1), owner_id=owner.id,
        review_on=clock.today(),
    )  # fmt: skip
    arm = Arm.objects.create(campaign=campaign, key="a", name="Plain", version=version)
    for one in Contact.objects.order_by("id"):
        Member.objects.create(campaign=campaign, contact=one, arm=arm, joined_at=clock.now())
    page = text_of(owner_client.get(f"/campaigns/{campaign.pk}/footprint"))
    assert "Wave one" in page
    assert "Plain" in page
    assert "heavy: vary the structure" in page
    assert "would 15 minutes help" in page
    assert owner_client.get("/campaigns/999999/footprint").status_code == 404
