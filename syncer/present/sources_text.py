"""Output of `okrsync sources`: the tables of every source with their columns, and the options of connections."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.connection_types import Connection, ConnectionType
from config.tables import Table


@dataclass(frozen=True, slots=True)
class Readable:
    """A connection type, or a configured connection with its own columns, and the tables it offers."""

    type: ConnectionType
    tables: Mapping[str, Table]


def sources_text(kinds: Mapping[str, Readable], name: str) -> str:
    """List all tables in short, or those of `name` (a type, or type.table) with their query keys and columns.

    For a type, the options of its connections come first.
    """
    lines: list[str] = []
    for kind, readable in kinds.items():
        if name == kind:
            lines += _type(kind, readable.type)
        for table in readable.tables.values():
            full = f"{kind}.{table.name}"
            if name in ("", kind, full):
                lines += [*_table(full, table, whole=bool(name)), ""]
    if not name:
        lines.append("`okrsync sources TABLE` shows its columns.")
    return "\n".join(lines).rstrip() + "\n"


def _type(kind: str, found: ConnectionType) -> list[str]:
    lines = [f"{kind}  {found.page}".rstrip()]
    if found.settings is None:
        return [*lines, ""]
    described = (found.settings.__doc__ or "").strip().partition("\n")[0]
    lines += [f"  {described}"] if described else []
    fields = [(name, field) for name, field in found.settings.model_fields.items() if field.description]
    for name, field in sorted(fields, key=lambda one: (not one[1].is_required(), one[0] in Connection.model_fields)):
        lines.append(f"  {name:<20} {'' if field.is_required() else '(optional) '}{field.description}")
    return [*lines, ""]


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
