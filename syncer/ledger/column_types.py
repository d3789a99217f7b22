"""Types of the ledger's columns: instants, exact numbers, cell values and JSON, as text where databases differ."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator

from connectors.okr_sheet import CellValue
from syncer.model.cells import decode_cell, encode_cell


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


def _parse_exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _parse_exact_list(text: str | None) -> tuple[Decimal | None, ...]:
    return tuple(map(_parse_exact, json.loads(text))) if text else ()


class Exact(TypeDecorator[Decimal]):
    """A Decimal stored as text, so that no database rounds it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """Convert to text."""
        return None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None]:  # noqa: ARG002 - the same
        """Parse a Decimal, with nothing between the database and the parser: a run reads tens of thousands."""
        return _parse_exact


class ExactList(TypeDecorator[tuple[Decimal | None, ...]]):
    """Decimals, or None for unknown ones, as a JSON list of texts; NULL is an empty list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        """Convert to JSON."""
        return json.dumps([None if number is None else str(number) for number in value]) if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], tuple[Decimal | None, ...]]:  # noqa: ARG002 - the same
        """See `Exact`."""
        return _parse_exact_list


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
