"""Segments on what people are, where, what they believe, and what they did: by the builder's words and in the text."""

from __future__ import annotations

import pytest
from django.test import Client

from panout.flow import clock, importing
from panout.resolve.models import Contact
from panout.segments.models import Segment
from panout.segments.queries import member_ids
from panout.sources import actions as sources
from panout.sources.queries import own_columns
from panout.team.rules import Person
from tests.web.seen import text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]

# "Cares about" is no field of ours: it is kept as the list told it, and is asked for by its own name.
LIST = (
    b"Name,Email,Company,Cares about,Seats wanted\n"
    b"Priya Shah,priya.shah@quarry.example,Quarry Payments,craft,40\n"
    b"Ada Sommer,ada.sommer@northwind-ledger.example,Northwind Ledger,thrift,5\n"
)


@pytest.fixture
def told(owner: Person, book: dict[str, int]) -> None:
    """A list has told what two of them care about."""
    number = sources.upload(owner, "survey.csv", [LIST], 10**6, "test", clock.now())
    columns = {
        "Name": "full_name", "Email": "email", "Company": "company_name", "Cares about": "custom", "Seats wanted": "custom",
    }  # fmt: skip
    sources.map_columns(owner, number, columns, tags=[], now=clock.now())
    sources.commit(owner, number, "test", clock.now())
    importing.work_on_one("test")


@pytest.mark.parametrize(
    ("about", "criteria", "names"),
    [
        ("contacts", 'custom."Cares about" = "craft"', {"Priya Shah"}),
        ("contacts", 'custom."Cares about" is known and custom."Seats wanted" <= 10', {"Ada Sommer"}),
        ("contacts", 'signal("pricing_visit") within 30 days and buying_role = "champion"', {"Priya Shah"}),
        (
            "contacts",
            'custom."Cares about" = "craft" and signal("pricing_visit") within 30 days and country = "GB"',
            {"Priya Shah"},
        ),
        ("accounts", 'signal("pricing_visit") within 30 days', {"Quarry Payments"}),
        ("accounts", 'signal("pricing_visit") within 1 days', set()),
    ],
)
def test_a_segment_is_of_traits_and_of_deeds(
    owner_client: Client, told: None, about: str, criteria: str, names: set[str]
) -> None:
    counted = text_of(owner_client.post("/segments/count", {"about": about, "criteria": criteria}))
    assert all(name in counted for name in names)
    owner_client.post("/segments/create", {"name": "Mine", "about": about, "criteria": criteria})
    kept = Segment.objects.get(name="Mine")
    found = member_ids(kept.pk, clock.now().date())
    assert len(found) == len(names)
    if about == "contacts":
        assert set(Contact.objects.filter(id__in=found).values_list("full_name", flat=True)) == names
    listed = owner_client.get(f"/{about}?segment={kept.pk}").content.decode()
    assert all(name in listed for name in names)


def test_the_builder_offers_columns_of_ones_lists_and_what_happened(owner_client: Client, told: None) -> None:
    assert own_columns() == ("Cares about", "Seats wanted")
    page = owner_client.get("/segments/new").content.decode()
    assert '<option value="Cares about" data-kind="custom">' in page
    assert '<option value="pricing_visit" data-kind="signal">' in page
