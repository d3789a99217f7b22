"""Evaluate the formulas of an OKR sheet as documented for Google Sheets.

Any other formula shows the value stored with it, or #ERROR!.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from connectors.grids.a1 import parse_area
from connectors.sandbox.google_sheets.book import Book, GridCell, GridTab, Refusal
from connectors.sandbox.google_sheets.formula_text import COMMA_DECIMAL, Token, title_of, tokens

Value = str | bool | float | None
Node = tuple[Any, ...]
"""A parsed formula: the kind of node, followed by its parts."""

_DEEPEST = 20
_area_of = lru_cache(maxsize=1024)(parse_area)
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_MESSAGES = {"REF": "Reference does not exist.", "N_A": "Did not find value in MATCH evaluation."}


class FormulaError(Exception):
    """Error value of a formula, by its type in the API: REF, N_A, VALUE, DIVIDE_BY_ZERO, ERROR."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class _Unknown(Exception):  # noqa: N818 - not an error of the sheet: this formula is not evaluated
    """A function or operator that the sandbox does not evaluate."""


class _Range(NamedTuple):
    """A range in a formula, half-open."""

    tab: GridTab
    box: tuple[int, int, int, int]


_At = tuple[GridTab, int, int, int]
"""Tab, row and column of the formula, and the recursion depth."""


class Shown:
    """Displayed values of the cells, valid until the spreadsheet changes."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._rows: dict[tuple[int, int], dict[str, int]] = {}
        self._ranges: dict[tuple[str, str, int], _Range] = {}
        self._matches: dict[tuple[tuple[Node, ...], int, int], float | None] = {}
        self._functions: Mapping[str, Callable[[tuple[Node, ...], _At], Value | _Range]] = {
            "IF": self._if,
            "IFNA": self._ifna,
            "IFERROR": self._iferror,
            "INDEX": self._index,
            "MATCH": self._match,
            "ROW": self._row,
            "TRIM": self._trim,
            "HYPERLINK": self._hyperlink,
            "ISNUMBER": self._is_number,
            "SUM": self._sum,
        }
        self._separators = ";" if book.locale in COMMA_DECIMAL else ";,"

    def value(self, tab: GridTab, row: int, column: int, depth: int = 0) -> dict[str, Any]:
        """Return the ExtendedValue of a cell; {} if it displays nothing."""
        cell = tab.cells.get((row, column)) or GridCell()
        formula = cell.entered.get("formulaValue")
        if formula is None:
            return cell.entered or cell.stored
        if depth > _DEEPEST:
            return {"errorValue": {"type": "REF", "message": "Circular dependency detected."}}
        try:
            found = self._scalar(_parsed(formula, self._separators), (tab, row, column, depth))
        except FormulaError as error:
            return {"errorValue": {"type": error.kind, "message": _MESSAGES.get(error.kind, error.kind)}}
        except (_Unknown, IndexError):
            unknown = {"type": "ERROR", "message": "The sandbox does not evaluate this formula."}
            return cell.stored or {"errorValue": unknown}
        return {"numberValue": 0} if found is None else _extended(found)

    def _scalar(self, node: Node, at: _At) -> Value:
        found = self._evaluated(node, at)
        if not isinstance(found, _Range):
            return found
        top, left, bottom, right = found.box
        if (bottom - top, right - left) != (1, 1):
            raise FormulaError("VALUE")
        return self._read(found.tab, top, left, at[3])

    def _read(self, tab: GridTab, row: int, column: int, depth: int) -> Value:
        value = self.value(tab, row, column, depth + 1)
        if "errorValue" in value:
            raise FormulaError(value["errorValue"]["type"])
        return next(iter(value.values()), None)

    def _evaluated(self, node: Node, at: _At) -> Value | _Range:
        kind, *parts = node
        if kind == "value":
            value: Value = parts[0]
            return value
        if kind == "gone":
            raise FormulaError("REF")
        if kind == "range":
            return self._range(parts[0], parts[1], at[0])
        if kind == "compare":
            first, second = _comparable(self._scalar(parts[1], at), self._scalar(parts[2], at))
            return _COMPARED[parts[0]](first, second) if type(first) is type(second) else parts[0] == "<>"
        return self._called(parts[0], parts[1], at)

    def _range(self, tab: str, area: str, here: GridTab) -> _Range:
        key = tab, area, here.sheet_id
        if key not in self._ranges:
            named = (one for one in self.book.tabs if one.title.lower() == tab.lower())
            found = next(named, None) if tab else here
            if found is None:
                raise FormulaError("REF")
            try:
                self._ranges[key] = _Range(found, found.box(_area_of(area)))
            except Refusal:
                raise FormulaError("REF") from None
        return self._ranges[key]

    def _called(self, name: str, arguments: tuple[Node, ...], at: _At) -> Value | _Range:
        if name not in self._functions:
            raise _Unknown
        return self._functions[name](arguments, at)

    def _if(self, arguments: Sequence[Node], at: _At) -> Value | _Range:
        chosen = 1 if self._scalar(arguments[0], at) else 2
        return self._evaluated(arguments[chosen], at) if chosen < len(arguments) else False

    def _ifna(self, arguments: Sequence[Node], at: _At) -> Value:
        try:
            return self._scalar(arguments[0], at)
        except FormulaError as error:
            if error.kind != "N_A":
                raise
            return self._scalar(arguments[1], at)

    def _iferror(self, arguments: Sequence[Node], at: _At) -> Value:
        try:
            return self._scalar(arguments[0], at)
        except FormulaError:
            return self._scalar(arguments[1], at)

    def _trim(self, arguments: Sequence[Node], at: _At) -> str:
        return " ".join(filter(None, _text(self._scalar(arguments[0], at)).split(" ")))

    def _is_number(self, arguments: Sequence[Node], at: _At) -> bool:
        return isinstance(self._scalar(arguments[0], at), int | float)

    def _row(self, _arguments: Sequence[Node], at: _At) -> float:
        return float(at[1] + 1)

    def _hyperlink(self, arguments: Sequence[Node], at: _At) -> Value:
        return self._scalar(arguments[-1], at)

    def _index(self, arguments: Sequence[Node], at: _At) -> _Range:
        found, row = self._evaluated(arguments[0], at), self._scalar(arguments[1], at)
        if not isinstance(found, _Range) or not isinstance(row, int | float):
            raise FormulaError("VALUE")
        top, left, bottom, _ = found.box
        place = top + int(row) - 1
        if not top <= place < bottom:
            raise FormulaError("NUM")
        return _Range(found.tab, (place, left, place + 1, left + 1))

    def _match(self, arguments: tuple[Node, ...], at: _At) -> float:
        asked = arguments, at[0].sheet_id, at[1]  # the formulas of a row ask the same many times
        if asked not in self._matches:
            wanted, among = self._scalar(arguments[0], at), self._evaluated(arguments[1], at)
            if not isinstance(among, _Range) or self._scalar(arguments[2], at) != 0:
                raise _Unknown
            row = self._rows_of(among, at[3]).get(wanted.casefold()) if isinstance(wanted, str) else None
            self._matches[asked] = None if row is None else float(row - among.box[0] + 1)
        if (found := self._matches[asked]) is None:
            raise FormulaError("N_A")
        return found

    def _rows_of(self, among: _Range, depth: int) -> Mapping[str, int]:
        """Return the first row of each text in a column, case-insensitive."""
        top, left, bottom, _ = among.box
        key = (among.tab.sheet_id, left)
        if key not in self._rows:
            rows: dict[str, int] = {}
            for row in sorted(row for row, column in among.tab.cells if column == left and top <= row < bottom):
                shown = self.value(among.tab, row, left, depth + 1).get("stringValue")
                if shown:
                    rows.setdefault(shown.casefold(), row)
            self._rows[key] = rows
        return self._rows[key]

    def _sum(self, arguments: Sequence[Node], at: _At) -> float:
        total = 0.0
        for argument in arguments:
            found = self._evaluated(argument, at)
            if isinstance(found, _Range):
                used = [(row, column) for row, column, _ in found.tab.used(found.box)]
                numbers = [self._read(found.tab, row, column, at[3]) for row, column in used]
                total += sum(number for number in numbers if isinstance(number, int | float) and number is not True)
            elif isinstance(found, int | float):
                total += found
        return total


@lru_cache(maxsize=4096)
def _parsed(formula: str, separators: str) -> Node:
    """Parse a formula. Raises _Unknown if it is not supported."""
    reader = _Reader([token for token in tokens(formula) if token.kind != "space"], separators)
    node = reader.expression()
    if reader.rest:
        raise _Unknown
    return node


class _Reader:
    """Recursive descent parser; consumes the tokens in order."""

    def __init__(self, found: list[Token], separators: str) -> None:
        self.rest = found
        self._separators = separators

    def expression(self) -> Node:
        first = self._operand()
        if self.rest and self.rest[0].text in _COMPARED:
            sign = self.rest.pop(0).text
            return ("compare", sign, first, self._operand())
        return first

    def _operand(self) -> Node:
        kind, text = self.rest.pop(0)
        match kind:
            case "text":
                return ("value", text[1:-1].replace('""', '"'))
            case "number":
                return ("value", float(text))
            case "gone":
                if self.rest and self.rest[0].kind == "area":
                    self.rest.pop(0)
                return ("gone",)
            case "tab":
                if not self.rest or self.rest[0].kind not in ("area", "gone"):
                    raise _Unknown
                after = self.rest.pop(0)
                return ("range", title_of(text), after.text) if after.kind == "area" else ("gone",)
            case "area":
                return ("range", "", text)
            case "name":
                return ("call", text.upper(), self._arguments())
        raise _Unknown

    def _arguments(self) -> tuple[Node, ...]:
        self.rest.pop(0)
        found: list[Node] = []
        while self.rest:
            if self.rest[0].text == ")":
                self.rest.pop(0)
                return tuple(found)
            if found and self.rest.pop(0).text not in self._separators:
                raise _Unknown
            found.append(self.expression())
        raise _Unknown


def _comparable(first: Value, second: Value) -> tuple[Value, Value]:
    """Prepare two values for comparison: casefold texts, replace an empty cell by the other type's empty value."""
    if first is None:
        first = "" if second is None or isinstance(second, str) else type(second)(0)
    if second is None:
        second = "" if isinstance(first, str) else type(first)(0)
    return (
        first.casefold() if isinstance(first, str) else first,
        second.casefold() if isinstance(second, str) else second,
    )


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:.15g}" if isinstance(value, int | float) else value or ""


def _extended(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"numberValue": value} if isinstance(value, int | float) else {"stringValue": value}
