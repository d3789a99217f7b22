"""The status for a terminal: fitted to its width, optionally in colour, every status with its sign and word.

What does not fit falls away in this order: the figures, which move to the line below, then the bar, then the change
of progress since the last check-in. Titles are wrapped, never cut.
"""

from collections.abc import Iterator
from decimal import Decimal

from rich.cells import cell_len
from rich.text import Text

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.change import change_of, compared_day
from syncer.compute.states import KeyResultState, ObjectiveState
from syncer.i18n import bracketed, join_clauses, status_label, translate
from syncer.method.pace import expected
from syncer.method.status import SEVERITY, Standing, Status, status_of
from syncer.present.notes_text import known_words, kpi_cells, notes, objective_notes, show_end, trailing_words
from syncer.present.report.overall import means
from syncer.present.screen_text import HEAD, NARROWEST, QUIET, STYLES, below, rendered, status_sign
from syncer.present.status_text import BAR, bar, grouped, heading, value_words
from syncer.present.text_width import padded, to_right, widest, wrapped
from syncer.sheet.number_text import show_percent, show_points

_WIDEST_ID, _WIDEST_TITLE, _LEAST_TITLE = 24, 60, 24
_DOT = " · "


@dataclass(frozen=True, slots=True)
class _Table:
    """Column widths in terminal cells; 0 for a column that fell away. `due`: the expected progress of the head."""

    language: str
    width: int
    due: Decimal
    ids: int
    titles: int
    bar: int
    change: int
    statuses: int
    figures: int

    @property
    def indent(self) -> int:
        """Column where titles, and the lines below them, begin."""
        return self.ids + 4


def status_screen(assessment: Assessment, width: int, *, colour: bool) -> str:
    """Format the status for a terminal of `width` cells."""
    language = assessment.config.workspace.language
    table = _table(assessment, width)
    lines = [Text(line, HEAD) for line in wrapped([heading(assessment, language)], width)]
    lines += _summary(assessment, table)
    for objective, states in grouped(assessment):
        lines.append(Text())
        if objective is not None:
            lines += _objective(assessment, objective, table)
        for state in states:
            lines += _key_result(state, _change(assessment, state), table)
    return rendered([*lines, *_health(assessment, table)], colour=colour)


def _table(assessment: Assessment, width: int) -> _Table:
    workspace = assessment.config.workspace
    cycle, language = workspace.cycle, workspace.language
    due = expected(cycle.first, cycle.last, assessment.now.date(), workspace.pace)
    ids = widest([s.definition.id for s in assessment.key_results] + [o.id for o in assessment.objectives], _WIDEST_ID)
    every_title = [s.definition.title for s in assessment.key_results] + [o.title for o in assessment.objectives]
    every = [s.effective for s in assessment.key_results] + [o.effective for o in assessment.objectives]
    statuses = widest([status_sign(status, language) for status in every], _WIDEST_ID)
    table = _Table(
        language, width, due, ids, widest([one_line(t) for t in every_title], _WIDEST_TITLE), BAR, 0, statuses, 0
    )
    known = [_figures(state, table) for state in assessment.key_results if state.known]
    wide = max((cell_len(text) for text in known if cell_len(text) <= width // 3), default=0)
    changes = [cell_len(_change(assessment, state)) for state in assessment.key_results]
    change = max(changes, default=0)
    for with_bar, with_change, figures in ((BAR, change, wide), (BAR, change, 0), (0, change, 0), (0, 0, 0)):
        fixed = ids + 4 + 2 + (with_bar + 1 if with_bar else 0) + 6 + (with_change + 1 if with_change else 0) + 2
        room = width - fixed - statuses - (figures + 2 if figures else 0)
        titles = min(table.titles, max(room, NARROWEST))
        found = _Table(language, width, due, ids, titles, with_bar, with_change, statuses, figures)
        if room >= min(table.titles, _LEAST_TITLE if not figures else _LEAST_TITLE * 3 // 2):
            break
    return found


def _summary(assessment: Assessment, table: _Table) -> Iterator[Text]:
    """Yield the overall progress beside what is expected, and the number of key results by status, worst first."""
    every, (progress, due) = [state.effective for state in assessment.key_results], means(assessment.objectives)
    standing = Standing(progress, due or Decimal(0))
    style = STYLES[status_of(standing, assessment.config.workspace.status)]
    yield (
        Text(f"{translate(table.language, 'Overall progress')}  ", HEAD)
        .append(f"{bar(progress)} {show_percent(progress)}", style)
        .append(f"  {translate(table.language, 'expected {due}', due=show_percent(table.due))}")
    )
    parts = []
    for status in sorted(set(every), key=lambda status: (SEVERITY[status], status)):
        text = status_sign(status, table.language).replace(" ", f" {every.count(status)} ", 1)
        parts.append((text, STYLES[status]))
    if table.change:
        since = compared_day(assessment.config, assessment.now.date())
        parts.append((translate(table.language, "±: percentage points since {day}", day=since), QUIET))
    line = Text()
    for text, style in parts:
        if line and line.cell_len + 3 + cell_len(text) > table.width:
            yield line
            line = Text()
        line.append("   " if line else "").append(text, style)
    yield line


def _objective(assessment: Assessment, state: ObjectiveState, table: _Table) -> Iterator[Text]:
    rollup, language = state.rollup, table.language
    lead = Text(padded(state.id, table.ids + 2) + "  ", HEAD)
    yield from _rows(lead, one_line(state.title), rollup.progress, state.effective, table)
    parts = [known_words(rollup.known, rollup.total, language)] if rollup.known < rollup.total else []
    parts += trailing_words(rollup, language)
    if state.override:
        parts.append(translate(language, "computed: {computed}", computed=status_label(rollup.status.value, language)))
    cycle = assessment.config.workspace.cycle_of(state.id).name
    if cycle != assessment.config.workspace.cycle.name:
        parts.append(translate(language, "cycle {cycle}", cycle=cycle))
    for text in ([_DOT.join(parts)] if parts else []) + objective_notes(assessment, state):
        yield from below(text, table.indent, table.width, QUIET)


def _change(assessment: Assessment, state: KeyResultState) -> str:
    """Return the change of a key result's progress in percentage points; empty when not known."""
    change = change_of(assessment, state)
    return show_points(change.progress) if change else ""


def _key_result(state: KeyResultState, change: str, table: _Table) -> Iterator[Text]:
    definition, figures = state.definition, _figures(state, table)
    lead = Text(f"  {padded(definition.id, table.ids)}  ")
    row, *more = _rows(lead, one_line(definition.title), state.progress.progress, state.effective, table, change)
    if table.figures and cell_len(figures) <= table.figures:
        gap = table.statuses - cell_len(status_sign(state.effective, table.language)) + 2
        yield row.append(" " * gap).append(figures, QUIET)
        yield from more
    else:
        yield from (row, *more, *below(figures, table.indent, table.width, QUIET))
    for note in notes(state, table.language):
        yield from below(note, table.indent, table.width, QUIET)


def _figures(state: KeyResultState, table: _Table) -> str:
    """Return value and target; in brackets the computed status, an expectation of its own, and the forecast."""
    language, style, more = table.language, state.definition.style, []
    if state.override:
        more.append(translate(language, "computed: {computed}", computed=status_label(state.status.value, language)))
    if show_percent(state.expected) != show_percent(table.due) and not state.definition.is_threshold:
        more.append(translate(language, "expected {due}", due=show_percent(state.expected)))
    if state.projection.forecast is not None:
        end = show_end(state.projection, style, language)
        more.append(translate(language, "forecast {end}", end=end))
    return value_words(state, language) + (bracketed(language, join_clauses(language, more)) if more else "")


def _rows(
    lead: Text, title: str, progress: Decimal | None, status: Status, table: _Table, change: str = ""
) -> Iterator[Text]:
    """Yield the row of an objective or a key result; further lines hold the rest of its title."""
    weight = "" if lead.plain.startswith(" ") else HEAD
    titles, style = wrapped([title], table.titles) or [""], STYLES[status]
    row = lead.append(padded(titles[0], table.titles), weight).append("  ")
    drawn = f"{bar(progress)} " if table.bar else ""
    row.append(f"{drawn}{to_right(show_percent(progress), 6)}", style)
    if table.change:
        row.append(f" {to_right(change, table.change)}", "red" if change.startswith("-") else "green")
    yield row.append(f"  {status_sign(status, table.language)}", style)
    yield from (Text(" " * table.indent).append(line, weight) for line in titles[1:])


def _health(assessment: Assessment, table: _Table) -> Iterator[Text]:
    if not assessment.kpis:
        return
    yield from (Text(), Text(translate(table.language, "Health metrics"), HEAD))
    names = widest([one_line(kpi.title) for kpi in assessment.kpis], table.indent + table.titles - 2)
    for kpi in assessment.kpis:
        name, value, hold, _ = kpi_cells(kpi, table.language)
        sign = f"{status_sign(kpi.status, table.language)}  " if kpi.status else ""
        text = value + (bracketed(table.language, hold) if hold else "")
        first, *rest = wrapped([text], max(table.width - names - 4 - cell_len(sign), NARROWEST))
        title, *more = wrapped([name], names) or [""]
        row = Text(f"  {padded(title, names)}  ").append(sign, STYLES[kpi.status] if kpi.status else "")
        yield row.append(first)
        yield from (Text(f"{' ' * (names + 4 + cell_len(sign))}{line}") for line in rest)
        yield from (Text(f"  {line}") for line in more)
