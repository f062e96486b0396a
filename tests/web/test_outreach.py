"""What people see and do on the pages of outreach and consent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from panout.cadence import actions as cadence
from panout.cadence import queries as cadences
from panout.consent.models import Screening, Suppression
from panout.flow import clock, importing
from panout.kernel.errors import Refused
from panout.outreach import actions, library, queries
from panout.outreach.models import (
    Gathering,
    LetterBatch,
    Message,
    MessageStatus,
    Partner,
    ReferralAsk,
    Sender,
    Task,
    Touch,
)
from panout.resolve import actions as resolve
from panout.resolve.models import Account, Contact
from panout.sources import actions as sources
from panout.sources.queries import preview
from panout.team.models import LedgerDetail
from panout.team.rules import Person
from tests.web.seen import text_of
from tests.web.world import populate

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(owner: Person, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The small market with a sender, the playbooks and a proof; nobody scored, which these pages do not need."""
    monkeypatch.setattr("tests.web.world.score", lambda _: None)
    made = populate(owner, clock.now())
    actions.save_sender(
        owner, name="Olga Owner", email="olga@panout.test", company="Panout", now=clock.now(),
        postal_address="1 Pan Street\n12345 Testville\nDE",
    )  # fmt: skip
    library.load_playbooks(owner, clock.now())
    words = library.EntryWords(
        "proof", "Quarry Payments halved its failed loads.", source="https://panout.test/q"
    )
    library.add_entry(owner, words, clock.now())
    return made


def ada() -> Contact:
    return Contact.objects.get(full_name="Ada Sommer")


def waiting(owner: Person, slug: str, count: int = 3) -> list[int]:
    people = Contact.objects.exclude(email=None).order_by("id")[:count]
    sender = Sender.objects.get()
    stuff = queries.materials([one.pk for one in people], clock.now())
    return [
        actions.queue(
            owner,
            actions.Order(
                actions.draft(stuff[one.pk], queries.template(slug), sender), "manual", None, clock.now(),
                reviewed=True, cold=True,
            ),
            clock.now(),
        )
        for one in people
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("/templates", ["First touch", "first-touch-email", "New template"]),
        ("/templates/first-touch-email", ["Saw that Northwind Ledger", "nothing to remark", "rests on"]),
        ("/templates/value-voicemail", ["s aloud"]),
        ("/templates/new", ["New template"]),
        ("/library", ["Problems", "We have no budget", "Quarry Payments halved"]),
        ("/approvals", ["Nothing waits"]),
        ("/footprint", ["Footprint", "near-twin"]),
        ("/events", ["No event yet"]),
        ("/referrals", ["Nobody was asked yet"]),
        ("/partners", ["None yet"]),
        ("/letters", ["No letter waits"]),
        ("/suppressions", ["Nobody"]),
        ("/law", ["CAN-SPAM", "DE", "consent", "3 calls in 24 h", "every 28 days", "CTPS"]),
        ("/screenings", ["No screening yet", "GB TPS", "every 31 days"]),
    ],
)
def test_the_owner_reads(owner_client: Client, book: dict[str, int], address: str, seen: list[str]) -> None:
    page = text_of(owner_client.get(address))
    for words in seen:
        assert words in page, words


def test_an_old_law_table_warns(
    owner_client: Client, book: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "more than a year ago" not in text_of(owner_client.get("/law"))
    monkeypatch.setattr("panout.web.consent.today", lambda: clock.today() + timedelta(days=500))
    assert "more than a year ago" in text_of(owner_client.get("/law"))


@pytest.mark.parametrize(
    "address",
    ["/templates", "/approvals", "/library", "/events", "/letters", "/suppressions", "/law", "/screenings"],
)
def test_a_stranger_is_sent_to_the_door(stranger: Client, address: str) -> None:
    assert stranger.get(address).status_code == 302


def test_a_screening_goes_out_as_a_list_comes_back_as_an_answer_and_opens_the_telephone(
    owner_client: Client, teammate_client: Client, book: dict[str, int]
) -> None:
    priya = Contact.objects.get(full_name="Priya Shah")
    Contact.objects.filter(id=priya.pk).update(phone="+442079460001")
    assert "GB CTPS" in text_of(owner_client.get("/screenings"))
    sheet = owner_client.get("/screenings/numbers.csv?register=GB+TPS")
    assert sheet.content.decode() == "number\r\n+442079460001\r\n"
    assert teammate_client.get("/screenings/numbers.csv").status_code == 403
    assert "never screened" in text_of(owner_client.get(f"/contacts/{priya.pk}/why?kind=call"))
    assert "never screened" in text_of(owner_client.get(f"/contacts/{priya.pk}/why-write"))
    asked = {"register": ["GB TPS", "GB CTPS"], "on": clock.today().isoformat(), "source": "tps.csv"}
    bare = owner_client.post("/screenings/record", {**asked, "screened": sheet.content.decode()})
    assert bare.status_code == 400
    assert "which of these numbers are listed" in bare.content.decode()
    answer = SimpleUploadedFile("answer.csv", b"number,listed\n020 7946 0001,no\nrubbish,no\n")
    done = owner_client.post("/screenings/record", {**asked, "screened_file": answer}, follow=True)
    page = text_of(done)
    assert "1, 0 listed" in page
    assert "tps.csv" in page
    assert "clear: TPS screened" in text_of(owner_client.get(f"/contacts/{priya.pk}/why?kind=call"))
    assert "clear, screened" in text_of(owner_client.get(f"/contacts/{priya.pk}/why-write"))
    number = Screening.objects.order_by("id").first().pk
    assert teammate_client.post(f"/screenings/{number}/withdraw", {"reason": "x"}).status_code == 403
    owner_client.post(f"/screenings/{number}/withdraw", {"reason": "the wrong file"})
    assert "withdrawn" in text_of(owner_client.get("/screenings"))
    assert "never screened" in text_of(owner_client.get(f"/contacts/{priya.pk}/why?kind=call"))


def test_a_template_is_previewed_on_real_people_and_its_faults_are_placed(
    owner_client: Client, book: dict[str, int]
) -> None:
    form = {"name": "Bold", "kind": "email", "subject": "Hello", "slug": "", "version": "0"}
    claim = text_of(
        owner_client.post(
            "/templates/preview", {**form, "body": "Hi {{ first_name }}, congrats on buying a bank."}
        )
    )
    assert "No live fact or signal" in claim
    hole = text_of(owner_client.post("/templates/preview", {**form, "body": "Hi {{ nickname }}."}))
    assert "nickname has no value" in hole
    fault = text_of(owner_client.post("/templates/preview", {**form, "body": "Hi\n{% if x %}"}))
    assert "line 2" in fault
    assert "Hi Ada" in text_of(
        owner_client.post(
            "/templates/preview", {**form, "body": "Hi {{ first_name }}"}, headers={"HX-Request": "true"}
        )
    )
    assert owner_client.post("/templates/save", {**form, "body": "Hi {{ first_name }}."}).status_code == 303
    assert queries.template("bold").body == "Hi {{ first_name }}."


def test_before_there_is_a_mail_account_a_preview_and_the_card_say_what_gives_the_senders_name(
    owner_client: Client, book: dict[str, int]
) -> None:
    Sender.objects.all().delete()
    preview = text_of(owner_client.get("/templates/first-touch-email"))
    assert "sender.first_name has no value yet: a mail account says who writes" in preview
    assert "for this person" not in preview
    assert "a mail account gives their name" in text_of(owner_client.get(f"/contacts/{ada().pk}/card"))


def test_look_alikes_are_approved_together(owner: Person, owner_client: Client, book: dict[str, int]) -> None:
    ids = waiting(owner, "referral-ask", 6)
    page = text_of(owner_client.get("/approvals"))
    assert "alike" in page
    assert "6 wait" in page
    assert owner_client.post("/approvals/bulk", {"message": ids}).status_code == 303
    assert Message.objects.filter(status=MessageStatus.QUEUED).count() == 6


def test_a_teammate_reads_the_queue_but_may_not_approve(
    owner: Person, teammate: Person, teammate_client: Client, book: dict[str, int]
) -> None:
    ids = waiting(owner, "referral-ask", 1)
    whose = Message.objects.get(id=ids[0]).contact_id
    resolve.assign(owner, teammate.id, contact_ids=[whose], origin="test", now=clock.now())
    assert "Approve the ticked" not in text_of(teammate_client.get("/approvals"))
    assert teammate_client.post("/approvals/bulk", {"message": ids}).status_code == 403
    assert (
        teammate_client.post(f"/approvals/{ids[0]}/approve", {"subject": "a", "body": "b"}).status_code == 403
    )


def test_an_edit_is_held_against_the_evidence_again_and_vouching_is_on_record(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    (number,) = waiting(owner, "first-touch-email", 1)
    edited = {"subject": "Hello", "body": "Hi Ada, you doubled revenue to 90 million. Shall we talk?"}
    answer = owner_client.post(f"/approvals/{number}/approve", edited)
    assert answer.status_code == 409
    assert "vouch" in answer.content.decode()
    assert Message.objects.get(id=number).status == MessageStatus.REVIEW
    assert owner_client.post(f"/approvals/{number}/approve", {**edited, "vouch": "yes"}).status_code == 303
    kept = Message.objects.get(id=number)
    assert kept.status == MessageStatus.QUEUED
    assert "90 million" in kept.body
    assert "90 million" not in kept.drafted_body
    assert LedgerDetail.objects.filter(reason__contains="Vouched for").exists()


def test_an_event_from_list_to_follow_up(owner_client: Client, book: dict[str, int]) -> None:
    day = clock.today()
    made = owner_client.post(
        "/events/plan", {"name": "Data Days", "place": "Berlin", "starts_on": day.isoformat()}
    )
    assert made.status_code == 303
    event = Gathering.objects.get()
    people = "Name,Company,Title,Email\nAda Sommer,Northwind Ledger,,ada.sommer@northwind-ledger.example\nZoe New,Quarry Payments,CTO,zoe@quarry.example\n,,,"
    owner_client.post(f"/events/{event.pk}/list", {"part": "speaker", "people": people})
    page = text_of(owner_client.get(f"/events/{event.pk}"))
    assert "Ada Sommer" in page
    assert "Zoe New" in page
    assert "speaker" in page
    assert Contact.objects.filter(full_name="Ada Sommer").count() == 1
    owner_client.post(f"/events/{event.pk}/ask", {"contact": [ada().pk]})
    assert "Data Days" in Task.objects.get(origin_key=f"event-{event.pk}-ask-{ada().pk}").script
    note = {"full_name": "Rudi Walk", "company": "Sable Insurance", "note": "Wants a call about loads"}
    assert owner_client.post(f"/events/{event.pk}/meet", note).status_code == 303
    rudi = Contact.objects.get(full_name="Rudi Walk")
    assert rudi.account
    assert rudi.account.company_name == "Sable Insurance"
    follow = Task.objects.get(origin_key=f"event-{event.pk}-follow-{rudi.pk}")
    assert follow.deadline
    assert 0 < (follow.deadline - clock.now()).total_seconds() <= 24 * 3600
    assert "Good to meet you at Data Days" in follow.script
    assert "Rudi Walk" in text_of(owner_client.get(f"/events/{event.pk}"))
    assert "At the stand" in owner_client.get(f"/events/{event.pk}/stand").content.decode()


def test_a_customer_is_asked_for_one_introduction_a_quarter(
    owner_client: Client, book: dict[str, int]
) -> None:
    refused = owner_client.post("/referrals/ask", {"contact": ada().pk, "wanted": "Sanne de Boer"})
    assert refused.status_code == 400
    Account.objects.filter(id=book["Northwind Ledger"]).update(lifecycle="customer")
    assert (
        owner_client.post("/referrals/ask", {"contact": ada().pk, "wanted": "Sanne de Boer"}).status_code
        == 303
    )
    again = owner_client.post("/referrals/ask", {"contact": ada().pk, "wanted": "Erik Lund"})
    assert again.status_code == 409
    for same in (ada().email, "Ada Sommer", f"https://panout.test/contacts/{ada().pk}/"):
        again = owner_client.post("/referrals/ask", {"contact": same, "wanted": "Erik Lund"})
        assert again.status_code == 409, same
    for nobody in ("nobody@panout.test", "Zyx Wvu", ""):
        assert owner_client.post("/referrals/ask", {"contact": nobody, "wanted": "Erik"}).status_code == 400
    owner_client.post(f"/referrals/{ReferralAsk.objects.get().pk}/close", {"outcome": "introduced"})
    assert "introduced" in text_of(owner_client.get("/referrals"))


def test_a_partner_overlap_is_found_by_domain_and_by_name(owner_client: Client, book: dict[str, int]) -> None:
    place = owner_client.post("/partners/add", {"name": "Gridline", "contact_name": "Mia"})["Location"]
    Account.objects.filter(id=book["Tidal Freight"]).update(name_key="tidal freight")
    owner_client.post(
        f"{place}/customers", {"companies": "Somebody,quarry.example\nTidal Freight B.V.\nNobody Ltd"}
    )
    page = text_of(owner_client.get(place))
    assert "Quarry Payments" in page
    assert "same domain" in page
    assert "Tidal Freight" in page
    assert "same name" in page
    assert "2 of 3" in page


def test_letters_are_checked_printed_and_followed_up(owner_client: Client, book: dict[str, int]) -> None:
    owner_client.post("/letters/write", {"contact": ada().pk})
    page = text_of(owner_client.get("/letters"))
    assert "Ada Sommer" in page
    assert "the address lacks" in page
    letter = ada_letter()
    assert owner_client.post("/letters/print", {"letter": [letter.pk]}).status_code == 409
    address = "Ada Sommer\nNorthwind Ledger\nLangestr. 5\n10117 Berlin\nDE"
    owner_client.post(f"/letters/{letter.pk}/save", {"address": address, "body": letter.body})
    assert (
        owner_client.post("/letters/print", {"letter": [letter.pk], "posted_on": "2026-11-20"}).status_code
        == 303
    )
    batch = LetterBatch.objects.get()
    pdf = owner_client.get(f"/letters/batches/{batch.pk}.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    call = Task.objects.get(origin_key=f"letter-{letter.pk}-call")
    assert call.due_at.date() > batch.arrives_on
    assert "1 letter" in text_of(owner_client.get("/letters"))


def test_what_a_hand_is_about_to_do_passes_the_rules_and_today_letters_and_why_say_so(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    day = clock.today().isoformat()
    owner_client.post("/events/plan", {"name": "Data Days", "place": "Berlin", "starts_on": day})
    event = Gathering.objects.get()
    people = "Name,Company,Title,Email\nAda Sommer,Northwind Ledger,,ada.sommer@northwind-ledger.example"
    owner_client.post(f"/events/{event.pk}/list", {"part": "attendee", "people": people})
    owner_client.post(f"/events/{event.pk}/ask", {"contact": [ada().pk]})
    owner_client.post("/letters/write", {"contact": ada().pk})
    letter = ada_letter()
    address = "Ada Sommer\nNorthwind Ledger\nLangestr. 5\n10117 Berlin\nDE"
    owner_client.post(f"/letters/{letter.pk}/save", {"address": address, "body": letter.body})
    assert "It should wait" not in text_of(owner_client.get("/today"))
    at = clock.now() - timedelta(hours=20)
    Touch.objects.create(contact=ada(), account=ada().account, kind="email", channel="email", at=at)
    task = Task.objects.get(origin_key=f"event-{event.pk}-ask-{ada().pk}")
    shown = text_of(owner_client.get(f"/today?task={task.pk}"))
    assert "It should wait" in shown
    assert "recent touch gap" in shown
    policy = replace(cadences.policy(), account_per_week=1)
    cadence.set_policy(owner, policy, clock.now())
    assert "account touch budget: person 1 of 4, account 1 of 1" in text_of(owner_client.get("/letters"))
    refused = owner_client.post("/letters/print", {"letter": [letter.pk], "posted_on": day})
    assert refused.status_code == 409
    assert "The letter to Ada Sommer cannot go out" in refused.content.decode()
    owner_client.post(f"/today/{task.pk}/complete", {"disposition": "done"})
    told = text_of(owner_client.get(f"/contacts/{ada().pk}/why"))
    assert "Outside cadences" in told
    assert "Ask Ada Sommer to meet at Data Days" in told


def ada_letter():
    from panout.outreach.models import PaperLetter

    return PaperLetter.objects.get(contact=ada())


def test_a_wish_is_added_brought_as_a_list_and_lifted(
    owner_client: Client, teammate_client: Client, book: dict[str, int]
) -> None:
    owner_client.post("/suppressions/add", {"value": "Rival.example", "reason": "competitor"})
    owner_client.post(
        "/suppressions/list", {"list": "a@b.example\n+49 30 1234567\nnonsense here", "reason": "unsubscribed"}
    )
    page = text_of(owner_client.get("/suppressions"))
    assert "rival.example" in page
    assert "a@b.example" in page
    assert "+49301234567" in page
    wish = Suppression.objects.get(value="rival.example")
    assert teammate_client.post(f"/suppressions/{wish.pk}/lift", {"reason": "x"}).status_code == 403
    owner_client.post(f"/suppressions/{wish.pk}/lift", {"reason": "They became a partner"})
    wish.refresh_from_db()
    assert wish.lifted_at is not None
    assert "rival.example" not in text_of(owner_client.get("/suppressions"))


def test_why_may_we_write_to_this_person(owner_client: Client, book: dict[str, int]) -> None:
    address = f"/contacts/{ada().pk}/why-write"
    page = text_of(owner_client.get(address))
    assert "email closed" in page
    assert "DE" in page
    assert "needs consent" in page
    owner_client.post(
        f"/contacts/{ada().pk}/grounds", {"basis": "consent", "channel": "email", "source": "the fair"}
    )
    page = text_of(owner_client.get(address))
    assert "email open" in page
    assert "the fair" in page


def test_what_we_hold_is_one_document(
    owner: Person, teammate: Person, owner_client: Client, teammate_client: Client, book: dict[str, int]
) -> None:
    told = json.loads(owner_client.get(f"/contacts/{ada().pk}/held.json").content)
    assert told["contact"]["email"] == "ada.sommer@northwind-ledger.example"
    assert "Ada Sommer" in text_of(owner_client.get(f"/contacts/{ada().pk}/held"))
    assert teammate_client.get(f"/contacts/{ada().pk}/held.json").status_code == 404
    resolve.assign(owner, teammate.id, contact_ids=[ada().pk], origin="test", now=clock.now())
    assert teammate_client.get(f"/contacts/{ada().pk}/held.json").status_code == 403


def test_an_erased_person_is_gone_and_cannot_be_brought_back(
    owner: Person, teammate: Person, owner_client: Client, teammate_client: Client, book: dict[str, int]
) -> None:
    person, mail = ada(), "ada.sommer@northwind-ledger.example"
    resolve.assign(owner, teammate.id, contact_ids=[person.pk], origin="test", now=clock.now())
    waiting(owner, "break-up", 3)
    assert teammate_client.post(f"/contacts/{person.pk}/erase", {"sure": "erase"}).status_code == 403
    assert owner_client.post(f"/contacts/{person.pk}/erase", {"sure": "no"}).status_code == 400
    assert owner_client.post(f"/contacts/{person.pk}/erase", {"sure": "erase"}).status_code == 303
    row = Contact.objects.get(id=person.pk)
    assert (row.email, row.full_name) == (None, "Erased person")
    assert not Message.objects.filter(to_email=mail).exists()
    assert not Suppression.objects.filter(value__icontains="ada.sommer").exists()
    with pytest.raises(Refused, match="erased"):
        resolve.add_contact(
            owner, None, {"full_name": "Ada Again", "email": mail.upper()}, "test", clock.now()
        )


def test_the_research_card_is_read_in_ninety_seconds(owner_client: Client, book: dict[str, int]) -> None:
    address = f"/contacts/{ada().pk}/card"
    page = text_of(owner_client.get(address))
    for words in (
        "Ada Sommer", "champion", "Northwind Ledger", "Fintech", "Why now", "Raised 30 million", "news.example",
        "Ledgers for banks", "none yet", "Call opener", "We have no budget", "Team:", "Peter Lang",
    ):  # fmt: skip
        assert words in page, words
    seconds = int(page.split(" s to read")[0].rsplit(" ", 1)[1])
    assert 10 < seconds <= 90
    entry = next(one for one in library.entries() if one.kind == "question")
    owner_client.post(
        f"/contacts/{ada().pk}/answers", {"entry": entry.id, "text": "We search the logs by hand"}
    )
    assert "We search the logs by hand" in text_of(owner_client.get(address))


def test_without_a_model_the_page_says_so(owner_client: Client, book: dict[str, int]) -> None:
    page = text_of(owner_client.get(f"/contacts/{ada().pk}/suggest"))
    for words in ("No model is set up", "Start a cadence", "Templates"):
        assert words in page
    assert owner_client.post(f"/contacts/{ada().pk}/suggest/ask").status_code == 503


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("book")
def test_an_imported_list_fills_an_event_and_a_partner_and_becomes_the_reason_to_write(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    rows = (
        "Name,Company,Email,Website\n"
        "Zoe New,Newline Labs,zoe@newline.example,newline.example\n"
        "Ada Sommer,Northwind Ledger,ada.sommer@northwind-ledger.example,northwind-ledger.example\n"
    )
    number = sources.upload(owner, "fair.csv", [rows.encode()], 10**6, "test", clock.now())
    columns = {column.header: column.field for column in preview(number).columns}
    sources.map_columns(owner, number, columns, tags=[], now=clock.now())
    sources.commit(owner, number, "test", clock.now())
    importing.work_on_one("test")
    day = clock.today().isoformat()
    owner_client.post("/events/plan", {"name": "Data Days", "place": "Berlin", "starts_on": day})
    event = Gathering.objects.get()
    assert "fair.csv" in text_of(owner_client.get(f"/events/{event.pk}"))
    assert (
        owner_client.post(f"/events/{event.pk}/import", {"import": 99999, "part": "speaker"}).status_code
        == 400
    )
    assert (
        owner_client.post(f"/events/{event.pk}/import", {"import": number, "part": "speaker"}).status_code
        == 303
    )
    page = text_of(owner_client.get(f"/events/{event.pk}"))
    assert "Zoe New" in page
    assert "Ada Sommer" in page
    zoe = Contact.objects.get(full_name="Zoe New")
    evidence = queries.materials([zoe.pk], clock.now())[zoe.pk].evidence
    assert any("speaker list of Data Days" in one.text for one in evidence)
    made = actions.draft(
        queries.materials([zoe.pk], clock.now())[zoe.pk],
        queries.template("first-touch-email"),
        Sender.objects.get(),
    )
    assert "Data Days" in made.body
    assert made.unsupported == ()
    owner_client.post("/partners/add", {"name": "Lakehouse"})
    partner = Partner.objects.get()
    assert owner_client.post(f"/partners/{partner.pk}/import", {"import": number}).status_code == 303
    assert "Northwind Ledger" in text_of(owner_client.get(f"/partners/{partner.pk}"))


def test_a_models_draft_is_checked_shown_and_never_sent(
    owner_client: Client, book: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Subject: A thought\nHi Ada, congratulations on doubling revenue to 90 million. Shall we talk?"
    briefs = []

    class Fake:
        def __init__(self, *_: object) -> None: ...

        def write(self, instruction: str, brief: str) -> str:
            briefs.append(brief)
            return said

        def close(self) -> None: ...

    monkeypatch.setattr(settings, "LLM_URL", "http://localhost:1/v1")
    monkeypatch.setattr("panout.flow.drafting.Model", Fake)
    before = Message.objects.count()
    page = text_of(owner_client.post(f"/contacts/{ada().pk}/suggest/ask"))
    assert "A thought" in page
    assert "No live evidence or proof has the figure 90 million" in page
    assert Message.objects.count() == before, "a draft of a model is a suggestion, and waits in no queue"
    assert "northwind-ledger.example" not in briefs[0], "the model gets no address"
    assert "Ada" in briefs[0]
