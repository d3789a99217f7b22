"""Values pushed with `okrsync record`: data that okrsync keeps, not history of its runs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine, select

from config.dataclass import dataclass
from config.masking import mask
from connectors.protocol import Row
from syncer.ledger.store import Place, faults, insert_of, writing
from syncer.ledger.tables import pushed_values


@dataclass(frozen=True, slots=True)
class PushedValue:
    """A number recorded for a measure.

    Attributes:
        id: the key that the recorder stated, or an id made for it; it counts once per measure.
        at: when it was true; `recorded_at` when it was recorded.
        increment: whether it adds to the value before it.
    """

    measure: str
    id: str
    at: datetime
    amount: Decimal
    increment: bool
    who: str
    note: str
    recorded_at: datetime


def row_of(value: PushedValue) -> Row:
    """Return a value as a row of the source `pushed`."""
    return {
        "id": value.id,
        "time": value.at,
        "amount": plain_number(value.amount),
        "increment": value.increment,
        "who": value.who or None,
        "note": value.note or None,
    }


def plain_number(value: Decimal) -> int | float:
    """Return a Decimal as the number that JSON and DuckDB have for it."""
    return int(value) if value == value.to_integral_value() else float(value)


@dataclass(frozen=True, slots=True)
class PushedValues:
    """The pushed values of one workspace. Every method raises LedgerError."""

    engine: Engine
    place: Place
    workspace: str

    def record(self, values: Iterable[PushedValue]) -> list[PushedValue]:
        """Record values; return those whose ids were new for their measure. The others stay as they are."""
        added = []
        with writing(self.engine, self.place, "recording a value in") as connection:
            for value in values:
                row = {**asdict(value), "workspace": self.workspace, "who": mask(value.who), "note": mask(value.note)}
                statement = insert_of(connection, pushed_values).values(**row).on_conflict_do_nothing()
                if connection.execute(statement.returning(pushed_values.c.id)).first() is not None:
                    added.append(value)
        return added

    def of(self, measure: str = "") -> Sequence[PushedValue]:
        """List the values of a measure, or of all, in the order in which they were true, then recorded."""
        columns = pushed_values.c
        query = select(pushed_values).where(columns.workspace == self.workspace)
        if measure:
            query = query.where(columns.measure == measure)
        query = query.order_by(columns.measure, columns.at, columns.recorded_at, columns.id)
        with faults("reading the ledger", self.place), self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [PushedValue(**{name: row[name] for name in row if name != "workspace"}) for row in rows]
