"""The tables of every source and their columns, for `okrsync sources`."""

from collections.abc import Mapping

from config.tables import Table


def sources_text(kinds: Mapping[str, Mapping[str, Table]], name: str) -> str:
    """All tables in short, or those that `name` (a type, or type.table) picks, with every column."""
    lines: list[str] = []
    for kind, tables in kinds.items():
        for table in tables.values():
            full = f"{kind}.{table.name}"
            if name in ("", kind, full):
                lines += [*_table(full, table, whole=bool(name)), ""]
    if not name:
        lines.append("`okrsync sources TABLE` shows its columns.")
    return "\n".join(lines).rstrip() + "\n"


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
    return lines
