"""Whom we may not contact, and on what ground we may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from panout.consent import actions
from panout.consent.models import Suppression
from panout.consent.queries import standings
from panout.consent.rules.law import Recipient, Ruling, calling_for, is_old, last_read, law_for, law_table
from panout.consent.rules.suppression import Addressee, Entry, Kind, Reason, fingerprint, standing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SALT = b"a salt of this house"
ADA = Addressee(
    "c1", frozenset({"ada@eu.example.com"}), frozenset({"+4930123456"}), frozenset({"example.com"})
)
COMPANY, PERSON = Recipient.COMPANY, Recipient.PERSON


@pytest.mark.parametrize(
    ("country", "channel", "recipient", "ruling"),
    [
        ("US", "email", COMPANY, Ruling.NOTICE),
        ("DE", "email", COMPANY, Ruling.CONSENT),
        ("DE", "phone", COMPANY, Ruling.ALLOWED),
        ("DE", "post", COMPANY, Ruling.ALLOWED),
        ("DE", "social", COMPANY, Ruling.ALLOWED),
        ("GB", "email", COMPANY, Ruling.NOTICE),
        ("GB", "email", PERSON, Ruling.CONSENT),
        ("FR", "email", COMPANY, Ruling.NOTICE),
        ("ES", "email", COMPANY, Ruling.NOTICE),
        ("ES", "email", PERSON, Ruling.CONSENT),
        ("CA", "email", COMPANY, Ruling.CONSENT),
        ("AU", "email", COMPANY, Ruling.CONSENT),
        ("BR", "email", COMPANY, Ruling.NOTICE),
        ("BR", "phone", PERSON, Ruling.CONSENT),
        ("us", "email", COMPANY, Ruling.NOTICE),
        (None, "email", COMPANY, Ruling.CONSENT),
        ("", "phone", PERSON, Ruling.CONSENT),
    ],
)
def test_the_country_decides_and_an_unknown_one_gets_the_strictest_line(country, channel, recipient, ruling):
    assert law_for(country, channel, recipient).ruling is ruling


def test_every_line_says_where_it_comes_from_and_when():
    for law in law_table().values():
        assert law.source
        assert law.rule
        assert law.as_of <= NOW.date()


@pytest.mark.parametrize(
    ("country", "channel", "said"),
    [
        ("US", "email", "10 business days"), ("US", "email", "53,088"), ("US", "email", "30 days"),
        ("EU", "email", "one month"), ("EU", "email", "20 M EUR or 4 %"), ("CA", "email", "24 months"),
        ("CA", "email", "60 days"), ("AU", "email", "5 working days"), ("DE", "email", "Prior express consent"),
        ("FR", "email", "person's job"), ("GB", "email", "Corporate subscribers"), ("GB", "phone", "28 days"),
        ("AT", "email", "Opt-in"), ("BE", "email", "Opt-in"), ("DK", "email", "Opt-in"), ("IT", "email", "Opt-in"),
        ("FI", "email", "Job-related"), ("IE", "email", "Job-related"), ("NL", "email", "Mixed"),
    ],
)  # fmt: skip
def test_the_figures_of_each_place_stand_in_its_line(country, channel, said):
    assert said in law_table()[country, channel, COMPANY].rule


def test_a_table_nobody_has_read_for_a_year_says_so():
    assert not is_old(last_read() + timedelta(days=365))
    assert is_old(last_read() + timedelta(days=366))


def test_every_channel_has_a_default_for_everybody():
    for channel in ("email", "phone", "social", "post", "event", "other"):
        for recipient in Recipient:
            assert law_for("ZZ", channel, recipient)


def test_florida_has_hours_of_its_own():
    assert calling_for("US", "Florida").max_per_day == 3
    assert calling_for("US", "Ohio").max_per_day is None
    assert calling_for(None).opens.hour == 9


@pytest.mark.parametrize(
    ("entry", "channel", "stands"),
    [
        (Entry(Kind.EMAIL, "ada@eu.example.com", Reason.UNSUBSCRIBED), "email", True),
        (Entry(Kind.EMAIL, "ADA@eu.example.com", Reason.UNSUBSCRIBED), "phone", True),
        (Entry(Kind.EMAIL, "eve@eu.example.com", Reason.UNSUBSCRIBED), "email", False),
        (Entry(Kind.EMAIL, "ada@eu.example.com", Reason.BOUNCED), "email", True),
        (Entry(Kind.EMAIL, "ada@eu.example.com", Reason.BOUNCED), "phone", False),
        (Entry(Kind.EMAIL, "ada@eu.example.com", Reason.BOUNCED), "social", False),
        (Entry(Kind.EMAIL, "ada@eu.example.com", Reason.COMPLAINED), "phone", True),
        (Entry(Kind.DOMAIN, "example.com", Reason.COMPETITOR), "social", True),
        (Entry(Kind.DOMAIN, "ample.com", Reason.COMPETITOR), "email", False),
        (Entry(Kind.PHONE, "+4930123456", Reason.DO_NOT_CALL, frozenset({"phone"})), "phone", True),
        (Entry(Kind.PHONE, "+4930123456", Reason.DO_NOT_CALL, frozenset({"phone"})), "email", False),
        (Entry(Kind.PERSON, "c1", Reason.CONTACT_REFUSED), "post", True),
        (Entry(Kind.PERSON, "c2", Reason.CONTACT_REFUSED), "post", False),
        (Entry(Kind.PERSON, "c1", Reason.BAD_TIMING, expires_at=NOW), "email", False),
        (Entry(Kind.PERSON, "c1", Reason.BAD_TIMING, expires_at=NOW + timedelta(1)), "email", True),
        (Entry(Kind.HASH, fingerprint("Ada@eu.example.com ", SALT), Reason.ERASED), "email", True),
        (Entry(Kind.HASH, fingerprint("ada@eu.example.com", b"other"), Reason.ERASED), "email", False),
    ],
)
def test_an_entry_stands_against_the_touches_it_names_and_no_others(entry, channel, stands):
    assert (standing([entry], ADA, channel, NOW, SALT) is entry) is stands


@pytest.mark.parametrize(
    "line", ["+49 (0)30 1234567", "0049 30 1234567", "+49 30/123 45 67", " +49301234567,asked by telephone"]
)
@pytest.mark.django_db
def test_a_number_on_a_list_of_wishes_is_found_however_it_is_written(owner, line):
    actions.suppress_list(owner, line, Reason.DO_NOT_CALL, "a list", NOW)
    ada = Addressee("7", phones=frozenset({"+49301234567"}))
    assert standings([ada], NOW)["7"].against("phone", NOW)


@pytest.mark.django_db
def test_a_number_typed_by_hand_into_a_record_is_found_by_a_wish(owner):
    actions.suppress(owner, Kind.PHONE, "+49301234567", Reason.DO_NOT_CALL, "a list", NOW)
    ada = Addressee("7", phones=frozenset({"+49 (0)30 1234567"}))
    assert standings([ada], NOW)["7"].against("phone", NOW)


@pytest.mark.django_db
def test_a_wish_takes_over_what_we_had_set_ourselves_and_for_how_long(owner):
    mail = (owner, Kind.EMAIL, "ada@eu.example.com")
    actions.suppress(*mail, Reason.OTHER, "a slip", NOW, expires_at=NOW + timedelta(days=30))
    actions.suppress(*mail, Reason.UNSUBSCRIBED, "the way out", NOW)
    kept = Suppression.objects.get()
    assert (kept.reason, kept.source, kept.expires_at) == ("unsubscribed", "the way out", None)
    assert actions.take_back(owner, [kept.pk], NOW) == 0
    actions.suppress(*mail, Reason.OTHER, "by hand", NOW, expires_at=NOW + timedelta(days=30))
    assert Suppression.objects.get().expires_at is None
