"""An erased person is found nowhere: not in a table, a list, a mail, a line of the ledger, nor at a processor."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from panout.clients.http import FakeHttp, Reply
from panout.consent import actions as consent
from panout.consent.models import Erasure, ErasureNotice, Suppression
from panout.consent.queries import Retention, erasures_at_work, untold_notices
from panout.consent.rules.suppression import Kind, Reason
from panout.flow import clock, erasing, importing, retaining
from panout.flow.erasing import erase, look_further, tell_processors
from panout.kernel.errors import BadInput, NotAllowed, Refused
from panout.mailbox.actions.receiving import take_in
from panout.mailbox.models import Bounce, MailAccount
from panout.outreach import actions as outreach
from panout.outreach import library, queries, warm
from panout.outreach.models import Message, Sender, Touch
from panout.replies.actions import read_new
from panout.research.actions import note_fact
from panout.resolve import actions as resolve
from panout.resolve.models import Account, Activity, Contact
from panout.sources import actions as sources
from panout.sources.models import UploadPart
from panout.sources.queries import preview
from panout.team.actions import seal_ledger
from panout.team.queries import verify_chain
from panout.team.rules import Person
from tests.cast import NOON, signed_in
from tests.web.seen import text_of
from tests.web.work import begin
from tests.web.world import populate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]

EMAIL, PHONE, NAME = "ada.sommer@northwind-ledger.example", "+4930901820", "Ada Sommer"
TRACES = ("ada.sommer", "ada sommer", "sommer, ada", "30901820", "in/ada-sommer")


def everything() -> str:
    """Every value of every table, bytes opened, in small letters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        said = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                said += [
                    f"{table}: {bytes(value).decode('latin-1') if isinstance(value, bytes | memoryview) else value}"
                    for value in row
                ]
    said += [f"session: {session.get_decoded()}" for session in Session.objects.all()]
    return "\n".join(said).lower()


def traces() -> list[str]:
    return [line[:200] for line in everything().splitlines() if any(one in line for one in TRACES)]


def mail(sender: str, words: str, number: int) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "olga@panout.test", "Re: For you"
    made["Message-ID"] = f"<{number}@mail.example>"
    made.set_content(words, cte="base64" if number % 2 else "8bit")
    return made.as_bytes()


def desk(status: int) -> FakeHttp:
    return FakeHttp({"https://letters.example/erasures": Reply(status, {}, b"", "")})


def erase_wholly(asker: Person, contact_id: int) -> None:
    """As it is once the worker has had its turns."""
    erase(asker, contact_id, NOON)
    look_to_the_end()


def look_to_the_end() -> None:
    while look_further(NOON):
        pass


@pytest.fixture
def known(owner: Person, monkeypatch: pytest.MonkeyPatch) -> int:
    """Somebody who has left traces in every room; returns their id."""
    monkeypatch.setattr("tests.web.world.score", lambda _: None)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    populate(owner, NOON)
    library.load_playbooks(owner, NOON)
    ada = Contact.objects.get(full_name=NAME)
    rows = f"Name,Email,Phone,Title\n{NAME},{EMAIL},030 / 90 18 20,Head of Data\nTom Other,tom@other.example,,CFO\n"
    for name, content in (
        ("people.csv", rows.encode()),
        ("again.csv", rows.replace(",", ";").encode("utf-16")),
    ):
        number = sources.upload(owner, name, [content], 10**6, "test", NOON)
        columns = {column.header: column.field for column in preview(number).columns}
        sources.map_columns(owner, number, columns, tags=[], now=NOON, region="DE")
        sources.commit(owner, number, "test", NOON)
        importing.work_on_one("test")
    begin(owner, NOON, called=6, mailed=0)
    Contact.objects.filter(id=ada.pk).update(phone=PHONE, linkedin="https://linkedin.com/in/ada-sommer")
    sender = Sender.objects.get()
    made = outreach.draft(
        queries.materials([ada.pk], NOON)[ada.pk], queries.template("first-touch-email"), sender
    )
    outreach.queue(owner, outreach.Order(made, "manual", None, NOON, reviewed=True, cold=True), NOON)
    resolve.write_note(
        owner, f"Ask {NAME} first, 030 901820.", account_id=ada.account_id, origin="t", now=NOON
    )
    note_fact(
        owner, account_id=ada.account_id, name="news", value="Sommer, Ada speaks in May", source="https://x.example", now=NOON
    )  # fmt: skip
    event = warm.plan_gathering(owner, "Data Days", "Berlin", NOON.date(), NOON.date(), NOON)
    warm.add_person(
        owner, event, warm.Newcomer(NAME, "Northwind Ledger", email=EMAIL, note="Talked for long"), NOON
    )
    take_in(mail(f"{NAME} <{EMAIL}>", "Yes, call me. Ada Sommer, +49 30 901820", 1), NOON)
    take_in(mail("tom@other.example", f"Better ask {NAME}, {EMAIL}", 3), NOON)
    take_in(mail("tom@other.example", f"Or ask {NAME}, {EMAIL}", 4), NOON)
    read_new(NOON)
    account = MailAccount.objects.get()
    Bounce.objects.create(
        account=account, address=EMAIL, hardness="soft", diagnostic=f"<{EMAIL}> full", at=NOON
    )
    consent.suppress(owner, Kind.EMAIL, EMAIL, Reason.OTHER, "a page", NOON, note=f"{NAME} asked")
    browser = signed_in(owner)
    browser.post("/suppressions/add", {"value": PHONE, "reason": "other"})
    session = browser.session
    session["toasts"] = [[f"The mail to {NAME} leaves", "good", ""]]
    session.save()
    while seal_ledger(NOON):
        pass
    return ada.pk


def test_nothing_of_an_erased_person_is_left_and_the_ledger_still_holds(owner: Person, known: int) -> None:
    assert len({line.partition(":")[0] for line in traces()}) >= 15, "the traces are there before"
    touches, mails = Touch.objects.count(), Message.objects.count()
    erase_wholly(owner, known)
    assert traces() == []
    assert verify_chain().broken_at is None
    while seal_ledger(NOON):
        pass
    assert verify_chain().broken_at is None
    assert (Touch.objects.count(), Message.objects.count()) == (touches, mails)
    assert Suppression.objects.filter(kind="hash").exists()


def test_others_keep_what_is_theirs(owner: Person, known: int) -> None:
    erase_wholly(owner, known)
    content = b"".join(bytes(part.content) for part in UploadPart.objects.order_by("upload_id", "number"))
    assert b"Tom Other,tom@other.example" in content
    assert b"xxx xxxxxx,xxx.xxxxxx@xxxxxxxxx-xxxxxx.xxxxxxx" in content
    assert Contact.objects.filter(full_name="Jonas Reuter").exists() or Contact.objects.count() > 5
    assert Account.objects.filter(company_name="Northwind Ledger").exists()


def test_a_number_that_colleagues_share_stays_with_them(owner: Person, known: int) -> None:
    other = Contact.objects.exclude(id=known).filter(account__isnull=False)[0]
    Contact.objects.filter(id=other.pk).update(phone=PHONE)
    erase_wholly(owner, known)
    assert Contact.objects.get(id=other.pk).phone == PHONE


def test_a_namesake_keeps_the_name(owner: Person, known: int) -> None:
    other = resolve.add_contact(owner, None, {"full_name": NAME, "email": "ada@else.example"}, "test", NOON)
    erase_wholly(owner, known)
    assert Contact.objects.get(id=other).full_name == NAME
    assert EMAIL not in everything()


def test_a_list_that_brings_them_again_is_told_no_and_forgets_them_too(owner: Person, known: int) -> None:
    erase_wholly(owner, known)
    rows = f"Name,Email\n{NAME},{EMAIL}\nEve New,eve@new.example\n".encode()
    number = sources.upload(owner, "later.csv", [rows], 10**6, "test", NOON)
    columns = {column.header: column.field for column in preview(number).columns}
    sources.map_columns(owner, number, columns, tags=[], now=NOON)
    sources.commit(owner, number, "test", NOON)
    importing.work_on_one("test")
    assert Contact.objects.filter(email="eve@new.example").exists()
    assert traces() == []
    with pytest.raises(Refused):
        resolve.add_contact(owner, None, {"full_name": NAME, "email": EMAIL}, "test", NOON)


def test_processors_are_told_and_the_notice_then_names_nobody(owner: Person, known: int) -> None:
    consent.save_processor(owner, "Letter house", "prints letters", "https://letters.example/erasures", NOON)
    consent.save_processor(owner, "Call agency", "dials", "", NOON)
    erase_wholly(owner, known)
    assert traces() == [], "what waits is sealed"
    web = desk(503)
    assert tell_processors(web, NOON) == 0
    assert ErasureNotice.objects.filter(trouble__contains="503").count() == 1
    web = desk(200)
    assert tell_processors(web, NOON) == 0, "it waits a minute before it tries again"
    assert tell_processors(web, NOON + timedelta(minutes=2)) == 1
    ((_, _, form),) = web.asked
    assert (form["event"], form["emails"], form["names"]) == ("person.erased", EMAIL, NAME)
    (left,) = untold_notices()
    assert left.processor == "Call agency"
    assert EMAIL in erasing.named_in(left)
    consent.settle_notice(left.id, NOON, owner)
    assert not ErasureNotice.objects.exclude(sealed=b"").exists()


def test_only_who_may_erases(owner: Person, teammate: Person, known: int) -> None:
    with pytest.raises(NotAllowed):
        erase(teammate, known, NOON)
    assert Contact.objects.get(id=known).full_name == NAME


def test_who_is_quiet_for_two_years_is_listed_then_erased_unless_somebody_keeps_them(
    owner: Person, known: int
) -> None:
    later = NOON + timedelta(days=760)
    quiet = Contact.objects.exclude(id=known).order_by("id")[:3]
    Activity.objects.filter(contact=known).update(at=later - timedelta(days=10))
    assert retaining.look(later).listed == Contact.objects.count() - 1
    assert retaining.look(later).listed == 0
    names = {case.contact_id: case for case in retaining.due_cases(owner)}
    assert known not in names
    kept, alive, gone = (one.pk for one in quiet)
    with pytest.raises(BadInput):
        retaining.keep(owner, names[kept].id, " ", later)
    retaining.keep(owner, names[kept].id, "They asked us to write in spring.", later)
    resolve.note_activity(kind="note", text="rang", now=later, contact_id=alive)
    over = later + timedelta(days=31)
    assert retaining.look(over).erased == 0, "the machine erases only when it is told to"
    assert retaining.look(over).alive == 0
    consent.set_retention(owner, Retention(24, 30, erases=True), over)
    assert retaining.look(over).erased > 5
    assert Contact.objects.get(id=gone).full_name == "Erased person"
    assert Contact.objects.get(id=kept).full_name != "Erased person"
    assert Contact.objects.get(id=alive).full_name != "Erased person"
    assert retaining.look(over).listed == 0, "erased people are not due again"


def test_the_page_of_keeping_and_forgetting(owner: Person, teammate_client: Client, known: int) -> None:
    browser = signed_in(owner)
    assert "Nobody is erased by itself" in text_of(browser.get("/privacy"))
    form = {"name": "Letter house", "holds": "prints letters", "url": "http://letters.example"}
    assert browser.post("/privacy/processors", form).status_code == 400, "names travel over https alone"
    browser.post("/privacy/processors", form | {"url": "https://letters.example/e"})
    browser.post("/privacy/processors", {"name": "Call agency"})
    browser.post("/privacy/rule", {"months": "12", "notice_days": "14", "erases": "yes"})
    Contact.objects.filter(id=known).update(created_at=NOON - timedelta(days=900))
    Activity.objects.filter(contact=known).update(at=NOON - timedelta(days=800))
    browser.post("/privacy/look")
    page = text_of(browser.get("/privacy"))
    assert "12 months" in page
    assert NAME in page
    assert "Erase now" not in text_of(teammate_client.get("/privacy"))
    (case,) = retaining.due_cases(owner)
    assert teammate_client.post(f"/privacy/cases/{case.id}/erase").status_code == 403
    assert browser.post(f"/privacy/cases/{case.id}/erase").status_code == 303
    assert Contact.objects.get(id=known).full_name == "Erased person"
    page = text_of(browser.get("/privacy"))
    assert EMAIL in page, "who may erase can tell by hand"
    assert EMAIL not in text_of(teammate_client.get("/privacy"))
    for notice in untold_notices():
        browser.post(f"/privacy/notices/{notice.id}/told")
    assert "Everybody outside knows" in text_of(browser.get("/privacy"))
    assert "Being forgotten" in text_of(browser.get("/privacy"))
    look_to_the_end()
    assert "Being forgotten" not in text_of(browser.get("/privacy"))
    assert traces() == []
    assert not Erasure.objects.exclude(sealed=b"").exists(), "who was sought is forgotten too"


def test_a_request_waits_for_no_table_and_shows_how_far_the_rest_is(owner: Person, known: int) -> None:
    """Erasing is quick in a book of any size: words of others are looked through by a worker, place by place."""
    other = Contact.objects.exclude(id=known).filter(email__isnull=False).order_by("id")[0]
    email = other.email
    erase(owner, known, NOON)
    assert Contact.objects.get(id=known).full_name == "Erased person"
    assert any("resolve_note" in line for line in traces()), "a colleague's note is not read in the request"
    (before,) = erasures_at_work()
    assert look_further(NOON)
    (after,) = erasures_at_work()
    assert (before.looked, after.looked) == (0, 1)
    erase(owner, other.pk, NOON)
    look_to_the_end()
    assert erasures_at_work() == ()
    assert traces() == []
    assert str(email) not in everything()
