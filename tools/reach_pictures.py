"""What the pictures of Reach show: mails that wait, one of them blocked, an event, letters, wishes."""

from __future__ import annotations

from datetime import datetime, timedelta


def furnish_reach(olga: object, now: datetime) -> dict[str, str]:
    """Work for every page of what we say; returns their addresses, by name."""
    from panout.consent import actions as consent
    from panout.consent.queries import Retention
    from panout.consent.rules.suppression import Kind, Reason
    from panout.flow.screening import screen
    from panout.flow.workspace import stock
    from panout.kernel.channels import TouchKind
    from panout.outreach import actions, library, post, queries, roads, screening, warm
    from panout.outreach.models import Part, Sender
    from panout.resolve.models import Account, Contact
    from panout.signals.models import Signal

    stock(olga, now)
    actions.save_sender(
        olga, name="Olga Brandt", email="olga@panout.example", company="Panout", title="Founder", now=now,
        postal_address="1 Pan Street\n10115 Berlin\nDE",
    )  # fmt: skip
    proof = "Quarry Payments found nine of ten broken loads before its readers did."
    library.add_entry(olga, library.EntryWords("proof", proof, source="https://panout.example/quarry"), now)
    lately = (now - timedelta(days=60)).date()
    fresh = Signal.objects.filter(date__gt=lately, account__isnull=False).values_list("account", flat=True)
    people = list(Contact.objects.exclude(email=None).filter(account__in=set(fresh)).order_by("id")[:8])
    chosen = people[0]
    sender = Sender.objects.get()
    stuff = queries.materials([one.pk for one in people], now)
    for one in people:
        made = actions.draft(stuff[one.pk], queries.template("first-touch-email"), sender)
        actions.queue(olga, actions.Order(made, "manual", None, now, reviewed=True, cold=True), now)
    bold = "Hi {{ first_name }},\n\nCongratulations on doubling revenue to 90 million. Shall we talk?"
    actions.save_template(olga, "bold", "Bold", TouchKind.EMAIL, "A quick thought", bold, now)
    made = actions.draft(stuff[chosen.pk], queries.template("bold"), sender)
    blocked = actions.queue(olga, actions.Order(made, "manual", None, now, reviewed=True, cold=True), now)
    Account.objects.filter(id__in=[one.account_id for one in people]).update(
        address="Ledgerstrasse 5", postal_code="10115", city="Berlin"
    )
    for one in people[:3]:
        post.write_letter(olga, one.pk, now)
    today = now.date()
    event = warm.plan_gathering(
        olga, "Data Days", "Berlin", today - timedelta(days=1), today + timedelta(days=1), now
    )
    warm.add_known(olga, event, [one.pk for one in people], Part.ATTENDEE, now)
    warm.ask_to_meet(olga, event, [one.pk for one in people[3:5]], now)
    for one in people[:2]:
        who = warm.Newcomer(
            one.full_name or "", email=one.email or "", note="Audit in spring, wants the numbers"
        )
        warm.add_person(olga, event, who, now - timedelta(hours=3))
    partner = warm.save_partner(olga, "Lakehouse Partners", "Ines Roth", "ines@lakehouse.example", now)
    domains = Account.objects.exclude(domain=None).values_list("company_name", "domain")[:4]
    warm.add_partner_customers(olga, partner, "\n".join(f"{name},{domain}" for name, domain in domains), now)
    consent.suppress(olga, Kind.DOMAIN, "rival.example", Reason.COMPETITOR, "a page", now)
    consent.suppress(
        olga, Kind.EMAIL, "no@thanks.example", Reason.UNSUBSCRIBED, "a reply", now, note="wants no mail"
    )
    consent.note_ground(
        olga, Kind.PERSON, str(chosen.pk), "legitimate_interest", "met at Data Days", now, channel="email"
    )
    consent.save_processor(
        olga, "Letter house", "prints and posts letters", "https://letters.example/erasures", now
    )
    consent.set_retention(olga, Retention(24, 30), now)
    consent.list_for_erasure({one.pk: lately.replace(year=lately.year - 2) for one in people[5:7]},
                             today + timedelta(days=30), now)  # fmt: skip
    asked_for = screening.numbers_to_screen(olga, ["GB TPS"], now)[:5]
    answer = {one.number: place == 0 for place, one in enumerate(asked_for)}
    screen(olga, ["GB TPS", "GB CTPS"], today, answer, "the licensed file of this week", now)
    asked = next(one for one in library.entries() if one.field == "custom.pain")
    library.log_answer(olga, chosen.pk, asked.id, "every week", now)
    first = roads.plan_of(chosen.pk, now).legs[-1].road
    roads.choose_road(olga, chosen.pk, first, "They answer there, and nowhere else.", now)
    return {
        "templates": "/templates",
        "template": "/templates/first-touch-email",
        "approvals": "/approvals",
        "approval": f"/approvals/{blocked}",
        "library": "/library",
        "letters": "/letters",
        "events": f"/events/{event}",
        "stand": f"/events/{event}/stand",
        "partners": f"/partners/{partner}",
        "do-not-contact": "/suppressions",
        "law": "/law",
        "screenings": "/screenings",
        "privacy": "/privacy",
        "channels": "/channels",
        "footprint": "/footprint",
        "research-card": f"/contacts/{chosen.pk}/card",
        "why-write": f"/contacts/{chosen.pk}/why-write",
        "approach": f"/contacts/{chosen.pk}",
    }
