"""What people see and may do on the pages of the day's work: Today, cadences, why, inbox, mail, pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from panout.cadence import queries as cadence_queries
from panout.cadence.models import CadenceVersion, Enrolment, Park, State
from panout.consent.models import Suppression
from panout.mailbox.models import MailAccount, SendingDomain
from panout.mailbox.queries import way_key
from panout.mailbox.rules.ways_out import token_for
from panout.outreach.models import Message, MessageStatus, Task, TaskStatus
from panout.pipeline.models import Asking, Meeting, Opportunity
from panout.qualify.models import Verdict
from panout.replies.models import Deed, Reading
from panout.resolve.models import Contact
from panout.segments import actions as segments
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import Person, Role, Sees
from tests.cast import NOON, PASSWORD, signed_in
from tests.web import work
from tests.web.seen import text_of
from tests.web.world import populate

MOST_QUERIES = 40
pytestmark = pytest.mark.xdist_group("work")
Day = tuple[Person, work.Work, int]


@pytest.fixture(scope="module", autouse=True)
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """It is Friday noon: in office hours, whenever the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        clock = tmp_path_factory.mktemp("clock") / "clock"
        clock.write_text(NOON.isoformat())
        patch.setenv("PANOUT_CLOCK", str(clock))
        yield


@pytest.fixture(scope="module")
def day(django_db_setup: None, django_db_blocker: DjangoDbBlocker, played: None) -> Iterator[Day]:
    with django_db_blocker.unblock(), transaction.atomic():
        made = team.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
        olga = people.member(made).person
        populate(olga, NOON)
        begun = work.begin(olga, NOON)
        reading = work.answered(
            olga,
            begun,
            "Sounds good, could we talk on Thursday at 3? Write to Ben Kay <ben.kay@quarry.example> too.",
            NOON,
        )
        yield olga, begun, reading
        transaction.set_rollback(True)


@pytest.fixture
def owner(day: Day, db: None) -> Person:
    return day[0]


@pytest.fixture
def made(day: Day, db: None) -> work.Work:
    return day[1]


@pytest.fixture
def reading(day: Day, db: None) -> int:
    return day[2]


def reader(owner: Person, role: Role) -> Client:
    secret = team.invite(owner, f"{role.value}@panout.test", role, None, "test", NOON)
    joined = people.member(team.accept_invitation(secret, "Rita Reader", PASSWORD, "UTC", NOON)).person
    return signed_in(Person(joined.id, joined.name, role, Sees.ALL, None, "UTC"))


def places(made: work.Work, reading: int) -> list[str]:
    some = Contact.objects.order_by("id").values_list("id", flat=True)[0]
    return [
        "/today", "/cadences", "/cadences/limits", f"/cadences/{made.calls}", f"/cadences/{made.calls}/edit", "/cadences/new",
        f"/cadences/enrol?contact={some}", "/parked", f"/contacts/{some}/why", "/inbox", f"/inbox/{reading}",
        "/inbox/desk", "/mailboxes", "/mailboxes/new", f"/mailboxes/{made.mailbox_id}", "/domains", "/meetings",
        "/opportunities",
    ]  # fmt: skip


def test_a_stranger_is_sent_to_the_sign_in(stranger: Client, made: work.Work, reading: int) -> None:
    for address in places(made, reading):
        assert stranger.get(address).status_code == 302, address


def test_every_page_costs_a_bounded_number_of_queries(
    owner_client: Client, made: work.Work, reading: int
) -> None:
    for address in places(made, reading):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert owner_client.get(address).status_code == 200, address
        # A situation takes a dozen: one for each of six roads, or one for all who may be enrolled.
        most = 120 if address.endswith("/why") else 60 if "/enrol?" in address else MOST_QUERIES
        assert len(asked) <= most, (address, len(asked))


def test_marketing_reads_cadences_but_works_no_queue(owner: Person, made: work.Work, reading: int) -> None:
    client = reader(owner, Role.MARKETING)
    assert "Calls first" in text_of(client.get("/cadences"))
    assert "New cadence" not in text_of(client.get("/cadences"))
    for address in ("/today", "/inbox", f"/cadences/{made.calls}/edit", "/mailboxes/new"):
        assert client.get(address).status_code == 403, address
    assert client.post(f"/cadences/{made.calls}/edit", {"do": "save"}).status_code == 403


# -- Today


def test_today_puts_the_answer_first_and_tells_what_to_know(owner_client: Client, made: work.Work) -> None:
    page = text_of(owner_client.get("/today"))
    for words in ("Priya Shah", "Quarry Payments", "Open the answer", "Head of Data", "Queue", "In 90 seconds",
                  "Two visits to the pricing page", "Fintech", "Call 3", "Begin a 90-minute block"):  # fmt: skip
        assert words in page
    call = text_of(owner_client.get("/today?kind=call"))
    for words in (
        "What to say",
        "it is Olga Owner",
        "No answer",
        "Left voicemail",
        "Do not call",
        "Call back at",
    ):
        assert words in call


def test_an_outcome_drives_the_cadence_and_can_be_taken_back(owner_client: Client, made: work.Work) -> None:
    task = Task.objects.filter(kind="call", status=TaskStatus.OPEN).order_by("id")[0]
    owner_client.post(
        f"/today/{task.pk}/complete", {"disposition": "connected_no_priority", "note": "Next year."}
    )
    task.refresh_from_db()
    assert (task.status, task.disposition, task.note) == (
        TaskStatus.DONE,
        "connected_no_priority",
        "Next year.",
    )
    page = owner_client.get("/today").content.decode()
    token = page.split('name="token" value="')[1].split('"')[0]
    owner_client.post("/undo", {"token": token, "next": "/today"})
    task.refresh_from_db()
    assert task.status == TaskStatus.OPEN


def test_a_callback_comes_back_at_its_time(owner_client: Client, made: work.Work) -> None:
    task = Task.objects.filter(kind="call", status=TaskStatus.OPEN).order_by("id")[0]
    assert owner_client.post(f"/today/{task.pk}/complete", {"disposition": "callback"}).status_code == 400
    owner_client.post(
        f"/today/{task.pk}/complete", {"disposition": "callback", "callback_at": "2026-11-23T09:30"}
    )
    again = Task.objects.get(title__startswith="Call back", contact=task.contact)
    assert again.due_at.isoformat() == "2026-11-23T08:30:00+00:00"  # by Olga's clock in Berlin


def test_snooze_puts_a_task_off(owner_client: Client, made: work.Work) -> None:
    task = Task.objects.filter(kind="call", status=TaskStatus.OPEN).order_by("id")[0]
    owner_client.post(f"/today/{task.pk}/snooze", {"for": "hour"})
    task.refresh_from_db()
    assert task.due_at == NOON + timedelta(hours=1)
    assert owner_client.post(f"/today/{task.pk}/snooze", {"for": "ever"}).status_code == 400


def test_a_block_tells_its_progress(owner_client: Client, made: work.Work) -> None:
    owner_client.post("/today/block")
    assert "90 min left · 0 done" in text_of(owner_client.get("/today"))
    task = Task.objects.filter(kind="call", status=TaskStatus.OPEN).order_by("id")[0]
    owner_client.post(f"/today/{task.pk}/complete", {"disposition": "no_answer"})
    assert "1 done" in text_of(owner_client.get("/today"))
    owner_client.post("/today/block", {"do": "end"})
    assert "1 done today" in text_of(owner_client.get("/today"))


# -- cadences


_INPUT = re.compile(r"<input([^>]*)>")
_SELECT = re.compile(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)


def form_of(client: Client, address: str) -> dict[str, str]:
    """The editor's form as a browser would post it."""
    page = client.get(address).content.decode()
    page = page[page.find("<main") :]
    found = {}
    for tag in _INPUT.findall(page):
        told = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if told.get("type") not in {"radio", "checkbox"} or " checked" in tag:
            found[told.get("name", "")] = unescape(told.get("value", ""))
    for name, body in _SELECT.findall(page):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen.group(1) if chosen else ""
    return found


def test_a_cadence_is_built_without_a_script(owner_client: Client, made: work.Work) -> None:
    form = form_of(owner_client, "/cadences/new") | {"name": "Mine"}
    added = owner_client.post("/cadences/new", form | {"do": "add"}).content.decode()
    assert "Step 2" in added
    form |= {
        "count": "2",
        "s1-key": "call-1",
        "s1-kind": "call",
        "s1-wait": "3",
        "s1-patience": "5",
        "s1-branches": "0",
    }
    assert owner_client.post("/cadences/new", form | {"do": "save"}).status_code == 303
    page = text_of(owner_client.get(f"/cadences/{CadenceVersion.objects.latest('id').cadence_id}"))
    assert "Mine" in page
    assert "3 working days" in page


def test_a_wrong_condition_names_its_step_and_place(owner_client: Client, made: work.Work) -> None:
    form = form_of(owner_client, f"/cadences/{made.calls}/edit")
    answer = owner_client.post(
        f"/cadences/{made.calls}/edit", form | {"s0-b0-when": "dispositon = 'x'", "do": "preview"}
    )
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Step 1, branch:" in page
    assert "line 1, column 1" in page
    assert "dispositon" in page


def test_an_edit_shows_each_group_before_it_is_saved(owner_client: Client, made: work.Work) -> None:
    address = f"/cadences/{made.calls}/edit"
    form = form_of(owner_client, address) | {"s1-wait": "4", "choice": "move_at_next"}
    seen = owner_client.post(address, form | {"do": "preview"}).content.decode()
    for words in ("What would change", "wait: none before, 4 now", "4 people", "Nobody gets a step twice"):
        assert words in seen
    saved = owner_client.post(address, form | {"do": "save", "reason": "Slower."})
    assert saved.status_code == 303
    assert "Slower." in text_of(owner_client.get(f"/cadences/{made.calls}"))
    late = owner_client.post(address, form | {"do": "save"})
    assert late.status_code == 409
    assert "Somebody has saved a newer version" in late.content.decode()


def test_people_are_enrolled_from_ticks_and_the_refused_are_named(
    owner_client: Client, made: work.Work
) -> None:
    free = Contact.objects.filter(full_name="Maya Ortiz").values_list("id", flat=True)[0]
    taken = Enrolment.objects.running().values_list("contact", flat=True)[0]
    asked = {"contact": [free, taken], "cadence": made.calls}
    page = text_of(owner_client.post("/cadences/enrol", asked))
    for words in ("Maya Ortiz", "Start the cadence", "1 begin now", "1 are left out", "in a cadence already"):
        assert words in page
    told = text_of(
        owner_client.post(
            "/cadences/start", {"contact": [free, taken], "cadence": made.calls, "sender": made.sender_id}
        )
    )
    assert "1 started" in told
    assert "in a cadence already" in told
    run = Enrolment.objects.running().get(contact=free)
    assert run.origin == "ticked by hand"
    assert "from ticked by hand" in text_of(owner_client.get(f"/cadences/{made.calls}"))


@pytest.mark.parametrize("about", ["contacts", "accounts"])
def test_a_segment_is_enrolled_as_it_is_or_as_it_was_frozen(
    owner: Person, owner_client: Client, made: work.Work, about: str
) -> None:
    live = segments.create(owner, "Big ones", about, "employees > 100", "", "test", NOON)
    frozen = segments.freeze(owner, live, "Big ones then", NOON.date(), "test", NOON)
    for one in (live, frozen):
        page = text_of(owner_client.get(f"/cadences/enrol?cadence={made.calls}&segment={one}"))
        assert "Maya Ortiz" in page
        assert "First touch, were it now" in page
    maya = Contact.objects.get(full_name="Maya Ortiz")
    asked = {"contact": [maya.pk], "cadence": made.calls, "sender": made.sender_id, "segment": frozen}
    owner_client.post("/cadences/start", asked)
    assert Enrolment.objects.running().get(contact=maya).origin == "segment Big ones then"


def test_the_house_sets_its_limits_on_a_page(owner: Person, owner_client: Client, made: work.Work) -> None:
    form = form_of(owner_client, "/cadences/limits")
    told = owner_client.post("/cadences/limits", form | {"people_at_first": "3", "fallback_zone": "Mars"})
    assert told.status_code == 400
    assert "is no time zone" in told.content.decode()
    wished = form | {"people_at_first": "3", "fallback_zone": "Europe/Paris", "opens": "08:30"}
    assert owner_client.post("/cadences/limits", wished).status_code == 303
    kept = cadence_queries.limits()
    assert (kept.people_at_first, kept.fallback_zone, kept.sending.opens) == (3, "Europe/Paris", time(8, 30))
    assert reader(owner, Role.SDR).post("/cadences/limits", wished).status_code == 403


def test_people_are_found_by_criteria_to_enrol(owner_client: Client, made: work.Work) -> None:
    page = text_of(owner_client.get("/cadences/enrol?criteria=employees+>+100"))
    assert "Start the cadence" in page
    assert "Maya Ortiz" in page
    assert "employes" in text_of(owner_client.get("/cadences/enrol?criteria=employes+>+100"))


def test_a_run_is_held_resumed_and_ended_by_hand(owner_client: Client, made: work.Work) -> None:
    run = Enrolment.objects.running().order_by("id")[0]
    for verb, state in (("pause", State.PAUSED), ("resume", State.ACTIVE), ("stop", State.FINISHED)):
        owner_client.post(f"/runs/{run.pk}", {"do": verb})
        run.refresh_from_db()
        assert run.state == state
    assert run.stop_reason == "stopped_by_hand"


# -- why, park


def test_why_tells_every_rule_and_what_held_a_touch(owner_client: Client, made: work.Work) -> None:
    held = Enrolment.objects.get(open_step="", contact__account__company_name="Northwind Ledger")
    page = text_of(owner_client.get(f"/contacts/{held.contact_id}/why"))
    for words in ("suppression", "lawful ground", "send window", "mailbox cap", "evidence", "approval", "people at account",
                  "2 others of the account under way", "Wait for one of them to engage", "Calls first"):  # fmt: skip
        assert words in page
    assert "not a call" not in text_of(owner_client.get(f"/contacts/{held.contact_id}/why?kind=call"))[:900]
    assert (
        f"/contacts/{held.contact_id}/why"
        in owner_client.get(f"/contacts/{held.contact_id}").content.decode()
    )


def test_somebody_is_set_aside_and_taken_back(owner_client: Client, made: work.Work) -> None:
    some = Contact.objects.filter(full_name="Maya Ortiz").values_list("id", flat=True)[0]
    owner_client.post(
        f"/contacts/{some}/park", {"until": "2027-03-01", "on_signal": "yes", "why": "Budget in March"}
    )
    page = text_of(owner_client.get("/parked"))
    assert "Maya Ortiz" in page
    assert "Budget in March" in page
    assert "or at a signal" in page
    owner_client.post(f"/contacts/{some}/unpark")
    assert not Park.objects.filter(contact=some, woken_at=None).exists()
    assert owner_client.post(f"/contacts/{some}/park", {"why": "for ever"}).status_code == 400


# -- inbox


def test_the_inbox_tells_what_an_answer_means_why_and_what_followed(
    owner_client: Client, reading: int
) -> None:
    page = text_of(owner_client.get(f"/inbox/{reading}"))
    for words in ("Priya Shah", "Quarry Payments", "meeting request", "sure", "Why it was read so", "Ended the cadence",
                  "answer by", "would 15 minutes help", "could we talk on Thursday", "Ben Kay"):  # fmt: skip
        assert words in page
    assert "Priya Shah" in text_of(owner_client.get("/inbox?q=Thursday"))
    assert "Nothing to answer" in text_of(owner_client.get("/inbox?q=nothing+like+it"))


def test_a_correction_is_kept_and_can_be_taken_back(owner_client: Client, reading: int) -> None:
    owner_client.post(f"/inbox/{reading}/correct", {"intent": "not_now"})
    row = Reading.objects.get(id=reading)
    assert row.corrected_to == "not_now"
    assert "A person said it means" in text_of(owner_client.get(f"/inbox/{reading}"))
    assert "not now" in text_of(owner_client.get("/inbox/desk?replay=500"))
    assert owner_client.post(f"/inbox/{reading}/correct", {"intent": "bounce"}).status_code == 400


def test_an_answer_leaves_by_the_outbox_and_the_next_one_opens(owner_client: Client, reading: int) -> None:
    assert owner_client.post(f"/inbox/{reading}/answer", {"body": " "}).status_code == 400
    gone = owner_client.post(f"/inbox/{reading}/answer", {"body": "Thursday at 3 it is."})
    assert gone.status_code == 303
    sent = Message.objects.get(origin="reply")
    assert (sent.status, sent.to_email, sent.cold) == (
        MessageStatus.QUEUED,
        "priya.shah@quarry.example",
        False,
    )
    assert Reading.objects.get(id=reading).closed_at == NOON


def test_an_automatic_act_is_undone(owner_client: Client, reading: int) -> None:
    deed = Deed.objects.get(reading=reading, act="stop")
    owner_client.post(f"/inbox/deeds/{deed.pk}/undo")
    run = Enrolment.objects.get(contact__full_name="Priya Shah")
    assert run.state == State.ACTIVE


# -- mail accounts and the way out


def test_a_wrong_server_is_told_with_stage_and_cause(
    owner_client: Client,
    made: work.Work,
) -> None:
    given = {
        "name": "Olga", "email": "second@panout.test", "company": "Panout", "postal_address": "1 Pan Street",
        "preset": "own", "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "none",
        "imap_security": "tls", "username": "olga", "password": "wrong",
    }  # fmt: skip
    answer = owner_client.post("/mailboxes/connect", given, follow=True)
    page = text_of(answer)
    assert "It stopped while connecting" in page
    account = MailAccount.objects.get(sender__email="second@panout.test")
    assert b"wrong" not in bytes(account.secrets)
    assert "wrong" not in answer.content.decode().replace("wrong one", "")


def test_an_account_tells_ramp_limits_and_doubts(owner_client: Client, made: work.Work) -> None:
    mail = Message.objects.filter(sender=made.sender_id).exclude(status=MessageStatus.SENT)[0]
    Message.objects.filter(id=mail.pk).update(
        status=MessageStatus.UNSURE,
        message_id="x@panout.test",
        begun_at=NOON,
        claimed_at=NOON,
        claimed_by="w",
    )
    page = text_of(owner_client.get(f"/mailboxes/{made.mailbox_id}"))
    for words in ("olga@panout.test", "of 10", "ramp to 50", "In doubt", "It was sent"):
        assert words in page
    owner_client.post(f"/mailboxes/doubtful/{mail.pk}", {"was": "sent"})
    mail.refresh_from_db()
    assert mail.status == MessageStatus.SENT
    assert "panout.test" in text_of(owner_client.get("/domains"))
    pace = {"do": "limits", "start": "5", "step": "2", "ceiling": "30", "per_hour": "6", "per_domain": "2",
            "gap_least": "60", "gap_most": "90"}  # fmt: skip
    owner_client.post(f"/mailboxes/{made.mailbox_id}/attend", pace)
    assert "of 5" in text_of(owner_client.get(f"/mailboxes/{made.mailbox_id}"))


def test_a_domain_that_dns_was_not_asked_about_is_not_hidden(owner_client: Client, made: work.Work) -> None:
    SendingDomain.objects.all().delete()
    page = text_of(owner_client.get("/domains"))
    assert "panout.test not asked yet" in page
    assert "No sending domain yet" not in page


def test_nobody_is_a_prospect_and_the_page_leads_to_what_the_leads_lack(
    owner_client: Client, made: work.Work
) -> None:
    Verdict.objects.update(verdict="lead")
    page = owner_client.get("/prospects").content.decode()
    assert "No prospects yet" in page
    assert 'href="/gate"> See what they lack' in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    Verdict.objects.all().delete()
    page = text_of(owner_client.get("/prospects"))
    assert "Bring a list, and Panout ranks it" in page
    assert "See what they lack" not in page


def test_a_get_never_unsubscribes_and_a_post_does_at_once(stranger: Client, made: work.Work) -> None:
    mail = Message.objects.filter(status=MessageStatus.SENT)[0]
    address = f"/u/{token_for(mail.pk, way_key())}"
    page = text_of(stranger.get(address))
    assert "Take me off the list" in page
    assert re.search(r'<script src="/static/panout/theme[^"]*"', stranger.get(address).content.decode())
    assert mail.to_email not in page
    stranger.head(address)
    assert not Suppression.objects.filter(reason="unsubscribed").exists()
    careful = Client(enforce_csrf_checks=True)
    done = careful.post(
        address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert done.status_code == 200
    assert not done.cookies
    assert "no more mail from us" in done.content.decode()
    careful.post(address)
    assert Suppression.objects.filter(reason="unsubscribed").count() == 1
    assert stranger.get("/u/AAAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 404


# -- pipeline


def test_a_stranger_books_a_time_that_is_free(
    owner_client: Client, stranger: Client, made: work.Work
) -> None:
    owner_client.post("/meetings/links", {"title": "Meet Olga", "minutes": "30"})
    link = owner_client.get("/meetings").content.decode().split('href="/meet/')[1].split('"')[0]
    page = stranger.get(f"/meet/{link}").content.decode()
    assert "Europe/Berlin" in page
    assert re.search(r'<script src="/static/panout/theme[^"]*"', page)  # dark where the visitor's screen is
    start, another = (part.split('"')[0] for part in page.split('name="starts_at" value="')[1:3])
    told = stranger.post(f"/meet/{link}", {"email": "maya@halcyon.example", "starts_at": start})
    assert "is kept for you with Olga Owner" in text_of(told)
    unknown = stranger.post(f"/meet/{link}", {"email": "who@nowhere.example", "starts_at": another})
    assert unknown.status_code == told.status_code == 200
    assert another not in stranger.get(f"/meet/{link}").content.decode()
    local = datetime.fromisoformat(start).replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{local:%A} {local.day} {local:%B, %H:%M} (Europe/Berlin)" in text_of(told)
    # But for the time, an address that is in the book is answered letter for letter like one that is not.
    kept, also = (re.sub(r"\w+day \d+ \w+, \d\d:\d\d", "", one.content.decode()) for one in (told, unknown))
    assert kept == also
    waiting = text_of(owner_client.get("/meetings"))
    assert "who@nowhere.example" in waiting
    asking = Asking.objects.get(answered_at=None)
    owner_client.post(f"/meetings/asked/{asking.pk}", {"do": "decline"})
    assert "who@nowhere.example" not in text_of(owner_client.get("/meetings"))
    assert another in stranger.get(f"/meet/{link}").content.decode()
    assert "Maya Ortiz" in text_of(owner_client.get("/meetings"))
    assert start not in stranger.get(f"/meet/{link}").content.decode()
    owner_client.post(f"/meetings/{Meeting.objects.get().pk}", {"do": "held", "note": "They want a pilot."})
    deal = Opportunity.objects.get()
    assert "first meeting" in text_of(owner_client.get("/opportunities"))
    assert owner_client.post(f"/opportunities/{deal.pk}/move", {"stage": "lost"}).status_code == 400
    owner_client.post(f"/opportunities/{deal.pk}/move", {"stage": "won", "reason": "The pilot paid off"})
    assert "The pilot paid off" in text_of(owner_client.get("/opportunities"))
