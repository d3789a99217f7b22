"""The status as a table for a terminal: fitted to its width, optionally in colour, every status with its name."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len

from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import bracketed, status_label, translate
from syncer.method.status import SEVERITY, Status
from syncer.present.notes_text import known_words, kpi_cells, notes, objective_notes, trailing_words
from syncer.present.number_text import show_percent
from syncer.present.status_text import BAR, SIGNS, TITLE_WIDTH, bar, expected_words, grouped, heading, value_words
from syncer.present.text_width import fit, widest, wrapped

BOLD, DIM = "1", "2"
NARROWEST = 12
"""Minimum width of a title, and of a text that is wrapped, in terminal cells."""

_COLOURS = {
    Status.DONE: "32",
    Status.MET: "32",
    Status.ON_TRACK: "32",
    Status.AT_RISK: "33",
    Status.STALE: "33",
    Status.OFF_TRACK: "31",
    Status.NOT_MET: "31",
}


@dataclass(frozen=True, slots=True)
class _Table:
    """Column widths in terminal cells. `figures_fit`: figures may go on the line of their key result."""

    language: str
    width: int
    colour: bool
    ids: int
    titles: int
    statuses: int
    figures_fit: bool

    @property
    def indent(self) -> int:
        """Column where titles, and the lines below them, begin."""
        return self.ids + 4

    @property
    def head(self) -> int:
        """Width of a line up to and including its status."""
        return _fixed(self.ids, self.statuses) + self.titles


def status_screen(assessment: Assessment, width: int, *, colour: bool) -> str:
    """Format the status for a terminal of `width` cells; figures that do not fit on a line go below it."""
    language = assessment.config.workspace.language
    table = _table(assessment, width, colour=colour)
    lines = [*wrapped([heading(assessment, language)], width), _counts(assessment, table)]
    for objective, states in grouped(assessment):
        lines.append("")
        if objective is not None:
            lines += _objective(assessment, objective, table)
        for state in states:
            lines += _key_result(state, table)
    return "\n".join(line.rstrip() for line in [*lines, *_health(assessment, table)]) + "\n"


def _fixed(ids: int, statuses: int) -> int:
    return 2 + ids + 2 + 2 + BAR + 1 + 6 + 2 + statuses


def _table(assessment: Assessment, width: int, *, colour: bool) -> _Table:
    language = assessment.config.workspace.language
    ids = widest([s.definition.id for s in assessment.key_results] + [o.id for o in assessment.objectives], 24)
    titles = [s.definition.title for s in assessment.key_results] + [o.title for o in assessment.objectives]
    every = [s.effective for s in assessment.key_results] + [o.effective for o in assessment.objectives]
    statuses = widest([_status(status, language) for status in every], 24)
    title = max(NARROWEST, min(widest([one_line(t) for t in titles], TITLE_WIDTH), width - _fixed(ids, statuses)))
    figures = [_figures(state, language) for state in assessment.key_results if state.known and not state.override]
    figures_fit = _fixed(ids, statuses) + title + 2 + max(map(cell_len, figures), default=0) <= width
    return _Table(language, width, colour, ids, title, statuses, figures_fit)


def _status(status: Status, language: str) -> str:
    return f"{SIGNS[status]} {status_label(status.value, language)}"


def _figures(state: KeyResultState, language: str) -> str:
    computed = status_label(state.status.value, language)
    prefix = translate(language, "computed: {computed}, ", computed=computed) if state.override else ""
    return f"{value_words(state, language)}{bracketed(language, prefix + expected_words(state, language))}"


def _counts(assessment: Assessment, table: _Table) -> str:
    every = [state.effective for state in assessment.key_results]
    found = sorted(set(every), key=lambda status: (SEVERITY[status], status))
    return "  ".join(
        _paint(
            f"{SIGNS[status]} {every.count(status)} {status_label(status.value, table.language)}",
            _COLOURS.get(status),
            table,
        )
        for status in found
    )


def _objective(assessment: Assessment, state: ObjectiveState, table: _Table) -> Iterator[str]:
    rollup, language = state.rollup, table.language
    yield _line(f"{fit(state.id, table.ids + 2)}  ", state.title, rollup.progress, state.effective, table, BOLD)
    parts = [known_words(rollup.known, rollup.total, language)] if rollup.known < rollup.total else []
    parts += trailing_words(rollup, language)
    if state.override:
        parts.append(translate(language, "computed: {computed}", computed=status_label(rollup.status.value, language)))
    cycle = assessment.config.workspace.cycle_of(state.id).name
    if cycle != assessment.config.workspace.cycle.name:
        parts.append(translate(language, "cycle {cycle}", cycle=cycle))
    if parts:
        yield from _below(" · ".join(parts), table)
    for note in objective_notes(assessment, state):
        yield from _below(note, table)


def _key_result(state: KeyResultState, table: _Table) -> Iterator[str]:
    definition, figures = state.definition, _figures(state, table.language)
    lead = f"  {fit(definition.id, table.ids)}  "
    line = _line(lead, definition.title, state.progress.progress, state.effective, table)
    if table.figures_fit and table.head + 2 + cell_len(figures) <= table.width:
        gap = " " * (2 + table.statuses - cell_len(_status(state.effective, table.language)))
        yield f"{line}{gap}{_paint(figures, DIM, table)}"
    else:
        yield line
        yield from _below(figures, table)
    for note in notes(state, table.language):
        yield from _below(note, table)


def _line(lead: str, title: str, progress: Decimal | None, status: Status, table: _Table, weight: str = "") -> str:
    named = _paint(f"{lead}{fit(one_line(title), table.titles)}", weight, table)
    measured = f"{bar(progress)} {show_percent(progress):>6}  {_status(status, table.language)}"
    return f"{named}  {_paint(measured, _COLOURS.get(status, DIM), table)}"


def _below(text: str, table: _Table) -> Iterator[str]:
    for line in wrapped([text], max(table.width - table.indent, NARROWEST)):
        yield " " * table.indent + _paint(line, DIM, table)


def _health(assessment: Assessment, table: _Table) -> Iterator[str]:
    if not assessment.kpis:
        return
    yield from ("", _paint(translate(table.language, "Health metrics"), BOLD, table))
    names = widest([one_line(kpi.title) for kpi in assessment.kpis], table.indent + table.titles - 2)
    for kpi in assessment.kpis:
        name, value, hold, status = kpi_cells(kpi, table.language)
        label = f"{SIGNS[kpi.status]} {status}  " if kpi.status else ""
        room = table.width - names - 4 - cell_len(label)
        text = value + (bracketed(table.language, hold) if hold else "")
        first, *rest = wrapped([text], max(room, NARROWEST))
        colour = _COLOURS.get(kpi.status, DIM) if kpi.status else None
        yield f"  {fit(name, names)}  {_paint(label.rstrip(), colour, table)}{'  ' if label else ''}{first}"
        yield from (f"{' ' * (names + 4 + cell_len(label))}{line}" for line in rest)


def _paint(text: str, code: str | None, table: _Table) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if table.colour and code else text
