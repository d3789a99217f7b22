"""Chart of a key result's progress over time, as SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from html import escape

from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import translate
from syncer.method.pace import expected
from syncer.method.progress import rounded
from syncer.model.history import DayValue
from syncer.present.number_text import show_percent
from syncer.present.report.facts import ends

WIDTH, HEIGHT = 320, 136
LEFT, TOP, BOTTOM = 6, 18, 18
MOST_DOTS = 16
"""Maximum number of days marked with a dot; the line runs through all days."""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """Progress (0 to 1) on a day."""

    day: date
    progress: Decimal


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything in a chart but the values.

    Attributes:
        expected: the expected line; may be empty.
        forecast: the line that continues from the newest value; may be empty.
        start, finish: baseline and target as text.
        label: text alternative of the chart (`aria-label`).
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
    """Draw a chart as an SVG element: progress, expected and forecast lines, with dots on up to `MOST_DOTS` days."""
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
    percent = rounded(point.progress * 100, places=0)
    at = f'cx="{_x(point.day, frame)}" cy="{_y(point.progress)}"'
    return f'<circle {at} r="2.5"><title>{point.day}: {percent}%</title></circle>'


def _path(points: Iterable[ChartPoint], frame: Frame) -> str:
    return " ".join(f"{_x(point.day, frame)},{_y(point.progress)}" for point in points)


def _bends(points: Sequence[ChartPoint]) -> list[ChartPoint]:
    """Leave out points inside level stretches, which draws the same line in fewer bytes."""
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


STEPS = 12
"""Number of segments of an expected line that is not straight."""


def days_of(assessment: Assessment, state: KeyResultState) -> tuple[DayValue, ...]:
    """Return a key result's values in the cycle, one per day, oldest first and today's last.

    Days without a known progress are left out.
    """
    definition, days, today = state.definition, assessment.recall.days, assessment.now.date()
    past = days.get(definition.id, days.get(definition.former_id, ()))
    value = state.current if isinstance(state.current, Decimal) else None
    every = {each.day: each for each in (*past, DayValue(today, value, state.progress.progress))}
    return tuple(every[day] for day in sorted(every) if every[day].progress is not None)


def course_svg(assessment: Assessment, state: KeyResultState) -> str:
    """Draw the chart of a key result as an SVG element; empty when it has no known value."""
    definition, language, today = state.definition, assessment.config.workspace.language, assessment.now.date()
    days = days_of(assessment, state)
    points = [ChartPoint(each.day, each.progress) for each in days if each.progress is not None]
    if not points:
        return ""
    end = _end_progress(state)
    named = dict(ends(definition.goal, replace(definition.style, unit=""), language))
    start, finish = (named.get(name, "") for name in (translate(language, "Baseline"), translate(language, "Target")))
    label = translate(
        language,
        "{id}: progress {progress} on {day}, from {first} on {first_day}; expected {expected}",
        id=definition.id,
        progress=show_percent(points[-1].progress),
        day=points[-1].day,
        first=show_percent(points[0].progress),
        first_day=points[0].day,
        expected=show_percent(state.expected),
    )
    if end is not None:
        label += translate(language, "; forecast {end}", end=show_percent(end))
    frame = Frame(
        first=definition.start,
        last=definition.due,
        today=today,
        expected=expected_line(state),
        forecast=_forecast_line(state, end, today),
        start=f"{translate(language, 'baseline')} {start}" if start else "",
        finish=f"{translate(language, 'target')} {finish}" if finish else "100%",
        label=label,
    )
    return chart_svg(points, frame)


def expected_line(state: KeyResultState) -> tuple[ChartPoint, ...]:
    """Return the points of the expected progress: 2 for a linear pace, `STEPS` + 1 for others, none for a threshold."""
    definition = state.definition
    if definition.is_threshold:
        return ()
    days, steps = (definition.due - definition.start).days, 1 if definition.pace.kind == "linear" else STEPS
    marks = [definition.start + timedelta(days=days * step // steps) for step in range(steps)]
    line = [ChartPoint(day, expected(definition.start, definition.due, day, definition.pace)) for day in marks]
    return (*line, ChartPoint(definition.due, Decimal(1)))


def _forecast_line(state: KeyResultState, end: Decimal | None, today: date) -> tuple[ChartPoint, ...]:
    """Return the points of the forecast up to the last day, level from the day on which the target is met."""
    last, found = state.definition.due, state.projection.forecast
    if end is None or found is None or today >= last:
        return ()
    if end == 1 and found.met_on is not None and today < found.met_on < last:
        return ChartPoint(found.met_on, end), ChartPoint(last, end)
    return (ChartPoint(last, end),)


def _end_progress(state: KeyResultState) -> Decimal | None:
    """Return the progress (0 to 1) at the forecast's end value; None without a forecast."""
    value, goal = state.projection.end_value, state.definition.goal
    if value is None or goal is None:
        return None
    if state.projection.is_progress:
        return max(Decimal(0), min(value, Decimal(1)))
    return goal.progress([value]).progress
