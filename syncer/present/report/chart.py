"""Charts as SVG: a key result's values against its expected line and target, and its sparkline."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

from config.dataclass import dataclass

WIDTH, HEIGHT = 420, 190
LEFT, RIGHT, TOP, BOTTOM = 60, 58, 16, 24
"""Margins: tick labels, the last value's label, the highest label, and the months."""
SPARK_WIDTH, SPARK_HEIGHT = 96, 26
FEWEST = 2
"""Fewer points than this draw no line, and make no chart."""
MOST_DOTS = 16
_TICKS = 3
_SMALLEST = 1e-9
"""Smallest room of a scale; below it everything is level."""
_FINEST = 1e-6


@dataclass(frozen=True, slots=True)
class Point:
    """A value on a day."""

    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything in a chart but the values.

    Attributes:
        show: formats a value on the axis and at the end of the line.
        month: names a day's month.
        target: value of the target line; None for none.
        target_label: its text.
        expected: the expected line; may be empty.
        forecast: points after the newest value; may be empty.
        label: text alternative of the chart (`aria-label`).
    """

    first: date
    last: date
    show: Callable[[float], str]
    month: Callable[[date], str]
    target: float | None = None
    target_label: str = ""
    expected: Sequence[Point] = ()
    forecast: Sequence[Point] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    days: int
    low: float
    high: float

    def x(self, day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first).days / self.days

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / (self.high - self.low)

    def path(self, points: Iterable[Point]) -> str:
        return " ".join(f"{self.x(point.day):.1f},{self.y(point.value):.1f}" for point in points)


def chart_svg(points: Sequence[Point], frame: Frame) -> str:
    """Draw a chart as an SVG element; empty for fewer than two points within the frame."""
    inside = [point for point in points if frame.first <= point.day <= frame.last]
    if len(inside) < FEWEST:
        return ""
    every = [*inside, *frame.expected, *frame.forecast]
    values = [point.value for point in every] + ([frame.target] if frame.target is not None else [])
    marks = ticks(min(values), max(values))
    scale = _Scale(
        frame.first,
        max((frame.last - frame.first).days, 1),
        min(*marks, *values),
        max(*marks, *values),
    )
    body = [*_grid(marks, frame, scale), *_months(frame, scale), *_target(frame, scale), *_lines(inside, frame, scale)]
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(frame.label)}">'
    return "".join([head, *body, "</svg>"])


def spark_svg(points: Sequence[Point]) -> str:
    """Draw a sparkline as an SVG element without labels; empty for fewer than two points."""
    if len(points) < FEWEST:
        return ""
    low, high = min(point.value for point in points), max(point.value for point in points)
    days, room = max((points[-1].day - points[0].day).days, 1), (high - low) or 1.0

    def place(point: Point) -> str:
        x = 3 + (SPARK_WIDTH - 6) * (point.day - points[0].day).days / days
        return f"{x:.0f},{SPARK_HEIGHT - 4 - (SPARK_HEIGHT - 8) * (point.value - low) / room:.1f}"

    x, y = place(points[-1]).split(",")
    line = " ".join(place(point) for point in bends(points))
    size = f'viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}"'
    drawn = f'<polyline points="{line}"/><circle cx="{x}" cy="{y}" r="2.5"/>'
    return f'<svg class="spark" {size} aria-hidden="true">{drawn}</svg>'


def ticks(low: float, high: float) -> list[float]:
    """Return a few round numbers from at or below `low` to at or above `high`."""
    largest = max(abs(low), abs(high))
    room = high - low if high - low > max(largest * _FINEST, _SMALLEST) else largest if largest > _SMALLEST else 1.0
    rough = room / _TICKS
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.99)
    first, last = floor(low / step + _FINEST), ceil(high / step - _FINEST)
    return [round(count * step, 10) for count in range(first, last + 1)]


def bends(points: Sequence[Point]) -> list[Point]:
    """Leave out points inside level stretches, which draws the same line in fewer bytes."""
    ends = {0, len(points) - 1}
    return [
        point
        for index, point in enumerate(points)
        if index in ends or not points[index - 1].value == point.value == points[index + 1].value
    ]


def _grid(marks: Sequence[float], frame: Frame, scale: _Scale) -> Iterator[str]:
    for mark in marks:
        y = scale.y(mark)
        yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(frame.show(mark))}</text>'


def _months(frame: Frame, scale: _Scale) -> Iterator[str]:
    starts = [frame.first]
    while (following := _next_month(starts[-1])) <= frame.last:
        starts.append(following)
    every = -(-len(starts) // 6)
    for index, (start, end) in enumerate(pairwise([*starts, frame.last])):
        if index % every == 0:
            x, last = scale.x(start), scale.x(end)
            yield f'<line class="grid" x1="{x:.1f}" y1="{HEIGHT - BOTTOM}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM + 5}"/>'
            middle = (x + last) / 2 if every == 1 else x + 14
            yield f'<text x="{middle:.1f}" y="{HEIGHT - 7}" text-anchor="middle">{escape(frame.month(start))}</text>'


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _target(frame: Frame, scale: _Scale) -> Iterator[str]:
    if frame.target is None:
        return
    y = scale.y(frame.target)
    yield f'<line class="finish" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
    yield f'<text class="goal" x="{WIDTH - RIGHT + 6}" y="{y + 4:.1f}">{escape(frame.target_label)}</text>'


def _lines(inside: Sequence[Point], frame: Frame, scale: _Scale) -> Iterator[str]:
    last = inside[-1]
    if frame.expected:
        yield f'<polyline class="expected" points="{scale.path(frame.expected)}"/>'
    if frame.forecast:
        yield f'<polyline class="forecast" points="{scale.path([last, *frame.forecast])}"/>'
    yield f'<polyline class="reached" points="{scale.path(bends(inside))}"/>'
    for point in _some(inside):
        yield (
            f'<circle cx="{scale.x(point.day):.1f}" cy="{scale.y(point.value):.1f}" r="2.6">'
            f"<title>{point.day}: {escape(frame.show(point.value))}</title></circle>"
        )
    above = frame.target is None or scale.y(last.value) <= scale.y(frame.target) or frame.target >= last.value
    y = scale.y(last.value) + (16 if above and _rises(inside) else -9)
    yield (
        f'<text class="last" x="{scale.x(last.day):.1f}" y="{max(y, 10):.1f}" text-anchor="middle">'
        f"{escape(frame.show(last.value))}</text>"
    )


def _rises(points: Sequence[Point]) -> bool:
    return points[-1].value > points[0].value


def _some(points: Sequence[Point]) -> list[Point]:
    if len(points) <= MOST_DOTS:
        return list(points)
    last = len(points) - 1
    return [points[index * last // (MOST_DOTS - 1)] for index in range(MOST_DOTS)]
