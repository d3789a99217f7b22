"""Figures: exact numbers, or unknown with a reason, and arithmetic with them."""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from config.dataclass import dataclass
from config.expressions import Arithmetic
from config.loading.loader import Config
from config.message import Message
from config.sql.database import expression_db
from config.sql.messages import duck_message
from config.sql.printing import quoted
from connectors.protocol import ReadError, Reading

SIGNIFICANT_DIGITS = 12
_EXACT_FLOAT = 2**53
_LARGEST = Decimal(2**127)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or None with the reason."""

    value: Decimal | None
    reason: str = ""


def exact(value: object) -> Decimal | None:
    """Convert a DuckDB number to Decimal: integers exactly, others to 12 digits; None for inf, nan and non-numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return Decimal(int(value))
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite():
        return None
    rounded = Context(prec=SIGNIFICANT_DIGITS).plus(number) if isinstance(value, float) else number
    return Decimal(int(rounded)) if rounded == rounded.to_integral_value() else rounded.normalize()


def arithmetic(formula: Arithmetic, figures: Mapping[str, Figure]) -> Figure:
    """Evaluate a formula over figures. Unknown if one of them is, with the same reason, or on division by zero."""
    from config.sql import engine

    for name in formula.names:
        if name not in figures:
            return Figure(None, Message("{name} has no number", name=name))
        if figures[name].value is None:
            return figures[name]
    values = {name: figures[name].value or Decimal(0) for name in formula.names}
    if len(values) == 1 and formula.sql == quoted(formula.names[0]):
        return figures[formula.names[0]]
    columns = ", ".join(f"CAST(? AS {_duck_type(value)}) AS {quoted(name)}" for name, value in values.items())
    try:
        row = (
            expression_db()
            .cursor()
            .execute(f"SELECT {formula.sql} FROM (SELECT {columns})", [str(value) for value in values.values()])  # noqa: S608 - printed by sql_print
            .fetchone()
        )
    except engine.Error as exc:
        return Figure(None, duck_message(exc))
    number = exact(row[0]) if row else None
    return Figure(number) if number is not None else Figure(None, _no_number(formula, row))


def _duck_type(value: Decimal) -> str:
    return "HUGEINT" if value == value.to_integral_value() and abs(value) < _LARGEST else "DOUBLE"


def _no_number(formula: Arithmetic, row: tuple[Any, ...] | None) -> str:
    divides = any(f" {sign} " in formula.sql for sign in ("/", "//", "%"))
    if row and row[0] is None:
        return Message("division by zero") if divides else Message("no value")
    return Message("the number is too large")


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """Figure of a measure with the read behind it.

    `source` is the table; `counted` the number of rows that meet its conditions, None if every row counts.
    """

    figure: Figure
    answer: Reading | ReadError | None
    source: str
    counted: int | None = None
    warnings: tuple[str, ...] = ()
    """Warnings about the measure's own value; those of its reading are in `answer`."""

    @property
    def all_warnings(self) -> tuple[str, ...]:
        """Warnings of the reading, and of the value."""
        return (*(self.answer.warnings if isinstance(self.answer, Reading) else ()), *self.warnings)


def measure_figures(config: Config, results: Mapping[str, MeasureResult]) -> dict[str, Figure]:
    """Return the figures by measure: a reason names it; for `unit: percent` a value such as 90 is divided by 100."""
    figures = {}
    for name, result in results.items():
        figure = result.figure
        if config.measures[name].unit == "percent" and figure.value is not None:
            figure = Figure(figure.value / 100)
        if figure.reason:
            named = config.name_measures([name])
            figure = Figure(figure.value, Message("{measure}: {reason}", measure=named, reason=figure.reason))
        figures[name] = figure
    return figures
