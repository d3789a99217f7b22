"""What a row of the sheet says about a key result: target, baseline, kind, unit, weight, objective. Pure."""

from dataclasses import replace
from decimal import Decimal

from config.goal_specs import GoalSpec
from config.loading.loader import Config
from config.message import Message
from config.models import Kind
from config.quantities import Quantity, converted
from config.scalars import Amount
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import EMPTY, Cell
from syncer.model.cells import as_text
from syncer.sheet.columns import DEFINITION_HEADERS, kind_of_text
from syncer.sheet.figures import cell_amount, cell_quantity
from syncer.sheet.headings import heading_of
from syncer.sheet.layout import Layout, SheetRow, cell_id, filled_down


class UnusableCellError(ValueError):
    """A cell that cannot be parsed as a value of its column."""


def completed(spec: GoalSpec, row: SheetRow | None) -> GoalSpec:
    """Fill in what the config leaves out from the row. Raises UnusableCellError."""
    if row is None or spec.parts or spec.steps:
        return spec
    found = _figure(row, "baseline") if spec.baseline is None and not spec.from_start else None
    spec = replace(spec, baseline=spec.baseline or (found.amount if found else None))
    if spec.low is not None or spec.high is not None:
        return replace(spec, unit=spec.unit or text_in(row, "unit") or None)
    target = _figure(row, "target") if spec.target is None and spec.change is None else None
    return replace(
        spec,
        target=target.amount if target else spec.target,
        kind=spec.kind or _kind(row) or (target.bound if target else None),
        unit=spec.unit or unit_in(row) or None,
    )


def is_typed(row: SheetRow) -> bool:
    """Whether a row alone states a key result whose value people type: it has a title and a target."""
    target = row.cell("target") or EMPTY
    return bool(text_in(row, "title")) and (target.value is not None or target.error is not None)


def unit_in(row: SheetRow | None) -> str:
    """Return the unit in a row: of its unit column, else that of its target."""
    if unit := text_in(row, "unit"):
        return unit
    cell = row.cell("target") if row else None
    found = cell_quantity(cell) if cell else None
    return found.unit if found else ""


def _kind(row: SheetRow) -> Kind | None:
    text = text_in(row, "kind")
    found = kind_of_text(text) if text else None
    if text and found is None:
        raise UnusableCellError(
            Message(
                "the kind in row {number} is '{shown}'; write increase, decrease, at_least or at_most",
                number=row.number,
                shown=text,
            )
        )
    return found


def _figure(row: SheetRow, column: str) -> Quantity | None:
    cell = row.cell(column)
    if cell is None or (cell.value is None and cell.error is None):
        return None
    found = cell_quantity(cell)
    if found is None:
        raise _no_number(row, column, cell)
    return found


def _no_number(row: SheetRow, column: str, cell: Cell) -> UnusableCellError:
    return UnusableCellError(
        Message(
            "the {column} in row {number} is '{shown}', which is not a number",
            column=DEFINITION_HEADERS[column],
            number=row.number,
            shown=cell.error or as_text(cell.value),
        )
    )


def typed_value(row: SheetRow | None, unit: str) -> Amount | str | None:
    """Return the current value in a row, in `unit`; why it cannot be read, as a Message; None for an empty cell."""
    cell = row.cell("current") if row else None
    if row is None or cell is None or (cell.value is None and cell.error is None):
        return None
    place = f"{row.layout.tab.title}!{cell_name(row.row, row.layout.columns['current'])}"
    found = cell_quantity(cell)
    if found is None:
        return Message(
            "{place} holds '{shown}', which is not a number; type one such as 62, 62%, 41 pts, 13 h or NT$400k",
            place=place,
            shown=cell.error or as_text(cell.value),
        )
    amount = converted(found, unit)
    if amount is None:
        return Message(
            "{place} holds '{shown}', and the target is in {unit}: type it in that unit",
            place=place,
            shown=as_text(cell.value),
            unit=unit,
        )
    return amount


def weight_in(row: SheetRow | None) -> Decimal:
    """Return the weight in a row, by default 1. Raises UnusableCellError."""
    cell = row.cell("weight") if row else None
    if row is None or cell is None or (cell.value is None and cell.error is None):
        return Decimal(1)
    amount = cell_amount(cell)
    if amount is None:
        raise _no_number(row, "weight", cell)
    if amount.value <= 0:
        raise UnusableCellError(
            Message(
                "the weight in row {number} is {value}; a weight must be above 0",
                number=row.number,
                value=as_text(amount.value),
            )
        )
    return amount.value


def text_in(row: SheetRow | None, column: str) -> str:
    """Return the text of a column, of its merged range where it is in one; empty without a row or column."""
    cell = filled_down(row.layout, row.row, column) if row else None
    return as_text(cell.value) if cell and cell.error is None else ""


class ObjectiveNames:
    """Ids of the config's objectives by the names that rows give them."""

    def __init__(self, config: Config) -> None:
        objectives = config.workspace.objectives
        self._places = {key: place for place, key in enumerate(objectives)}
        self._keys: dict[str, str] = {}
        self._key_results = {entry.id for entry in config.key_results}
        for key, objective in objectives.items():
            self._keys.setdefault(key, key)
            self._keys.setdefault(objective.title or key, key)

    def named_by(self, row: SheetRow) -> str:
        """Return the id of the objective that a row names by id or title, else its text.

        The name is in its (merged) objective cell, or else in the nearest row above.
        """
        named = text_in(row, "objective")
        if not named and (heading := heading_of(row.layout, row.row)) is not None:
            named = "" if self._is_key_result(row.layout, heading.row) else heading.title
        before_spaces = (named[:end] for end, sign in enumerate(named) if sign == " ")
        found = [self._keys[named]] if named in self._keys else []
        found += [key for key in before_spaces if key in self._places]
        return min(found, key=self._places.__getitem__, default=named)

    def _is_key_result(self, layout: Layout, row: int) -> bool:
        """Whether the config states a key result where the sheet seems to have an objective in the same column."""
        return row in layout.objective_rows and cell_id(layout.cell(row, "id") or EMPTY) in self._key_results
