"""The long lists of the ledger: keys of rows, and rows. Each is kept once, by the digest of its content."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Table, delete, or_, select, union_all, update
from sqlalchemy.dialects import sqlite

from syncer.ledger.records import ShownRow
from syncer.ledger.tables import id_lists, measure_values, readings, row_lists, runs

_HOLDERS = (
    (readings, ("id_list",)),
    (measure_values, ("key_list", "counted_list")),
    (measure_values, ("row_list",)),
)
_USED_BY = {
    id_lists: (readings.c.id_list, measure_values.c.key_list, measure_values.c.counted_list),
    row_lists: (measure_values.c.row_list,),
}


class Lists:
    """Lists on their way to the ledger: an answer that stays the same every hour is kept once."""

    def __init__(self) -> None:
        self._rows: dict[Table, dict[str, dict[str, Any]]] = {id_lists: {}, row_lists: {}}

    def keys(self, keys: Sequence[str] | None) -> str | None:
        """The digest of a list of keys."""
        return None if keys is None else self._add(id_lists, "ids", sorted(keys))

    def shown(self, rows: Sequence[ShownRow]) -> str | None:
        """The digest of a list of rows; none where there are none."""
        return self._add(row_lists, "rows", [[row.counted, dict(row.values)] for row in rows]) if rows else None

    def store(self, connection: Connection) -> None:
        """Keep those that are not kept yet."""
        for table, rows in self._rows.items():
            for _, row in sorted(rows.items()):
                connection.execute(_insert_once(connection, table), row)

    def _add(self, table: Table, column: str, content: list[Any]) -> str:
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        self._rows[table][digest] = {"digest": digest, column: content}
        return digest


def _insert_once(connection: Connection, table: Table) -> Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql  # megabytes, for those who have such a ledger

    return postgresql.insert(table).on_conflict_do_nothing()


def forget_lists(connection: Connection, keys_before: datetime, rows_before: datetime) -> int:
    """Cut keys and rows from what is older, and drop the lists nothing younger needs. How many records lost some."""
    pruned = 0
    for (table, names), before in zip(_HOLDERS, (keys_before, keys_before, rows_before), strict=True):
        old = table.c.run.in_(select(runs.c.id).where(runs.c.now < before))
        holds = or_(*(table.c[name].is_not(None) for name in names))
        pruned += connection.execute(update(table).where(old & holds).values(dict.fromkeys(names))).rowcount
    if pruned:
        for lists, columns in _USED_BY.items():
            used = union_all(*(select(column).where(column.is_not(None)) for column in columns))
            connection.execute(delete(lists).where(lists.c.digest.not_in(used)))
    return pruned
