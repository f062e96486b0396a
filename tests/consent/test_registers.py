"""Do-not-call registers: who is asked about, what the answer is worth, and how it is brought."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from panout.consent import actions, queries
from panout.consent.models import ScreenedNumber, Screening
from panout.consent.rules.law import Recipient
from panout.consent.rules.registers import (
    Answer,
    Screened,
    answer_in,
    asked_before,
    by_key,
    in_date,
    registers,
    taken_together,
    valid_until,
)
from panout.kernel.errors import BadInput, NotAllowed
from panout.outreach.screening import numbers_to_screen
from panout.resolve.models import Account, Contact
from panout.team.models import LedgerEntry
from panout.team.rules import Person

COMPANY, PERSON = Recipient.COMPANY, Recipient.PERSON
LONDON, LEEDS, PARIS, OHIO = "+442079460001", "+441132123456", "+33123456789", "+12165550100"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("number", "country", "region", "recipient", "asked"),
    [
        (LONDON, "GB", "", COMPANY, ["GB TPS", "GB CTPS"]),
        (LONDON, "GB", "", PERSON, ["GB TPS"]),
        (LONDON, "", "", PERSON, ["GB TPS"]),  # the number tells where it rings
        (LONDON, "FR", "", COMPANY, ["GB TPS", "GB CTPS"]),
        (PARIS, "GB", "", COMPANY, []),
        (PARIS, "FR", "", PERSON, []),
        (OHIO, "US", "Ohio", PERSON, ["US National Do Not Call"]),
        (OHIO, "US", "Ohio", COMPANY, []),  # calls to firms are outside the register
        ("+13055550100", "US", "florida", PERSON, ["US National Do Not Call", "US Florida Do Not Call"]),
        ("+14165550100", "US", "Florida", PERSON, ["US National Do Not Call", "US Florida Do Not Call"]),
        ("+14165550100", "", "", PERSON, ["CA National DNCL"]),
        ("+61291234567", "AU", "", PERSON, ["AU Do Not Call Register"]),
        ("020 7946 0001", "GB", "", PERSON, ["GB TPS"]),
        ("020 7946 0001", "", "", PERSON, []),
        ("", "GB", "", PERSON, []),
    ],
)
def test_the_number_and_the_kind_of_recipient_say_which_registers_are_asked(
    number, country, region, recipient, asked
):
    assert [one.key for one in asked_before(number, country, region, recipient)] == asked


def test_every_line_has_its_source_and_day_and_the_figures_of_the_rules():
    for one in registers():
        assert one.source
        assert one.rule
        assert 1 <= one.days <= 31
    assert by_key()["GB TPS"].days == by_key()["GB CTPS"].days == 28
    assert by_key()["US National Do Not Call"].days == 31


def test_an_answer_is_relied_on_up_to_its_last_day_and_never_for_longer_than_the_table_says():
    on = date(2026, 11, 2)
    answer = Screened(on, valid_until(by_key()["GB TPS"], on), listed=False)
    assert in_date(answer, date(2026, 11, 30))
    assert not in_date(answer, date(2026, 12, 1))
    assert not in_date(None, on)
    assert valid_until(by_key()["GB TPS"], on, 7) == date(2026, 11, 9)
    assert valid_until(by_key()["GB TPS"], on, 90) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "numbers", "unusable"),
    [
        ("number,listed\n020 7946 0001,yes\n0113 212 3456,no", {LONDON: True, LEEDS: False}, ()),
        ("Status;Phone number\nclear;+44 20 7946 0001", {LONDON: False}, ()),
        ("+442079460001\tY\n00441132123456\tN", {LONDON: True, LEEDS: False}, ()),
        ("phone,TPS,CTPS\n02079460001,,x", {LONDON: True}, ()),
        ("\ufeffnumber\n".lstrip("\ufeff") + "02079460001\n\nnonsense", {LONDON: False}, ("nonsense",)),
        ("number,status\n02079460001,perhaps", {}, ("02079460001, perhaps",)),
        ("'+442079460001", {LONDON: False}, ()),
        ("02079460001,no\n02079460001,yes", {LONDON: True}, ()),
        ("", {}, ()),
    ],
)
def test_an_answer_is_read_as_registers_write_it(text, numbers, unusable):
    found = answer_in(text, "GB")
    assert found.numbers == numbers
    assert found.unusable == unusable


def test_a_bare_list_is_no_answer_until_somebody_says_which_are_listed():
    bare = answer_in("02079460001\n01132123456", "GB")
    with pytest.raises(BadInput, match="which of these numbers are listed"):
        taken_together(bare, None)
    assert taken_together(bare, None, none_listed=True) == {LONDON: False, LEEDS: False}
    assert taken_together(bare, answer_in("01132123456", "GB")) == {LONDON: False, LEEDS: True}
    # Who is only on the list of the listed was asked about as well.
    assert taken_together(Answer({}, (), told=False), answer_in(LEEDS, "GB")) == {LEEDS: True}


@pytest.mark.django_db
def test_the_newest_answer_of_each_register_counts_and_a_withdrawn_one_does_not(owner: Person, noon):
    today = noon.date()
    first = {LONDON: True, LEEDS: False}
    actions.record_screening(owner, "GB TPS", today - 9 * DAY, first, "the register", noon)
    last = actions.record_screening(owner, "GB TPS", today - DAY, {LONDON: False}, "the register", noon)
    actions.record_screening(owner, "GB CTPS", today - 2 * DAY, {LONDON: False}, "the register", noon, days=7)
    said = queries.screened([LONDON, LEEDS, PARIS])
    assert said[LONDON]["GB TPS"] == Screened(today - DAY, today + 27 * DAY, listed=False)
    assert said[LONDON]["GB CTPS"].until == today + 5 * DAY
    assert said[LEEDS]["GB TPS"].on == today - 9 * DAY
    assert PARIS not in said
    actions.withdraw_screening(owner, last, "the wrong file", noon)
    assert queries.screened([LONDON])[LONDON]["GB TPS"].listed
    assert [one.verb for one in LedgerEntry.objects.order_by("id")][-4:] == [
        *["record screening"] * 3, "withdraw screening"
    ]  # fmt: skip


@pytest.mark.django_db
def test_of_two_answers_of_one_day_the_one_that_forbids_counts(owner: Person, noon):
    for listed in (True, False):
        actions.record_screening(owner, "GB TPS", noon.date(), {LONDON: listed}, "the register", noon)
    assert queries.screened([LONDON])[LONDON]["GB TPS"].listed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("register", "ahead", "numbers", "days"),
    [
        ("XX None", 0, {LONDON: False}, None),
        ("GB TPS", 2, {LONDON: False}, None),
        ("GB TPS", 0, {}, None),
        ("GB TPS", 0, {LONDON: False}, 29),
        ("GB TPS", 0, {LONDON: False}, 0),
    ],
)
def test_a_screening_that_cannot_be_is_refused(owner: Person, noon, register, ahead, numbers, days):
    on = noon.date() + ahead * DAY
    with pytest.raises(BadInput):
        actions.record_screening(owner, register, on, numbers, "the register", noon, days=days)
    assert not Screening.objects.exists()


@pytest.mark.django_db
def test_who_may_not_suppress_records_no_screening_and_who_may_not_lift_withdraws_none(
    owner: Person, teammate: Person, noon
):
    made = actions.record_screening(teammate, "GB TPS", noon.date(), {LONDON: False}, "the register", noon)
    with pytest.raises(NotAllowed):
        actions.withdraw_screening(teammate, made, "wrong", noon)
    with pytest.raises(BadInput):
        actions.withdraw_screening(owner, made, " ", noon)


def _person(noon, name, number, country="GB", **more) -> Contact:
    at = Account.objects.create(
        company_name=name, country=country, key=name, created_at=noon, changed_at=noon
    )
    return Contact.objects.create(
        full_name=name, key=name, account=at, phone=number, created_at=noon, changed_at=noon, **more
    )


@pytest.mark.django_db
def test_the_export_has_the_numbers_without_an_answer_in_date_and_nobody_who_is_not_called(
    owner: Person, noon
):
    _person(noon, "Ada", LONDON)
    _person(noon, "Twin", LONDON)
    _person(noon, "Bo", LEEDS)
    _person(noon, "Cy", PARIS)
    _person(noon, "Di", "+442079460002", do_not_call=True)
    _person(noon, "Ed", "+442079460003", lifecycle="disqualified")
    _person(noon, "Flo", "0113 212 3457")  # as somebody typed it, at home
    both = ("GB TPS", "GB CTPS")
    found = {one.number: one.registers for one in numbers_to_screen(owner, both, noon)}
    assert found == {LONDON: both, LEEDS: both, "0113 212 3457": both}
    actions.record_screening(owner, "GB TPS", noon.date() - 26 * DAY, {LEEDS: False}, "the register", noon)
    actions.record_screening(
        owner, "GB CTPS", noon.date(), {LEEDS: False, LONDON: True}, "the register", noon
    )
    found = {one.number: one.registers for one in numbers_to_screen(owner, both, noon)}
    assert found[LONDON] == ("GB TPS",)
    assert LEEDS not in found
    soon = {one.number: one.registers for one in numbers_to_screen(owner, both, noon, ahead=3)}
    assert soon[LEEDS] == ("GB TPS",)
    with pytest.raises(BadInput):
        numbers_to_screen(owner, ["XX None"], noon)


@pytest.mark.django_db
def test_the_numbers_of_an_erased_person_stay_in_no_screening(owner: Person, noon):
    actions.record_screening(owner, "GB TPS", noon.date(), {LONDON: False, LEEDS: True}, "the register", noon)
    actions.forget(owner, 7, ["+44 20 7946 0001"], noon)
    assert list(ScreenedNumber.objects.values_list("number", flat=True)) == [LEEDS]
