"""Values API of the sandbox: rows of values, without trailing empty cells and rows."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.google_sheets.book import Book, Refusal, range_name
from connectors.sandbox.google_sheets.formulas import Shown
from connectors.sandbox.google_sheets.shown_text import formatted
from connectors.sandbox.server import Request

_OPTIONS = {
    "valueRenderOption": ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"),
    "dateTimeRenderOption": ("SERIAL_NUMBER", "FORMATTED_STRING"),
    "majorDimension": ("ROWS",),
}
_IGNORED = ("alt", "prettyPrint", "fields", "ranges")


def render_options(request: Request) -> dict[str, str]:
    """Parse the options of a values request; the first choice of each is its default. Raises Refusal for others."""
    for name in request.query:
        if name not in _OPTIONS and name not in _IGNORED:
            raise Refusal(f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.')
    options = {name: request.first(name, known[0]) for name, known in _OPTIONS.items()}
    for name, value in options.items():
        if value not in _OPTIONS[name]:
            raise Refusal(f"Invalid value at '{name}': \"{value}\"")
    return options


def value_range(book: Book, text: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Build a ValueRange; `values` is omitted if there are none. Raises Refusal."""
    tab, box, _ = book.find(text)
    rows: list[list[Any]] = []
    values_of = Shown(book)
    for row, column, cell in tab.used(box):
        shown = _rendered(book, values_of.value(tab, row, column), cell.number_format, options)
        if options["valueRenderOption"] == "FORMULA" and "formulaValue" in cell.entered:
            shown = cell.entered["formulaValue"]
        if shown == "":
            continue
        rows.extend([] for _ in range(row - box[0] + 1 - len(rows)))
        values = rows[row - box[0]]
        values.extend("" for _ in range(column - box[1] - len(values)))
        values.append(shown)
    found = {"range": range_name(tab, box), "majorDimension": "ROWS"}
    return {**found, "values": rows} if rows else found


def _rendered(
    book: Book, value: Mapping[str, Any], number_format: Mapping[str, str], options: Mapping[str, str]
) -> Any:
    as_shown = options["valueRenderOption"] == "FORMATTED_VALUE"
    dated = number_format.get("type") in ("DATE", "DATE_TIME") and "numberValue" in value
    if as_shown or "errorValue" in value or (dated and options["dateTimeRenderOption"] == "FORMATTED_STRING"):
        return formatted(book, value, number_format)
    return next(iter(value.values()), "")


def dump_values(book: Book) -> dict[str, list[list[Any]]]:
    """Return the values of all tabs: formulas as entered, dates as text, numbers as numbers."""
    options = {"valueRenderOption": "FORMULA", "dateTimeRenderOption": "FORMATTED_STRING"}
    return {
        tab.title: value_range(book, "'" + tab.title.replace("'", "''") + "'", options).get("values", [])
        for tab in book.tabs
    }
