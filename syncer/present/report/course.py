"""A key result's course over its time, as the chart draws it."""

from datetime import date, timedelta
from decimal import Decimal

from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState
from syncer.i18n import translate
from syncer.method.pace import expected
from syncer.model.history import DayValue
from syncer.present.number_text import show_percent
from syncer.present.report.chart import ChartPoint, Frame, chart_svg
from syncer.present.report.facts import ends

STEPS = 12
"""Pieces of an expected line that is not straight."""


def days_of(assessment: Assessment, state: KeyResultState) -> tuple[DayValue, ...]:
    """Its values of the cycle, one a day, today's last; unknown ones are left out."""
    definition, days, today = state.definition, assessment.recall.days, assessment.now.date()
    past = days.get(definition.id, days.get(definition.former_id, ()))
    value = state.current if isinstance(state.current, Decimal) else None
    every = {each.day: each for each in (*past, DayValue(today, value, state.progress.progress))}
    return tuple(every[day] for day in sorted(every) if every[day].progress is not None)


def course_svg(assessment: Assessment, state: KeyResultState) -> str:
    """Its chart; empty where no value is known."""
    definition, language, today = state.definition, assessment.config.workspace.language, assessment.now.date()
    days = days_of(assessment, state)
    points = [ChartPoint(each.day, each.progress) for each in days if each.progress is not None]
    if not points:
        return ""
    end = _end_progress(state)
    named = dict(ends(definition.goal, "", language))
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
    """Straight, or in steps where the pace is not even; none for a threshold, which holds or does not."""
    definition = state.definition
    if definition.is_threshold:
        return ()
    days, steps = (definition.due - definition.start).days, 1 if definition.pace.kind == "linear" else STEPS
    marks = [definition.start + timedelta(days=days * step // steps) for step in range(steps)]
    line = [ChartPoint(day, expected(definition.start, definition.due, day, definition.pace)) for day in marks]
    return (*line, ChartPoint(definition.due, Decimal(1)))


def _forecast_line(state: KeyResultState, end: Decimal | None, today: date) -> tuple[ChartPoint, ...]:
    """From today to the last day, level from the day on which the target is met."""
    last, found = state.definition.due, state.projection.forecast
    if end is None or found is None or today >= last:
        return ()
    if end == 1 and found.met_on is not None and today < found.met_on < last:
        return ChartPoint(found.met_on, end), ChartPoint(last, end)
    return (ChartPoint(last, end),)


def _end_progress(state: KeyResultState) -> Decimal | None:
    """The progress that the forecast's end value would be, 0 to 1; None without a forecast."""
    value, goal = state.projection.end_value, state.definition.goal
    if value is None or goal is None:
        return None
    if state.projection.is_progress:
        return max(Decimal(0), min(value, Decimal(1)))
    return goal.progress([value]).progress
