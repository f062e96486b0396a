"""Listeners: which mailboxes have one, what happens when a line breaks, when a server cannot, when all must end."""

import threading
import time

import pytest
from django.db import connections

from panout.clients.imap import FakeImap, News
from panout.clients.smtp import LineLost
from panout.flow import clock, listening
from panout.flow.listening import Listeners
from panout.kernel.stages import Stage
from panout.mailbox.models import Cursor, Inbound, MailAccount
from tests.mailbox.test_receiving import mail
from tests.mailbox.world import make_account

pytestmark = pytest.mark.django_db(transaction=True)


class Box(FakeImap):
    """Gives news when told to; `wait` ends when hung up."""

    def __init__(self):
        super().__init__({"INBOX": [], "Sent": []})
        self.news, self.ended, self.waits = threading.Event(), threading.Event(), 0
        self.able = True

    def wait(self, seconds):
        self.waits += 1
        if not self.able:
            return News.DEAF
        while not self.news.wait(0.05):
            if self.ended.is_set():
                raise LineLost(Stage.FOLDER, "hung up")
        self.news.clear()
        return News.SOME

    def hang_up(self):
        self.ended.set()


def until(ready):
    ends = time.monotonic() + 15
    while not ready():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture
def accounts(owner):
    now = clock.now()
    made = [make_account(owner, now, email=f"olga{n}@panout.test") for n in range(3)]
    MailAccount.objects.update(imap_host="imap.panout.test")
    return [one.pk for one in made]


@pytest.fixture
def listeners(monkeypatch):
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(listening, "LOOK_ABOUT", 0.2)
    boxes, started = {}, []

    def begin(most=10):
        made = Listeners(
            "me", clock.now, most=most, come_in=lambda number, _now: boxes.setdefault(number, Box())
        )
        started.append(made)
        made.start()
        return boxes

    yield begin
    for one in started:
        one.stop()
    connections.close_all()


def heard():
    return set(MailAccount.objects.exclude(listener="").values_list("id", flat=True))


def test_each_mailbox_has_one_up_to_the_most(accounts, listeners):
    boxes = listeners(most=2)
    until(lambda: len(boxes) == 2)
    until(lambda: all(box.waits for box in boxes.values()))
    assert heard() == set(boxes)


def test_news_are_fetched_and_waiting_goes_on(accounts, listeners):
    boxes = listeners()
    until(lambda: len(boxes) == 3 and all(box.waits for box in boxes.values()))
    box = boxes[accounts[1]]
    box.held["INBOX"].append(("m1@acme.test", mail(1)))
    box.news.set()
    until(lambda: Inbound.objects.filter(account=accounts[1], read_at__isnull=False).exists())
    until(lambda: box.waits == 2)
    assert Inbound.objects.count() == 1


def test_a_broken_line_says_why_and_is_tried_again(accounts, listeners):
    boxes = listeners()
    until(lambda: accounts[0] in boxes and boxes[accounts[0]].waits)
    old = boxes.pop(accounts[0])
    old.hang_up()
    until(lambda: accounts[0] in boxes and boxes[accounts[0]].waits)
    assert boxes[accounts[0]] is not old
    assert accounts[0] in heard()
    assert Cursor.objects.get(account=accounts[0], folder="INBOX").trouble == ""


def test_a_server_that_cannot_is_left_to_whoever_asks_every_minute(accounts, listeners):
    def deaf(number, _now):
        box = Box()
        box.able = False
        return box

    made = Listeners("me", clock.now, come_in=deaf)
    made.start()
    until(lambda: Cursor.objects.filter(synced_at__isnull=False).count() == 3)
    until(lambda: not heard())
    made.stop()
    assert Cursor.objects.count() == 3


def test_stopping_ends_all_and_frees_the_mailboxes(accounts, listeners):
    boxes = {}
    made = Listeners("me", clock.now, come_in=lambda number, _now: boxes.setdefault(number, Box()))
    made.start()
    until(lambda: len(boxes) == 3 and all(box.waits for box in boxes.values()))
    made.stop()
    assert heard() == set()
    assert not [one for one in threading.enumerate() if one.name.startswith("listener")]


def test_a_disconnected_account_is_left_alone(accounts, listeners):
    boxes = listeners()
    until(lambda: len(boxes) == 3 and all(box.waits for box in boxes.values()))
    MailAccount.objects.filter(id=accounts[2]).update(disconnected_at=clock.now())
    box = boxes[accounts[2]]
    box.news.set()
    until(lambda: accounts[2] not in heard())
    assert box.waits == 1
