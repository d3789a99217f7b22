"""Number formats in the styles part of a workbook (ECMA-376 part 1, 18.8.30 numFmt and 18.8.45 xf)."""

import html
import re
from datetime import datetime
from xml.etree.ElementTree import fromstring

from config.dataclass import dataclass
from config.message import Message
from connectors.local_sheet.sheet_xml import MAIN
from connectors.local_sheet.xlsx_package import Package

_LISTED = re.compile(rb"(<(?:\w+:)?cellXfs\b[^>]*>)(.*?)(</(?:\w+:)?cellXfs>)", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*/>|<(?:\w+:)?xf\b[^>]*>.*?</(?:\w+:)?xf>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    49: "@",
}
"""Number formats that files name by id only: those of plain numbers, percents, dates and texts."""

DAY_0_OF_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone
DAY_0_OF_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - the same

_LITERALS = re.compile(r'".*?"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]', re.IGNORECASE)
_DATE = re.compile(r"(?<![_\\])[dmhys]", re.IGNORECASE)
_DURATION = re.compile(r"\[(?:hh?|mm?|ss?)\]", re.IGNORECASE)
_FIRST_OWN_FORMAT = 164
"""Smallest id of a custom number format."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says of its cells: a percent format, whether numbers are dates or durations, and the lock."""

    percent: bool = False
    is_date: bool = False
    is_duration: bool = False
    locked: bool = True


def styles_of(package: Package) -> tuple[Style, ...]:
    """Return the styles of cells by number. Raises ParseError, ValueError, KeyError: the styles are damaged."""
    part = next(iter(package.related(package.workbook, "/styles").values()), "")
    if not part:
        return (Style(),)
    root = fromstring(package.small(part))
    stated = root.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")
    own = {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in stated}
    styles = []
    for one in root.iterfind(f"{MAIN}cellXfs/{MAIN}xf"):
        number = int(one.get("numFmtId", "0"))
        code = own.get(number) or BUILT_IN.get(number, "General")
        protection = one.find(f"{MAIN}protection")
        locked = protection is None or protection.get("locked", "1") in ("1", "true")
        styles.append(
            Style("%" in code, is_date_format(code), _DURATION.search(code.partition(";")[0]) is not None, locked)
        )
    return tuple(styles)


def is_date_format(code: str) -> bool:
    """Return whether a number format shows a date, a time or a duration, by its part for positive numbers."""
    return _DATE.search(_LITERALS.sub("", code.partition(";")[0])) is not None


def styles_part(package: Package) -> str:
    """Return the name of the styles part. Raises SheetError: there is none."""
    part = next(iter(package.related(package.workbook, "/styles").values()), "")
    if part not in package.parts or not _LISTED.search(package.parts[part]):
        raise package.refusal(Message("the workbook has no styles"), Message("Open it in Excel and save it again."))
    return part


def format_of(package: Package, style: str) -> str:
    """Return the number format code of a style, such as `0%`."""
    number = _number_of(_styles(package)[int(style)])
    return _own_formats(package).get(number) or BUILT_IN.get(number, "General")


def with_format(package: Package, style: str, code: str) -> str:
    """Return the number of a style like `style` with this number format; add one if there is none."""
    part = styles_part(package)
    number = _format_number(package, part, code)
    styles = _styles(package)
    old = re.sub(rb'\s(?:numFmtId|applyNumberFormat)="[^"]*"', b"", styles[int(style)])
    name = re.match(rb"<(?:\w+:)?xf", old)
    end = name.end() if name else 0
    wanted = old[:end] + f' numFmtId="{number}" applyNumberFormat="1"'.encode() + old[end:]
    if wanted in styles:
        return str(styles.index(wanted))
    listed = _LISTED.search(package.parts[part])
    if listed is None:
        return style
    head = re.sub(rb'\scount="\d+"', f' count="{len(styles) + 1}"'.encode(), listed[1])
    data = package.parts[part]
    package.parts[part] = b"".join((data[: listed.start()], head, listed[2], wanted, listed[3], data[listed.end() :]))
    return str(len(styles))


def _styles(package: Package) -> list[bytes]:
    listed = _LISTED.search(package.parts[styles_part(package)])
    return _STYLE.findall(listed[2]) if listed else []


def _number_of(style: bytes) -> int:
    found = re.search(rb'\snumFmtId="(\d+)"', style)
    return int(found[1]) if found else 0


def _own_formats(package: Package) -> dict[int, str]:
    found = {}
    for element in _FORMAT.findall(package.parts[styles_part(package)]):
        code = re.search(rb'\sformatCode="([^"]*)"', element)
        if code:
            found[_number_of(element)] = html.unescape(code[1].decode("utf-8"))
    return found


def _format_number(package: Package, part: str, code: str) -> int:
    """Return the id of a number format, built in, existing or added."""
    built_in = next((number for number, known in BUILT_IN.items() if known == code), None)
    own = _own_formats(package)
    if built_in is not None:
        return built_in
    known = next((number for number, stated in own.items() if stated == code), None)
    if known is not None:
        return known
    number = max([_FIRST_OWN_FORMAT - 1, *own]) + 1
    data = package.parts[part]
    listed = re.search(rb"(<(\w+:)?numFmts\b[^>]*?)(/?)>", data)
    if listed:
        prefix = (listed[2] or b"").decode()
        head = re.sub(rb'\scount="\d+"', f' count="{len(own) + 1}"'.encode(), listed[1]) + b">"
        entry = f'<{prefix}numFmt numFmtId="{number}" formatCode="{html.escape(code)}"/>'
        close = f"</{prefix}numFmts>" if listed[3] else ""
        package.parts[part] = data[: listed.start()] + head + entry.encode() + close.encode() + data[listed.end() :]
        return number
    root = re.search(rb"<(\w+:)?styleSheet\b[^>]*>", data)
    prefix = (root[1] or b"").decode() if root else ""
    place = root.end() if root else 0
    entry = f'<{prefix}numFmt numFmtId="{number}" formatCode="{html.escape(code)}"/>'
    formats = f'<{prefix}numFmts count="1">{entry}</{prefix}numFmts>'
    package.parts[part] = data[:place] + formats.encode() + data[place:]
    return number
