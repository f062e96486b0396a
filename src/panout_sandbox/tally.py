"""What is counted, in the same way for every policy."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from panout_sandbox.buyers import Does, Reaction, on_invitation
from panout_sandbox.world import Buyer, World

_WELCOME = {"interested", "meeting_request"}


@dataclass(slots=True)
class Tally:
    """Outcomes as they come. A target contact is somebody who was touched at least once."""

    world: World
    touched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kinds: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    bounces: int = 0
    complaints: int = 0
    after_wish: int = 0  # mails to somebody who had asked to be left alone, had complained, or had bounced
    opt_outs: int = 0
    conversations: int = 0
    booked: dict[str, datetime] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    won: set[str] = field(default_factory=set)
    claims: list[str] = field(default_factory=list)  # what Panout held to be proven, and proposed
    news: dict[str, str] = field(
        default_factory=dict
    )  # what could be read of each when they were first touched
    slices: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def touch(self, buyer: Buyer, kind: str, now: datetime) -> None:
        """Count one touch."""
        if buyer.email not in self.touched:
            self.news[buyer.email] = self.world.latest_news(buyer.company, now.date())
            self._slice(buyer, "contacts")
        self._slice(buyer, "touches")
        self.touched[buyer.email] += 1
        self.kinds[kind] += 1

    def react(self, seed: int, buyer: Buyer, reaction: Reaction, now: datetime) -> None:
        """Count what came of it, meetings included, for policies that do not book them themselves."""
        self.count(reaction)
        if reaction.says in _WELCOME and buyer.email not in self.booked:
            self.meet(seed, buyer, now)

    def count(self, reaction: Reaction) -> None:
        """Count an answer, a bounce, a complaint, a conversation."""
        match reaction.does:
            case Does.BOUNCE:
                self.bounces += 1
            case Does.COMPLAINT:
                self.complaints += 1
            case Does.TALK:
                self.conversations += 1
                self.replies[reaction.says] += 1
            case Does.ANSWER | Does.AWAY:
                self.replies[reaction.says] += 1
            case _:
                return
        if reaction.says in {"unsubscribe", "do_not_contact", "do_not_call"}:
            self.opt_outs += 1

    def meet(self, seed: int, buyer: Buyer, now: datetime) -> datetime | None:
        """Ask for a meeting; when it is booked for, or None. Whether it is held is settled here too."""
        talk = on_invitation(self.world, seed, buyer)
        if not talk.books:
            return None
        at = now + timedelta(days=talk.days)
        self.booked[buyer.email] = at
        self._slice(buyer, "meetings")
        if talk.holds:
            self.held.add(buyer.email)
            if talk.buys:
                self.won.add(buyer.email)
        buyer.silent = True  # further cold mail to somebody we have met would be absurd
        return at

    def close(self, days: int) -> None:
        """Meetings that lie after the end were booked, but not yet held."""
        end = datetime.combine(self.world.market.starts, time(0), tzinfo=UTC) + timedelta(days=days + 10)
        late = {email for email, at in self.booked.items() if at > end}
        self.held -= late
        self.won -= late

    def _slice(self, buyer: Buyer, what: str) -> None:
        news = self.news.get(buyer.email, "none")
        for name in (f"role:{buyer.role}", f"industry:{buyer.company.industry}", f"signal:{news}"):
            self.slices[name][what] += 1

    def outcomes(self) -> dict[str, object]:
        """The keys that `panout sandbox run --json` prints."""
        contacts = len(self.touched)
        per = 100 / contacts if contacts else 0.0
        replies = sum(self.replies.values())
        positive = self.replies["interested"] + self.replies["meeting_request"]
        return {
            "simulation": True,
            "contacts": contacts,
            "touches": sum(self.touched.values()),
            "touches_by_kind": dict(sorted(self.kinds.items())),
            "replies_by_class": dict(sorted(self.replies.items())),
            "reply_rate": round(replies / contacts, 4) if contacts else 0.0,
            "positive_rate": round(positive / contacts, 4) if contacts else 0.0,
            "conversations": self.conversations,
            "meetings": len(self.booked),
            "held": len(self.held),
            "won": len(self.won),
            "meetings_per_100": round(len(self.booked) * per, 2),
            "held_per_100": round(len(self.held) * per, 2),
            "complaints_per_100": round(self.complaints * per, 3),
            "bounces_per_100": round(self.bounces * per, 2),
            "opt_outs_per_100": round(self.opt_outs * per, 2),
            "touches_per_meeting": round(sum(self.touched.values()) / len(self.booked), 1)
            if self.booked
            else None,
            "mails_after_wish": self.after_wish,
            "claims": self.claims,
            "slices": {
                name: _slice_told(counts)
                for name, counts in sorted(self.slices.items())
                if counts["contacts"]
            },
        }


def _slice_told(counts: Counter[str]) -> dict[str, float | None]:
    contacts, touches, meetings = counts["contacts"], counts["touches"], counts["meetings"]
    return {
        "contacts": contacts,
        "touches": touches,
        "meetings": meetings,
        "meetings_per_100": round(100 * meetings / contacts, 1),
        "touches_per_meeting": round(touches / meetings, 1) if meetings else None,
    }
