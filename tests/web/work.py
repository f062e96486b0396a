"""Work for the pages of the day: words, a sender with a mailbox, cadences, people in them, an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from panout.cadence import actions as cadence
from panout.cadence.rules.plan import Branch, Step
from panout.kernel.channels import TouchKind
from panout.mailbox.actions import accounts, upkeep
from panout.mailbox.actions.receiving import take_in
from panout.outreach import actions as outreach
from panout.outreach.models import Message, MessageStatus, Sender, Touch
from panout.replies.actions import read_new
from panout.replies.models import Reading
from panout.resolve.models import Account, Contact
from panout.team.rules import Person

OPEN = Step("open", TouchKind.EMAIL, 0, "hello-mail")
CALL = Step("call", TouchKind.CALL, 0, "hello-call", branches=(Branch("disposition = 'gatekeeper'", "last"),))
LAST = Step("last", TouchKind.EMAIL, 2, "hello-mail", reviewed=True)
ASK = Step("ask", TouchKind.LINKEDIN_CONNECT, 0, "")


@dataclass(frozen=True)
class Work:
    """What was made: `calls` is a cadence that begins with a call, `mails` one that begins with a mail."""

    sender_id: int
    mailbox_id: int
    calls: int
    mails: int


def begin(owner: Person, moment: datetime, called: int = 4, mailed: int = 4) -> Work:
    """Fill the day over a book that `tests.web.world` made. Everybody is in the moment's open hours."""
    outreach.save_template(
        owner, "hello-mail", "Hello", TouchKind.EMAIL, "For {{ first_name }}",
        "Hi {{ first_name }},\n\nwould 15 minutes help?\n\n{{ sender.name }}", moment,
    )  # fmt: skip
    outreach.save_template(
        owner,
        "hello-call",
        "Opener",
        TouchKind.CALL,
        "",
        "Hi {{ first_name }}, it is {{ sender.name }}.",
        moment,
    )
    sender = outreach.save_sender(
        owner, name="Olga Owner", email="olga@panout.test", company="Panout",
        postal_address="1 Pan Street, Testville", now=moment,
    )  # fmt: skip
    wish = accounts.Wish(smtp_host="smtp.panout.test", username="olga", password="secret")
    mailbox = accounts.connect_account(owner, sender, wish, moment)
    upkeep.follow_domains()
    Sender.objects.filter(id=sender).update(left_today=50, left_on=moment.date())
    country, region = open_country(moment)
    Contact.objects.all().update(person_country=country, person_region=region, phone="+13125550100")
    Account.objects.all().update(country=country, region=region)
    calls = cadence.create(owner, "Calls first", (CALL, ASK, LAST), moment)
    mails = cadence.create(owner, "Mail first", (OPEN, CALL, LAST), moment)
    people = list(Contact.objects.order_by("id").values_list("id", flat=True))
    cadence.enrol(owner, people[:called], calls, sender, moment)
    cadence.enrol(owner, people[-mailed:] if mailed else [], mails, sender, moment)
    cadence.advance_due(moment)
    return Work(sender, mailbox, calls, mails)


def open_country(moment: datetime) -> tuple[str, str | None]:
    """A country where it is office time at that moment; the day should be a working day."""
    return ("GB", None) if 9 <= moment.hour < 17 else ("SG", None)


def sent(message: Message, at: datetime) -> Message:
    """The mailbox carried it out."""
    message.status, message.sent_at, message.message_id = (
        MessageStatus.SENT, at, f"{message.pk}@panout.test",
    )  # fmt: skip
    message.save()
    Touch.objects.create(
        contact=message.contact,
        account=message.account,
        kind="email",
        channel="email",
        at=at,
        message=message,
    )
    return message


def answered(owner: Person, work: Work, words: str, moment: datetime, who: int = 0) -> int:
    """One of the mailed answers with these words; returns the reading's id."""
    message = Message.objects.filter(sender=work.sender_id).order_by("-contact__full_name")[who]
    if message.status != MessageStatus.SENT:
        sent(message, moment - timedelta(hours=20))
    mail = EmailMessage()
    mail["From"] = f"{message.contact.full_name} <{message.to_email}>"
    mail["To"] = "olga@panout.test"
    mail["Subject"] = f"Re: {message.subject}"
    mail["Message-ID"] = f"<answer-{message.pk}-{abs(hash(words))}@example>"
    mail["In-Reply-To"] = f"<{message.message_id}>"
    mail["Date"] = format_datetime(moment)
    mail.set_content(words)
    take_in(mail.as_bytes(), moment)
    read_new(moment)
    return Reading.objects.order_by("-id").values_list("id", flat=True)[0]
