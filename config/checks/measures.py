"""Checks of measures: connection, table, query keys, placeholders, expression, and units known or inferred."""

import re
from collections.abc import Callable, Iterator, Mapping

from config import placeholders
from config.checks.column_types import typed_table
from config.checks.requests import check_request
from config.connections import BUILT_IN, SqlConnection
from config.dataclass import dataclass
from config.expressions import Expression
from config.findings import Findings
from config.measure_models import PUSHED
from config.message import Message, sentence_part
from config.models import Connection, Measure, Workspace
from config.scalars import plain
from config.sql.checking import check_expressions
from config.sql.messages import ExpressionError
from config.statements import parse_statement
from config.suggest import did_you_mean
from config.tables import Table

_WORDS = {
    "percent": ("percent", "%", "pct", "百分比"),
    "seconds": ("seconds", "second", "s", "sec", "秒"),
    "minutes": ("minutes", "minute", "min", "分鐘", "分"),
    "hours": ("hours", "hour", "h", "hr", "小時", "時"),
    "days": ("days", "day", "d", "天", "日"),
    "weeks": ("weeks", "week", "w", "週", "周"),
}
_KNOWN = {word: unit for unit, words in _WORDS.items() for word in words}
_KEEPS_UNIT = re.compile(
    r"(?:avg|mean|median|min|max|sum|mode|quantile_cont|quantile_disc)\s*\(\s*(?P<column>\w+)\s*(?:,[^()]*)?\)",
    re.IGNORECASE,
)
SHARE = "share"
"""Unit of a number between 0 and 1, shown as a percent."""

_SCALED = re.compile(r"[*/]")


def known_unit(text: str | None) -> str | None:
    """Return the unit that a word means: `percent`, `seconds`, `minutes`, `hours`, `days` or `weeks`; else None."""
    return _KNOWN.get(plain(text).casefold()) if text else None


def natural_unit(expression: Expression, table: Table) -> str | None:
    """Infer the unit of an expression's result: `hours` for avg(lead_time_hours), SHARE for share(...), else None."""
    if expression.is_share:
        return SHARE
    text = expression.text.strip()
    match = _KEEPS_UNIT.match(text)
    if match is None or _SCALED.search(text):
        return None
    column = table.column(match["column"])
    return known_unit(column.unit) if column else None


def unit_conflict(stated: str | None, natural: str | None) -> str | None:
    """Return why the unit stated for a measure contradicts that of its expression; None if it does not."""
    unit = known_unit(stated)
    if unit is None or natural is None or unit == natural:
        return None
    if natural == SHARE:
        return Message("a share is already between 0 and 1; remove `unit` (`percent` would divide it by 100)")
    return Message(
        "is {stated}, but the expression gives {natural}; write `unit: {natural}`, or convert the number in `value`",
        stated=stated,
        natural=natural,
    )


TableLookup = Callable[[str, Connection | None], Mapping[str, Table]]
"""Function from a connection type and a connection to the tables by name: `connectors.registry.tables`."""


@dataclass(frozen=True, slots=True)
class CheckedMeasure:
    """A valid expression, the unit stated in the config, and the unit inferred from the expression."""

    expression: Expression
    unit: str | None
    natural: str | None


def check_measures(
    measures: Mapping[str, tuple[Measure, str]], workspace: Workspace, tables: TableLookup, findings: Findings
) -> dict[str, CheckedMeasure]:
    """Check measures, given by name with their dotted paths. Returns those whose expression is valid."""
    found: list[tuple[str, str, str, Table]] = []
    known = _Tables(workspace.connections, tables)
    for name, (measure, path) in measures.items():
        table = known.table_of(measure, path, findings)
        if table is not None:
            _check_query(measure, table, path, findings)
            _check_name(measure, name, path, findings)
            _check_sql(measure, workspace.connections, path, findings)
            check_request(measure, workspace.connections, path, findings)
            if measure.settle and not _ends(measure):
                message = Message(
                    "needs {{as_of}}, {{today}} or {{cycle.end}} in its query or value; else days after the end of the "
                    "cycle would count in its score"
                )
                findings.add(f"{path}.settle", message)
            found.append((name, path, measure.value, typed_table(measure, table, path, findings)))
        for key, text in measure.query_keys.items():
            for problem in _placeholder_problems(key, text, table):
                findings.add(f"{path}.{key}", problem)
    checked = {}
    answers = check_expressions([(value, table) for _, _, value, table in found])
    invalid = {name for (name, *_), answer in zip(found, answers, strict=True) if isinstance(answer, ExpressionError)}
    for (name, path, _, table), answer in zip(found, answers, strict=True):
        if isinstance(answer, ExpressionError):
            work, _, key = name.rpartition("#work.")
            if key != "done" or f"{work}#work.all" not in invalid:  # what is wrong with `all` is wrong with both
                findings.add(f"{path}.{key if work else 'value'}", str(answer))
            continue
        measure = measures[name][0]
        checked[name] = CheckedMeasure(answer, measure.unit, natural_unit(answer, table))
        if wrong := unit_conflict(measure.unit, checked[name].natural):
            findings.add(f"{path}.unit", wrong)
    return checked


def _check_name(measure: Measure, name: str, path: str, findings: Findings) -> None:
    if measure.connection == PUSHED and "#" in name:
        message = Message("`pushed` needs a measure with a name; write it under `measures`, and its name here")
        findings.add(f"{path}.from", message)


class _Tables:
    """Cache of the tables of each connection."""

    def __init__(self, connections: Mapping[str, Connection], tables: TableLookup) -> None:
        self._connections = connections
        self._tables = tables
        self._found: dict[str, Mapping[str, Table]] = {}

    def table_of(self, measure: Measure, path: str, findings: Findings) -> Table | None:
        """Return the table that a measure reads; None, with a finding, for an unknown connection or table."""
        name = measure.connection
        connections = self._connections
        if name not in self._found:
            if name not in BUILT_IN and name not in connections:
                findings.add(f"{path}.from", _unknown_connection(name, connections))
                return None
            connection = None if name in BUILT_IN else connections[name]
            self._found[name] = self._tables(connection.type if connection else name, connection)
        known = self._found[name]
        if measure.table not in known:
            near = did_you_mean(measure.table, known) or Message("; it has {known}", known=sorted(known))
            findings.add(
                f"{path}.from",
                Message("'{name}' has no table '{table}'{near}", name=name, table=measure.table, near=near),
            )
        return known.get(measure.table)


def _unknown_connection(name: str, connections: Mapping[str, Connection]) -> str:
    near = did_you_mean(name, (*connections, *BUILT_IN))
    return Message(
        "unknown connection '{name}'{near}", name=name, near=near or Message("; define it under `connections`")
    )


def _ends(measure: Measure) -> bool:
    """Whether the query or the value of a measure names the last day that counts."""
    texts = (*measure.query_keys.values(), measure.value)
    return any(placeholders.used(text, ("as_of", "today", "cycle.end")) for text in texts)


def _check_query(measure: Measure, table: Table, path: str, findings: Findings) -> None:
    stated = measure.query_keys
    _check_headers(measure, path, findings)
    known = {key.name for key in table.query}
    for key in table.query:
        if key.required and key.name not in stated:
            findings.add(
                f"{path}.{key.name}",
                Message("is required for table {table}: {doc}", table=measure.from_, doc=sentence_part(key.doc)),
            )
    for name, text in stated.items():
        if name not in known:
            takes = Message("; it takes {query}", query=[key.name for key in table.query]) if known else ""
            findings.add(
                f"{path}.{name}", Message("does not belong to table {from_}{takes}", from_=measure.from_, takes=takes)
            )
        elif not text.strip():
            findings.add(f"{path}.{name}", Message("is empty"))
        elif name == "url" and ("://" in text or text.startswith("//") or ".." in text.split("/")):
            findings.add(f"{path}.url", Message("must be a path below the connection's url, such as /api/stats"))


def _placeholder_problems(key: str, text: str, table: Table | None) -> Iterator[str]:
    """Yield what is wrong with the placeholders of a query key. GraphQL has braces of its own."""
    paged = table is not None and any(each.name == "next" for each in table.query)
    more = placeholders.PAGES if paged and key in ("url", "body", "variables") else ()
    return placeholders.problems(text, more, own_braces=key == "graphql")


def _check_sql(measure: Measure, connections: Mapping[str, Connection], path: str, findings: Findings) -> None:
    connection = connections.get(measure.connection)
    if not isinstance(connection, SqlConnection) or not measure.sql:
        return
    try:
        parse_statement(measure.sql)
    except ValueError as exc:
        findings.add(f"{path}.sql", str(exc))
    if not connection.includes and findings.is_included(f"{path}.from"):
        message = Message(
            "an included file may not query {name}; `includes: true` on that connection allows it",
            name=measure.connection,
        )
        findings.add(f"{path}.from", message)


def _check_headers(measure: Measure, path: str, findings: Findings) -> None:
    if measure.header and measure.header_row:
        findings.add(f"{path}.header_row", Message("contradicts `header: none`; leave one of them out"))
    if measure.columns is None:
        return
    if not measure.header:
        findings.add(f"{path}.columns", Message("names columns without headers; write `header: none` as well"))
    names = [name.strip().lower() for name in measure.columns]
    if "" in names or len({*names}) < len(names):
        findings.add(f"{path}.columns", Message("must be different names"))
