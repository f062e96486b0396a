"""A rep who works with Panout all day: approves, calls, answers, books. Knows only what Panout shows."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from importlib import resources
from pathlib import Path
from time import sleep

from panout_sandbox import world as worlds
from panout_sandbox.buyers import Does, Reaction, on_call, on_mail, on_social
from panout_sandbox.phrases import PHRASES
from panout_sandbox.spray import Capacity, intake
from panout_sandbox.tally import Tally
from panout_sandbox.theatre import Delivered, Show, Stage, TooLate, letter
from panout_sandbox.world import Buyer, World

# The hours (UTC) at which the line takes a turn and the rep looks: mornings in Europe, then in America.
_TURNS = (time(8), time(11), time(14), time(17))
# What a team would write on a card: who has news of this kind, and what is said to them.
_HYPOTHESES = (
    ("Changing tools", ("tool_change",), "Who moves a warehouse must know what rests on which table."),
    ("Fresh money", ("funding",), "Who was funded must show figures that hold."),
    ("New hands", ("hiring", "leadership"), "Who builds a data team lacks the map of what is there."),
    ("Any other news", (), "Where something moves, somebody is asked for figures."),
)
# With fresh news only, most of ninety mails and sixty calls a day are left over: of news, all that the team has
# read up to the first day counts.
_NEWS_DAYS = 90
_FRESH = re.compile(r"^(\s+fresh(?:_days)?:\s*)(\d+)", re.MULTILINE)
# Mails and calls are left over where one person an account is worked: two, as the house's limits allow at first.
_PER_ACCOUNT = 2
# Who owns the problem and who holds the budget come first; security is asked later, by those who want it.
_AUDIENCE = 'not buying_role = "gatekeeper" and not title has word any of ("security", "protection")'
_UNTIL_WE_MEET = "Interested, until we meet"  # a cadence that ships
_SENDERS = ("robin", "sam", "alex")
_REVIEW_DAYS = 14
_STEADY = 1.5  # seconds between two turns that somebody watches: a day in about ten
_WELCOME = {"interested", "meeting_request"}
_SOCIAL = {"linkedin_comment", "linkedin_connect", "linkedin_message"}

_TEMPLATES = tomllib.loads(resources.files("panout_sandbox").joinpath("templates.toml").read_text("utf-8"))


# About 18 dials reach one person (product presets), so a team with sixty calls a day does not stop at two.
_DIALS = 18


def _steps() -> list[dict[str, object]]:
    """Two mails; whoever is silent then is telephoned, where a number is known, and gets no third mail."""
    known = "phone is known or mobile is known"
    return [
        {"key": "open", "kind": "email", "template": "first-touch-email", "reviewed": True},
        {"key": "follow", "kind": "email", "wait": 3, "template": "follow-up-proof"},
        {"key": "connect", "kind": "linkedin_connect", "wait": 1, "template": "linkedin-connect"},
        *(
            {"key": f"call-{number}", "kind": "call", "wait": 1, "template": "call-opener", "only_if": known}
            for number in range(1, _DIALS + 1)
        ),
    ]


_SCREENED_AHEAD = 4  # days: no answer of a register ends over a weekend


@dataclass(slots=True)
class Day:
    """What a team can still do today."""

    calls: int


@dataclass(slots=True)
class Rep:
    """One play of one seed."""

    world: World
    seed: int
    stage: Stage
    tally: Tally
    capacity: Capacity
    coming: list[tuple[datetime, EmailMessage]] = field(default_factory=list)
    meant: dict[str, str] = field(
        default_factory=dict
    )  # by Message-ID: what the writer means, as a reader sees
    wishes: dict[str, datetime] = field(
        default_factory=dict
    )  # who asked to be left alone, or complained, when
    wrote: dict[str, int] = field(default_factory=dict)  # which of our senders each has mail from
    gone: set[str] = field(default_factory=set)  # whose mailbox said that they are there no more
    meetings: list[tuple[datetime, int, Buyer]] = field(default_factory=list)
    senders: list[int] = field(default_factory=list)
    cadence: int = 0
    until_we_meet: int = 0
    number: int = 0
    has_more: bool = False  # tasks that this day's telephone hours did not reach
    begins_until: date = date.min
    rest: Callable[[], None] = lambda: None  # between two turns

    # -- before the first day

    def set_up(self, icp: str) -> None:
        """What a team does once: profile, texts, mailboxes, the list, the news so far."""
        stage, market = self.stage, self.world.market
        stage.tell("/icps", {"name": "What we sell to whom", "text": patient(icp)})
        for slug, words in _TEMPLATES.items():
            stage.tell("/templates", {"slug": slug, "name": slug, **words})
        for name in _SENDERS:
            words = {
                "name": f"{name.capitalize()} Rep",
                "email": f"{name}@seller.test",
                "company": "Seller",
                "postal_address": "1 Pan Street, Testville",
            }
            self.senders.append(stage.tell("/senders", words))
            door = {
                "sender_id": self.senders[-1],
                "smtp_host": "127.0.0.1",
                "smtp_port": stage.mail_port,
                "smtp_security": "none",
                "mature": True,
            }
            stage.tell("/mailboxes", door)
        people = stage.folder / "people.csv"
        worlds.write_people(self.world, people, self.seed)
        stage.upload(people)
        self._read_news(market.starts - timedelta(days=_NEWS_DAYS), market.starts)
        self.cadence = stage.tell("/cadences", {"name": "Two mails, then eighteen dials", "steps": _steps()})
        shelf = stage.get("/cadences")
        self.until_we_meet = next(one["id"] for one in shelf if one["name"].startswith(_UNTIL_WE_MEET))

    def _read_news(self, since: date, until: date) -> None:
        path = self.stage.folder / "news.csv"
        if not worlds.write_news(self.world, path, since, until):
            return
        lines = worlds.read_news(path)
        self.stage.tell("/signals", lines)

    # -- the days

    def work(self, days: int) -> None:
        """Every working day, turn by turn."""
        first = self.world.market.starts
        self.begins_until = first + timedelta(days=intake(days))
        for ahead in range(days):
            today = first + timedelta(days=ahead)
            if today.weekday() < 5:
                self._day(today, is_first=ahead == 0)

    def _day(self, today: date, *, is_first: bool) -> None:
        self._read_news(today - timedelta(days=3 if today.weekday() == 0 else 1), today)
        left = Day(self.capacity.calls)
        for turn in _TURNS:
            now = datetime.combine(today, turn, tzinfo=UTC)
            if turn is _TURNS[0]:
                self._screen(now)
            self._turn(now, left)
            self.rest()
            if turn is _TURNS[0]:
                self._look_at_mailboxes()
                if is_first:
                    for place in range(len(_HYPOTHESES)):
                        self._launch(place, 1)
                    self._turn(now, left)
                if today.weekday() == 0:
                    self._review(now)

    def _screen(self, now: datetime) -> None:
        """Before the first call of a day: ask the registers about whom the law wants asked. Nobody here is listed."""
        self.stage.set_clock(now)
        by_registers: dict[tuple[str, ...], list[str]] = {}
        for one in self.stage.get("/screenings/needed", ahead=_SCREENED_AHEAD):
            by_registers.setdefault(tuple(one["registers"]), []).append(one["number"])
        for registers, numbers in by_registers.items():
            told = {"registers": registers, "on": now.date().isoformat(), "screened": numbers}
            self.stage.tell("/screenings", {**told, "source": "the market's register"})

    def _turn(self, now: datetime, left: Day) -> None:
        stage = self.stage
        stage.set_clock(now)
        self._deliver(now)
        done = stage.tell("/turn")
        if done["advanced"] and self._approve():
            sent = stage.tell("/turn")  # what was approved leaves at once
            done = {key: done[key] + sent[key] for key in done}
        for mail in stage.post.take():
            self._arrives(mail, now)
        for address in stage.post.refused:
            self._bounced(address, now)
        stage.post.refused.clear()
        if done["answers"]:
            self._answer(now)
        if done["advanced"] or self.has_more:
            self._work_today(now, left)
        self._meet(now)

    def _look_at_mailboxes(self) -> None:
        """Each morning. A mailbox that rests for bounces goes on: the addresses that bounced are out by now."""
        for one in self.stage.get("/mailboxes"):
            if one["paused"] and "bounced" in one["paused"]:
                self.stage.tell(f"/mailboxes/{one['id']}/resume")

    # -- campaigns

    def _launch(self, place: int, number: int) -> None:
        name, signals, why = _HYPOTHESES[place]
        wish = {
            "name": f"{name} {number}",
            "hypothesis": why,
            "audience": _AUDIENCE,
            "signals": signals,
            "value_proposition": "A map of which report rests on which table, in a week.",
            "arms": [{"name": "Mail first", "cadence_id": self.cadence}],
            "review_in_days": _REVIEW_DAYS,
            "sender_id": self.senders[place % len(self.senders)],
            "open_until": self.begins_until.isoformat(),
            "per_account": _PER_ACCOUNT,
        }
        self.stage.tell("/campaigns", wish)

    def _review(self, now: datetime) -> None:
        """Mondays: follow the board where it calls for a decision, and accept what the outcomes speak for."""
        for one in self.stage.get("/campaigns"):
            if one["state"] != "running" or one["call"] in {"", "running"}:
                continue
            self.stage.tell(f"/campaigns/{one['id']}/decide", {"call": one["call"]})
            name, _, number = one["name"].rpartition(" ")
            place = next(at for at, (known, *_) in enumerate(_HYPOTHESES) if known == name)
            if one["call"] != "kill" and now.date() < self.begins_until:
                self._launch(place, int(number) + 1)
        for one in self.stage.get("/proposals"):
            if one["state"] == "open":
                self.tally.claims.append(one["title"])
                self.stage.tell(f"/proposals/{one['id']}/accept")

    def _deliver(self, now: datetime) -> None:
        due = [mail for at, mail in self.coming if at <= now]
        if not due:
            return
        self.coming = [(at, mail) for at, mail in self.coming if at > now]
        with self.stage.letterbox() as box:
            for mail in due:
                mail["Date"] = format_datetime(now)
                box.send_message(mail, mail["From"], ["answers@seller.test"])

    def _bounced(self, address: str, now: datetime) -> None:
        buyer = self.world.buyers.get(address)
        if buyer is not None:
            self.tally.touch(buyer, "mail", now)
            self.tally.count(Reaction(Does.BOUNCE))
            self.tally.after_wish += address in self.gone
            self.gone.add(address)

    def _arrives(self, mail: Delivered, now: datetime) -> None:
        buyer = self.world.buyers.get(mail.to)
        if buyer is None:
            return
        self.tally.touch(buyer, "mail", now)
        self.wrote[buyer.email] = next(at for at, name in enumerate(_SENDERS) if f"{name}@" in mail.sender)
        wish = self.wishes.get(buyer.email)
        self.tally.after_wish += wish is not None and now > wish
        reaction = on_mail(self.world, self.seed, buyer, f"{mail.subject}\n{mail.text}", now)
        self.tally.count(reaction)
        match reaction.does:
            case Does.ANSWER | Does.AWAY:
                self._write_back(buyer, mail, reaction)
            case Does.COMPLAINT:
                self.wishes[buyer.email] = now
                self.coming.append((now, _complaint(mail, buyer, self._next())))
            case _:
                return

    def _next(self) -> str:
        self.number += 1
        return f"market-{self.seed}-{self.number}"

    def _write_back(self, buyer: Buyer, mail: Delivered, reaction: Reaction) -> None:
        rng = random.Random(f"{self.seed} {buyer.email} words {buyer.mails}")  # noqa: S311  a game
        choices = PHRASES[reaction.says].get(buyer.language) or PHRASES[reaction.says]["en"]
        if rng.random() < 0.3:
            choices = PHRASES[reaction.says]["en"]
        colleague = next(
            (one for one in self.world.buyers.values() if one.company is buyer.company and one is not buyer),
            buyer,
        )
        text = rng.choice(choices).format(
            until=reaction.until.strftime("%d %B %Y") if reaction.until else "",
            name=f"{colleague.first} {colleague.last}",
            email=colleague.email,
        )
        number = self._next()
        quote = "\n".join(f"> {line}" for line in mail.text.strip().splitlines())
        made = letter(
            buyer.email,
            f"{buyer.first} {buyer.last}",
            mail.sender,
            f"Re: {mail.subject.removeprefix('Re: ')}",
            f"{text}\n\n{buyer.first}\n\nOn a day before, {mail.sender} wrote:\n{quote}\n",
            number,
            mail.message_id,
        )
        if reaction.does is Does.AWAY:
            made["Auto-Submitted"] = "auto-replied"
        self.meant[buyer.email] = reaction.says
        if reaction.at is not None:
            self.coming.append((reaction.at, made))
            if reaction.says in {"unsubscribe", "do_not_contact"}:
                self.wishes[buyer.email] = reaction.at

    # -- at the desk

    def _approve(self) -> int:
        waiting = self.stage.get("/messages/review", limit=200)
        good = [one["id"] for one in waiting if not one["problems"]]
        if good:
            self.stage.tell("/messages/approve", {"message_ids": good})
        for one in waiting:
            if one["problems"]:
                self.stage.tell(f"/messages/{one['id']}/reject", {"reason": one["problems"][0]})
        return len(good)

    def _answer(self, now: datetime) -> None:
        for one in self.stage.get("/answers", limit=100):
            buyer = self.world.buyers.get(one["from_email"])
            if buyer is not None and one["contact_id"] is not None:
                said = self.meant.get(buyer.email, "")
                if said in _WELCOME and buyer.email not in self.tally.booked:
                    self._invite(buyer, one["contact_id"], now)
            self.stage.tell(f"/answers/{one['id']}/close")

    def _invite(self, buyer: Buyer, contact_id: int, now: datetime) -> None:
        at = self.tally.meet(self.seed, buyer, now)
        if at is None:
            return
        while at.weekday() >= 5:
            at += timedelta(days=1)
        starts = at.replace(hour=10, minute=0, second=0, microsecond=0)
        body = {"contact_id": contact_id, "starts_at": starts.isoformat()}
        self.meetings.append((starts, self.stage.tell("/meetings", body), buyer))

    def _meet(self, now: datetime) -> None:
        for starts, number, buyer in [one for one in self.meetings if one[0] <= now]:
            held = buyer.email in self.tally.held
            told = self.stage.tell(f"/meetings/{number}/close", {"state": "held" if held else "missed"})
            if told and buyer.email in self.tally.won:
                self.stage.tell(f"/opportunities/{told}/move", {"stage": "won", "reason": "needed it"})
            self.meetings.remove((starts, number, buyer))

    def _work_today(self, now: datetime, left: Day) -> None:
        self.has_more = False
        for task in self.stage.get("/tasks", limit=200):
            buyer = self.world.buyers.get(task["email"])
            outcome = self._do(task, buyer, now, left)
            if outcome is None:
                self.has_more = True
                continue
            with suppress(TooLate):  # a colleague's answer, or a wish, has closed it since the list was read
                self.stage.tell(f"/tasks/{task['id']}/complete", {"disposition": outcome})

    def _do(self, task: Mapping[str, object], buyer: Buyer | None, now: datetime, left: Day) -> str | None:
        """Carry one task out; its disposition, or None when it must wait."""
        kind = str(task["kind"])
        if task["origin"] == "unmet" and buyer is not None:
            return self._until_we_meet(task, buyer)
        if buyer is None or kind == "task" or task["origin"] == "missed":
            return "done"
        if kind in _SOCIAL:
            self.tally.touch(buyer, "social", now)
            self.tally.count(on_social(self.world, self.seed, buyer))
            return "done"
        if kind != "call":
            return "left_voicemail" if kind == "voicemail" else "done"
        if left.calls <= 0:
            return None
        if not task["phone"]:
            return "skipped"
        left.calls -= 1
        return self._call(task, buyer, now)

    def _until_we_meet(self, task: Mapping[str, object], buyer: Buyer) -> str:
        """Who was glad and has no meeting is followed up, by the sender whom they know."""
        sender = self.senders[self.wrote.get(buyer.email, 0)]
        wish = {"cadence_id": self.until_we_meet, "contact_ids": [task["contact_id"]], "sender_id": sender}
        self.stage.tell("/enrolments", wish)
        return "done"

    def _call(self, task: Mapping[str, object], buyer: Buyer, now: datetime) -> str:
        self.tally.touch(buyer, "call", now)
        said = f"{task['script']} {task['why']}"
        reaction = on_call(self.world, self.seed, buyer, said, now)
        self.tally.count(reaction)
        if reaction.does is not Does.TALK:
            return "no_answer"
        contact = task["contact_id"]
        if reaction.says in _WELCOME and buyer.email not in self.tally.booked and isinstance(contact, int):
            self._invite(buyer, contact, now)
            return "connected_interested"
        return {
            "not_interested": "connected_not_interested",
            "not_now": "connected_no_priority",
            "no_priority": "connected_no_priority",
            "do_not_call": "do_not_call",
        }.get(reaction.says, "connected_interested")


def patient(icp: str) -> str:
    """The profile with news of a month or more counting as long as the team reads back. A visit stays a visit."""
    return _FRESH.sub(
        lambda said: f"{said[1]}{_NEWS_DAYS}" if 30 <= int(said[2]) < _NEWS_DAYS else said[0], icp
    )


def _complaint(mail: Delivered, buyer: Buyer, number: str) -> EmailMessage:
    """A feedback report as a mailbox provider sends it (RFC 5965)."""
    made = EmailMessage()
    made["From"] = f"feedback@{buyer.company.domain}"
    made["To"] = mail.sender
    made["Subject"] = "Abuse report"
    made["Message-ID"] = f"<{number}@{buyer.company.domain}>"
    boundary = "report-boundary"
    made["MIME-Version"] = "1.0"
    made["Content-Type"] = f'multipart/report; report-type=feedback-report; boundary="{boundary}"'
    parts = (
        "Content-Type: text/plain\n\nThis is an abuse report.\n",
        f"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: {buyer.email}\n",
        f"Content-Type: text/rfc822-headers\n\nMessage-ID: {mail.message_id}\nTo: {buyer.email}\n",
    )
    made.set_payload("".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n")
    return made


def play(world: World, seed: int, days: int, capacity: Capacity, icp: Path) -> Tally:
    """Work a market with Panout for so many days."""
    begins = datetime.combine(world.market.starts, _TURNS[0], tzinfo=UTC)
    gone = frozenset(buyer.email for buyer in world.buyers.values() if buyer.has_left)
    tally = Tally(world)
    with Stage(begins, gone) as stage:
        rep = Rep(world, seed, stage, tally, capacity)
        rep.set_up(icp.read_text("utf-8"))
        rep.work(days)
    tally.close(days)
    return tally


class StartAnew(Exception):
    """The show is to begin again."""


def show(world: World, seed: int, days: int, icp: Path, told: Show, on_ready: Callable[[], None]) -> None:
    """Play a market for somebody who watches, at their pace, until they start it anew (StartAnew) or end it."""
    begins = datetime.combine(world.market.starts, _TURNS[0], tzinfo=UTC)
    gone = frozenset(buyer.email for buyer in world.buyers.values() if buyer.has_left)
    with Stage(begins, gone, told) as stage:
        rep = Rep(world, seed, stage, Tally(world), Capacity(), rest=lambda: _at_pace(stage))
        rep.set_up(icp.read_text("utf-8"))
        on_ready()
        rep.work(days)
        stage.set_pace("over")
        while True:
            _at_pace(stage)


def _at_pace(stage: Stage) -> None:
    """Rest as long as the reader's pace says; they may change their mind meanwhile."""
    rested = 0.0
    while True:
        match stage.pace():
            case "reset":
                raise StartAnew
            case "fast":
                return
            case "steady" if rested >= _STEADY:
                return
            case "over" if rested >= _STEADY:
                return
        sleep(0.2)
        rested += 0.2
