"""The first half of every command: read the sources, read the sheet, compute. Nothing is written."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from config.expressions import Expression
from config.loading.loader import Config, KeyResultEntry
from config.models import Measure
from config.said import Said
from connectors.base import ReadError, Reading
from connectors.http import shorten
from connectors.okr_sheet import SheetImage, SheetReader
from connectors.registry import Context
from syncer.computing.compute import (
    Basis,
    Facts,
    KeyResultState,
    ObjectiveState,
    compute_key_result,
    compute_objectives,
    measure_figures,
)
from syncer.computing.definitions import Definition, from_config, from_row
from syncer.computing.health import kpi_states
from syncer.computing.look_back import look_back, measure_records, with_today
from syncer.computing.overrides import objective_overrides
from syncer.computing.past import Past
from syncer.computing.states import KpiState
from syncer.ledger.recall import NOTHING as NO_RECALL
from syncer.ledger.recall import Recall
from syncer.ledger.records import MeasureRecord
from syncer.reading.evaluate import DuckRows, Figure
from syncer.reading.footing import RowKeys, row_keys
from syncer.reading.reads import Answer, PlannedReads, plan_reads, read_all
from syncer.sheet.view import SheetView, view_sheet
from syncer.words import say, translated

if TYPE_CHECKING:
    from syncer.reading.evaluate import TracedRow


AS_OF = "{as_of}"


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything one run knows before it plans."""

    config: Config
    now: datetime
    image: SheetImage
    view: SheetView
    planned: PlannedReads
    answers: Mapping[str, Answer]
    bases: Mapping[str, Basis]
    figures: Mapping[str, Figure]
    key_results: tuple[KeyResultState, ...]
    objectives: tuple[ObjectiveState, ...]
    traced: Mapping[str, "tuple[TracedRow, ...]"] = field(default_factory=dict)
    measures: Mapping[str, MeasureRecord] = field(default_factory=dict)
    """What each measure that was read stands on, as the ledger keeps it."""
    recall: Recall = NO_RECALL
    kpis: tuple[KpiState, ...] = ()

    def failures(self) -> tuple[ReadError, ...]:
        """The reads that gave no answer, in the order of their keys."""
        return tuple(answer for _, answer in sorted(self.answers.items()) if isinstance(answer, ReadError))

    def key_result(self, key: str) -> KeyResultState | None:
        """The key result of that id."""
        return next((state for state in self.key_results if state.definition.id == key), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to survey: all measures or some, and whether to keep rows for an explanation."""

    measures: Collection[str] | None = None
    trace_rows: int = 0
    keep_rows: int = 0
    """How many rows of each measure to list as they are read, for the ledger."""
    as_of: bool = False
    """`now` lies in the past: what cannot be put there is unknown."""


def survey(
    config: Config,
    reader: SheetReader,
    context: Context,
    now: datetime,
    wish: Wish | None = None,
    recall: Recall = NO_RECALL,
) -> Survey:
    """Read all sources, then the sheet (right before the plan), then compute. `now` is in the workspace's zone.

    Raises SheetError. A source that fails is kept as a ReadError; it costs what stands on it and nothing else.
    """
    wish = wish or Wish()
    seen = observe(config, context, now, wish)
    return conclude(config, reader.read(), seen, now, wish, recall)


def conclude(config: Config, image: SheetImage, seen: "Observed", now: datetime, wish: Wish, recall: Recall) -> Survey:
    """The rest of a survey, once the sources have answered and the sheet is read."""
    planned, answers, bases, figures = seen.planned, seen.answers, seen.bases, seen.figures
    view = view_sheet(image, config.workspace.okr_sheet)
    today = now.date()
    defined = definitions(config, view, recall.past)
    recall = with_today(recall, defined, view, now, config.workspace.objectives)
    facts = Facts(figures, bases, today, recall.past)
    measured = measure_records(config, bases, seen.keys)
    states = tuple(
        look_back(
            config,
            _compute(config, definition, view, facts, wish),
            measured,
            recall,
            now,
        )
        for definition in defined
    )
    overrides = {} if wish.as_of else objective_overrides(config, view, today)
    objectives = compute_objectives(config, states, today, overrides)
    return Survey(
        config,
        now,
        image,
        view,
        planned,
        answers,
        bases,
        figures,
        states,
        objectives,
        seen.traced,
        measured,
        recall,
        kpi_states(config, figures),
    )


@dataclass(frozen=True, slots=True)
class Observed:
    """What the sources answered."""

    planned: PlannedReads
    answers: Mapping[str, Answer]
    bases: Mapping[str, Basis]
    figures: Mapping[str, Figure]
    keys: Mapping[str, RowKeys]
    traced: Mapping[str, "tuple[TracedRow, ...]"]


@contextmanager
def observing(config: Config, context: Context, now: datetime, wish: Wish) -> Iterator[Future[Observed]]:
    """The sources are read beside what the block does, until it asks for their `result()`."""
    with ThreadPoolExecutor(1, thread_name_prefix="sources") as pool:
        yield pool.submit(observe, config, context, now, wish)


def observe(config: Config, context: Context, now: datetime, wish: Wish) -> Observed:
    """Read the sources; the OKR sheet is not looked at."""
    planned = reads_of(config, now, wish)
    with closing(DuckRows(zone=config.workspace.timezone)) as store:
        answers = read_all(config, planned, store, context)
        bases = _bases(config, planned, answers, store)
        listed = max(wish.trace_rows, wish.keep_rows)
        traced = _traced(config, planned, answers, store, listed) if listed else {}
        keys = row_keys(config, planned, answers, store)
    reason = Said("its query holds no {AS_OF}", AS_OF=AS_OF) if wish.as_of else Said("not read")
    unread = dict.fromkeys(config.measures, Figure(None, reason))
    return Observed(planned, answers, bases, {**unread, **measure_figures(config, bases)}, keys, traced)


def reads_of(config: Config, now: datetime, wish: Wish) -> PlannedReads:
    """What will be asked of the sources."""
    wanted = config.measures if wish.measures is None else wish.measures
    measures = [name for name in wanted if not wish.as_of or in_the_past(config.measures[name])]
    return plan_reads(config, measures, instants(config, now), trace=bool(wish.trace_rows))


def in_the_past(measure: Measure) -> bool:
    """Whether a measure's query can be put in the past: it says of what instant it asks."""
    return any(name in text for text in measure.query_keys().values() for name in (AS_OF, "{today}"))


def _compute(config: Config, definition: Definition, view: SheetView, facts: Facts, wish: Wish) -> KeyResultState:
    row = view.row_of(definition.id, definition.former_id)
    if not wish.as_of:
        return compute_key_result(config, definition, row, facts)
    state = compute_key_result(config, definition, None, facts)  # the row is of today
    if not definition.manual:
        return state
    language = config.workspace.language
    return replace(state, reason=say(language, "typed in the sheet: not known of the past"))


def instants(config: Config, now: datetime) -> dict[str, datetime]:
    """What the placeholders stand for."""
    zone, cycle = config.workspace.timezone, config.workspace.cycle
    return {
        "cycle.start": cycle.start(zone),
        "cycle.end": cycle.end(zone),
        "today": datetime.combine(now.date(), time(), zone),
        "as_of": now,
    }


def definitions(config: Config, view: SheetView, past: Past | None = None) -> tuple[Definition, ...]:
    """The key results of the config in its order, then those that only the sheet knows, in its order."""
    known = [
        from_config(config, entry, view.row_of(entry.id, entry.definition.was or ""), past)
        for entry in config.key_results
    ]
    taken = {key for definition in known for key in (definition.id, definition.former_id)} | set(
        config.workspace.objectives
    )
    found = [from_row(config, row) for row in view.rows if row.id not in taken and row.id not in view.duplicates]
    return (*known, *(definition for definition in found if definition is not None))


def _bases(config: Config, planned: PlannedReads, answers: Mapping[str, Answer], store: DuckRows) -> dict[str, Basis]:
    bases: dict[str, Basis] = {}
    names_of = planned.names_of()
    for key, answer in sorted(answers.items()):
        names = names_of[key]
        source = config.measures[names[0]].from_
        if isinstance(answer, ReadError):
            error = answer.error
            language = config.workspace.language
            doing, saw = (shorten(translated(language, part)) for part in (error.doing, error.saw))
            reason = say(language, "{doing}: {saw}", doing=doing, saw=saw)
            bases.update({name: Basis(Figure(None, reason), answer, source) for name in names})
            continue
        expressions = [config.expressions[name] for name in names]
        pairs = [each for expression in expressions for each in (expression, _picked(expression))]
        figures = store.evaluate(key, pairs, answer.count)
        for name, figure, picked in zip(names, figures[::2], figures[1::2], strict=True):
            conditional = config.expressions[name].conditions and picked.value is not None
            bases[name] = Basis(figure, answer, source, int(picked.value or 0) if conditional else None)
    return bases


def _picked(expression: Expression) -> Expression:
    """How many rows an expression's conditions pick; all of them where it has none."""
    any_of = " OR ".join(f"({condition})" for condition in expression.conditions)
    sql = f"count(*) FILTER (WHERE {any_of})" if any_of else "count(*)"
    return replace(expression, sql=sql, is_count=not any_of, zero_when_empty=True, additive=True, zero_divisions=())


def _traced(
    config: Config, planned: PlannedReads, answers: Mapping[str, Answer], store: DuckRows, limit: int
) -> dict[str, "tuple[TracedRow, ...]"]:
    return {
        name: tuple(store.rows(key, config.expressions[name], answer.read.columns, limit))
        for name, key in planned.read_of.items()
        if isinstance(answer := answers[key], Reading)
    }


def measures_of(config: Config, key: str) -> tuple[str, ...] | None:
    """The measures that a key result of the config stands on; None (all of them) for anything else."""
    return next((names_of(entry) for entry in config.key_results if entry.id == key), None)


def names_of(entry: KeyResultEntry) -> tuple[str, ...]:
    """The measures that a key result of the config stands on, each once."""
    formulas = entry.parts if entry.definition.parts else (entry.measure,)
    return tuple(dict.fromkeys(name for formula in formulas if formula for name in formula.names))
