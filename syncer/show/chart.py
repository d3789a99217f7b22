"""One key result's progress over the cycle as plain SVG: what was expected, what was reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT, EDGE = 320, 96, 6


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """Progress (0 to 1) on a day."""

    day: date
    progress: Decimal


def chart_svg(points: Sequence[ChartPoint], first: date, last: date, label: str) -> str:
    """The line of progress over the expected one; a point for each day that was read. `label` is read aloud."""
    expected = f"{_x(first, first, last)},{_y(Decimal(0))} {_x(last, first, last)},{_y(Decimal(1))}"
    inside = [point for point in points if first <= point.day <= last]
    reached = " ".join(f"{_x(point.day, first, last)},{_y(point.progress)}" for point in inside)
    dots = "".join(
        f'<circle cx="{_x(point.day, first, last)}" cy="{_y(point.progress)}" r="2.5"><title>{point.day}: '
        f"{(point.progress * 100).quantize(Decimal(1))}%</title></circle>"
        for point in inside
    )
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_plain(label)}">'
        f'<line class="floor" x1="{EDGE}" y1="{_y(Decimal(0))}" x2="{WIDTH - EDGE}" y2="{_y(Decimal(0))}"/>'
        f'<line class="finish" x1="{EDGE}" y1="{_y(Decimal(1))}" x2="{WIDTH - EDGE}" y2="{_y(Decimal(1))}"/>'
        f'<polyline class="expected" points="{expected}"/><polyline class="reached" points="{reached}"/>{dots}</svg>'
    )


def _x(day: date, first: date, last: date) -> str:
    days = max((last - first).days, 1)
    return f"{EDGE + (WIDTH - 2 * EDGE) * (day - first).days / days:.1f}"


def _y(progress: Decimal) -> str:
    return f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * float(progress):.1f}"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
