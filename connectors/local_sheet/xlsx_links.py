"""Hyperlinks of cells in a workbook: ECMA-376 part 1, 18.3.1.47 (hyperlink) and 18.3.1.99 (order in worksheet)."""

import html
import re

from connectors.local_sheet.sheet_xml import SheetXml
from connectors.local_sheet.xlsx_package import RELATIONS, Package, insert, relations_of

_TAG = re.compile(rb"<(/?)(?:\w+:)?([A-Za-z]\w*)\b[^>]*?(/?)>")
_FOLLOWING = frozenset(
    b"printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors "
    b"smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts "
    b"extLst".split()
)
"""Elements that may follow the hyperlinks of a worksheet."""
_NO_LINKS = re.compile(rb"<(?:\w+:)?hyperlinks>\s*</(?:\w+:)?hyperlinks>")
"""An element without links, which the schema does not allow."""
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships '
    b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


def set_link(package: Package, part: str, sheet: SheetXml, reference: str, address: str) -> None:
    """Set the hyperlink of a cell such as `B7` to an address, replacing any link that it has."""
    rels = relations_of(part)
    package.parts.setdefault(rels, _NO_RELATIONS)
    remove_link(package, part, sheet, reference)
    taken = re.findall(rb'\bId="([^"]*)"', package.parts[rels])
    name = next(name for n in range(1, 1_000_000) if (name := f"okrsync{n}").encode() not in taken)
    target = html.escape(address)
    relation = f'<Relationship Id="{name}" Type="{RELATIONS}/hyperlink" Target="{target}" TargetMode="External"/>'
    insert(package, rels, "Relationships", relation)
    link = f'<{sheet.prefix}hyperlink xmlns:okr="{RELATIONS}" ref="{reference}" okr:id="{name}"/>'.encode()
    closing = f"</{sheet.prefix}hyperlinks>".encode()
    if closing in sheet.after:
        sheet.after = sheet.after.replace(closing, link + closing, 1)
        return
    place = _place(sheet.after)
    element = f"<{sheet.prefix}hyperlinks>".encode() + link + closing
    sheet.after = sheet.after[:place] + element + sheet.after[place:]


def remove_link(package: Package, part: str, sheet: SheetXml, reference: str) -> None:
    """Remove the hyperlink of a cell such as `B7`, if it has one."""
    own = rf'<(?:\w+:)?hyperlink\b[^>]*\bref="{reference}"[^>]*?(?:/>|>\s*</(?:\w+:)?hyperlink>)'.encode()
    for old in re.findall(own, sheet.after):
        sheet.after = sheet.after.replace(old, b"")
        _forget(package, relations_of(part), sheet, old)
    sheet.after = _NO_LINKS.sub(b"", sheet.after)


def _forget(package: Package, rels: str, sheet: SheetXml, link: bytes) -> None:
    """Remove the relation of a removed link unless another link uses it."""
    found = re.search(rb':id="([^"]*)"', link)
    if found and rels in package.parts and b':id="' + found[1] + b'"' not in sheet.after:
        entry = rb'<(?:\w+:)?Relationship\b[^>]*\bId="' + re.escape(found[1]) + rb'"[^>]*?/>'
        package.parts[rels] = re.sub(entry, b"", package.parts[rels])


def _place(after: bytes) -> int:
    """Return the position for the hyperlinks element in the bytes after the rows."""
    depth = 0
    for tag in _TAG.finditer(after):
        if depth == 0 and (tag[1] or tag[2] in _FOLLOWING):
            return tag.start()
        depth += -1 if tag[1] else 0 if tag[3] else 1
    return len(after)
