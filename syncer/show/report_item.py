"""One key result or objective as the report's page shows it: texts that are ready to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from config.goals import THRESHOLDS, Goal
from syncer.computing.compute import KeyResultState, ObjectiveState
from syncer.computing.coverage import gap_of
from syncer.ledger.records import CheckIn
from syncer.okr.pace import expected
from syncer.okr.progress import measure_progress
from syncer.okr.status import Status
from syncer.planning.three_way import as_text
from syncer.show.beside_text import notes, revision_texts, status_words
from syncer.show.chart import ChartPoint, Frame, chart_svg
from syncer.show.coverage_text import coverage_text
from syncer.show.delta_text import delta_text
from syncer.show.explain_text import explain_key_result
from syncer.show.figures import one_line, show_current, show_percent, show_value
from syncer.show.history_text import confidence_of
from syncer.show.outlook_text import forecast_text
from syncer.show.signs import IN_NEED, SIGNS
from syncer.survey import Survey
from syncer.views.meeting import Topic
from syncer.words import clauses, mark, say, word

STEPS = 12
"""Pieces of an expected line that is not straight."""


@dataclass(frozen=True, slots=True)
class Item:
    """A key result or an objective.

    `share` and `due` are 0 to 100; `facts` are pairs of a name and a text; `attention` says why it wants a look, None
    where it does not; `changed` what moved since the last check-in and why; `help` what blocks it and who helps.
    """

    id: str
    title: str
    owner: str
    team: str
    theme: str
    status: str
    status_key: str
    sign: str
    progress: str
    expected: str
    share: float
    due: float
    attention: str | None = None
    changed: str = ""
    help: str = ""
    check_in_due: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    chart: str = ""
    explanation: str = ""


def objective_item(survey: Survey, state: ObjectiveState) -> Item:
    """An objective's line."""
    language = survey.config.workspace.language
    stated, status = survey.config.workspace.objectives[state.id], state.rollup.status
    return Item(
        id=state.id,
        title=one_line(state.title),
        owner=one_line(stated.owner or ""),
        team=team_title(survey, state.team),
        theme=one_line(stated.theme or ""),
        status=word(status.value, language),
        status_key=status.value,
        sign=SIGNS[status],
        progress=show_percent(state.rollup.progress),
        expected=show_percent(state.expected),
        share=_share(state.rollup.progress),
        due=_share(state.expected),
        notes=tuple(coverage_text(state, gap_of(survey, state), language)),
    )


def key_result_item(survey: Survey, state: KeyResultState, topic: Topic | None, teams: Mapping[str, str]) -> Item:
    """A key result; `topic` is None for one that was dropped, `teams` are their names as people say them."""
    language, definition = survey.config.workspace.language, state.definition
    status = state.effective
    check_in = _last_check_in(survey, definition.id)
    return Item(
        id=definition.id,
        title=one_line(definition.title) or definition.id,
        owner=one_line(definition.owner),
        team=teams.get(definition.team, one_line(definition.team)),
        theme=one_line(definition.theme),
        status=status_words(state, language),
        status_key=status.value,
        sign=SIGNS[status],
        progress=show_percent(state.progress.progress),
        expected=show_percent(state.expected),
        share=_share(state.progress.progress),
        due=_share(state.expected),
        attention=_attention(survey, state) if status in IN_NEED else None,
        changed=_changed(state, topic, language),
        help=_help(survey, state),
        check_in_due=topic is not None and topic.due,
        facts=tuple(_facts(survey, state, check_in, teams)),
        notes=(*notes(state, language), *(one_line(text) for text in revision_texts(definition, language))),
        chart=_chart(survey, state),
        explanation=explain_key_result(survey, state),
    )


def team_title(survey: Survey, team: str) -> str:
    """A team's name as people say it."""
    stated = survey.config.workspace.teams.get(team)
    return one_line((stated.title if stated else None) or team)


def _attention(survey: Survey, state: KeyResultState) -> str:
    """Why it wants a look: in the figures, or in that there are none."""
    language, seen = survey.config.workspace.language, survey.recall.past.last_good.get(state.definition.id)
    if state.reason:
        return one_line(state.reason)
    if state.effective is Status.STALE and seen is not None:
        return say(language, "no update since {seen}", seen=seen)
    progress, due = show_percent(state.progress.progress), show_percent(state.expected)
    if state.definition.goal is not None and state.definition.goal.kind in THRESHOLDS:
        return progress
    return say(language, "{progress} where {due} is expected", progress=progress, due=due)


def _changed(state: KeyResultState, topic: Topic | None, language: str) -> str:
    """From the value at the last check-in, or else from the last run; empty where nothing moved."""
    percent = state.definition.percent
    if topic is None or topic.before is None:
        told = delta_text(state.delta, language, percent=percent)
        return say(language, "since the last run: {told}", told=told) if told else ""
    before, moved = topic.before, []
    if before.value is not None and isinstance(state.current, Decimal) and before.value != state.current:
        moved.append(f"{show_value(before.value, percent=percent)} → {show_value(state.current, percent=percent)}")
    was, now = show_percent(before.progress), show_percent(state.progress.progress)
    if was != now:
        moved.append(say(language, "progress {was} → {now}", was=was, now=now))
    both = (clauses(language, moved), delta_text(topic.changed, language, percent=percent))
    return say(language, "; ").join(text for text in both if text)


def _facts(
    survey: Survey, state: KeyResultState, check_in: CheckIn | None, teams: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    language, definition = survey.config.workspace.language, state.definition
    unit = f" {one_line(definition.unit)}" if definition.unit and not definition.percent else ""
    if state.known:
        percent, parts = definition.percent, definition.parts_percent
        shown = show_current(state.current, percent=percent, parts=parts, language=language)
        yield say(language, "Current value"), shown + unit
    else:
        yield say(language, "Unknown because"), one_line(state.reason)
    yield from _ends(definition.goal, unit, language)
    yield say(language, "Expected"), show_percent(state.expected)
    told = forecast_text(state.outlook, definition.due, language, percent=definition.percent)
    yield say(language, "Forecast"), told
    people = (
        (say(language, "Owner"), one_line(definition.owner)),
        (say(language, "Team"), teams.get(definition.team, one_line(definition.team))),
        (say(language, "Theme"), one_line(definition.theme)),
        (say(language, "Kind"), say(language, "committed") if definition.type == "committed" else ""),
    )
    yield from (pair for pair in people if pair[1])
    yield from _said(survey, check_in, language)


def _ends(goal: Goal | None, unit: str, language: str) -> Iterator[tuple[str, str]]:
    if goal is None or goal.kind in ("milestone", "parts"):
        return
    ends = ((mark("Baseline"), goal.baseline), (mark("Target"), goal.target))
    if goal.kind == "between":
        ends = ((mark("At least"), goal.low), (mark("At most"), goal.high))
    for name, value in ends:
        if value is not None:
            yield say(language, name), show_value(value, percent=goal.percent) + unit


def _last_check_in(survey: Survey, key: str) -> CheckIn | None:
    return next((each for each in reversed(survey.recall.check_ins.get(key, ())) if each.said), None)


def _said(survey: Survey, check_in: CheckIn | None, language: str) -> Iterator[tuple[str, str]]:
    if check_in is None:
        return
    yield say(language, "Last check-in"), check_in.day.isoformat()
    for column, name in (
        ("confidence", mark("Confidence")),
        ("note", mark("Note")),
        ("blocker", mark("Blocker")),
        ("help", mark("Help needed")),
        ("helper", mark("Helper")),
    ):
        if text := one_line(check_in.said.get(column, "")):
            scale = survey.config.workspace.confidence.scale
            of_scale = column == "confidence" and confidence_of(check_in, scale) is not None and "%" not in text
            yield say(language, name), f"{text}/{scale}" if of_scale else text


def _help(survey: Survey, state: KeyResultState) -> str:
    """What blocks it, what help is asked for and who gives it; empty where nothing is."""
    row = survey.view.row_of(state.definition.id)
    cells = {name: row.cell(name) for name in ("blocker", "help", "helper")} if row else {}
    texts = {name: one_line(as_text(cell.value)) for name, cell in cells.items() if cell and cell.value is not None}
    told = [texts[name] for name in ("blocker", "help") if texts.get(name)]
    if not told or state.dropped:
        return ""
    return say(survey.config.workspace.language, "; ").join(told) + (
        f" – {texts['helper']}" if texts.get("helper") else ""
    )


def _chart(survey: Survey, state: KeyResultState) -> str:
    definition, language, today = state.definition, survey.config.workspace.language, survey.now.date()
    days = survey.recall.days
    past = days.get(definition.id, days.get(definition.former_id, ()))
    by_day = {value.day: value.progress for value in past if value.progress is not None}
    if state.progress.progress is not None:
        by_day[today] = state.progress.progress
    points = [ChartPoint(day, progress) for day, progress in sorted(by_day.items())]
    if not points:
        return ""
    end = _end_progress(state)
    ends = dict(_ends(definition.goal, "", language))
    start, finish = (ends.get(name, "") for name in (say(language, "Baseline"), say(language, "Target")))
    label = say(
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
        label += say(language, "; forecast {end}", end=show_percent(end))
    frame = Frame(
        first=definition.start,
        last=definition.due,
        today=today,
        expected=_expected_line(state),
        forecast=_forecast_line(state, end, today),
        start=f"{say(language, 'baseline')} {start}" if start else "",
        finish=f"{say(language, 'target')} {finish}" if finish else "100%",
        label=label,
    )
    return chart_svg(points, frame)


def _expected_line(state: KeyResultState) -> tuple[ChartPoint, ...]:
    """Straight, or in steps where the pace is not even; none for a threshold, which holds or does not."""
    definition = state.definition
    if definition.goal is not None and definition.goal.kind in THRESHOLDS:
        return ()
    days, steps = (definition.due - definition.start).days, 1 if definition.pace.kind == "linear" else STEPS
    marks = [definition.start + timedelta(days=days * step // steps) for step in range(steps)]
    line = [ChartPoint(day, expected(definition.start, definition.due, day, definition.pace)) for day in marks]
    return (*line, ChartPoint(definition.due, Decimal(1)))


def _forecast_line(state: KeyResultState, end: Decimal | None, today: date) -> tuple[ChartPoint, ...]:
    """From today to the last day, level from the day on which the target is met."""
    last, found = state.definition.due, state.outlook.forecast
    if end is None or found is None or today >= last:
        return ()
    if end == 1 and found.met_on is not None and today < found.met_on < last:
        return ChartPoint(found.met_on, end), ChartPoint(last, end)
    return (ChartPoint(last, end),)


def _end_progress(state: KeyResultState) -> Decimal | None:
    """The progress that the forecast's end value would be, 0 to 1; None without a forecast."""
    value, goal = state.outlook.end_value, state.definition.goal
    if value is None or goal is None:
        return None
    if state.outlook.is_progress:
        return max(Decimal(0), min(value, Decimal(1)))
    return measure_progress(goal, value).progress


def _share(fraction: Decimal | None) -> float:
    return 0.0 if fraction is None else round(float(fraction) * 100, 1)
