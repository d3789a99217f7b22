"""Output of `okrsync sources` as versioned JSON: connections, their options, and their tables with all columns."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from config.errors import OkrsyncError
from config.tables import Column, Table
from syncer.present.error_text import error_data
from syncer.present.sources_text import Readable, description_of, options_of, tables_of

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
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


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
        "tables": [_table(kind, table) for table in tables],
    }


def _table(kind: str, table: Table) -> dict[str, Any]:
    return {
        "name": f"{kind}.{table.name}",
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
