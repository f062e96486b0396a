"""A sender with a mailbox and people to write to, as rows."""

from datetime import timedelta

from panout.mailbox.actions.accounts import Wish, connect_account
from panout.mailbox.models import MailAccount
from panout.outreach.models import Message, MessageStatus, Sender
from panout.resolve.models import Contact

WIDE = {
    "ramp_start": 10**8,
    "ceiling": 10**8,
    "per_hour": 10**8,
    "per_domain": 10**8,
    "gap_least": 0,
    "gap_most": 0,
}


def make_account(owner, now, *, email="olga@panout.test", wish=None, **columns):
    """An account without limits unless columns say otherwise."""
    sender = Sender.objects.create(
        user_id=owner.id,
        name="Olga Owner",
        email=email,
        company="Panout",
        postal_address="1 Gold Street, Leeds",
        created_at=now,
    )
    wish = wish or Wish(smtp_host="127.0.0.1", smtp_port=2525, smtp_security="none", password="secret")
    number = connect_account(owner, sender.pk, wish, now)
    MailAccount.objects.filter(id=number).update(**{**WIDE, "provider_limit": None, **columns})
    return MailAccount.objects.select_related("sender__user").get(id=number)


def make_messages(account, now, addresses, **columns):
    """Queued cold mails, one per address; their numbers, in order."""
    known = Contact.objects.count()
    people = Contact.objects.bulk_create(
        Contact(key=f"c{known + at}", full_name=f"Buyer {at}", email=email, created_at=now, changed_at=now)
        for at, email in enumerate(addresses)
    )
    made = Message.objects.bulk_create(
        Message(
            **{
                "contact_id": person.pk,
                "sender_id": account.sender_id,
                "to_email": person.email,
                "subject": "Three new roles in Leeds",
                "body": "Hello,\n\nshort and to the point.\n",
                "origin": "cadence",
                "status": MessageStatus.QUEUED,
                "not_before": now - timedelta(minutes=1),
                "created_at": now - timedelta(minutes=1),
                **columns,
            }
        )
        for person in people
    )
    return [message.pk for message in made]
