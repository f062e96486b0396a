"""The weekly review as a letter: what a person reads on Monday before anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from panout.learn.rules.rates import Rate


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of one letter. `to_judge`: names of campaigns; `best`: (axis, slice, meetings, people)."""

    since: date
    until: date
    people: int
    touches: int
    answered: int
    glad: int
    meetings: int
    rate: Rate
    typical_per_100: float
    dials_per_conversation: float | None
    typical_dials: int
    best: Sequence[tuple[str, str, int, int]]
    to_judge: Sequence[str]
    proposals: int


def subject(week: Week) -> str:
    """The line that decides whether it is read: the outcome."""
    return f"Weekly review: {week.meetings} meetings from {week.people} people"


def body(week: Week, url: str) -> str:
    """Plain text, with links to where each figure opens its rows."""
    return "\n".join(_lines(week, url.rstrip("/"))) + "\n"


def _lines(week: Week, url: str) -> Iterator[str]:
    yield f"{week.since:%d %B} to {week.until:%d %B %Y}"
    yield ""
    yield f"{week.touches} touches on {week.people} people: {week.answered} answered, {week.glad} were glad,"
    yield f"{week.meetings} meetings. {_per_100(week)}"
    if week.dials_per_conversation is not None:
        yield f"{week.dials_per_conversation:.0f} dials to a conversation; {week.typical_dials} are usual."
    if week.best:
        yield ""
        yield "Where the meetings came from:"
        yield from (f"- {axis} {name}: {met} of {people}" for axis, name, met, people in week.best)
    if week.to_judge:
        yield ""
        yield f"To judge: {', '.join(week.to_judge)}. {url}/board"
    if week.proposals:
        yield ""
        yield f"{week.proposals} proposals wait for you. {url}/proposals"
    yield ""
    yield f"All of it, and the rows behind each figure: {url}/weekly?since={week.since}&until={week.until}"


def _per_100(week: Week) -> str:
    if week.rate.observed is None:
        return "Nobody was touched."
    own = f"That is {100 * week.rate.observed:.0f} per 100 people"
    span = f"({100 * week.rate.low:.0f} to {100 * week.rate.high:.0f}, nine times in ten)"
    return f"{own} {span}; typical teams get {week.typical_per_100:.0f}."
