"""Charts as inline SVG: no script, nothing fetched, colours from the page's own style sheet."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from panout.flow.report.content import BINS, VERDICTS, Histogram

_WIDTH, _HEIGHT, _FOOT = 280, 120, 16
_BAR = Markup(
    '<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"><title>{said}</title></rect>'
)
_MARK = Markup('<text x="{x}" y="{y}" text-anchor="{anchor}">{said}</text>')


def histogram(chart: Histogram) -> Markup:
    """Stacked bars, one for every ten points, prospects lowest."""
    totals = [sum(chart.bins[kind][n] for kind in range(len(VERDICTS))) for n in range(BINS)]
    tallest = max(totals, default=0)
    if not tallest:
        return Markup("")
    step = _WIDTH / BINS
    bars = []
    for n in range(BINS):
        top = float(_HEIGHT)
        for kind, verdict in enumerate(VERDICTS):
            count = chart.bins[kind][n]
            if not count:
                continue
            # A bar too low to see would say that nobody is there.
            high = max(count / tallest * (_HEIGHT - 4), 1.5)
            top -= high
            bars.append(
                _BAR.format(
                    kind=verdict,
                    x=_f(n * step + 1.5),
                    y=_f(top),
                    width=_f(step - 3),
                    height=_f(high),
                    said=f"{count:,} {_plural(verdict, count)} at {n * 10}-{n * 10 + 10}",
                )
            )
    marks = Markup("").join(
        _MARK.format(x=_f(at * _WIDTH / 100), y=_HEIGHT + 13, anchor=anchor, said=at)
        for at, anchor in ((0, "start"), (50, "middle"), (100, "end"))
    )
    label = f"{chart.axis}: how many score 0 to 100"
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line class="base" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>'
    ).format(_WIDTH, _HEIGHT + _FOOT, label, Markup("").join(bars), _WIDTH, _HEIGHT, _HEIGHT, marks)


def sparkline(counts: Sequence[int], months: Sequence[str]) -> Markup:
    """A year in twelve small bars."""
    tallest = max(counts, default=0)
    if not tallest:
        return Markup("")
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="7" height="{}"><title>{}: {:,}</title></rect>').format(
            n * 9, _f(22 - high), _f(high), month, count
        )
        for n, (month, count) in enumerate(zip(months, counts, strict=True))
        if (high := max(count / tallest * 22, 1.0 if count else 0.4))
    )
    label = ", ".join(f"{month}: {count}" for month, count in zip(months, counts, strict=True) if count)
    return Markup('<svg class="spark" viewBox="0 0 {} 22" role="img" aria-label="{}">{}</svg>').format(
        len(counts) * 9 - 2, label, bars
    )


def _f(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


def _plural(word: str, count: int) -> str:
    return word if count == 1 or word == "disqualified" else f"{word}s"
