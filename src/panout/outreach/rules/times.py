"""When a text says that something was or will be: words of time as spans of days."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Moment:
    """Words of time at `start`: the day that they speak of lies from `first` to `last`.

    `precise` words name a day or a month; "recently" and "this year" hardly say anything.
    """

    said: str
    start: int
    first: date
    last: date
    precise: bool = True

    def holds(self, first: date, last: date) -> bool:
        """Whether something between two days can be what is spoken of."""
        return first <= self.last and last >= self.first


_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = "|".join(_DAYS)
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2)}
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "few": 3, "a few": 3, "couple of": 2, "a couple of": 2,
    "several": 5, "half a": 0.5,
}  # fmt: skip
_UNIT = {
    "day": 1.0,
    "night": 1.0,
    "week": 7.0,
    "fortnight": 14.0,
    "month": 30.4,
    "quarter": 91.0,
    "year": 365.0,
}
_COUNT = rf"(?P<count>\d+|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
_SPAN = (
    rf"(?:{_COUNT} (?:short |long |full |whole )?(?P<unit>day|night|week|fortnight|month|quarter"
    rf"|year)s?)(?!-| (?:nurses?|shifts?|rota))"
)
_PART = (
    r"(?P<part>(?:early|late|mid|the (?:start|beginning|end|middle|first (?:days|weeks?|half)|last (?:days|weeks?))"
    r"(?: of)?)[ -](?:in )?)?"
)

_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b")
_DAY_MONTH = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b\.?(?:,? (?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE
)
_IN_MONTH = re.compile(
    rf"\b(?P<lead>in|since|of|from|last|this|next|coming|come|by|before|until|till|after|back in|for|during"
    rf"|as of|your|the|and|or) {_PART}(?P<month>{_MONTH})\b\.?(?P<genitive>'s"
    rf"|\u2019s)?(?: (?P<year>\d{{4}}))?"
    rf"|\b(?P<alone>early|late|mid)[ -](?P<month2>{_MONTH})\b(?: (?P<year2>\d{{4}}))?",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?<![\d$\u20ac\u00a3,.])\b(?P<year>(?:19|20)\d\d)\b(?!\s*(?:people|employees|customers|staff"
    r"|companies|square))(?![,.]\d)"
)
_QUARTER = re.compile(
    r"\b(?:(?P<which>first|second|third|fourth|last|this|next) quarter\b"
    r"|Q(?P<quarter>[1-4])\b)(?: (?:of )?(?P<year>\d{4}))?",
    re.IGNORECASE,
)
_HALF = re.compile(r"\bH(?P<half>[12])\b(?: (?P<year>\d{4}))?")
_AGO = re.compile(
    rf"\b(?:(?P<hedge>over|more than|nearly|almost|about|around|just over|just under|barely|only"
    rf"|less than) )?{_SPAN} (?:ago|back\b(?! (?:to|in|on|at|from)))",
    re.IGNORECASE,
)
# "In six months" is when, or how long it took: only what opens, starts or is due says when.
_IN_SPAN = re.compile(
    rf"(?:\b(?:opens?|opening|starts?|starting|begins|due|launch(?:es|ing)"
    rf"|goes live) (?:\w+ ){{0,4}}?)(?P<said>\b(?:in|within) (?:about |around |just |less than |under "
    rf"|the next )?{_SPAN}(?:'|\u2019)?(?: time)?\b(?! of))",
    re.IGNORECASE,
)
_PAST_SPAN = re.compile(
    rf"\b(?:(?:in|over|for|during) (?:the )?(?:last|past)|the (?:last|past)) (?:(?:few"
    rf"|couple of) (?P<loose>days|weeks|months)|{_SPAN})\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    rf"\bfor (?:about |over |more than |nearly |almost |well over )?(?P<words>{_SPAN})\b(?! ago)",
    re.IGNORECASE,
)
_SEASON = re.compile(
    rf"\b(?P<lead>in|over|during|since|this|last|next|back in|back over|by|before|until|come|for|from"
    rf"|this past)"
    rf" {_PART}(?:the )?(?P<season>spring|summer|autumn|fall|winter)\b(?! (?:back|apart|in|to|into|out"
    rf"|for|over|off|behind|short)\b)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(?P<lead>last|on|this past|this|since|since last|back on|next|by|until|from|as of) (?P<day>{_WEEKDAYS})"
    r"\b(?! (?:night|morning|afternoon)s\b)",
    re.IGNORECASE,
)
_FEASTS = {
    "christmas": (12, 25),
    "new year": (1, 1),
    "the new year": (1, 1),
    "easter": (4, 5),
    "halloween": (10, 31),
}
_FEAST = re.compile(
    r"\b(?:(?P<lead>before|by|until|in|over|after|since|around|at|for|ahead of|in time for|come"
    r"|just before|just after|last|this|next) )"
    r"(?P<feast>christmas|the new year|new year|easter|thanksgiving|black friday|halloween|the holidays"
    r"|year-end|year end|the end of the year|the turn of the year)\b(?: (?P<year>\d{4}))?",
    re.IGNORECASE,
)
# Days from today: of what is past below zero.
_FIXED: tuple[tuple[re.Pattern[str], int, int, bool], ...] = tuple(
    (re.compile(rf"\b{words}\b", re.IGNORECASE), first, last, precise)
    for words, first, last, precise in (
        (r"(?:(?:earlier|later) )?(?:today|this morning|this afternoon)(?!'s|\u2019s)", -1, 0, True),
        (r"(?<!preferably )yesterday(?:'s|\u2019s)?", -2, -1, True),
        ("last night", -2, -1, True), ("tomorrow", 1, 1, True),
        ("the week before last", -21, -7, True),
        ("next week", 2, 14, True), ("next month", 7, 62, True), ("next quarter", 10, 184, True),
        ("next year", 30, 410, True), ("earlier this year", -330, -20, True), ("later this year", -1, 60, True),
        ("(?:over|at|last|this past) (?:the )?weekend", -8, -1, True), ("the other (?:day|week)", -24, 0, False),
        ("a fortnight ago", -20, -10, True), ("the day before yesterday", -4, -2, True),
        ("recently|lately", -120, 0, False), ("a while (?:ago|back)|some time ago|ages ago", -2000, -45, False),
        ("any day now", 0, 40, True), ("years ago", -20000, -500, True),
        ("months ago", -700, -50, True), ("weeks ago", -80, -10, True), ("days ago", -13, 0, True),
        ("a year ago", -460, -280, True), ("decades ago", -40000, -5000, True), ("last summer", -540, -60, True),
    )
)  # fmt: skip


@lru_cache(maxsize=1 << 13)
def read(text: str, today: date) -> tuple[Moment, ...]:
    """Every word of time, each once: what one form has read, the next does not see."""
    found: list[Moment] = []
    left = text
    for reader in (
        _exact,
        _spans,
        _months,
        _edges,
        _fixed,
        _current,
        _seasons,
        _weekdays,
        _feasts,
        _quarters,
        _years,
    ):
        for one in reader(left, today):
            found.append(one)
            left = left[: one.start] + " " * len(one.said) + left[one.start + len(one.said) :]
    return tuple(sorted(found, key=lambda one: one.start))


def _month(name: str) -> int:
    if name.isdigit():
        return int(name)
    return 1 + next(place for place, one in enumerate(_NAMES) if one.startswith(name.lower()[:3]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _exact(text: str, today: date) -> Iterator[Moment]:
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(text):
            month, day = _month(match["month"]), int(match["day"])
            years = [int(match["year"])] if match["year"] else [today.year, today.year - 1, today.year + 1]
            days = [one for year in years if (one := _day(year, month, day))]
            if days:
                nearest = min(days, key=lambda one: abs((one - today).days))
                yield Moment(match.group(), match.start(), nearest, nearest)
        text = pattern.sub(lambda match: " " * len(match.group()), text)


def _spanned(match: re.Match[str]) -> tuple[float, float]:
    """Days that "three weeks" may be: people round."""
    said = match["count"].lower()
    count = float(said) if said.isdigit() else _COUNTS[said]
    days = min(count, 10_000.0) * _UNIT[match["unit"].lower()]
    return days * 0.62, days * 1.45 + 1


def _spans(text: str, today: date) -> Iterator[Moment]:
    for match in _AGO.finditer(text):
        least, most = _spanned(match)
        yield Moment(match.group(), match.start(), _moved(today, -most), _moved(today, -least))
    text = _AGO.sub(lambda match: " " * len(match.group()), text)
    for match in _PAST_SPAN.finditer(text):
        if match["loose"]:
            most = {"days": 10.0, "weeks": 45.0, "months": 200.0}[match["loose"].lower()]
        else:
            most = _spanned(match)[1]
        yield Moment(match.group(), match.start(), _moved(today, -most), today)
    text = _PAST_SPAN.sub(lambda match: " " * len(match.group()), text)
    for match in _IN_SPAN.finditer(text):
        least, most = _spanned(match)
        yield Moment(match["said"], match.start("said"), _moved(today, min(least, 1)), _moved(today, most))


def _moved(today: date, days: float) -> date:
    return today + timedelta(days=max(-200_000, min(200_000, round(days))))


def _whole(year: int, month: int, part: str | None) -> tuple[date, date]:
    year = max(2, min(9_000, year))
    last = monthrange(year, month)[1]
    said = (part or "").lower()
    if said.startswith("early") or "start" in said or "beginning" in said or "first" in said:
        return date(year, month, 1), date(year, month, 14)
    if said.startswith("late") or "end" in said or "last" in said:
        return date(year, month, 17), date(year, month, last)
    if said.startswith("mid") or "middle" in said:
        return date(year, month, 9), date(year, month, 22)
    return date(year, month, 1), date(year, month, last)


def _months(text: str, today: date) -> Iterator[Moment]:
    for match in _IN_MONTH.finditer(text):
        name = match["month"] or match["month2"]
        if name in {"may", "march", "mar"}:  # verbs, when small
            continue
        month, part = _month(name), match["part"] or match["alone"]
        lead = (match["lead"] or "").lower()
        if match["year"] or match["year2"]:
            years = [int(match["year"] or match["year2"])]
        elif lead in {"next", "coming", "come"}:
            years = [today.year + (month <= today.month)]
        elif lead == "last":
            years = [today.year - (month >= today.month)]
        else:
            years = [today.year, today.year - 1, today.year + 1]
        spans = [_whole(year, month, part) for year in years]
        nearest = min(spans, key=lambda span: abs((span[0] - today).days + 15))
        first, last = nearest
        if lead in {"by", "before", "until", "till"}:
            last = last if lead == "by" else first
            first = min(today - timedelta(days=40), first) if last < today else min(today, first)
        yield Moment(match.group(), match.start(), first, last)


_CURRENT = re.compile(
    r"\b(?:(?:earlier|later|already|as of) )?(?P<which>this|last) (?P<unit>week|month|quarter|year)\b",
    re.IGNORECASE,
)
_EDGE = re.compile(
    r"\b(?:at|since|from|by|around|towards?|near|until) the (?P<edge>start|beginning|turn|end"
    r"|middle) of (?P<which>the|this|last|next) (?P<unit>week|month|quarter|year|summer)\b",
    re.IGNORECASE,
)


def _edges(text: str, today: date) -> Iterator[Moment]:
    for match in _EDGE.finditer(text):
        unit, which = match["unit"].lower(), match["which"].lower()
        if unit != "year" or which == "next":
            continue
        year = today.year - (which == "last")
        if match["edge"].lower() in {"end", "turn"}:
            span = date(year, 11, 15), date(year + 1, 1, 15)
        elif match["edge"].lower() == "middle":
            span = date(year, 5, 1), date(year, 8, 31)
        else:
            span = date(year, 1, 1), date(year, 2, 28)
        yield Moment(match.group(), match.start(), *span)


_SLACK = timedelta(days=3)  # mails lie a few days before they are read


def _current(text: str, today: date) -> Iterator[Moment]:
    for match in _CURRENT.finditer(text):
        unit, last = match["unit"].lower(), match["which"].lower() == "last"
        if unit == "week":
            first = today - timedelta(days=today.weekday() + 7 * last)
            end = today - timedelta(days=1) if last else first + timedelta(days=6)
        elif unit == "month":
            end = _whole(today.year, today.month, None)[1]
            if last:
                end = today.replace(day=1) - timedelta(days=1)
            first = end.replace(day=1)
        elif unit == "quarter":
            begin = (today.month - 1) // 3 * 3 + 1
            first, end = date(today.year, begin, 1), _whole(today.year, begin + 2, None)[1]
            if last:
                end = first - timedelta(days=1)
                first = date(end.year, end.month - 2, 1)
        else:
            first, end = date(today.year - last, 1, 1), date(today.year - last, 12, 31)
        yield Moment(match.group(), match.start(), first - _SLACK, end + _SLACK * last)


def _fixed(text: str, today: date) -> Iterator[Moment]:
    for pattern, first, last, precise in _FIXED:
        for match in pattern.finditer(text):
            yield Moment(match.group(), match.start(), _moved(today, first), _moved(today, last), precise)
        text = pattern.sub(lambda match: " " * len(match.group()), text)


def _season(season: str, year: int) -> tuple[date, date]:
    begin, end = _SEASONS[season]
    last = year if begin < end else year + 1
    return date(year, begin, 1), date(last, end, monthrange(last, end)[1])


def _seasons(text: str, today: date) -> Iterator[Moment]:
    for match in _SEASON.finditer(text):
        lead, season = match["lead"].lower(), match["season"].lower()
        every = [_season(season, today.year + more) for more in (-2, -1, 0, 1)]
        if lead == "next":
            first, last = next(span for span in every if span[0] > today)
        elif lead in {"last", "this past", "since", "back in", "back over"}:
            first, last = next(span for span in reversed(every) if span[1] < today or span[0] < today)
        else:
            first, last = min(every, key=lambda span: abs((span[0] - today).days + 45))
        if season == "winter" and lead in {"this", "over"}:
            first -= timedelta(days=31)  # people begin to say so in November
        if lead in {"by", "before", "until"}:
            first, last = min(today, first), (last if lead == "by" else first)
        yield Moment(match.group(), match.start(), first, last)


def _weekdays(text: str, today: date) -> Iterator[Moment]:
    for match in _WEEKDAY.finditer(text):
        lead, number = match["lead"].lower(), _DAYS.index(match["day"].lower())
        back = (today.weekday() - number) % 7 or 7
        past, ahead = today - timedelta(days=back), today + timedelta(days=7 - back)
        if lead in {"last", "since", "since last", "this past", "back on"}:
            # On a Friday, "last Monday" may be four days ago, or eleven.
            yield Moment(match.group(), match.start(), past - timedelta(days=7), past)
        elif lead in {"next", "by", "until", "from"}:
            first = ahead - timedelta(days=7 * (lead == "by"))
            yield Moment(match.group(), match.start(), first, ahead + timedelta(days=7))
        else:
            yield Moment(match.group(), match.start(), past, ahead)


def _feasts(text: str, today: date) -> Iterator[Moment]:
    for match in _FEAST.finditer(text):
        feast, lead = match["feast"].lower(), match["lead"].lower()
        if match["year"]:
            year = max(2, min(9_000, int(match["year"])))
            month, day = _FEASTS.get(feast, (12, 31))
            last = date(year, month, day)
            yield Moment(match.group(), match.start(), last - timedelta(days=20), last)
            continue
        if feast in {"thanksgiving", "black friday"}:
            days = [
                _thanksgiving(today.year + more) + timedelta(days=feast != "thanksgiving")
                for more in (-1, 0, 1)
            ]
        elif feast in _FEASTS:
            days = [date(today.year + more, *_FEASTS[feast]) for more in (-1, 0, 1)]
        else:
            days = [date(today.year + more, 12, 31) for more in (-1, 0, 1)]
        ahead = next(day for day in days if day >= today)
        behind = next(day for day in reversed(days) if day < today)
        if lead in {"since", "last"}:
            span = behind, behind + timedelta(days=14 if lead == "last" else 45)
        elif lead in {"before", "by", "until", "ahead of", "in time for", "just before"}:
            span = today, ahead
        elif "new year" in feast:
            span = ahead - timedelta(days=2), ahead + timedelta(days=75)
        elif lead in {"after", "just after"}:
            span = ahead, ahead + timedelta(days=60)
        else:
            span = ahead - timedelta(days=10), ahead + timedelta(days=10)
        yield Moment(match.group(), match.start(), *span)


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def _quarters(text: str, today: date) -> Iterator[Moment]:
    for match in _QUARTER.finditer(text):
        if match["which"] and match["which"].lower() in {"this", "next", "last"}:
            continue  # read already
        number = int(
            match["quarter"] or ("first", "second", "third", "fourth").index(match["which"].lower()) + 1
        )
        if match["which"] and not match["year"]:
            continue  # "in its first quarter" is anybody's
        years = [int(match["year"])] if match["year"] else [today.year, today.year - 1, today.year + 1]
        spans = [(_whole(year, number * 3 - 2, None)[0], _whole(year, number * 3, None)[1]) for year in years]
        first, last = min(spans, key=lambda span: abs((span[0] - today).days + 45))
        yield Moment(match.group(), match.start(), first, last)
    for match in _HALF.finditer(text):
        years = [int(match["year"])] if match["year"] else [today.year, today.year - 1, today.year + 1]
        begin = 1 if match["half"] == "1" else 7
        spans = [(_whole(year, begin, None)[0], _whole(year, begin + 5, None)[1]) for year in years]
        first, last = min(spans, key=lambda span: abs((span[0] - today).days + 90))
        yield Moment(match.group(), match.start(), first, last)


def _years(text: str, _today: date) -> Iterator[Moment]:
    for match in _YEAR.finditer(text):
        year = int(match["year"])
        yield Moment(match.group(), match.start(), date(year, 1, 1), date(year, 12, 31))


def lasting(text: str, today: date) -> Iterator[Moment]:
    """Since when something is so, where a text says for how long."""
    for match in _LASTING.finditer(text):
        least, most = _spanned(match)
        yield Moment(match.group(), match.start(), _moved(today, -most), _moved(today, -least))
