"""Assess all key results from definitions, values and history. Pure."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime

from config.dataclass import dataclass
from config.errors import SourceError
from config.goal_specs import spec_of
from config.goals import make_goal
from config.key_results import KpiEntry
from config.loading.loader import Config, KeyResultEntry
from config.message import Message
from config.models import Kpi
from connectors.okr_sheet import SheetImage
from connectors.protocol import ReadError
from syncer.compute.basis import Basis
from syncer.compute.definitions import Definition
from syncer.compute.key_results import Facts, compute_key_result
from syncer.compute.objectives import compute_objectives
from syncer.compute.other_ledger import unknown_without_its_ledger
from syncer.compute.states import KeyResultState, KpiState, ObjectiveState, objective_overrides
from syncer.compute.with_history import measure_records, with_history
from syncer.ledger.recall import NOTHING as NO_RECALL
from syncer.ledger.recall import Recall
from syncer.ledger.records import MeasureRecord
from syncer.method.goal import Goal
from syncer.method.kinds import goal_of
from syncer.method.status import Status
from syncer.model.history import Cause
from syncer.sheet.view import SheetView
from syncer.sources.evaluate import TracedRow
from syncer.sources.figures import Figure, MeasureResult, arithmetic
from syncer.sources.read_sources import ReadOptions, SourceResults
from syncer.sources.reads import Answer, PlannedReads


def kpi_states(
    config: Config, figures: Mapping[str, Figure], results: Mapping[str, MeasureResult]
) -> tuple[KpiState, ...]:
    """Compute the KPIs of the config, in config order."""
    large = config.workspace.numbers.large
    return tuple(replace(_state(entry, figures, results), large=large) for entry in config.kpis)


def _state(entry: KpiEntry, figures: Mapping[str, Figure], results: Mapping[str, MeasureResult]) -> KpiState:
    kpi = entry.definition
    goal = hold_goal(kpi)
    figure = arithmetic(entry.measure, figures) if entry.measure else Figure(None)
    value, reason = figure.value, figure.reason
    if goal is not None and value is not None and (problem := goal.value_problem(value)):
        value, reason = None, problem
    status = None
    if goal is not None:
        progress = goal.progress([value]).progress
        status = Status.UNKNOWN if progress is None else Status.MET if progress == 1 else Status.NOT_MET
    percent = goal.percent if goal else kpi.unit == "percent"
    names = entry.measure.names if entry.measure else ()
    failed = any(isinstance(results[name].answer, ReadError) for name in names if name in results)
    cause = None if not reason else Cause.READ_FAILED if failed else Cause.NO_VALUE
    title, unit = kpi.title or entry.name, kpi.unit or ""
    return KpiState(entry.name, title, value, status, goal, percent, unit, reason, cause)


def hold_goal(kpi: Kpi) -> Goal | None:
    """Return the condition of a KPI as a threshold; None for a KPI without one."""
    held = kpi.held
    return goal_of(make_goal(spec_of(held, additive=False))) if held else None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a source, with the measures that it leaves unknown."""

    measures: tuple[str, ...]
    error: SourceError


@dataclass(frozen=True, slots=True)
class Assessment:
    """All inputs and results of a run before planning."""

    config: Config
    now: datetime
    image: SheetImage
    view: SheetView
    planned: PlannedReads
    answers: Mapping[str, Answer]
    results: Mapping[str, MeasureResult]
    figures: Mapping[str, Figure]
    key_results: tuple[KeyResultState, ...]
    objectives: tuple[ObjectiveState, ...]
    traced: Mapping[str, "tuple[TracedRow, ...]"] = field(default_factory=dict)
    measures: Mapping[str, MeasureRecord] = field(default_factory=dict)
    """Read measures as ledger records."""
    recall: Recall = NO_RECALL
    kpis: tuple[KpiState, ...] = ()

    def failures(self) -> tuple[Failure, ...]:
        """Return the errors of reads, or of columns that measures use, each once, in the order of the reads' keys."""
        failed = [(name, one.answer) for name, one in self.results.items() if isinstance(one.answer, ReadError)]
        found: dict[str, Failure] = {}
        for name, answer in sorted(failed, key=lambda one: (one[1].read.key, one[0])):
            names = found[str(answer.error)].measures if str(answer.error) in found else ()
            found[str(answer.error)] = Failure((*names, name), answer.error)
        return tuple(found.values())

    @property
    def title(self) -> str:
        """The title of reports: the workspace's name or id, else the sheet's title."""
        return self.config.workspace.title or self.image.title

    def key_result(self, key: str) -> KeyResultState | None:
        """Return the key result with that id."""
        return next((state for state in self.key_results if state.definition.id == key), None)


def assess(basis: Basis, seen: SourceResults, now: datetime, read_options: ReadOptions) -> Assessment:
    """Compute key results, objectives and KPIs from the answers of the sources."""
    config, view, recall = basis.config, basis.view, basis.recall
    seen = unknown_without_its_ledger(config, view, recall, seen)
    today = now.date()
    facts = Facts(seen.figures, seen.results, today, recall.past)
    measured = measure_records(config, seen.results, seen.keys)
    states = tuple(
        with_history(config, _compute(config, definition, view, facts, read_options), measured, recall, now)
        for definition in basis.definitions
    )
    overrides = {} if read_options.as_of else objective_overrides(config, view, today)
    objectives = compute_objectives(config, states, today, overrides)
    return Assessment(
        config=config,
        now=now,
        image=basis.image,
        view=view,
        planned=seen.planned,
        answers=seen.answers,
        results=seen.results,
        figures=seen.figures,
        key_results=states,
        objectives=objectives,
        traced=seen.traced,
        measures=measured,
        recall=recall,
        kpis=kpi_states(config, seen.figures, seen.results),
    )


def _compute(
    config: Config, definition: Definition, view: SheetView, facts: Facts, read_options: ReadOptions
) -> KeyResultState:
    row = view.row_of(definition.id, definition.former_id)
    if not read_options.as_of:
        return compute_key_result(config, definition, row, facts)
    state = compute_key_result(config, definition, None, facts)  # the row is of today
    if not definition.manual:
        return state
    return replace(state, reason=Message("typed by hand: past values are not known"), cause=Cause.NOT_RECORDED)


def measures_of(config: Config, key: str) -> tuple[str, ...] | None:
    """Return the measures of a key result in the config; None (meaning all) for any other id."""
    return next((names_of(entry) for entry in config.key_results if entry.id == key), None)


def measures_shown(config: Config, key: str) -> tuple[str, ...] | None:
    """Return the measures of a key result in the config and of its actions; None (meaning all) for any other id."""
    entry = next((entry for entry in config.key_results if entry.id == key), None)
    return tuple(dict.fromkeys((*names_of(entry), *(entry.work or ())))) if entry else None


def names_of(entry: KeyResultEntry) -> tuple[str, ...]:
    """Return the measures of a key result in the config, each once."""
    formulas = entry.parts if entry.definition.parts else (entry.measure,)
    return tuple(dict.fromkeys(name for formula in formulas if formula for name in formula.names))
