"""XLSX file as a package of parts. Unchanged parts such as charts, macros, pictures and comments keep their bytes."""

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import field

from config.dataclass import dataclass
from config.errors import SheetError
from config.message import Message
from connectors.local_sheet.xlsx_limits import FAULTS, LARGEST_SMALL_PART, TooLargeError, reason, require_safe
from connectors.okr_sheet import MEMORY_TAB, NewTab

MADE = "_okrsync_made"
"""Hidden defined name, local to a tab, that marks the tab as okrsync's own."""

CONTENT_TYPES = "[Content_Types].xml"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_AFTER_NAMES = (
    "calcPr|oleSize|customWorkbookViews|pivotCaches|smartTagPr|smartTagTypes|webPublishing|fileRecoveryPr"
    "|webPublishObjects|extLst"
)
_LONGEST_TITLE = 31
_NOTHING = Message("Nothing was written.")
_WIDTH = 16
"""Column width of a new tab in characters; the default of 8.43 would show a date as `###`."""


@dataclass(slots=True)
class Package:
    """Parts of a workbook by name, in the order of the file."""

    doing: str
    parts: dict[str, bytes]
    infos: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    workbook: str = ""
    tabs: dict[str, str] = field(default_factory=dict)
    """Part names of the worksheets by title."""

    def refusal(self, saw: str, advice: str) -> SheetError:
        """Create the SheetError for a workbook that cannot be written as requested."""
        return SheetError(self.doing, saw, effect=_NOTHING, advice=advice)

    def small(self, part: str) -> bytes:
        """Return a part that is parsed as a whole. Raises TooLargeError, KeyError."""
        data = self.parts[part]
        if len(data) > LARGEST_SMALL_PART:
            raise TooLargeError(
                Message("its part {name} is larger than {most} MiB", name=part, most=LARGEST_SMALL_PART >> 20)
            )
        return data

    def related(self, part: str, kind: str = "") -> dict[str, str]:
        """Return the parts that a part refers to, by relation id, for relation types that end with `kind`."""
        data = self.parts.get(relations_of(part), b"")
        found = {}
        for element in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", data):
            stated = _attributes(element)
            if stated.get("TargetMode") != "External" and stated.get("Type", "").endswith(kind):
                found[stated["Id"]] = posixpath.normpath(
                    posixpath.join("/" + posixpath.dirname(part), stated["Target"])
                ).lstrip("/")
        return found

    def to_bytes(self) -> bytes:
        """Serialize the package as a file."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.parts.items():
                archive.writestr(self.infos.get(name, name), data)
        return out.getvalue()


def open_package(data: bytes, doing: str, *, endings: tuple[str, ...] = ("",)) -> Package:
    """Open a workbook as a package of its parts, or of those whose names have one of the endings.

    Raises SheetError: the data is no workbook, has a password, or is of the strict variant of ECMA-376.
    """
    if data[:4] == b"\xd0\xcf\x11\xe0":
        advice = "Save it as an Excel workbook (.xlsx) without a password."
        raise SheetError(doing, "it has a password, or is an old .xls", effect=_NOTHING, advice=advice)
    try:
        return _opened(data, doing, endings)
    except FAULTS as exc:
        advice = "Open it in Excel and save it again as .xlsx."
        saw = Message("it is not a workbook ({why})", why=reason(exc))
        raise SheetError(doing, saw, effect=_NOTHING, advice=advice) from exc


def _opened(data: bytes, doing: str, endings: tuple[str, ...]) -> Package:
    require_safe(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        wanted = [info for info in archive.infolist() if info.filename.endswith(endings) and not info.is_dir()]
        parts = {info.filename: archive.read(info) for info in wanted}
        infos = {info.filename: info for info in archive.infolist()}
    package = Package(doing, parts, infos)
    package.workbook = next(iter(package.related("", "/officeDocument").values()), "")
    if _MAIN.encode() not in parts.get(package.workbook, b""):
        raise package.refusal(
            Message("it is not structured as an .xlsx usually is"), Message("Save it in Excel as an ordinary .xlsx.")
        )
    targets = package.related(package.workbook, "/worksheet")
    for element in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", parts[package.workbook]):
        stated = _attributes(element)
        relation = next((value for name, value in stated.items() if name.endswith(":id")), "")
        if relation in targets:
            package.tabs[stated["name"]] = targets[relation]
    return package


def add_tab(package: Package, tab: NewTab) -> None:
    """Add an empty tab, marked as okrsync's own. Raises SheetError: the title is taken or not allowed."""
    if tab.title.lower() in (title.lower() for title in package.tabs):
        raise package.refusal(Message("there is a tab '{title}' already", title=tab.title), Message("Plan again."))
    if not tab.title or len(tab.title) > _LONGEST_TITLE or re.search(r"[\[\]:*?/\\]|^'|'$", tab.title):
        saw = Message("'{title}' cannot be the title of a tab", title=tab.title)
        raise package.refusal(saw, Message("A title has at most 31 characters, none of them []:*?/\\."))
    folder = posixpath.dirname(package.workbook)
    number = next(n for n in range(1, 10_000) if f"{folder}/worksheets/okrsync{n}.xml" not in package.parts)
    part = f"{folder}/worksheets/okrsync{number}.xml"
    protection = '<sheetProtection sheet="1" objects="1" scenarios="1"/>' if tab.protected else ""
    package.parts[part] = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetFormatPr defaultColWidth="{_WIDTH}" defaultRowHeight="15"/>'
        f"<sheetData></sheetData>{protection}"
        '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/></worksheet>'
    ).encode()
    package.tabs[tab.title] = part
    _announce(package, tab, part)


def _announce(package: Package, tab: NewTab, part: str) -> None:
    """Register a new worksheet in the content types, the workbook's relations and the workbook."""
    insert(package, CONTENT_TYPES, "Types", f'<Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>')
    taken = package.related(package.workbook)
    relation = next(name for n in range(1, 100_000) if (name := f"okrsync{n}") not in taken)
    target = f'<Relationship Id="{relation}" Type="{RELATIONS}/worksheet" Target="/{part}"/>'
    insert(package, relations_of(package.workbook), "Relationships", target)
    book = package.parts[package.workbook]
    ids = [int(number) for number in re.findall(rb'<(?:\w+:)?sheet\b[^>]*\bsheetId="(\d+)"', book)]
    index = len(ids)
    root = re.search(rb"<(?:\w+:)?workbook\b[^>]*>", book)  # what a sheet declares is its own
    declared = re.search(rf'xmlns:(\w+)="{re.escape(RELATIONS)}"'.encode(), root[0]) if root else None
    id_name = f"{declared[1].decode()}:id" if declared else f'xmlns:r="{RELATIONS}" r:id'
    state = "" if not tab.hidden else ' state="veryHidden"' if tab.title == MEMORY_TAB else ' state="hidden"'
    name = html.escape(tab.title)
    entry = f'sheet name="{name}" sheetId="{max(ids, default=0) + 1}"{state} {id_name}="{relation}"/>'
    prefix = insert(package, package.workbook, "sheets", entry, prefixed=True)
    mark = f'<{prefix}definedName name="{MADE}" localSheetId="{index}" hidden="1">TRUE</{prefix}definedName>'
    if re.search(rb"<(?:\w+:)?definedNames\b", package.parts[package.workbook]):
        insert(package, package.workbook, "definedNames", mark)
    else:
        _insert_late(package, f"<{prefix}definedNames>{mark}</{prefix}definedNames>", _AFTER_NAMES)


def calculate_on_load(package: Package) -> None:
    """Set `fullCalcOnLoad`, so that the next program that opens the workbook recalculates all formulas."""
    book = package.parts[package.workbook]
    found = re.search(rb"<(?:\w+:)?calcPr\b[^>]*?(/?)>", book)
    if found is None:
        prefix = re.search(rb"</(\w+:)?sheets>", book)
        name = f"{(prefix[1] or b'').decode() if prefix else ''}calcPr"
        _insert_late(package, f'<{name} fullCalcOnLoad="1"/>', _AFTER_NAMES.partition("|")[2])
        return
    tag = re.sub(rb'\s+fullCalcOnLoad="[^"]*"', b"", found[0])
    end = len(tag) - (2 if found[1] else 1)
    package.parts[package.workbook] = book.replace(found[0], tag[:end] + b' fullCalcOnLoad="1"' + tag[end:], 1)


def drop_calc_chain(package: Package) -> None:
    """Remove the calculation chain, which refers to cells by position; the next program creates it again."""
    for relation, part in package.related(package.workbook, "/calcChain").items():
        package.parts.pop(part, None)
        rels = relations_of(package.workbook)
        entry = rf'<(?:\w+:)?Relationship\b[^>]*\bId="{re.escape(relation)}"[^>]*/>'
        package.parts[rels] = re.sub(entry.encode(), b"", package.parts[rels])
        override = rf'<(?:\w+:)?Override\b[^>]*\bPartName="/{re.escape(part)}"[^>]*/>'
        package.parts[CONTENT_TYPES] = re.sub(override.encode(), b"", package.parts[CONTENT_TYPES])


def insert(package: Package, part: str, parent: str, xml: str, *, prefixed: bool = False) -> str:
    """Insert an element at the end of its parent and return the parent's namespace prefix. Raises SheetError.

    `prefixed`: `xml` is the element without its leading `<` and prefix, which are added.
    """
    data = package.parts.get(part, b"")
    data = re.sub(rf"<((?:\w+:)?{parent})(\s[^>]*)?/>".encode(), rb"<\1\2></\1>", data)
    found = re.search(rf"</(\w+:)?{parent}>".encode(), data)
    if found is None:
        raise package.refusal(
            Message("{part} has no end of {parent}", part=part, parent=parent),
            Message("Open it in Excel and save it again."),
        )
    prefix = (found[1] or b"").decode()
    element = f"<{prefix}{xml}" if prefixed else xml
    package.parts[part] = data[: found.start()] + element.encode() + data[found.start() :]
    return prefix


def _insert_late(package: Package, xml: str, before: str) -> None:
    """Insert an element of the workbook before the first one of those that may follow it, or at the end."""
    book = package.parts[package.workbook]
    found = re.search(rf"<(?:\w+:)?(?:{before})\b".encode(), book) or re.search(rb"</(?:\w+:)?workbook>", book)
    place = found.start() if found else len(book)
    package.parts[package.workbook] = book[:place] + xml.encode() + book[place:]


def relations_of(part: str) -> str:
    """Return the name of the part that holds the relations of a part."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _attributes(element: bytes) -> Mapping[str, str]:
    pairs = re.findall(rb"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element)
    return {name.decode(): html.unescape((double or single).decode("utf-8")) for name, double, single in pairs}
