"""How a key result or an objective is calculated, as small tables for the HTML report."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from decimal import Decimal

from config.dataclass import dataclass
from config.plain_text import one_line, plain
from connectors.protocol import ReadError, Reading
from syncer.compute.assess import Assessment
from syncer.compute.objectives import terms_of
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import bracketed, join_clauses, localize, status_label, translate
from syncer.method.status import Status, limits
from syncer.model.number_style import NumberStyle
from syncer.present.error_text import error_text
from syncer.present.notes_text import (
    expected_text,
    forecast_text,
    known_words,
    reading_notes,
    status_words,
    trailing_words,
)
from syncer.present.report.figures import current_text
from syncer.run.run_records import shown_rows
from syncer.sheet.number_text import (
    NOTHING,
    exact_number,
    exact_percent,
    exact_value,
    reason_text,
    show_number,
    show_percent,
)
from syncer.sources.reads import table_of

_HUNDRED = Decimal(100)
ROWS = 5
"""Maximum number of rows shown of a measure."""
COLUMNS = 6
_LONGEST = 60
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, the http(s) URL that a source gave for it, and the text with all digits; empty for none."""

    text: str
    link: str = ""
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The first rows behind a measure.

    Attributes:
        caption: the measure and how many rows there are and count.
        heads: names of the columns.
        rows: whether each counts, and its cells.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[bool, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Calculation:
    """The steps of a calculation as (name, cell) pairs, its evidence, and technical text shown on demand."""

    steps: tuple[tuple[str, Cell], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    technical: tuple[str, ...] = field(default=())


def key_result_calculation(assessment: Assessment, state: KeyResultState) -> Calculation:
    """Build the calculation of a key result, from its sources to its status."""
    measures = [measure for measure in state.definition.measures if measure]
    names = list(dict.fromkeys(name for measure in measures for name in measure.names))
    evidence = (evidence_of(assessment, name) for name in names)
    return Calculation(
        steps=tuple(_steps(assessment, state, names)),
        evidence=tuple(one for one in evidence if one is not None),
        technical=tuple(_technical(assessment, state, names)),
    )


def objective_calculation(assessment: Assessment, state: ObjectiveState) -> Calculation:
    """Build the calculation of an objective: the terms of its weighted mean, and its status."""
    language, rollup = assessment.config.workspace.language, state.rollup
    terms = terms_of(assessment.config, assessment.key_results, assessment.objectives, state)
    steps = [
        (
            f"{term.id} {one_line(term.title)}",
            _rounded(
                f"{_share(term.progress)} × {show_number(term.weight)}",
                f"{exact_percent(term.progress)} × {exact_number(term.weight)}",
            )
            if term.counts
            else Cell(status_label(term.status.value, language)),
        )
        for term in terms
    ]
    known = bracketed(language, known_words(rollup.known, rollup.total, language))
    mean = _rounded(f"{_share(rollup.progress)}{known}", f"{exact_percent(rollup.progress)}{known}")
    why = join_clauses(language, (_limits(assessment, state), *trailing_words(rollup, language)))
    return Calculation(
        (
            *steps,
            (translate(language, "Weighted mean"), mean),
            (translate(language, "Expected"), Cell(show_percent(state.expected))),
            (translate(language, "Status"), Cell(f"{status_words(state, language)}{bracketed(language, why)}")),
        )
    )


def _steps(assessment: Assessment, state: KeyResultState, names: Sequence[str]) -> Iterator[tuple[str, Cell]]:
    language, definition = assessment.config.workspace.language, state.definition
    for name in names:
        yield from _measure(assessment, name)
    for measure in definition.measures:
        if measure and measure.names != (measure.text.strip(),):
            yield translate(language, "Arithmetic"), Cell(measure.text)
    if definition.manual or None in definition.measures:
        yield translate(language, "Source"), Cell(translate(language, "entered by a person in the sheet"))
    if state.known:
        yield translate(language, "Current value"), Cell(current_text(state, language))
    yield translate(language, "Progress"), _progress(state, language)
    yield translate(language, "Expected"), Cell(expected_text(state, assessment.now.date(), language))
    status = status_words(state, language)
    if state.status in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK):
        status += bracketed(language, _limits(assessment, state))
    yield translate(language, "Status"), Cell(status)
    forecast = forecast_text(state.projection, definition.due, language, definition.style)
    yield translate(language, "Forecast"), Cell(forecast)


def _measure(assessment: Assessment, name: str) -> Iterator[tuple[str, Cell]]:
    language, measure = assessment.config.workspace.language, assessment.config.measures[name]
    result, figure = assessment.results[name], assessment.figures[name]
    answer = result.answer
    yield translate(language, "Source"), Cell(f"{measure.from_} · {name}")
    if isinstance(answer, Reading):
        yield translate(language, "Query"), Cell(one_line(answer.asked), web_address(answer.link))
        if result.counted is not None:
            counted = translate(language, "{counted:,} of {count:,} count", counted=result.counted, count=answer.count)
            yield translate(language, "Rows"), Cell(counted)
        else:
            yield translate(language, "Rows"), Cell(f"{answer.count:,}")
    value = figure.value
    shown, exact = (NOTHING, NOTHING) if value is None else (show_number(value), exact_number(value))
    asked = one_line(measure.value)
    yield translate(language, "Measured value"), _rounded(f"{asked} = {shown}", f"{asked} = {exact}")


def _progress(state: KeyResultState, language: str) -> Cell:
    goal, rounded, style = state.definition.goal, _share(state.progress.progress), state.definition.style
    if goal is None or not state.known or goal.parts:
        shares = "; ".join(_share(share) for share in state.shares)
        return Cell(f"{shares} → {rounded}" if shares else rounded)
    value = state.values[0] if state.values else None
    earlier = state.earlier[0] if state.earlier else ()

    def short(number: Decimal | None) -> str:
        if goal.percent or number is None:
            return _share(number, style.marks)
        return show_number(number, replace(style, unit=""))

    def exact(number: Decimal | None) -> str:
        return exact_value(number, percent=goal.percent)

    return _rounded(
        f"{localize(language, goal.formula(value, short, earlier))} = {rounded}",
        f"{localize(language, goal.formula(value, exact, earlier))} = {exact_percent(state.progress.progress)}",
    )


def _share(value: Decimal | None, marks: Sequence[Decimal] = ()) -> str:
    """Format a fraction with three significant digits: those of `show_percent` are too few to follow a formula."""
    if value is None:
        return NOTHING
    return f"{show_number(value * _HUNDRED, NumberStyle(marks=tuple(mark * _HUNDRED for mark in marks)))}%"


def _rounded(text: str, exact: str) -> Cell:
    return Cell(text, exact="" if exact == text else exact)


def _limits(assessment: Assessment, state: KeyResultState | ObjectiveState) -> str:
    on_track, at_risk = limits(state.expected, assessment.config.workspace.status)
    language, least, near = assessment.config.workspace.language, show_percent(on_track), show_percent(at_risk)
    return translate(language, "on track from {least}, at risk from {near}", least=least, near=near)


def _technical(assessment: Assessment, state: KeyResultState, names: Sequence[str]) -> Iterator[str]:
    """Yield the technical reasons: why a value is unknown, errors of sources, and notes on readings."""
    language = assessment.config.workspace.language
    if state.reason:
        yield reason_text(state.reason, language)
    for name in names:
        answer = assessment.results[name].answer
        if isinstance(answer, ReadError):
            yield from error_text(answer.error, language).splitlines()
        yield from reading_notes(assessment, name)


def evidence_of(assessment: Assessment, name: str) -> Evidence | None:
    """Return the first rows behind a measure, rows that count first; None when none were kept."""
    language, answer = assessment.config.workspace.language, assessment.results[name].answer
    traced = sorted(assessment.traced.get(name, ()), key=lambda row: not row.counted)[:ROWS]
    if not traced or not isinstance(answer, Reading):
        return None
    table = table_of(assessment.config, assessment.config.measures[name])
    apart = table.link if table.link and table.key not in ("", table.link) else ""
    columns = list(dict.fromkeys(column for row in traced for column in row.values if column != apart))[:COLUMNS]
    rows = []
    for traced_row, row in zip(traced, shown_rows(traced), strict=True):
        address = web_address(str(traced_row.values.get(table.link) or "")) if table.link else ""
        rows.append(
            (
                row.counted,
                tuple(
                    Cell(_short(row.values.get(column, NOTHING)), address if column in (table.key, table.link) else "")
                    for column in columns
                ),
            )
        )
    caption = translate(language, "{shown} of {count:,} rows of {name}", shown=len(rows), count=answer.count, name=name)
    return Evidence(caption, tuple(columns), tuple(rows))


def web_address(text: str) -> str:
    """Return a text that is one http(s) URL; empty for anything else, which must not become a link."""
    return text if _ADDRESS.fullmatch(text) and text == plain(text) else ""


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
