"""What templates say again and again: icons, moments, scores; drawn by attributes, as no style is inline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from panout.flow.clock import now
from panout.kernel.signals import Level, signal_type

register = template.Library()

_SIGNAL_ICONS = {
    "hiring": "user-plus", "hiring_started": "user-plus", "hiring_stopped": "user-x",
    "team_grew": "trending-up",
    "team_shrank": "trending-down", "funding": "trending-up", "leadership": "user-check", "launch": "rocket",
    "news": "news", "tool_change": "puzzle", "tech_changed": "puzzle", "expansion": "map-pin",
    "layoffs": "trending-down", "acquisition": "git-merge", "status_changed": "flag",
    "new_company": "building",
    "renamed": "edit", "contract_end": "calendar-time", "job_changed": "briefcase", "title_changed": "award",
    "new_person": "user-plus", "new_mandate": "target-arrow", "site_visit": "eye", "pricing_visit": "eye",
    "form": "forms", "content": "file-text", "social": "message-circle", "event": "calendar-event",
    "referral": "heart", "life_event": "heart", "moved": "map-pin", "partner": "users-group",
    "compliance": "shield-check", "industry_cycle": "refresh",
}  # fmt: skip
_LEVEL_ICONS = {Level.COMPANY: "building", Level.BUYER: "user", Level.ECOSYSTEM: "world"}
_ACTIVITY_ICONS = {
    "note": "note", "import": "file-import", "merge": "git-merge", "signal": "bolt", "email_sent": "send",
    "reply": "message", "call": "phone", "meeting": "calendar-event", "lifecycle": "flag", "added": "plus",
}  # fmt: skip
AXES = (("fit", "Fit"), ("intensity", "Intensity"), ("timing", "Timing"), ("team", "Team"))


class Scored(Protocol):
    """Anything with the four scores."""

    fit: float | None
    intensity: float | None
    timing: float | None
    team: float | None


class Dated(Protocol):
    """A signal as pages know it."""

    type: str
    date: date
    strength: float
    evidence: str
    dismissed: bool


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing from the sprite; with a label it speaks, else it is decoration."""
    sprite = static("vendor/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


_TOUCH_ICONS = {
    "email": "mail", "call": "phone", "voicemail": "microphone", "linkedin_comment": "message-circle",
    "linkedin_connect": "user-plus", "linkedin_message": "message", "event_meeting": "calendar-event",
    "direct_mail": "mail-opened", "referral_ask": "heart", "task": "checks",
}  # fmt: skip


@register.filter
def touch_icon(kind: str) -> str:
    """The drawing of a kind of touch."""
    return _TOUCH_ICONS.get(str(kind), "checks")


_TONES = {
    "interested": "good", "meeting_request": "good", "question": "river", "referral": "river",
    "unsubscribe": "bad", "do_not_contact": "bad", "complaint": "bad", "bounce": "warn", "not_now": "gold",
}  # fmt: skip


@register.filter
def intent_tone(intent: str) -> str:
    """The colour of what an answer means."""
    return _TONES.get(str(intent), "")


_CHECKS = {"mta_sts": "MTA-STS", "tls_rpt": "TLS reports", "reverse_dns": "Reverse DNS"}


@register.filter
def check_name(check: str) -> str:
    """A check of a domain as people name it: SPF, Reverse DNS."""
    told = str(check).replace("_", " ")
    return _CHECKS.get(str(check)) or (told.upper() if len(told) <= 5 else told[:1].upper() + told[1:])


@register.filter
def thousandths(share: float) -> str:
    """A share where the last tenth of a per cent matters."""
    return f"{share * 100:.1f} %"


@register.filter
def about(number: int) -> str:
    """An estimate, no finer than it can be: two figures that count."""
    if number < 100:
        return f"{number}"
    unit = 10 ** (len(str(number)) - 2)
    return f"{round(number / unit) * unit:,}"


@register.filter
def joined(text: str, other: object) -> str:
    """The one directly after the other."""
    return f"{text}{other}"


@register.filter
def is_past(moment: datetime) -> bool:
    return moment < now()


@register.filter
def profile_address(profile: str) -> str:
    """A social profile as an address that can be opened; lists give it with and without its scheme."""
    bare = profile.split("://", 1)[-1]
    return f"https://{bare}"


@register.simple_tag
def signal_icon(kind: str) -> SafeString:
    return icon(_SIGNAL_ICONS.get(kind) or _LEVEL_ICONS[signal_type(kind).level])


@register.simple_tag
def activity_icon(kind: str) -> SafeString:
    return icon(_ACTIVITY_ICONS.get(kind, "activity"))


@register.filter
def signal_words(kind: str) -> str:
    """What a type of signal says: "raised money"."""
    return signal_type(kind).label


@register.filter
def words(name: object) -> str:
    """A name of ours as people read it: economic_buyer, economic buyer; linkedin_message, LinkedIn message."""
    read = str(name).replace("_", " ")
    return f"LinkedIn {read[9:]}" if read.startswith("linkedin ") else read


@register.filter
def plain_label(label: str) -> str:
    """A field's label without what only engineers need: "Country", not "country (ISO 3166 alpha-2)"."""
    short = label.partition(" (")[0]
    return short[:1].upper() + short[1:]


@register.filter
def known(value: object) -> object:
    """A value of the book as people read it."""
    match value:
        case None:
            return ""
        case True:
            return "yes"
        case False:
            return "no"
        case int() | float():
            return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:g}"
        case tuple() | list():
            return ", ".join(str(part) for part in value)
        case Mapping():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return value


@register.filter
def points(value: float | None) -> str:
    """A score without its decimals; what is not known says so."""
    return "?" if value is None else f"{value:.0f}"


@register.filter
def percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.0f} %"


@register.filter
def web_address(source: object) -> str:
    """The text when it is safe to link to, else nothing: a list may claim javascript: as its source."""
    told = str(source)
    return told if told.startswith(("https://", "http://")) else ""


@register.filter
def host(source: str) -> str:
    """An address as people name it."""
    return source.split("://", 1)[-1].split("/", 1)[0].removeprefix("www.")


@register.simple_tag
def when(moment: datetime | date | None) -> SafeString | str:
    """A moment in the reader's zone: near ones in words, all of them whole on a pointer's rest."""
    return "" if moment is None else _stamp(moment, _near(moment))


@register.simple_tag
def until(moment: datetime | date | None) -> SafeString | str:
    """The end of a wait: "until 15:10", "until 16 Mar", but "for 2 days" where the day is near."""
    if moment is None:
        return ""
    text = _near(moment)
    word, text = ("for", text.removeprefix("in ")) if text.startswith("in ") else ("until", text)
    return format_html("{} {}", word, _stamp(moment, text))


def _near(moment: datetime | date) -> str:
    today = timezone.localtime(now()).date()
    if not isinstance(moment, datetime):
        return _day(moment, today)
    here = timezone.localtime(moment)
    return here.strftime("%H:%M") if here.date() == today else _day(here.date(), today)


def _stamp(moment: datetime | date, text: str) -> SafeString:
    if not isinstance(moment, datetime):
        whole = moment.strftime("%A %-d %B %Y")
    else:
        moment = timezone.localtime(moment)
        whole = moment.strftime("%A %-d %B %Y, %H:%M %Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), whole, text)


def _day(day: date, today: date) -> str:
    match (today - day).days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case -1:
            return "tomorrow"
        case ago if 1 < ago < 7:
            return f"{ago} days ago"
        case ago if -7 < ago < -1:
            return f"in {-ago} days"
    return day.strftime("%-d %b" if day.year == today.year else "%-d %b %Y")


@register.simple_tag
def fitt(scored: Scored) -> SafeString:
    """The four scores as four small columns, F I T T; an unknown one is a dashed outline."""
    told, drawn = [], []
    for place, (axis, name) in enumerate(AXES):
        value = getattr(scored, axis)
        left = place * 13
        told.append(f"{name} {'unknown' if value is None else round(value)}")
        drawn.append((left, "track", 0, 22))
        if value is None:
            drawn.append((left, "unknown", 1, 20))
        else:
            tall = max(1.5, value * 0.22)
            drawn.append((left, axis, round(22 - tall, 1), round(tall, 1)))
    rects = format_html_join(
        "", '<rect x="{}" y="{}" width="10" height="{}" rx="2" class="{}"></rect>',
        ((left, top, tall, css) for left, css, top, tall in drawn),
    )  # fmt: skip
    return format_html(
        '<svg class="fitt-row" viewBox="0 0 49 22" width="49" height="22" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>",
        ", ".join(told), " · ".join(told), rects,
    )  # fmt: skip


@register.simple_tag
def bar(value: float | None, css: str = "fit", label: str = "") -> SafeString:
    """A score of a hundred as a bar."""
    shown = 0.0 if value is None else max(0.0, min(100.0, value))
    return format_html(
        '<svg class="meter" viewBox="0 0 100 7" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" width="100" height="7" rx="2"></rect>'
        '<rect class="{}" width="{}" height="7" rx="2"></rect></svg>',
        f"{label} {'unknown' if value is None else round(value)}".strip(), css, round(shown, 1),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Dot:
    left: float
    size: float
    css: str
    words: str


_SPAN_DAYS = 180
_WIDE, _HIGH = 720, 74


@register.simple_tag
def signal_line(signals: Iterable[Dated]) -> SafeString:
    """Half a year of signals on one line; size is strength, and what is old is pale, as it counts less."""
    today = timezone.localtime(now()).date()
    dots = [_dot(one, today) for one in signals if 0 <= (today - one.date).days <= _SPAN_DAYS]
    months = list(_months(today))
    ticks = format_html_join(
        "",
        '<line class="axis" x1="{0}" x2="{0}" y1="8" y2="52"></line><text x="{1}" y="68">{2}</text>',
        ((_left(day, today), _left(day, today) + 3, day.strftime("%b")) for day in months),
    )
    marks = format_html_join(
        "", '<circle class="{}" cx="{}" cy="30" r="{}"><title>{}</title></circle>',
        ((dot.css, dot.left, dot.size, dot.words) for dot in dots),
    )  # fmt: skip
    return format_html(
        '<svg class="plot signal-line" viewBox="0 0 {} {}" role="img" aria-label="{} signals in half a year">'
        '<line class="axis" x1="0" x2="{}" y1="30" y2="30"></line>{}{}</svg>',
        _WIDE, _HIGH, len(dots), _WIDE, ticks, marks,
    )  # fmt: skip


def _left(day: date, today: date) -> float:
    return round(_WIDE - 16 - (today - day).days / _SPAN_DAYS * (_WIDE - 32), 1)


def _months(today: date) -> Iterable[date]:
    first = today.replace(day=1)
    while (today - first).days <= _SPAN_DAYS:
        yield first
        first = (first - timedelta(days=1)).replace(day=1)


def _dot(one: Dated, today: date) -> _Dot:
    age = (today - one.date).days
    fresh = "fresh" if age <= 30 else "aging" if age <= 90 else "stale"
    css = f"dot {'dismissed' if one.dismissed else fresh}"
    said = f"{signal_type(one.type).label}, {one.date:%-d %B}: {one.evidence}"
    return _Dot(_left(one.date, today), round(4 + 7 * one.strength, 1), css, said)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The present address's query with some values changed; an empty value drops its name."""
    request: HttpRequest = context["request"]
    asked = request.GET.copy()
    for name, value in changes.items():
        asked.pop(name, None)
        if value not in (None, ""):
            asked[name] = str(value)
    text = asked.urlencode()
    return f"?{text}" if text else request.path
