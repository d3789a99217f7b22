"""Output of `sources` as text and as versioned JSON: the tables of each connection, their query keys and columns."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from config.connection_types import Connection, ConnectionType
from config.dataclass import dataclass
from config.errors import OkrsyncError
from config.tables import Column, Table
from syncer.present.error_text import error_data
from syncer.present.json_values import json_document


@dataclass(frozen=True, slots=True)
class Readable:
    """A connection type, or a configured connection with its own columns, and the tables it offers."""

    type: ConnectionType
    tables: Mapping[str, Table]


def tables_of(kind: str, readable: Readable, name: str) -> list[Table]:
    """List the tables of a connection that `name` asks for: a connection, one of its tables, or empty for all."""
    return [table for table in readable.tables.values() if name in ("", kind, _full(kind, table))]


def _full(kind: str, table: Table) -> str:
    """Return what a measure's `from` says: connection.table, or one name where a connection and its table share it."""
    return kind if table.name == kind else f"{kind}.{table.name}"


def description_of(found: ConnectionType) -> str:
    """Return the first line about a connection type; empty where it has none."""
    described = found.settings.__doc__ if found.settings else None
    return (described or "").strip().partition("\n")[0]


def options_of(found: ConnectionType) -> list[tuple[str, FieldInfo]]:
    """List the documented options of a connection: required ones first, those of every connection last."""
    fields = found.settings.model_fields.items() if found.settings else ()
    return sorted(
        ((name, field) for name, field in fields if field.description),
        key=lambda one: (not one[1].is_required(), one[0] in Connection.model_fields),
    )


def sources_text(kinds: Mapping[str, Readable], name: str) -> str:
    """List all tables in short, or those of `name` (a type, or type.table) with their query keys and columns.

    For a type, the options of its connections come first.
    """
    lines: list[str] = []
    for kind, readable in kinds.items():
        if name == kind:
            lines += _type(kind, readable.type)
        for table in tables_of(kind, readable, name):
            lines += [*_table(f"{_full(kind, table)}{_from(readable.type)}", table, whole=bool(name)), ""]
    if not name:
        lines.append("`okrsync sources TABLE` shows its columns.")
    return "\n".join(lines).rstrip() + "\n"


def _type(kind: str, found: ConnectionType) -> list[str]:
    lines = [f"{kind}{_from(found)}  {found.page}".rstrip()]
    lines += [f"  {described}"] if (described := description_of(found)) else []
    for name, field in options_of(found):
        lines.append(f"  {name:<20} {'' if field.is_required() else '(optional) '}{field.description}")
    return [*lines, ""]


def _from(found: ConnectionType) -> str:
    """Say which installed package offers a type; empty for a built-in one."""
    return f" [{found.package}]" if found.package else ""


def _table(full: str, table: Table, *, whole: bool) -> list[str]:
    keys = ", ".join(key.name if key.required else f"[{key.name}]" for key in table.query)
    lines = [f"{full}  ({keys})", f"  {table.doc}"]
    if not whole:
        return lines
    lines += [f"  {key.name:<20} {'' if key.required else '(optional) '}{key.doc}" for key in table.query]
    if table.open:
        lines.append("  columns: those of the data, by their headers")
    for column in table.columns:
        kind = f"{column.type} [{column.unit}]" if column.unit else column.type
        values = f" One of: {', '.join(column.values)}." if column.values else ""
        lines.append(f"    {column.name:<20} {kind:<15} {column.doc}{values}")
    return [*lines, *(f"  {note}" for note in table.notes)]


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def sources_json(kinds: Mapping[str, Readable], name: str, broken: Iterable[OkrsyncError]) -> str:
    """Format all connections and their tables, or those of `name` (a type, or type.table), as JSON."""
    data = {
        "version": VERSION,
        "sources": [
            _source(kind, readable, tables)
            for kind, readable in kinds.items()
            if (tables := tables_of(kind, readable, name)) or name in ("", kind)
        ],
        "broken": [error_data(error) for error in broken],
    }
    return json_document(data)


def _source(kind: str, readable: Readable, tables: Iterable[Table]) -> dict[str, Any]:
    return {
        "name": kind,
        "type": readable.type.name,
        "text": description_of(readable.type) or None,
        "page": readable.type.page or None,
        "package": readable.type.package or None,
        "options": [
            {"name": option, "required": field.is_required(), "text": field.description}
            for option, field in options_of(readable.type)
        ],
        "tables": [_table_json(kind, table) for table in tables],
    }


def _table_json(kind: str, table: Table) -> dict[str, Any]:
    return {
        "name": _full(kind, table),
        "text": table.doc,
        "query": [{"name": key.name, "required": key.required, "text": key.doc} for key in table.query],
        "open": table.open,
        "key": table.key or None,
        "link": table.link or None,
        "columns": [_column(column) for column in table.columns],
        "notes": list(table.notes),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "unit": column.unit or None,
        "values": list(column.values) or None,
        "text": column.doc,
    }
