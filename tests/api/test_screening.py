"""A robot asks which numbers must be screened, and tells what the register said."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from panout.kernel.channels import TouchKind
from panout.outreach.actions import Wish, open_tasks
from panout.resolve.models import Account, Contact
from panout.team.models import LedgerEntry
from panout.team.tokens import token_for
from tests.cast import NOON

pytestmark = [pytest.mark.django_db]
BOTH = ["GB TPS", "GB CTPS"]


def _robot(person) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_for(person.id)}"})


def test_numbers_go_out_and_the_answer_comes_in(owner, teammate, monkeypatch, tmp_path):
    (tmp_path / "clock").write_text(NOON.isoformat())
    monkeypatch.setenv("PANOUT_CLOCK", str(tmp_path / "clock"))
    at = Account.objects.create(
        company_name="Gearworks", country="GB", key="g", created_at=NOON, changed_at=NOON
    )
    ada = Contact.objects.create(
        full_name="Ada", key="a", account=at, phone="+442079460001", created_at=NOON, changed_at=NOON
    )
    robot = _robot(owner)
    needed = [{"number": "+442079460001", "registers": BOTH}]
    assert robot.get("/api/screenings/needed").json() == needed
    assert _robot(teammate).get("/api/screenings/needed").status_code == 403

    wish = Wish(TouchKind.CALL, "Call Ada", "manual", "k", NOON, ada.pk, at.pk, owner.id)
    open_tasks([wish], NOON)
    call = robot.get("/api/tasks").json()[0]
    assert (call["closed"], call["phone"]) == ("", "+442079460001")
    assert call["waits"].startswith("do not call: TPS never screened")

    def tell(**told):
        body = {"registers": BOTH, "on": NOON.date().isoformat(), "screened": ["+442079460001"], **told}
        return robot.post("/api/screenings", json.dumps(body), content_type="application/json")

    assert tell(screened=["rubbish"]).status_code == 422
    assert tell(registers=["XX None"]).status_code == 422
    assert tell(registers=[]).status_code == 422
    assert len(tell().json()) == 2
    assert robot.get("/api/screenings/needed").json() == []
    assert robot.get("/api/screenings/needed", {"ahead": 29}).json() == needed
    assert robot.get("/api/tasks").json()[0]["waits"] == ""
    assert len(tell(screened=[], listed=["020 7946 0001"]).json()) == 2
    call = robot.get("/api/tasks").json()[0]
    assert call["closed"].startswith("do not call: listed in TPS")
    assert call["phone"] == ""
    assert LedgerEntry.objects.filter(verb="record screening").count() == 4
