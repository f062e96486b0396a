"""Whatever a program sends, it is told what is wrong with it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.test import Client

from panout.cadence.actions import load_presets
from panout.cadence.queries import cadences
from panout.kernel.channels import TouchKind
from panout.mailbox.models import MailAccount
from panout.outreach import actions as outreach
from panout.outreach.actions import Wish
from panout.resolve import actions as resolve
from panout.team.rules import SYSTEM, Person
from panout.team.tokens import token_for
from tests.mailbox.world import make_account

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("book")]


@pytest.fixture
def client(owner: Person) -> Client:
    told = Client(headers={"Authorization": f"Bearer {token_for(owner.id or 0)}"})
    told.raise_request_exception = False
    return told


@pytest.mark.parametrize("path", ["/tasks", "/messages/review", "/answers", "/prospects"])
@pytest.mark.parametrize("limit", [-1, 0, 10**30])
def test_an_odd_number_of_rows_is_no_accident(client: Client, path: str, limit: int) -> None:
    assert client.get(f"/api{path}", {"limit": limit}).status_code in {200, 422}


BODIES = (
    ("/meetings", {"contact_id": 0, "starts_at": "2027-01-04T10:00:00"}),  # by whose clock?
    ("/meetings", {"contact_id": 10**30, "starts_at": "2027-01-04T10:00:00Z"}),
    ("/meetings", {"contact_id": 0, "starts_at": "2027-01-04T10:00:00Z", "minutes": 10**12}),
    ("/meetings", {"contact_id": 0, "starts_at": "2027-01-04T10:00:00Z", "source": "a\x00b"}),
    ("/meetings", {"contact_id": 0, "starts_at": "2027-01-04T10:00:00Z", "minutes": -30}),
    ("/tasks/0/complete", {"disposition": "callback", "callback_at": "2027-01-04T10:00:00"}),
    ("/tasks/0/complete", {"disposition": "callback", "callback_at": "9999-12-31T23:59:59Z"}),
    ("/tasks/0/complete", {"disposition": "done", "note": "a\x00b"}),
    ("/campaigns", {"name": "C", "hypothesis": "H", "arms": [{"name": "A", "cadence_id": 0}], "review_in_days": 10**9}),
    ("/campaigns", {"name": "C", "hypothesis": "H", "arms": [{"name": "A", "cadence_id": 0, "weight": -1}]}),
    ("/campaigns", {"name": "C" * 10_000, "hypothesis": "H", "arms": [{"name": "A", "cadence_id": 0}]}),
    ("/enrolments", {"cadence_id": 0, "contact_ids": [0], "sender_id": 987654}),
    ("/senders", {"name": "n" * 10_000, "email": "a@b.example", "company": "C", "postal_address": "P"}),
    ("/templates", {"slug": "s" * 1_000, "name": "N", "kind": "email", "body": "B"}),
    ("/cadences", {"name": "N", "steps": [{"key": "k" * 400, "kind": "email"}]}),
    ("/mailboxes", {"sender_id": 0, "smtp_host": "h" * 10_000, "smtp_port": 25}),
    ("/mailboxes", {"sender_id": 0, "smtp_host": "h", "smtp_port": 25, "smtp_security": "wishful"}),
    ("/signals", [{"domain": "gearworks.example", "type": "news", "date": "2026-11-01", "source": "s", "text": "a\x00b"}]),
    ("/icps", {"name": "N", "text": "a: [\x00"}),
)  # fmt: skip


@pytest.mark.parametrize(("path", "body"), BODIES)
def test_what_cannot_be_is_said_to_be_wrong(
    owner: Person, client: Client, noon: datetime, path: str, body: object
) -> None:
    account = resolve.add_account(
        owner, {"company_name": "Gearworks", "domain": "gearworks.example"}, "test", noon
    )
    ada = resolve.add_contact(owner, account, {"full_name": "Ada Quinn"}, "test", noon)
    task = outreach.open_task(owner, Wish(TouchKind.CALL, "Call", "manual", None, noon, ada), noon)
    load_presets(SYSTEM, noon)
    real = {
        "contact_id": ada,
        "contact_ids": [ada],
        "cadence_id": _cadence(),
        "sender_id": make_sender(owner, noon),
    }
    given = _filled(body, real)
    answer = client.post(
        f"/api{path.replace('/0/', f'/{task}/')}", json.dumps(given), content_type="application/json"
    )
    assert 400 <= answer.status_code < 500, answer.content[:300]


def _cadence() -> int:
    return cadences()[0].id


def make_sender(owner: Person, noon: datetime) -> int:
    return outreach.save_sender(
        owner,
        name="Olga",
        email="olga@panout.test",
        company="Panout",
        postal_address="1 Pan Street",
        now=noon,
    )


def _filled(body: object, real: dict[str, object]) -> object:
    """The body with ids of what there is, where it has a nought."""
    if isinstance(body, list):
        return [_filled(one, real) for one in body]
    if not isinstance(body, dict):
        return body
    return {
        name: real.get(name) if value in (0, [0]) else _filled(value, real) for name, value in body.items()
    }


def test_a_second_mailbox_behind_one_sender_is_refused(owner: Person, client: Client, noon: datetime) -> None:
    account = make_account(owner, noon)
    body = {"sender_id": account.sender_id, "smtp_host": "smtp.example.com", "smtp_port": 465}
    answer = client.post("/api/mailboxes", json.dumps(body), content_type="application/json")
    assert answer.status_code == 409
    assert MailAccount.objects.count() == 1
