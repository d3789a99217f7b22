"""SQLAlchemy tables of the ledger, imported only when a ledger is opened, since SQLAlchemy loads slowly.

`syncer/ledger/migrations` creates and changes them; a test checks that both agree.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from connectors.okr_sheet import CellValue
from syncer.model.cells import decode_cell, encode_cell

REVISIONS = ("0001",)
"""All schema revisions, oldest first, so that Alembic is imported only for a migration."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC also in databases without time zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite cannot read back an offset."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A Decimal stored as text, so that no database rounds it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Convert to text."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - the same
        """Parse a Decimal."""
        return None if value is None else Decimal(value)


class ExactList(TypeDecorator[tuple[Decimal | None, ...]]):
    """Decimals, or None for unknown ones, as a JSON list of texts; NULL is an empty list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        """Convert to JSON."""
        return json.dumps([None if number is None else str(number) for number in value]) if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[Decimal | None, ...]:  # noqa: ARG002
        """Parse a tuple of Decimals."""
        return tuple(None if text is None else Decimal(text) for text in json.loads(value or "[]"))


class CellText(TypeDecorator[Any]):
    """A cell value as tagged JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: CellValue, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        """See `encode_cell`."""
        return encode_cell(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> CellValue:  # noqa: ARG002 - the same
        """See `decode_cell`."""
        return decode_cell(value)


class Json(TypeDecorator[Any]):
    """Lists and mappings as JSON text; lists come back as tuples."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        """Convert to JSON with sorted keys, so that equal content gives equal text."""
        return json.dumps(value, sort_keys=True)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:  # noqa: ARG002 - the same
        """Parse JSON; a list becomes a tuple."""
        content = json.loads(value) if value is not None else None
        return tuple(content) if isinstance(content, list) else content


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", String, nullable=False),
    Column("cycle", String, nullable=False),
    Column("command", String(32), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("now", Instant, nullable=False),
    Column("config_hash", String(64), nullable=False),
    Column("version", String(32), nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("counts", Json, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("finished_at", Instant),
    Column("headers", Json, nullable=False),
    Index("runs_by_workspace", "workspace", "cycle", "started_at"),
)

sheets = Table(
    "sheets",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("cycle", String, primary_key=True),
    Column("sheet", String, nullable=False),
    Column("place", String, nullable=False),
)
"""The OKR sheet of each workspace and cycle, so that a copied config is found out before it writes."""

reminders = Table(
    "reminders",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("owner", String, primary_key=True),
    Column("day", Date, nullable=False),
)
"""The day on which each owner was last reminded."""

alerts = Table(
    "alerts",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("recipient", String, primary_key=True),
    Column("fault", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("since", Instant, nullable=False),
)
"""Faults that last, with each recipient that was alerted."""

id_lists = Table(
    "id_lists",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("ids", Json, nullable=False),
)
"""Lists of row ids by the digest of their content, so that unchanged answers are stored once."""

readings = Table(
    "readings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("measures", Json, nullable=False),
    Column("connection", String, nullable=False),
    Column("table", String, nullable=False),
    Column("asked", Text, nullable=False),
    Column("count", Integer),
    Column("read_at", Instant, nullable=False),
    Column("error", Text),
    Column("id_list", ForeignKey("id_lists.digest"), index=True),
)

key_result_values = Table(
    "key_result_values",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("key_result", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("value", Exact),
    Column("progress", Exact),
    Column("raw", Exact),
    Column("expected", Exact),
    Column("status", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("baseline", Exact),
    Column("target", Exact),
    Column("numbers", ExactList),
    Column("backfilled", Boolean, nullable=False),
    Column("shares", ExactList),
    Index("values_by_key_result", "key_result", "day"),
)

row_lists = Table(
    "row_lists",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("rows", Json, nullable=False),
)
"""Lists of rows as texts, by the digest of their content."""

measure_values = Table(
    "measure_values",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("measure", String, primary_key=True),
    Column("definition", String(16), nullable=False),
    Column("noun", String, nullable=False),
    Column("became", String, nullable=False),
    Column("figure", Exact),
    Column("rows", Integer),
    Column("counted", Integer),
    Column("key_list", ForeignKey("id_lists.digest"), index=True),
    Column("counted_list", ForeignKey("id_lists.digest"), index=True),
    Column("row_list", ForeignKey("row_lists.digest"), index=True),
    Column("key_column", String, nullable=False, server_default=""),
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("key_result", String, primary_key=True),
    Column("day", Date, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("texts", Json, nullable=False),
    Index("check_ins_by_key_result", "key_result", "seen"),
)

cells = Table(
    "cells",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("tab", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("column", String, primary_key=True),
    Column("before", CellText),
    Column("after", CellText),
)
