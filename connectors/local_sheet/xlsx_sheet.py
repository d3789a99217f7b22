"""Apply a batch to the bytes of a workbook, changing only the cells of the batch."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Context, Decimal

from config.message import Message
from connectors.grids.a1 import cell_name
from connectors.local_sheet.sheet_xml import SheetXml, XmlCell, parse_sheet
from connectors.local_sheet.xlsx_links import remove_link, set_link
from connectors.local_sheet.xlsx_package import Package, add_tab, calculate_on_load, open_package
from connectors.local_sheet.xlsx_shift import insert_rows
from connectors.local_sheet.xlsx_styles import DAY_0_OF_1900, DAY_0_OF_1904, format_of, is_date_format, with_format
from connectors.okr_sheet import CellValue, CellWrite, RowInsert, SheetBatch, Tab

DIGITS = 12
"""Significant digits of written numbers."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_LONGEST_TEXT = 32_767
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def clean_text(text: str) -> str:
    """Remove characters that XML cannot represent, and normalize line ends to LF."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def rounded(number: Decimal) -> Decimal:
    """Round a number to DIGITS significant digits."""
    return Context(prec=DIGITS).create_decimal(number)


def apply(data: bytes, batch: SheetBatch, before: Mapping[str, Tab], doing: str) -> bytes:
    """Apply a batch to a workbook: new tabs, then inserts, then cells. `before` holds the tabs before the write.

    Raises SheetError: the workbook is signed, a tab does not exist, a cell holds a formula or is locked, or an insert
    would break a formula.
    """
    package = open_package(data, doing)
    if any(name.startswith("_xmlsignatures/") for name in package.parts):
        raise package.refusal(
            Message("it is signed, and a change would break the signature"), Message("Use a copy without a signature.")
        )
    for tab in batch.new_tabs:
        add_tab(package, tab)
    for insert in batch.inserts:
        sheet = _sheet(package, insert.tab)
        insert_rows(package, sheet, insert)
        package.parts[package.tabs[insert.tab]] = sheet.to_bytes()
    for title in sorted({cell.tab for cell in batch.cells}):
        sheet = _sheet(package, title)
        for cell in batch.cells:
            if cell.tab == title:
                _require_free(package, cell, batch.inserts, before.get(title))
                _write(package, sheet, cell)
                part, name = package.tabs[title], cell_name(cell.row, cell.column)
                if cell.link:
                    set_link(package, part, sheet, name, cell.link)
                elif cell.value in (None, ""):  # readers take the address of a link for an empty cell's text
                    remove_link(package, part, sheet, name)
        package.parts[package.tabs[title]] = sheet.to_bytes()
    if any(_FORMULA.search(package.parts[part]) for part in package.tabs.values()):
        calculate_on_load(package)
    return package.to_bytes()


def _sheet(package: Package, title: str) -> SheetXml:
    if title not in package.tabs:
        raise package.refusal(Message("there is no tab '{title}' any more", title=title), Message("Plan again."))
    try:
        return parse_sheet(package.parts[package.tabs[title]])
    except (ValueError, KeyError) as exc:
        raise package.refusal(
            Message("tab '{title}': {exc}", title=title, exc=exc), Message("Open it in Excel and save it again.")
        ) from exc


def _require_free(package: Package, cell: CellWrite, inserts: Sequence[RowInsert], tab: Tab | None) -> None:
    row = row_before(cell, inserts)
    if tab is None or row is None:
        return
    why = tab.cell(row, cell.column).locked or ("a formula" if tab.cell(row, cell.column).formula else None)
    if why:
        name = f"{cell.tab}!{cell_name(cell.row, cell.column)}"
        raise package.refusal(
            Message("{name} cannot be written ({why})", name=name, why=why),
            Message("Unprotect the cell or clear it, and plan again."),
        )


def row_before(cell: CellWrite, inserts: Sequence[RowInsert]) -> int | None:
    """Return the row of a cell before the inserts; None if it is in an inserted row."""
    row = cell.row
    for insert in reversed([insert for insert in inserts if insert.tab == cell.tab]):
        if insert.row <= row < insert.row + insert.count:
            return None
        row -= insert.count if row >= insert.row else 0
    return row


def _write(package: Package, sheet: SheetXml, cell: CellWrite) -> None:
    name = f"{cell.tab}!{cell_name(cell.row, cell.column)}"
    if not (0 <= cell.row < _LAST_ROW and 0 <= cell.column < _LAST_COLUMN):
        raise package.refusal(Message("{name} is outside any sheet", name=name), Message("Plan again."))
    value = cell.value
    style = sheet.style_at(cell.row, cell.column)
    if isinstance(value, date):
        style = _date_style(package, style, value)
    elif cell.reset_format and not cell.percent and format_of(package, style) != "General":
        style = with_format(package, style, "General")
    elif cell.percent and isinstance(value, Decimal) and "%" not in format_of(package, style):
        style = with_format(package, style, "0%" if value * 100 == (value * 100).to_integral_value() else "0.0%")
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        raise package.refusal(
            Message("the text for {name} is longer than a cell holds", name=name), Message("Shorten it in the config.")
        )
    raw = _element(sheet.prefix, style, value, package)
    sheet.put(cell.row, XmlCell(cell.column, raw.encode(), style))


def _date_style(package: Package, style: str, value: date) -> str:
    if is_date_format(format_of(package, style)):
        return style
    return with_format(package, style, "yyyy-mm-dd h:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd")


def _element(prefix: str, style: str, value: CellValue, package: Package) -> str:
    start = f'<{prefix}c s="{style}"' if style != "0" else f"<{prefix}c"
    if isinstance(value, str):
        value = clean_text(value)
    if value is None or value == "":
        return f"{start}/>"
    if isinstance(value, str):
        text = html.escape(value, quote=False)
        inline = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
        return f'{start} t="inlineStr">{inline}</{prefix}c>'
    if isinstance(value, bool):
        return f'{start} t="b"><{prefix}v>{int(value)}</{prefix}v></{prefix}c>'
    number = str(_serial(value, package)) if isinstance(value, date) else _digits(rounded(value))
    return f"{start}><{prefix}v>{number}</{prefix}v></{prefix}c>"


def _digits(number: Decimal) -> str:
    """Format a number for a workbook: 20 instead of 2E+1, with an exponent only above 12 digits of magnitude."""
    return f"{number.normalize():f}" if abs(number.adjusted()) <= DIGITS else str(number.normalize())


def _serial(value: date, package: Package) -> float:
    """Convert a date to the workbook's serial number: days since 1899-12-30, or since 1904-01-01 if it states so."""
    since_1904 = re.search(rb'\bdate1904="(?:1|true)"', package.parts[package.workbook])
    moment = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
    passed = moment - (DAY_0_OF_1904 if since_1904 else DAY_0_OF_1900)
    return passed.days + passed.seconds / 86_400 if passed.seconds else passed.days
