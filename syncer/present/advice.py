"""Input of `lint`: the OKRs of config and sheet, their levels, and the scores of the last cycle."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from config.cycles import parse_cycle
from config.dataclass import dataclass
from config.errors import LedgerError, OkrsyncError
from config.loading.loader import Config, KeyResultEntry
from config.models import Objective
from config.scalars import Amount
from syncer.compute.basis import definitions
from syncer.compute.definitions import Definition
from syncer.cycle_end.next_files import neighbour
from syncer.method.lint import KEY_RESULTS, Advice, LintKeyResult, LintObjective, advise
from syncer.method.progress import score_of
from syncer.model.cells import as_text
from syncer.run.same_sheet import scope_of
from syncer.run.workspace import Opened
from syncer.sheet.figures import cell_amount
from syncer.sheet.layout import SheetRow, filled_down
from syncer.sheet.open_sheet import open_reader
from syncer.sheet.view import SheetView, view_sheet

if TYPE_CHECKING:
    from syncer.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LastCycle:
    """Name and scores of the last cycle, both empty when unknown; `problem` is why the ledger could not be read."""

    name: str = ""
    scores: tuple[Decimal, ...] = ()
    problem: LedgerError | None = None


def last_cycle(opened: Opened) -> LastCycle:
    """Return the latest cycle that ended before the current one began and has scores in the ledger.

    The predecessor by name is tried first (2026-Q3 for 2026-Q4), then the cycles of the config's `cycles` and of the
    ledger, latest first. A LedgerError is returned in `problem`, not raised.
    """
    try:
        with opened.ledger(readonly=True) as ledger:
            for name, last in _before(opened.config, ledger):
                values = ledger.values_at(scope_of(opened.config)._replace(cycle=name), last).values()
                scores = tuple(score for value in values if (score := score_of(value.progress)) is not None)
                if scores:
                    return LastCycle(name, scores)
    except LedgerError as error:
        return LastCycle(problem=error)
    return LastCycle()


def _before(config: Config, ledger: "Ledger") -> Iterator[tuple[str, date]]:
    """Yield name and last day of the cycles before the current one: its predecessor by name, then the latest first."""
    own = config.workspace.cycle
    named = neighbour(own, -1)
    if named is not None:
        yield named, parse_cycle(named).last
    ended = {name: config.workspace.cycle_named(name) for name in config.workspace.cycles}
    found = {name: cycle.last for name, cycle in ended.items() if cycle is not None and cycle.last < own.first}
    for name in ledger.cycles(config.workspace.id):
        if name not in (*ended, own.name):
            scope = scope_of(config)._replace(cycle=name)
            days = [record.day for record in ledger.values_at(scope, own.first - timedelta(days=1)).values()]
            found.update({name: max(days)} if days else {})
    found.pop(named or "", None)
    yield from sorted(found.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)


SHEET_MAY_KNOW = frozenset({"no_owner", "no_finish_line"})
"""Rules that are skipped when the sheet was not read, since the sheet may hold what the config leaves out."""


@dataclass(frozen=True, slots=True)
class Linted:
    """Result of `lint`: all advice, and what it is based on.

    Attributes:
        titles: titles of objectives and key results by id.
        sheet_read: whether the sheet was read; `sheet_error` is why it could not be, None with `--offline`.
        last_cycle: the cycle whose scores were checked; empty when the ledger has none.
        ledger_error: why the ledger could not be read.
    """

    cycle: str
    advice: tuple[Advice, ...]
    titles: Mapping[str, str]
    sheet_read: bool = True
    sheet_error: OkrsyncError | None = None
    last_cycle: str = ""
    ledger_error: LedgerError | None = None


def lint_workspace(opened: Opened, *, offline: bool) -> Linted:
    """Run the lint rules on the config, the sheet (unless `offline`) and the last cycle's scores. Sources are not read.

    When the sheet or the ledger cannot be read, only the rules that need it are skipped.
    """
    view, error = (None, None) if offline else _view(opened)
    last = last_cycle(opened)
    objectives = lint_objectives(opened.config, view)
    advice = advise(objectives, last.scores)
    titles = {one.id: one.title for one in objectives}
    titles |= {key_result.id: key_result.title for one in objectives for key_result in one.key_results}
    if view is None:
        counts = {one.id: len(one.key_results) for one in objectives}
        advice = tuple(one for one in advice if not _sheet_may_know(one, counts))
    name = opened.config.workspace.cycle.name
    return Linted(name, advice, titles, view is not None, error, last.name, last.problem)


def _view(opened: Opened) -> tuple[SheetView | None, OkrsyncError | None]:
    try:
        reader = open_reader(opened.config, opened.context)
        try:
            return view_sheet(reader.read(), opened.config.workspace.okr_sheet), None
        finally:
            reader.close()
    except OkrsyncError as error:
        return None, error


def _sheet_may_know(advice: Advice, counts: Mapping[str, int]) -> bool:
    too_few = advice.rule == "key_result_count" and counts[advice.id] < KEY_RESULTS[0]
    return advice.rule in SHEET_MAY_KNOW or too_few


def lint_objectives(config: Config, view: SheetView | None) -> tuple[LintObjective, ...]:
    """Return the objectives with their key results: those of the config first, then those that only key results name.

    `view` is the sheet, None when it was not read; the config takes precedence over the sheet.
    """
    entries = {entry.id: entry for entry in config.key_results}
    if view is None:
        found = [(entry.objective_id or "", _from_config(entry)) for entry in config.key_results]
    else:
        found = [
            (definition.objective, _from_both(definition, entries.get(definition.id), view.row_of(definition.id)))
            for definition in definitions(config, view)
        ]
    objectives = [_objective(config, key, found, view) for key in config.workspace.objectives]
    others = dict.fromkeys(key for key, _ in found if key and key not in config.workspace.objectives)
    cycle = config.workspace.cycle.name
    objectives += [LintObjective(key, key, cycle=cycle, key_results=_below(key, found)) for key in others]
    return tuple(objectives)


def _below(key: str, found: Sequence[tuple[str, LintKeyResult]]) -> tuple[LintKeyResult, ...]:
    return tuple(key_result for objective, key_result in found if objective == key)


def _objective(
    config: Config, key: str, found: Sequence[tuple[str, LintKeyResult]], view: SheetView | None
) -> LintObjective:
    stated = config.workspace.objectives[key]
    row = view.row_of(key) if view else None
    rows = [view.row_of(below.id) for below in _below(key, found)] if view else []
    titles = [stated.title or "", _text(row, "title"), _text(row, "objective"), *(_text(r, "objective") for r in rows)]
    return LintObjective(
        id=key,
        title=next(filter(None, titles), ""),
        owner=stated.owner or _text(row, "owner") or stated.team or "",
        cycle=stated.cycle or config.workspace.cycle.name,
        aligns_to=stated.aligns_to,
        not_above=not_above(config, key),
        top=is_top(config, stated),
        key_results=_below(key, found),
    )


def _from_config(entry: KeyResultEntry) -> LintKeyResult:
    stated = entry.definition
    return LintKeyResult(
        id=entry.id,
        title=stated.title or "",
        owner=stated.owner or "",
        has_target=_has_finish_line(entry),
        baseline=_value(stated.baseline),
        target=_value(stated.target),
    )


def _from_both(definition: Definition, entry: KeyResultEntry | None, row: SheetRow | None) -> LintKeyResult:
    stated = entry.definition if entry else None
    target = _value(stated.target if stated else None)
    baseline = _value(stated.baseline if stated else None)
    target = _cell_number(row, "target") if target is None else target
    return LintKeyResult(
        id=definition.id,
        title=definition.title,
        owner=definition.owner,
        has_target=target is not None or definition.goal is not None or (entry is not None and _has_finish_line(entry)),
        baseline=_cell_number(row, "baseline") if baseline is None else baseline,
        target=target,
    )


def _has_finish_line(entry: KeyResultEntry) -> bool:
    stated = entry.definition
    return bool(stated.target or stated.change or stated.parts or stated.steps or stated.max)


def _value(amount: object) -> Decimal | None:
    return amount.value if isinstance(amount, Amount) else None


def _cell_number(row: SheetRow | None, column: str) -> Decimal | None:
    cell = row.cell(column) if row else None
    return _value(cell_amount(cell)) if cell else None


def _text(row: SheetRow | None, column: str) -> str:
    cell = filled_down(row.layout, row.row, column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""


def is_top(config: Config, objective: Objective) -> bool:
    """Return whether an objective is at the top level.

    It is when it has no team, or when its team has no parent and no level below the first.
    """
    team = config.workspace.teams.get(objective.team or "")
    if team is None:
        return True
    return team.parent is None and (team.level is None or team.level == config.workspace.levels[0])


def not_above(config: Config, key: str) -> tuple[str, ...]:
    """Return the ids an objective aligns to when none of them is above it; empty when one is, or may be.

    Above means a higher level, or the same level with a longer cycle, such as a year above its quarters.
    """
    objectives = config.workspace.objectives
    home = {entry.id: entry.objective_id for entry in config.key_results}
    aligned = objectives[key].aligns_to
    above = [_is_above(config, home.get(target) or target, key) for target in aligned]
    return aligned if above and all(one is False for one in above) else ()


def _is_above(config: Config, target: str, key: str) -> bool | None:
    objectives = config.workspace.objectives
    if target not in objectives:
        return None
    theirs, own = _rank(config, objectives[target].team), _rank(config, objectives[key].team)
    if theirs != own:
        return theirs < own
    if config.workspace.cycle_of(target).days > config.workspace.cycle_of(key).days:
        return True
    return None if objectives[key].team is None else False


def _rank(config: Config, team: str | None) -> int:
    """Return how far a team is from the top: its level's index, else one more than its parent; -1 without a team."""
    levels, teams = config.workspace.levels, config.workspace.teams
    below = 0
    while team is not None and (stated := teams.get(team)) is not None:
        if stated.level in levels:
            return levels.index(stated.level) + below
        team, below = stated.parent, below + 1
    return below - 1
