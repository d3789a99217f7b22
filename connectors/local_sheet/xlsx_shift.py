"""Insert rows into a worksheet with content below, moving what refers to the moved cells.

Merges, validations, conditional formats, tables and comments move. If a formula refers to a cell at or below the
inserted rows, it would have to be rewritten by Excel's rules; the insert is refused instead, and nothing is written.
"""

import re

from config.errors import SheetError
from config.message import Message
from connectors.local_sheet.sheet_xml import SheetXml, shift_areas
from connectors.local_sheet.xlsx_package import Package, drop_calc_chain
from connectors.okr_sheet import RowInsert

_FORMULA = re.compile(
    rb"<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)(?:\s[^>]*)?(?<!/)>([^<]*)<", re.IGNORECASE
)
_OWN_AREA = re.compile(rb'<(?:\w+:)?f\s[^>]*\bref="([^"]*)"')
_QUALIFIED = re.compile(r"('(?:[^']|'')+'|[\w.]+)!\s*\$?([A-Z]{1,3})?\$?(\d+)?(?::\$?([A-Z]{1,3})?\$?(\d+)?)?")
_BARE = re.compile(r"(?<![\w!'.:$])\$?[A-Z]{1,3}\$?(\d+)(?::\$?[A-Z]{1,3}\$?(\d+))?(?![\w(!.])")
_TEXT = re.compile(r'"[^"]*"')


def insert_rows(package: Package, sheet: SheetXml, insert: RowInsert) -> None:
    """Insert rows into `sheet`, and move the tables, comments and notes of the cells below.

    Raises SheetError: a formula, a name, a chart or a pivot table would have to be rewritten; nothing is changed then.
    """
    part = package.tabs[insert.tab]
    below = [row for number, row in sheet.rows.items() if number >= insert.row]
    last = max([number for number, row in sheet.rows.items() if row.cells], default=-1)
    if below and any(cell.raw for row in below for cell in row.cells.values()):
        _require_no_references(package, sheet, insert, last)
        if any(cell.formula for row in below for cell in row.cells.values()):
            drop_calc_chain(package)
        for kind in ("/table", "/comments", "/threadedComment"):
            for target in package.related(part, kind).values():
                package.parts[target] = shift_areas(package.parts[target], insert.row, insert.count)
        for target in package.related(part, "/vmlDrawing").values():
            package.parts[target] = _shift_notes(package.parts[target], insert.row, insert.count)
    sheet.insert(insert.row, insert.count)


def _require_no_references(package: Package, sheet: SheetXml, insert: RowInsert, last: int) -> None:
    part = package.tabs[insert.tab]
    if package.related(part, "/pivotTable"):
        raise _refusal(package, insert, Message("that tab has a pivot table"))
    own = sheet.to_bytes()
    for match in _OWN_AREA.finditer(own):
        if _reaches(match[1].decode(), insert, last):
            raise _refusal(package, insert, Message("the formulas of {part} lie there", part=match[1].decode()))
    for name, data in package.parts.items():
        if not name.endswith(".xml") or not name.startswith(package.workbook.partition("/")[0]):
            continue
        for match in _FORMULA.finditer(own if name == part else data):
            formula = _TEXT.sub('""', match[1].decode("utf-8", "replace").replace("&quot;", '"'))
            if _names_below(formula, insert, last, own=name == part):
                raise _refusal(
                    package,
                    insert,
                    Message("the formula {text} ({name}) would have to change", text=formula.strip(), name=name),
                )


def _names_below(formula: str, insert: RowInsert, last: int, *, own: bool) -> bool:
    """Return whether a formula refers to cells of the tab at or below the inserted rows."""
    for match in _QUALIFIED.finditer(formula):
        title = match[1].strip("'").replace("''", "'").replace("&apos;", "'").replace("&amp;", "&")
        numbers = [number for number in (match[3], match[5]) if number]
        if title.lower() == insert.tab.lower() and numbers and _crosses(numbers, insert, last):
            return True
    rest = _QUALIFIED.sub("", formula)
    return own and any(
        _crosses([number for number in match.groups() if number], insert, last) for match in _BARE.finditer(rest)
    )


def _reaches(area: str, insert: RowInsert, last: int) -> bool:
    return _crosses(re.findall(r"\d+", area), insert, last)


def _crosses(numbers: list[str], insert: RowInsert, last: int) -> bool:
    """Return whether rows (from 1) reach the inserted rows; an area that extends below all content need not change."""
    first, final = int(numbers[0]), int(numbers[-1])
    if len(numbers) > 1 and first <= insert.row and final > last + insert.count:
        return False
    return max(first, final) > insert.row


def _shift_notes(xml: bytes, row: int, count: int) -> bytes:
    """Move the notes of a VML drawing, whose `<x:Row>` counts from 0."""

    def moved(match: re.Match[bytes]) -> bytes:
        number = int(match[2])
        return match[1] + str(number + (count if number >= row else 0)).encode()

    return re.sub(rb"(<(?:\w+:)?Row>)(\d+)", moved, xml)


def _refusal(package: Package, insert: RowInsert, saw: str) -> SheetError:
    return package.refusal(
        Message(
            "a row cannot be inserted above row {row} of tab '{tab}': {saw}",
            row=insert.row + 1,
            tab=insert.tab,
            saw=saw,
        ),
        Message("Leave the rows below the last key result empty."),
    )
