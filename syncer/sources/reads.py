"""Plan and execute the reads for measures: equal queries once, with only the columns that expressions use."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, time
from threading import Event
from types import MappingProxyType
from typing import cast

from config.dataclass import dataclass
from config.errors import SourceError
from config.expressions import Expression
from config.loading.loader import Config
from config.measure_models import PUSHED
from config.message import Message, in_turn
from config.models import Connection, Measure
from config.tables import Table
from connectors import registry
from connectors.accounts import account_of
from connectors.http import Meter
from connectors.protocol import Read, ReadError, Reading, RowStore, Source
from syncer.sources.shared_counts import CountStore, Sharing, read_sharing

Answer = Reading | ReadError

_TELLING = ("title", "summary", "name", "time", "who", "note")
"""Columns that tell a reader of `explain` what a row is."""

LAST_INSTANT = time(23, 59, 59, 999_000)
"""The last millisecond of a day."""


@dataclass(frozen=True, slots=True)
class PlannedReads:
    """Reads of a run by connection, and the read of each measure."""

    by_connection: Mapping[str, tuple[Read, ...]]
    read_of: Mapping[str, str]

    def names_of(self) -> dict[str, list[str]]:
        """Return the measures of each read, by the read's key."""
        names: dict[str, list[str]] = defaultdict(list)
        for name, key in self.read_of.items():
            names[key].append(name)
        return names


def answer_of(answer: Answer, expression: Expression) -> Answer:
    """Return what a shared read answers one measure: an error if one of the measure's columns failed."""
    error = answer.error_of(expression.columns) if isinstance(answer, Reading) else None
    return ReadError(answer.read, error) if error else answer


def notes_of(reading: Reading, expression: Expression) -> tuple[str, ...]:
    """Return how a reading was read, and how the types of the columns that a measure uses were found."""
    types = {name.lower(): (name, note) for name, note in reading.types.items()}
    used = [types[name.lower()] for name in expression.columns if name.lower() in types]
    if not used:
        return reading.notes
    return (*reading.notes, in_turn(Message("{column}: {type}", column=name, type=note) for name, note in used))


def plan_reads(
    config: Config,
    measures: Collection[str],
    instants: Mapping[str, datetime],
    *,
    trace: bool = False,
    settled: bool = True,
) -> PlannedReads:
    """Plan the reads for these measures.

    `trace` reads rows with keys and links even where a count is enough. `settled`: as of the last day whose figures are
    complete, where a measure states `settle`.
    """
    groups: dict[tuple[str, tuple[tuple[str, str], ...], str | None, int], list[str]] = defaultdict(list)
    for name in sorted(measures):
        measure = config.measures[name]
        query = tuple(sorted(_query_of(name, measure).items()))
        groups[measure.from_, query, measure.cycle, measure.settle or 0].append(name)
    by_connection: dict[str, list[Read]] = defaultdict(list)
    read_of: dict[str, str] = {}
    for number, ((source, query, cycle, settle), names) in enumerate(groups.items(), 1):
        first = config.measures[names[0]]
        rows_wanted = trace or any(config.measures[name].trace for name in names)
        expressions = [config.expressions[name] for name in names]
        table = table_of(config, first)
        count_only = not rows_wanted and all(expression.is_count for expression in expressions)
        read = Read(
            key=f"{source}#{number}",
            table=first.table,
            query=dict(query),
            columns=() if count_only else _columns(expressions, table, trace=rows_wanted),
            count_only=count_only,
            instants=MappingProxyType(_instants_of(config, instants, cycle, settle if settled else 0)),
        )
        by_connection[first.connection].append(read)
        read_of.update(dict.fromkeys(names, read.key))
    return PlannedReads({name: tuple(reads) for name, reads in by_connection.items()}, read_of)


def _query_of(name: str, measure: Measure) -> Mapping[str, str]:
    """Return the query of a measure: of pushed values, those recorded for it."""
    return {"measure": name} if measure.connection == PUSHED else measure.query_keys


def _instants_of(
    config: Config, instants: Mapping[str, datetime], name: str | None, settle: int
) -> dict[str, datetime]:
    """Return the instants for a measure: those of its own cycle, and of the last day that has settled."""
    cycle = config.workspace.cycle_named(name) or config.workspace.cycle
    zone = config.workspace.timezone
    found = {**instants, "cycle.start": cycle.start(zone), "cycle.end": cycle.end(zone)}
    if not settle:
        return found
    day = cycle.settled_day(instants["as_of"].date(), settle)
    if day is None:
        return {**found, "today": found["cycle.start"], "as_of": found["cycle.start"]}
    return {**found, "today": datetime.combine(day, time(), zone), "as_of": datetime.combine(day, LAST_INSTANT, zone)}


def table_of(config: Config, measure: Measure) -> Table:
    """Return the table that a measure reads."""
    connection = connection_of(config, measure.connection)
    return registry.tables(connection.type if connection else measure.connection, connection)[measure.table]


def connection_of(config: Config, name: str) -> Connection | None:
    """Return the connection of that name; None for a built-in one."""
    return config.workspace.connections.get(name)


def _columns(expressions: Sequence[Expression], table: Table, *, trace: bool) -> tuple[str, ...]:
    named = {column for expression in expressions for column in expression.columns}
    if table.key and not table.open:
        named.add(table.key)  # keys show what came and went since the last run
    if trace and not table.open:
        named |= {table.link} - {""}
        named |= {column.name for column in table.columns if column.name in _TELLING}
    return tuple(sorted(named))


def read_all(
    config: Config, planned: PlannedReads, store: Callable[[], RowStore], context: registry.Context, opened: Event
) -> Mapping[str, Answer]:
    """Execute all reads, connections in parallel. If a source cannot be opened, all its reads fail.

    `store` returns where rows are kept, and may wait until that is open. `opened` is set when all sources were
    opened: the vendors' libraries are loaded, and first requests are under way.
    """
    answers: list[Answer] = []
    for name, asked in planned.by_connection.items():
        context.meter.add_reads(name, asked=len(asked))
    with side_by_side(len(planned.by_connection), "connection") as pool:
        reading = []
        for name in _longest_first(planned):
            reads = planned.by_connection[name]
            try:
                source = registry.open_source(name, connection_of(config, name), context)
            except SourceError as error:
                answers += [ReadError(read, error) for read in reads]
                context.meter.add_reads(name, answered=len(reads))
            else:
                sharing = _sharing(config, name, context)
                reading.append(pool.submit(_read, name, source, reads, store, context.meter, sharing))
        opened.set()
        for one in reading:
            answers += one.result()
    return {answer.read.key: answer for answer in answers}


@contextmanager
def side_by_side(count: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Run a thread pool that is awaited at the end of the block, except on KeyboardInterrupt."""
    pool, interrupted = ThreadPoolExecutor(max(1, count), thread_name_prefix=name), False
    try:
        yield pool
    except KeyboardInterrupt:
        interrupted = True
        raise
    finally:
        pool.shutdown(wait=not interrupted, cancel_futures=interrupted)


def _longest_first(planned: PlannedReads) -> list[str]:
    """Order connections by number of reads, most first.

    They are opened one by one, since parallel imports of vendor libraries block each other.
    """
    return sorted(planned.by_connection, key=lambda name: (-len(planned.by_connection[name]), name))


def _sharing(config: Config, name: str, context: registry.Context) -> Sharing | None:
    """Return what the counts of a connection are shared by; None where its account is not known to be another's."""
    account = account_of(connection_of(config, name), config.base_dir) if context.counts else None
    return Sharing(cast("CountStore", context.counts), account, context.policy.sleep) if account else None


def _read(
    name: str,
    source: Source,
    reads: Sequence[Read],
    store: Callable[[], RowStore],
    meter: Meter,
    sharing: Sharing | None,
) -> list[Answer]:
    answers: dict[str, Answer] = {}
    try:
        rows = store()
        came = read_sharing(source, reads, rows, sharing) if sharing else source.read(reads, rows)
        for answer in came:
            answers[answer.read.key] = answer
            meter.add_reads(name, answered=1)
    finally:
        source.close()
    return [answers.get(read.key) or ReadError(read, _unanswered(name)) for read in reads]


def _unanswered(name: str) -> SourceError:
    return SourceError(
        Message("reading '{name}'", name=name),
        "the connector gave no answer to this read",
        effect="Its key results were left as they were.",
        advice="This is a bug in okrsync; please report it.",
    )
