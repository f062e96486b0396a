"""The report as one HTML file that opens from disk: nothing in it is fetched, nothing in it is a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from panout.flow.report.charts import histogram, sparkline
from panout.flow.report.content import AXES, Content
from panout.flow.summary import Summary

_PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar list: `share` (0..1) of the longest bar."""

    label: str
    text: str
    share: float


def render(summary: Summary, content: Content) -> str:
    """The whole page. Holds no timing, so that the same run leaves the same page."""
    longest = max((step.count for step in summary.funnel), default=0) or 1
    return _PAGE.get_template("report.html.j2").render(
        summary=summary,
        content=content,
        funnel=[Bar(step.name, f"{step.count:,}", step.count / longest) for step in summary.funnel],
        axes=AXES,
        histogram=histogram,
        sparkline=sparkline,
        bars=_bars,
        web=_web_address,
        host=_host,
        base=_base,
    )


def _bars(counts: Sequence[object], most: int = 12) -> list[Bar]:
    named = [(str(getattr(item, "name")), int(getattr(item, "count"))) for item in counts]  # noqa: B009
    longest = max((count for _, count in named), default=0) or 1
    shown = [Bar(name, f"{count:,}", count / longest) for name, count in named[:most]]
    if rest := sum(count for _, count in named[most:]):
        shown.append(Bar(f"{len(named) - most} more", f"{rest:,}", min(rest / longest, 1.0)))
    return shown


def _web_address(text: str) -> str:
    """`text` when it may stand in a link, else nothing: a list can say javascript: where a URL belongs."""
    if "://" not in text and "." in text and " " not in text:
        text = f"https://{text}"
    return text if text.lower().startswith(("https://", "http://")) else ""


def _host(text: str) -> str:
    return urlsplit(_web_address(text)).netloc.removeprefix("www.") or text


def _base(text: str) -> str:
    """The file without its folders: where the lists lie is nobody's business but the runner's."""
    return text.replace("\\", "/").rpartition("/")[2]
