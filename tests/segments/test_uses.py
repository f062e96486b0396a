"""What rests on a segment is shown, and keeps it from being put away; what took its people once does not."""

from __future__ import annotations

import pytest
from django.test import Client

from panout.cadence import actions as cadence
from panout.cadence import queries as cadences
from panout.flow import clock
from panout.kernel.errors import Conflict
from panout.resolve.models import Contact
from panout.segments import actions as segments
from panout.segments import queries as ask
from panout.team.rules import Person
from tests.cast import NOON
from tests.web.seen import text_of

FINTECH = 'industry has word "fintech"'


@pytest.fixture
def made(owner: Person, book: dict[str, int]) -> int:
    return segments.create(owner, "Fintechs", "accounts", FINTECH, "", "test", NOON)


def test_a_view_that_rests_on_a_segment_keeps_it(owner: Person, owner_client: Client, made: int) -> None:
    page = text_of(owner_client.get(f"/accounts?segment={made}"))
    assert "Northwind Ledger" in page
    assert "Tidal Freight" not in page
    narrower = text_of(owner_client.get(f"/accounts?segment={made}&criteria=country+%3D+%22GB%22"))
    assert "Quarry Payments" in narrower
    assert "Northwind Ledger" not in narrower
    form = {"what": "accounts", "name": "Mine", "query": f"segment={made}&country=GB", "next": "/accounts"}
    owner_client.post("/views/keep", form)
    assert "Mine, a view of Olga Owner" in text_of(owner_client.get(f"/segments/{made}"))
    assert "1 place" in text_of(owner_client.get("/segments"))
    refused = owner_client.post(f"/segments/{made}/retire")
    assert refused.status_code == 409
    assert "Mine, a view of Olga Owner" in refused.content.decode()
    segments.drop_view(owner, ask.views(owner, "accounts")[0].id)
    segments.retire(owner, made, "test", NOON)


def test_a_campaign_rests_on_its_segment_until_it_is_decided(
    owner: Person, owner_client: Client, made: int
) -> None:
    cadence.load_presets(owner, NOON)
    form = owner_client.get(f"/campaigns/new?segment={made}")
    assert "fintech" in form.content.decode()
    sent = {
        "name": "Fintechs that hire", "hypothesis": "They hire, so they need it", "audience": FINTECH,
        "cadence": cadences.cadences()[0].id, "segment": made, "most": 10,
        "review_on": clock.now().date().replace(year=2099).isoformat(),
    }  # fmt: skip
    assert owner_client.post("/campaigns/create", sent).status_code == 303
    with pytest.raises(Conflict, match="Fintechs that hire"):
        segments.retire(owner, made, "test", NOON)
    use = ask.uses(made)[0]
    assert (use.kind, use.live) == ("campaign", True)
    segments.release("campaign", int(use.link.rsplit("/", 1)[1]), NOON)
    segments.retire(owner, made, "test", NOON)


def test_people_are_started_from_a_segment_and_that_is_remembered(
    owner: Person, owner_client: Client, made: int
) -> None:
    cadence.load_presets(owner, NOON)
    people = segments.create(owner, "Champions", "contacts", 'buying_role = "champion"', "", "test", NOON)
    frozen = segments.freeze(owner, people, "Champions then", clock.now().date(), "test", NOON)
    page = text_of(owner_client.get(f"/segments/{frozen}"))
    assert "Ada Sommer" in page
    assert "Its members" in page
    assert "is static" in owner_client.get(f"/contacts?segment={frozen}").content.decode()
    chosen = text_of(owner_client.get(f"/cadences/enrol?segment={frozen}"))
    assert "Ada Sommer" in chosen
    shelf = cadences.cadences()[0]
    ada = Contact.objects.get(full_name="Ada Sommer").pk
    owner_client.post("/cadences/start", {"cadence": shelf.id, "contact": [ada], "segment": frozen})
    use = ask.uses(frozen)[0]
    assert (use.label, use.live) == (f"1 started on {shelf.name}", False)
    segments.retire(owner, frozen, "test", NOON)  # it took its people once; nothing rests on it


@pytest.mark.parametrize("odd", ["\u00b2", "9" * 5000, "", "-1"])
def test_a_view_with_an_odd_segment_in_its_address_hurts_nobody(
    owner: Person, owner_client: Client, made: int, odd: str
) -> None:
    segments.keep_view(owner, "accounts", "Odd", f"segment={odd}", NOON)
    assert "Fintechs" in text_of(owner_client.get("/segments"))
    assert "Odd, a view" not in text_of(owner_client.get(f"/segments/{made}"))
