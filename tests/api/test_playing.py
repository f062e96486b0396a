"""What somebody who works by the API alone can do: lists, profile, campaigns, the board, proposals."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from panout.cadence.actions import load_presets
from panout.cadence.models import Enrolment
from panout.campaigns.models import Campaign
from panout.flow import scoring
from panout.icp.models import Icp
from panout.icp.queries import active, shipped_text
from panout.learn.models import Proposal
from panout.mailbox.actions import accounts
from panout.team.rules import SYSTEM
from panout.team.tokens import token_for
from tests.cast import NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]
LIST = b"""First Name,Last Name,Title,Company Name,Email,# Employees,Industry,Website,Country,Technologies
Ada,Quinn,Head of Data,Gearworks,ada@gearworks.example,220,Software,https://gearworks.example,GB,Snowflake
Bo,Reed,Office Manager,Gearworks,bo@gearworks.example,220,Software,https://gearworks.example,GB,Snowflake
"""


class Robot:
    """A bearer who speaks JSON."""

    def __init__(self, user_id: int) -> None:
        self._client = Client(headers={"Authorization": f"Bearer {token_for(user_id)}"})

    def get(self, path: str, **query):
        return self._client.get(f"/api{path}", query)

    def tell(self, path: str, body=None):
        return self._client.post(f"/api{path}", json.dumps(body), content_type="application/json")

    def upload(self, content: bytes):
        files = {"list_file": SimpleUploadedFile("people.csv", content)}
        return self._client.post("/api/imports?wait=true", files)


@pytest.fixture
def robot(owner, monkeypatch, tmp_path):
    (tmp_path / "clock").write_text(NOON.isoformat())
    monkeypatch.setenv("PANOUT_CLOCK", str(tmp_path / "clock"))
    load_presets(SYSTEM, NOON)
    robot = Robot(owner.id)
    assert robot.tell("/icps", {"name": "Us", "text": shipped_text("b2b-software")}).status_code == 200
    assert robot.upload(LIST).json()["state"] == "done"
    told = robot.tell(
        "/signals",
        [
            {
                "domain": "gearworks.example",
                "type": "funding",
                "date": "2026-11-15",
                "source": "https://news.example/1",
                "text": "raised",
            }
        ],
    )
    assert told.json() == {"noted": 1, "unknown": []}
    scoring.score_everybody()
    return robot


def _campaign(robot, **change):
    cadence = robot.get("/cadences").json()[0]["id"]
    wish = {
        "name": "Fresh money", "hypothesis": "They must show figures", "signals": ["funding"],
        "audience": 'not buying_role = "gatekeeper"', "arms": [{"name": "One", "cadence_id": cadence}],
    }  # fmt: skip
    return robot.tell("/campaigns", {**wish, **change})


def test_prospects_are_narrowed_by_criteria(robot):
    names = [one["name"] for one in robot.get("/prospects").json()]
    assert set(names) == {"Ada Quinn", "Bo Reed"}
    wanted = robot.get("/prospects", criteria='title has word "data"').json()
    assert [one["name"] for one in wanted] == ["Ada Quinn"]
    assert robot.get("/prospects", criteria="titel = 1").status_code == 422


def test_a_campaign_is_launched_told_and_decided(robot):
    number = _campaign(robot, review_in_days=1).json()
    assert Enrolment.objects.count() == 1
    card = robot.get("/campaigns").json()[0]
    assert (card["id"], card["state"], card["people"], card["call"]) == (number, "running", 1, "running")
    against = robot.tell(f"/campaigns/{number}/decide", {"call": "keep"})
    assert against.status_code == 422  # against the evidence it needs a reason
    told = robot.tell(f"/campaigns/{number}/decide", {"call": "kill", "why": "wrong market"})
    assert told.status_code == 204
    assert Campaign.objects.get().decisions.get().why == "wrong market"
    assert robot.tell(f"/campaigns/{number}/decide", {"call": "kill"}).status_code in {409, 422}


def test_a_cadence_is_written_step_by_step(robot):
    steps = [{"key": "a", "kind": "email", "template": "x"}, {"key": "b", "kind": "call", "wait": 2}]
    number = robot.tell("/cadences", {"name": "Mine", "steps": steps}).json()
    assert {"id": number, "name": "Mine", "steps": 2, "under_way": 0} in robot.get("/cadences").json()
    twice = robot.tell("/cadences", {"name": "Twice", "steps": [steps[0], steps[0]]})
    assert twice.status_code == 422
    assert "repeats the key" in twice.json()["what"]


def test_a_proposal_is_listed_and_accepted(robot):
    made = Proposal.objects.create(
        icp=Icp.objects.get(), kind="weigh_signal", axis="signal", value="funding", better=True,
        title="Weigh the signal funding more", why="12 of 20", evidence={}, made_at=NOON,
    )  # fmt: skip
    assert [one["title"] for one in robot.get("/proposals").json()] == [made.title]
    before = active()[0].id
    assert robot.tell(f"/proposals/{made.pk}/accept").json() == active()[0].id != before
    assert robot.tell(f"/proposals/{made.pk}/accept").status_code == 409


def test_without_a_token_nothing_is_told(robot):
    assert Client().get("/api/campaigns").status_code == 401
    assert Client().post("/api/proposals/1/accept").status_code == 401


def test_a_mailbox_that_rests_says_why_and_goes_on_when_somebody_has_looked(robot, owner):
    words = {"name": "Robin", "email": "robin@seller.test", "company": "Us", "postal_address": "1 Pan Street"}
    sender = robot.tell("/senders", words).json()
    door = {"sender_id": sender, "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_security": "none"}
    number = robot.tell("/mailboxes", door).json()
    assert [one["paused"] for one in robot.get("/mailboxes").json()] == [""]
    accounts.pause(owner, number, "9 of 60 mails bounced in 7 days", NOON, rule="bounces")
    (told,) = robot.get("/mailboxes").json()
    assert (told["id"], told["email"]) == (number, "robin@seller.test")
    assert "9 of 60 mails bounced" in told["paused"]
    assert robot.tell(f"/mailboxes/{number}/resume").status_code == 204
    assert [one["paused"] for one in robot.get("/mailboxes").json()] == [""]
