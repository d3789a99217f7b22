"""Check the types that a measure states for the text columns of a table whose columns are known."""

from dataclasses import replace

from config.cell_types import Kind, parse_cell_type
from config.findings import Findings
from config.message import Message
from config.models import Measure
from config.sql.functions import WORDS
from config.sql.literals import COLUMN_FAMILIES
from config.suggest import did_you_mean
from config.tables import Column, ColumnType, Table

_STATED: dict[Kind, tuple[ColumnType, Message]] = {
    "text": ("text", Message("text, as configured")),
    "number": ("number", Message("numbers, as configured")),
    "boolean": ("boolean", Message("true or false, as configured")),
    "date": ("timestamp", Message("dates, as configured")),
}


def typed_table(measure: Measure, table: Table, path: str, findings: Findings) -> Table:
    """Return the table with the types that the measure states; report those of columns that cannot have one.

    An open table gets its columns and their types only when it is read.
    """
    if table.open or all(key.name != "types" for key in table.query):
        return table
    kinds = {name.lower(): parse_cell_type(text).kind for name, text in (measure.types or {}).items()}
    for name in measure.types or {}:
        if wrong := _wrong(name, table):
            findings.add(f"{path}.types.{name}", wrong)
    for name in ("numbers", "dates"):
        if name in measure.query_keys and not kinds:
            findings.add(f"{path}.{name}", Message("needs `types`, which names the columns that it is about"))
    if not kinds:
        return table
    return replace(table, columns=tuple(_typed(column, kinds.get(column.name.lower())) for column in table.columns))


def _wrong(name: str, table: Table) -> str:
    column = table.column(name)
    if column and column.note:
        return ""
    texts = [each.name for each in table.columns if each.note]
    takes = Message("; `types` is for fields that the connection's `fields` set to text")
    listed = takes + (Message(": {names}", names=texts) if texts else "")
    if column is None:
        return Message("is not a column of {table}", table=table.name) + (did_you_mean(name, texts) or listed)
    return Message("is always {type}", type=WORDS[COLUMN_FAMILIES[column.type]]) + listed


def _typed(column: Column, kind: Kind | None) -> Column:
    if kind is None or not column.note:
        return column
    type_, note = _STATED[kind]
    return replace(column, type=type_, note=note)
