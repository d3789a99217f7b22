"""Make the data bars of a new workbook solid, from 0 to 100 %, by the extension that Excel 2010 brought.

openpyxl writes the older form, which has a colour gradient, and knows no extensions. Source: [MS-XLSX], 2.6.26
CT_DataBar, and the extensions of the elements cfRule and worksheet in 2.2.4 (conditional formatting).
"""

import re
import uuid

from connectors.local_sheet.xlsx_package import open_package

_X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
_RULE_EXTENSION, _SHEET_EXTENSION = "B025F937-C7B1-47D3-B67F-A62EFF666E3E", "78C0D931-6437-407d-A8EE-F0AAD7539E65"
_BAR = re.compile(
    r'<conditionalFormatting sqref="([^"]*)">((?:(?!</conditionalFormatting>).)*?</dataBar>)</cfRule>', re.DOTALL
)


def with_solid_bars(workbook: bytes) -> bytes:
    """Return a workbook of openpyxl with its data bars solid; each is full at 1."""
    package = open_package(workbook, "")
    for part in package.tabs.values():
        package.parts[part] = _solid(package.parts[part].decode("utf-8"), part).encode("utf-8")
    return package.to_bytes()


def _solid(sheet: str, part: str) -> str:
    bars: list[str] = []

    def linked(match: re.Match[str]) -> str:
        key = "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"{part} {match[1]}")).upper() + "}"
        bars.append(_bar(key, match[1]))
        extension = f'<ext {_X14} uri="{{{_RULE_EXTENSION}}}"><x14:id>{key}</x14:id></ext>'
        return f'<conditionalFormatting sqref="{match[1]}">{match[2]}<extLst>{extension}</extLst></cfRule>'

    found = _BAR.sub(linked, sheet)
    if not bars:
        return sheet
    formats = f"<x14:conditionalFormattings>{''.join(bars)}</x14:conditionalFormattings>"
    extension = f'<ext {_X14} uri="{{{_SHEET_EXTENSION}}}">{formats}</ext>'
    return found.replace("</worksheet>", f"<extLst>{extension}</extLst></worksheet>")


def _bar(key: str, area: str) -> str:
    ends = "".join(f'<x14:cfvo type="num"><xm:f>{end}</xm:f></x14:cfvo>' for end in (0, 1))
    colours = '<x14:negativeFillColor rgb="FFE7E9EC"/><x14:axisColor rgb="FFE7E9EC"/>'
    look = 'minLength="0" maxLength="100" gradient="0" axisPosition="none"'
    return (
        '<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        f'<x14:cfRule type="dataBar" id="{key}"><x14:dataBar {look}>{ends}{colours}</x14:dataBar></x14:cfRule>'
        f"<xm:sqref>{area}</xm:sqref></x14:conditionalFormatting>"
    )
