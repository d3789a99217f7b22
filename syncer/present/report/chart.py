"""One key result's progress over its time as plain SVG: what was expected, what was reached, where it leads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

WIDTH, HEIGHT = 320, 136
LEFT, TOP, BOTTOM = 6, 18, 18
MOST_DOTS = 16
"""Days marked with a dot; the line runs through all of them."""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """Progress (0 to 1) on a day."""

    day: date
    progress: Decimal


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the values. `expected` may be empty; `forecast` leads on from the newest value.

    `start` and `finish` are baseline and target in words; `label` is read aloud in place of the picture.
    """

    first: date
    last: date
    today: date
    expected: Sequence[ChartPoint] = ()
    forecast: Sequence[ChartPoint] = ()
    start: str = ""
    finish: str = ""
    label: str = ""


def chart_svg(points: Sequence[ChartPoint], frame: Frame) -> str:
    """The line of progress over the expected one; dots for some days, the first and the newest among them."""
    inside = [point for point in points if frame.first <= point.day <= frame.last]
    right, floor, finish = WIDTH - LEFT, _y(Decimal(0)), _y(Decimal(1))
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(frame.label)}">',
        f'<line x1="{LEFT}" y1="{floor}" x2="{right}" y2="{floor}"/>',
        f'<line class="finish" x1="{LEFT}" y1="{finish}" x2="{right}" y2="{finish}"/>',
    ]
    if frame.first <= frame.today <= frame.last:
        x = _x(frame.today, frame)
        parts.append(f'<line class="today" x1="{x}" y1="{finish}" x2="{x}" y2="{floor}"/>')
    if frame.expected:
        parts.append(f'<polyline class="expected" points="{_path(frame.expected, frame)}"/>')
    if inside and frame.forecast:
        parts.append(f'<polyline class="forecast" points="{_path([inside[-1], *frame.forecast], frame)}"/>')
    if inside:
        parts.append(f'<polyline class="reached" points="{_path(_bends(inside), frame)}"/>')
    parts += [_dot(point, frame) for point in _some(inside)]
    parts += [
        f'<text x="{LEFT}" y="{TOP - 6}">{escape(frame.finish)}</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 5}">{frame.first}{escape(f" · {frame.start}" if frame.start else "")}</text>',
        f'<text x="{right}" y="{HEIGHT - 5}" text-anchor="end">{frame.last}</text></svg>',
    ]
    return "".join(parts)


def _dot(point: ChartPoint, frame: Frame) -> str:
    percent = (point.progress * 100).quantize(Decimal(1))
    at = f'cx="{_x(point.day, frame)}" cy="{_y(point.progress)}"'
    return f'<circle {at} r="2.5"><title>{point.day}: {percent}%</title></circle>'


def _path(points: Iterable[ChartPoint], frame: Frame) -> str:
    return " ".join(f"{_x(point.day, frame)},{_y(point.progress)}" for point in points)


def _bends(points: Sequence[ChartPoint]) -> list[ChartPoint]:
    """Without the points in the middle of a level stretch: the same line in fewer bytes."""
    ends = {0, len(points) - 1}
    return [
        point
        for index, point in enumerate(points)
        if index in ends or not points[index - 1].progress == point.progress == points[index + 1].progress
    ]


def _some(points: Sequence[ChartPoint]) -> list[ChartPoint]:
    if len(points) <= MOST_DOTS:
        return list(points)
    last = len(points) - 1
    return [points[index * last // (MOST_DOTS - 1)] for index in range(MOST_DOTS)]


def _x(day: date, frame: Frame) -> str:
    days = max((frame.last - frame.first).days, 1)
    return f"{LEFT + (WIDTH - 2 * LEFT) * (day - frame.first).days / days:.1f}"


def _y(progress: Decimal) -> str:
    return f"{HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(progress):.1f}"
