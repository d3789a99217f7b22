"""The course of a key result over its time: its values by day, its chart and its sparkline."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import translate
from syncer.method.pace import expected
from syncer.model.history import DayValue
from syncer.present.report.chart import Frame, Point, chart_svg, spark_svg
from syncer.present.report.days import show_month
from syncer.present.report.figures import show_plain
from syncer.sheet.number_text import show_percent

STEPS = 12
"""Number of segments of an expected line that is not straight."""


def days_of(assessment: Assessment, state: KeyResultState) -> tuple[DayValue, ...]:
    """Return a key result's values in the cycle, one per day, oldest first and today's last.

    Days without a known progress are left out.
    """
    definition, days, today = state.definition, assessment.recall.past.days, assessment.now.date()
    past = days.get(definition.id, days.get(definition.former_id, ()))
    value = state.current if isinstance(state.current, Decimal) else None
    every = {each.day: each for each in (*past, DayValue(today, value, state.progress.progress))}
    return tuple(every[day] for day in sorted(every) if every[day].progress is not None)


def spark_of(assessment: Assessment, state: KeyResultState) -> str:
    """Draw the sparkline of a key result as an SVG element; empty with fewer than two days."""
    return spark_svg(_points(assessment, state, in_values=_in_values(state)))


def course_svg(assessment: Assessment, state: KeyResultState) -> str:
    """Draw the chart of a key result as an SVG element, in its unit if it has one value; empty below two days."""
    definition, language = state.definition, assessment.config.workspace.language
    in_values = _in_values(state)
    points = _points(assessment, state, in_values=in_values)
    goal = definition.goal
    if not points or goal is None:
        return ""
    target = goal.target if in_values else Decimal(1)
    show = _shown(state, in_values=in_values)
    frame = Frame(
        first=definition.start,
        last=definition.due,
        show=show,
        month=lambda day: show_month(day, language),
        target=None if target is None else float(target),
        target_label=translate(language, "target"),
        expected=_expected(state, in_values=in_values),
        forecast=_forecast(state, assessment.now.date(), in_values=in_values),
        label=translate(
            language,
            "{id}: {value} on {day}, {first} on {first_day}; progress {progress}, expected {expected}",
            id=definition.id,
            value=show(points[-1].value),
            day=points[-1].day,
            first=show(points[0].value),
            first_day=points[0].day,
            progress=show_percent(state.progress.progress),
            expected=show_percent(state.expected),
        ),
    )
    return chart_svg(points, frame)


def _in_values(state: KeyResultState) -> bool:
    """Whether the chart shows values in the key result's unit; if not, it shows progress."""
    goal = state.definition.goal
    return goal is not None and goal.has_value and not goal.parts and isinstance(state.current, Decimal)


def _points(assessment: Assessment, state: KeyResultState, *, in_values: bool) -> list[Point]:
    each = ((day.day, day.value if in_values else day.progress) for day in days_of(assessment, state))
    return [Point(day, float(value)) for day, value in each if value is not None]


def _shown(state: KeyResultState, *, in_values: bool) -> Callable[[float], str]:
    def show(value: float) -> str:
        number = Decimal(repr(value))
        return show_plain(state.definition, number) if in_values else show_percent(number)

    return show


def _expected(state: KeyResultState, *, in_values: bool) -> tuple[Point, ...]:
    """Return the expected line: 2 points for a linear pace, `STEPS` + 1 for others, none for a threshold."""
    definition, goal = state.definition, state.definition.goal
    if goal is None or definition.is_threshold or (in_values and not goal.is_distance):
        return ()
    days, steps = (definition.due - definition.start).days, 1 if definition.pace.kind == "linear" else STEPS
    marks = [definition.start + timedelta(days=days * step // steps) for step in range(steps)]
    shares = [(day, expected(definition.start, definition.due, day, definition.pace)) for day in marks]
    begin, end = (goal.baseline or Decimal(0), goal.target or Decimal(1)) if in_values else (Decimal(0), Decimal(1))
    return tuple(
        Point(day, float(begin + (end - begin) * share)) for day, share in (*shares, (definition.due, Decimal(1)))
    )


def _forecast(state: KeyResultState, today: date, *, in_values: bool) -> tuple[Point, ...]:
    """Return the end of the forecast's line; nothing without a forecast, or where it is in another unit."""
    last, end = state.definition.due, state.projection.end_value
    if end is None or today >= last or state.projection.is_progress is in_values:
        return ()
    return (Point(last, float(end)),)
