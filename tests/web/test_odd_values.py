"""Whatever stands in a form or an address, the answer is a page or a no, and never a fall."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from panout.flow import clock
from panout.outreach.models import Message, Task
from panout.resolve.models import Account, Contact
from panout.team import actions as team
from panout.team import queries as people
from panout.web.urls import urlpatterns
from tests.cast import NOON, PASSWORD, signed_in
from tests.web import work
from tests.web.test_rights import ALL, Address
from tests.web.world import populate

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("odd")]

ODD = ("9" * 5000, "\u00b2", "a\x00b", "2147483648", "9999-12-31T23:59")
_READ = re.compile(r"\b(?:text|whole|needed|numbers|every_number|one_of|day|moment)\(\s*[\w.]+, \"(\w+)\"")
_GOT = re.compile(r"\.get(?:list)?\(\"(\w+)\"")
_VIEWS = {str(one.pattern): one.callback for one in urlpatterns if hasattr(one, "callback")}
# Signing in belongs to a library; these three sign the reader in or out, or answer without them.
_LEFT_OUT = {"account/login/", "start/begin", "health/alive", "health/ready", "metrics"}


@pytest.fixture(scope="module")
def reader(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """The founder of a small book with work in it; taken back when the module is over."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = team.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
        olga = people.member(made).person
        populate(olga, clock.now())
        work.begin(olga, clock.now())
        client = signed_in(olga)
        client.raise_request_exception = False
        yield client
        transaction.set_rollback(True)


def fields_of(address: Address) -> tuple[str, ...]:
    """What a page reads of its form, by itself and by the functions beside it that it calls."""
    view = inspect.unwrap(_VIEWS[address.route])
    module = inspect.getmodule(view)
    words = inspect.getsource(view)
    beside = set(re.findall(r"\b(_[a-z]\w*)\(", words))
    words += "".join(inspect.getsource(getattr(module, name)) for name in beside if hasattr(module, name))
    return tuple(sorted({*_READ.findall(words), *_GOT.findall(words)}))


def place_of(address: Address) -> str:
    """The address with ids of what there is, where the small book has such a thing."""
    contact = Contact.objects.order_by("id").values_list("id", flat=True)[0]
    ids = {
        "contact_id": contact, "record_id": contact,
        "account_id": Account.objects.order_by("id").values_list("id", flat=True)[0],
        "task_id": Task.objects.order_by("id").values_list("id", flat=True)[0],
        "message_id": Message.objects.order_by("id").values_list("id", flat=True)[0],
    }  # fmt: skip
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(ids.get(found.group(1), 1)), address.route)


def fall(client: Client, method: str, place: str, form: dict[str, str]) -> str:
    """What fell, in words; "" where nothing did. Whatever the page did is taken back."""
    with transaction.atomic():
        try:
            answer = client.post(place, form) if method == "POST" else client.get(place, form)
            if answer.status_code < 500:
                connection.check_constraints()  # a key to nothing is only noticed when it is kept
        except IntegrityError as error:
            return str(error)[:120]
        finally:
            transaction.set_rollback(True)
    # 503: a door to the outside that this house has not opened.
    return f"status {answer.status_code}" if answer.status_code >= 500 and answer.status_code != 503 else ""


@pytest.mark.parametrize("part", ["GET", "POST"])
def test_no_odd_value_in_any_field_of_any_page_makes_it_fall(reader: Client, part: str) -> None:
    fallen = []
    for address in ALL:
        if address.route in _LEFT_OUT or part not in address.methods:
            continue
        place, names = place_of(address), fields_of(address)
        for odd in ODD:
            told = fall(reader, part, place, dict.fromkeys(names, odd))
            if told:
                fallen.append(f"{part} {address.route} with {odd[:20]!r}: {told}")
    assert fallen == []


def test_an_id_that_no_table_could_hold_is_of_nothing(reader: Client) -> None:
    fallen = []
    for address in ALL:
        if "<int:" not in address.route:
            continue
        place = "/" + re.sub(r"<int:\w+>", "9" * 25, re.sub(r"<(?:str|slug):\w+>", "nothing", address.route))
        told = fall(reader, address.methods[0], place, {})
        if told:
            fallen.append(f"{address.route}: {told}")
    assert fallen == []
