"""Read the sources and compute the figure of each measure. Nothing is written."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import datetime, time
from threading import Event
from typing import TYPE_CHECKING

from config.dataclass import dataclass
from config.expressions import Expression
from config.loading.loader import Config
from config.measure_models import PUSHED
from config.message import Message
from config.models import Measure
from config.placeholders import used
from connectors.http import shorten
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from syncer.sources.evaluate import DuckRows
from syncer.sources.figures import Figure, MeasureResult, measure_figures
from syncer.sources.near_misses import NearMiss
from syncer.sources.reads import Answer, PlannedReads, answer_of, plan_reads, read_all, side_by_side, table_of
from syncer.sources.row_keys import MOST_KEYS, RowKeys, row_keys

if TYPE_CHECKING:
    from syncer.sources.evaluate import TracedRow

AS_OF = "{as_of}"

ROWS_SHOWN = 50
"""Number of rows that `explain` lists per figure, and that the ledger keeps if `retention` says so."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of a read: all measures or some, and how many rows to keep for an explanation."""

    measures: Collection[str] | None = None
    trace_rows: int = 0
    keep_rows: int = 0
    """Number of rows to keep per measure in the ledger."""
    as_of: bool = False
    """`now` is in the past: measures whose query cannot be run as of then are unknown."""
    settled: bool = True
    """Read measures with `settle` as of the last day whose figures are complete; False: as of `now` itself."""


@dataclass(frozen=True, slots=True)
class SourceResults:
    """Answers of the sources, and the results and figures computed from them."""

    planned: PlannedReads
    answers: Mapping[str, Answer]
    results: Mapping[str, MeasureResult]
    figures: Mapping[str, Figure]
    keys: Mapping[str, RowKeys]
    traced: Mapping[str, "tuple[TracedRow, ...]"]


def ledger_read_options(config: Config) -> ReadOptions:
    """Return the read options of a run that records: the rows to keep."""
    return ReadOptions(keep_rows=ROWS_SHOWN if config.workspace.retention.rows else 0)


@dataclass(frozen=True, slots=True)
class Stages:
    """How far a reading has come: each event is set when its stage is reached, or when the reading has failed."""

    opened: Event = field(default_factory=Event)
    """All sources were opened: the vendors' libraries are loaded, and first requests are under way."""
    answered: Event = field(default_factory=Event)
    """All answers have come; figures are computed from them next."""

    def set_all(self) -> None:
        """Set all events."""
        self.opened.set()
        self.answered.set()


@dataclass(frozen=True, slots=True)
class ReadingUnderWay:
    """Sources that are being read in a thread."""

    future: Future[SourceResults]
    stages: Stages

    def await_answers(self) -> None:
        """Wait until all answers have come, or the reading has failed."""
        self.stages.answered.wait()

    def result(self) -> SourceResults:
        """Wait for the answers and the figures computed from them."""
        return self.future.result()


@contextmanager
def reading_in_background(
    config: Config, context: Context, now: datetime, read_options: ReadOptions
) -> Iterator[ReadingUnderWay]:
    """Read the sources in a thread while the `with` block runs.

    The block begins when first requests are under way, so that what it loads delays none of them.
    """
    stages = Stages()
    with side_by_side(1, "sources") as pool:
        reading = pool.submit(read_sources, config, context, now, read_options, stages)
        reading.add_done_callback(lambda _: stages.set_all())
        stages.opened.wait()
        yield ReadingUnderWay(reading, stages)


def read_sources(
    config: Config, context: Context, now: datetime, read_options: ReadOptions, stages: Stages | None = None
) -> SourceResults:
    """Read the sources, without the OKR sheet; `stages` are set as they are reached."""
    stages = stages or Stages()
    planned = reads_of(config, now, read_options)
    config = _at(config, planned)
    with _opening_rows(config) as opening:
        answers = read_all(config, planned, opening.result, context, stages.opened)
        stages.answered.set()
        store = opening.result()
        results = _results(config, planned, answers, store)
        listed = max(read_options.trace_rows, read_options.keep_rows)
        traced = _traced(config, planned, answers, store, listed) if listed else {}
        keys = row_keys(config, planned, results, store)
    reason = Message("its query does not contain {AS_OF}", AS_OF=AS_OF) if read_options.as_of else Message("not read")
    unread = dict.fromkeys(config.measures, Figure(None, reason))
    return SourceResults(planned, answers, results, {**unread, **measure_figures(config, results)}, keys, traced)


@contextmanager
def _opening_rows(config: Config) -> Iterator[Future[DuckRows]]:
    """Open the store of rows while the sources are opened: DuckDB needs 20 ms of its own for it."""
    with side_by_side(1, "rows") as beside:
        opening = beside.submit(DuckRows, zone=config.workspace.timezone)
        try:
            yield opening
        finally:
            opening.result().close()


def _at(config: Config, planned: PlannedReads) -> Config:
    """Return the config with the placeholders of its expressions filled."""
    instants_of = {read.key: read.instants for reads in planned.by_connection.values() for read in reads}
    zone = config.workspace.timezone
    filled = {name: config.expressions[name].at(instants_of[key], zone) for name, key in planned.read_of.items()}
    return replace(config, expressions={**config.expressions, **filled})


def reads_of(config: Config, now: datetime, read_options: ReadOptions) -> PlannedReads:
    """Plan the reads of a run."""
    wanted = config.measures if read_options.measures is None else read_options.measures
    measures = [name for name in wanted if not read_options.as_of or in_the_past(config.measures[name])]
    return plan_reads(
        config, measures, instants(config, now), trace=bool(read_options.trace_rows), settled=read_options.settled
    )


def in_the_past(measure: Measure) -> bool:
    """Whether a measure can be read as of a past day: its query or value contains `{as_of}` or `{today}`.

    A shifted `{as_of-30d}` counts, too, but not `{today-14d}`, which states an age among the rows of today. Pushed
    values state their time.
    """
    if measure.connection == PUSHED:
        return True
    return any("{today}" in text or used(text, ["as_of"]) for text in (*measure.query_keys.values(), measure.value))


def instants(config: Config, now: datetime) -> dict[str, datetime]:
    """Return the instants of the query placeholders by name."""
    zone, cycle = config.workspace.timezone, config.workspace.cycle
    return {
        "cycle.start": cycle.start(zone),
        "cycle.end": cycle.end(zone),
        "today": datetime.combine(now.date(), time(), zone),
        "as_of": now,
    }


def _results(
    config: Config, planned: PlannedReads, answers: Mapping[str, Answer], store: DuckRows
) -> dict[str, MeasureResult]:
    results: dict[str, MeasureResult] = {}
    names_of = planned.names_of()
    for key, answer in sorted(answers.items()):
        own = {name: answer_of(answer, config.expressions[name]) for name in names_of[key]}
        for name, error in own.items():
            if isinstance(error, ReadError):
                results[name] = MeasureResult(Figure(None, _reason(error)), error, config.measures[name].from_)
        names = [name for name, one in own.items() if isinstance(one, Reading)]
        if not isinstance(answer, Reading) or not names:
            continue
        expressions = {name: config.expressions[name] for name in names}
        selecting = {name: _picked(each) for name, each in expressions.items() if each.conditions}
        figures = store.evaluate(key, [*expressions.values(), *selecting.values()], answer.count)
        picked = dict(zip(selecting, figures[len(names) :], strict=True))
        missed = store.near_misses(key, list(expressions.values()))
        for name, figure, misses in zip(names, figures[: len(names)], missed, strict=True):
            known = name in picked and picked[name].value is not None
            counted = int(picked[name].value or 0) if known else None
            texts, measure = tuple(map(_near_miss, misses)), config.measures[name]
            is_void = not answer.count and table_of(config, measure).needs_rows
            found = (
                Figure(
                    None,
                    Message("no value was recorded in this cycle yet; `okrsync record {name} NUMBER` does", name=name),
                )
                if is_void
                else figure
            )
            results[name] = MeasureResult(found, answer, measure.from_, counted, texts)
    return results


def _near_miss(miss: NearMiss) -> str:
    return Message(
        "{count} row has '{found}' in {column}, not '{asked}' as in `value`: case and spaces matter",
        "{count} rows have '{found}' in {column}, not '{asked}' as in `value`: case and spaces matter",
        count=miss.count,
        found=shorten(miss.found),
        column=miss.column,
        asked=shorten(miss.asked),
    )


def _reason(failed: ReadError) -> str:
    return Message("{doing}: {saw}", doing=shorten(failed.error.doing), saw=shorten(failed.error.saw))


def _picked(expression: Expression) -> Expression:
    """Build an expression that counts the rows that meet the conditions."""
    any_of = " OR ".join(f"({condition})" for condition in expression.conditions)
    sql = f"count(*) FILTER (WHERE {any_of})"
    return replace(expression, sql=sql, zero_when_empty=True, additive=True, zero_divisions=())


def _traced(
    config: Config, planned: PlannedReads, answers: Mapping[str, Answer], store: DuckRows, limit: int
) -> dict[str, "tuple[TracedRow, ...]"]:
    return {
        name: tuple(store.rows(key, config.expressions[name], _listed_columns(config, name, answer.read, store), limit))
        for name, key in planned.read_of.items()
        if isinstance(answer := answer_of(answers[key], config.expressions[name]), Reading)
    }


def _listed_columns(config: Config, name: str, read: Read, store: DuckRows) -> tuple[str, ...]:
    """Return the columns of listed rows: those that were read, first the one that tells the rows apart."""
    if table_of(config, config.measures[name]).key or not read.columns:
        return read.columns
    own = store.key_column(read.key, {column.lower() for column in read.columns}, MOST_KEYS)
    return (own, *read.columns) if own else read.columns
