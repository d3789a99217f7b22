"""Explain how the progress and status of a key result or objective are calculated, step by step."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from config.plain_text import one_line
from connectors.protocol import ReadError, Reading
from syncer.compute.assess import Assessment
from syncer.compute.objectives import Term, terms_of
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import bracketed, join_clauses, localize, status_label, translate
from syncer.method.goal import Goal
from syncer.method.status import RollUp, Status, limits
from syncer.present.delta_text import delta_text
from syncer.present.error_text import error_text
from syncer.present.notes_text import (
    expected_text,
    forecast_text,
    known_words,
    notes,
    objective_notes,
    reading_notes,
    status_words,
    trailing_words,
)
from syncer.present.row_table import row_lines
from syncer.run.run_records import shown_rows
from syncer.sheet.number_text import (
    NOTHING,
    exact_number,
    exact_percent,
    exact_value,
    reason_text,
    show_percent,
    show_quantity,
)
from syncer.sources.read_sources import ROWS_SHOWN

__all__ = [
    "ROWS_SHOWN",
    "explain_key_result",
    "explain_objective",
    "objective_status_line",
    "term_lines",
]


def explain_key_result(assessment: Assessment, state: KeyResultState, most: int = ROWS_SHOWN, width: int = 0) -> str:
    """Explain a key result: status and figures first, then the steps from its queries and their rows to its progress.

    `most`: how many rows of each measure are listed, as a table that fits a terminal of `width` cells (0: no table).
    """
    language = assessment.config.workspace.language
    definition = state.definition
    lines = [f"{definition.id}  {one_line(definition.title)}", "", *_verdict(assessment, state)]
    several = bool(definition.parts_percent)
    for number, measure in enumerate(definition.measures, 1):
        if several:
            lines += ["", translate(language, "part {number}", number=number)]
        for name in measure.names if measure else ():
            lines += ["", *_measure(assessment, name, most, width)]
        if measure and measure.names != (measure.text.strip(),):
            lines += ["", translate(language, "measure  {text}", text=measure.text)]
        if definition.manual or (several and measure is None):
            lines += ["", translate(language, "typed by a person in the sheet")]
    goal = _goal(state, language)
    return "\n".join([*lines, *([""] if goal else []), *goal]) + "\n"


def _verdict(assessment: Assessment, state: KeyResultState) -> list[str]:
    """Say how a key result stands: status, value, progress, what is expected, and what changed."""
    language, definition = assessment.config.workspace.language, state.definition
    status = f"{status_words(state, language)}{_measured(state, assessment, language)}"
    lines = [f"{translate(language, 'status')}  {status}"]
    if state.reason:
        lines.append(translate(language, "unknown  {reason}", reason=reason_text(state.reason, language)))
    if definition.goal is not None:
        shown = show_quantity(state.current, definition.style, language)
        lines.append(translate(language, "current value  {shown}", shown=shown))
    progress = show_percent(state.progress.progress, limits(state.expected, assessment.config.workspace.status))
    lines.append(translate(language, "progress  {progress}", progress=progress))
    expected = expected_text(state, assessment.now.date(), language)
    lines.append(f"{translate(language, 'expected')}  {expected}")
    if changed := delta_text(state.delta, language, percent=definition.percent):
        lines.append(translate(language, "since the last run  {changed}", changed=changed))
    lines.append(_forecast(state, language))
    lines += notes(state, language)
    if definition.id in assessment.recall.past.asked_later:
        start = definition.cycle.first
        lines.append(translate(language, "its baseline was asked for later, as of {start}", start=start))
    return lines


def _measured(state: KeyResultState, assessment: Assessment, language: str) -> str:
    """Return the limits of on track and at risk, when the status compares progress with time; else empty."""
    if state.status not in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK):
        return ""
    on_track, at_risk = limits(state.expected, assessment.config.workspace.status)
    least, near = show_percent(on_track), show_percent(at_risk)
    return translate(language, "  (on track from {least}, at risk from {near})", least=least, near=near)


def _forecast(state: KeyResultState, language: str) -> str:
    definition = state.definition
    forecast = forecast_text(state.projection, definition.due, language, definition.style)
    return f"{translate(language, 'forecast')}  {forecast}"


def _measure(assessment: Assessment, name: str, most: int, width: int) -> list[str]:
    language = assessment.config.workspace.language
    measure, answer = assessment.config.measures[name], assessment.results[name].answer
    figure, reason = assessment.figures[name], assessment.results[name].figure.reason
    place = assessment.config.place_of(name)
    origin = bracketed(language, join_clauses(language, (measure.from_, str(place))))
    lines = [f"{translate(language, 'measure')}  {name}{origin}"]
    if isinstance(answer, ReadError):
        return [*lines, *(f"  {line}" for line in error_text(answer.error, language).splitlines())]
    if isinstance(answer, Reading):
        lines += [f"  {translate(language, 'query')}  {one_line(answer.asked)}"]
        lines += [f"  {translate(language, 'link')}   {one_line(answer.link)}"] if answer.link else []
        lines += [translate(language, "  rows   {count:,}", count=answer.count)]
        lines += [f"  {line}" for line in reading_notes(assessment, name)]
    rows = answer.count if isinstance(answer, Reading) else 0
    lines += row_lines(shown_rows(assessment.traced.get(name, ())), rows, language, most, width)
    lines += [f"  {translate(language, 'value')}  {one_line(measure.value)}"]
    shown = NOTHING if figure.value is None else exact_number(figure.value)
    return [*lines, f"  = {shown}" + (f" {bracketed(language, reason_text(reason, language))}" if reason else "")]


def _goal(state: KeyResultState, language: str) -> list[str]:
    goal = state.definition.goal
    if goal is None:
        return []
    if goal.parts:
        colon = translate(language, ": ")
        named = [f"{measure.text}{colon}" if measure else "" for measure in state.definition.measures]
        parts = [
            f"  {index}. {name}{_formula(part, value, language, before)} = {exact_percent(share)}"
            f"  × {exact_number(weight)}"
            for index, (name, (part, weight), value, share, before) in enumerate(
                zip(named, goal.parts, state.values, state.shares, state.earlier, strict=True), 1
            )
        ]
        return [_formula(goal, None, language), *parts, _result(state)]
    value = state.current if isinstance(state.current, Decimal) else None
    return [_formula(goal, value, language, state.earlier[0]), _result(state)]


def _result(state: KeyResultState) -> str:
    return f"  = {exact_percent(state.progress.progress)}"


def _formula(goal: Goal, value: Decimal | None, language: str, earlier: Sequence[Decimal] = ()) -> str:
    return localize(language, goal.formula(value, partial(exact_value, percent=goal.percent), earlier))


def explain_objective(assessment: Assessment, objective: ObjectiveState) -> str:
    """Explain an objective: the terms of its weighted mean, and its status."""
    language = assessment.config.workspace.language
    lines = [f"{objective.id}  {one_line(objective.title)}", "", objective_status_line(objective, language)]
    lines += objective_notes(assessment, objective)
    terms = terms_of(assessment.config, assessment.key_results, assessment.objectives, objective)
    lines += ["", *term_lines(terms, objective.rollup, language)]
    return "\n".join(lines) + "\n"


def term_lines(terms: Sequence[Term], rollup: RollUp, language: str) -> list[str]:
    """List the terms of an objective's weighted mean (key results, then included objectives) and the mean."""
    lines = []
    for term in terms:
        shown = f"{exact_percent(term.progress)} × {exact_number(term.weight)}"
        if not term.counts:
            shown = status_label(term.status.value, language)
        lines.append(f"  {term.id}  {shown}  {one_line(term.title)}")
    known = known_words(rollup.known, rollup.total, language)
    return [
        *lines,
        "",
        f"{translate(language, 'weighted mean')}  {exact_percent(rollup.progress)}{bracketed(language, known)}",
    ]


def objective_status_line(objective: ObjectiveState, language: str) -> str:
    """Describe an objective's status with the expected progress, and how many of its key results trail."""
    due = translate(language, "expected {due}", due=show_percent(objective.expected))
    why = join_clauses(language, [due, *trailing_words(objective.rollup, language)])
    return f"{translate(language, 'status')}  {status_words(objective, language)}{bracketed(language, why)}"
