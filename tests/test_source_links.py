"""The source's cell leads to its query in the tracker: only where okrsync wrote it, and with nothing secret in it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from command_kit import NOTHING_TO_WRITE, Shell
from connectors.google_sheets.image import make_image
from connectors.google_sheets.links import DOCS, range_link
from connectors.protocol import Read, Reading
from connectors.sandbox.google_sheets.book import enter
from demo_kit import demo_workspace
from sandbox_kit import Sandbox
from sheet_people import entered_by_id, shown_by_id, tab_of
from syncer.compute.definitions import from_config
from syncer.plan.source_links import source_links
from workspace_kit import HEAD, NOW, load

HEADS = ["KR id", "Key result", "Source", "Current value", "Progress", "Status"]


@pytest.fixture
def sandbox(shell: Shell) -> Any:
    with demo_workspace(shell.folder) as running:
        yield running


def on(file: str) -> None:
    config = Path("okrsync.yaml")
    stated = f"okr_sheet:\n  file: {file}\n"
    text = re.sub(r"okr_sheet:\n(?: .*\n)+", stated, config.read_text("utf-8"))
    config.write_text(text, "utf-8")


def filled(path: str) -> Worksheet:
    """An OKR sheet as people have it: one source typed with a link of their own, one empty, one below a footer."""
    book = Workbook()
    tab = book.active
    assert isinstance(tab, Worksheet)
    tab.title = "OKRs"
    tab.append(HEADS)
    tab.append(["KR1", None, "bugs_resolved_share"])
    tab.append(["KR2"])
    tab["C2"].hyperlink = "https://wiki.example.com/ours"
    tab.HeaderFooter.oddFooter.center.text = "page &P"
    book.save(path)
    return tab


def links(path: str = "okrs.xlsx") -> dict[str, str]:
    tab = load_workbook(path)["OKRs"]
    return {str(row[0].value): str(row[2].hyperlink.target) for row in tab.iter_rows(min_row=2) if row[2].hyperlink}


@pytest.mark.usefixtures("sandbox")
def test_a_workbook_s_source_leads_to_the_query(shell: Shell) -> None:
    on("okrs.xlsx")
    filled("okrs.xlsx")
    done = shell.run("sync")
    assert done.code in (0, 4), done.err
    found = links()
    assert found.pop("KR1") == "https://wiki.example.com/ours"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/github/\S+", found["KR2"]) or "jql=" in found["KR2"]
    assert any("/issues/?jql=project%20%3D%20" in link for link in found.values())
    assert not any(secret in link for link in found.values() for secret in _secrets())
    tab = load_workbook("okrs.xlsx")["OKRs"]
    assert tab["C3"].value
    assert "=" not in str(tab["C3"].value)
    assert tab.HeaderFooter.oddFooter.center.text == "page &P"
    before = Path("okrs.xlsx").read_bytes()
    assert NOTHING_TO_WRITE in shell.run("sync").out
    assert Path("okrs.xlsx").read_bytes() == before


def _secrets() -> list[str]:
    return [path.read_text("utf-8").strip() for path in Path("secrets").iterdir() if "token" in path.name]


@pytest.mark.usefixtures("sandbox")
def test_a_query_that_changes_takes_its_link_along(shell: Shell) -> None:
    on("okrs.xlsx")
    filled("okrs.xlsx")
    shell.run("sync")
    first = links()
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace("project = CORE", "project = CORE AND project = CORE"), "utf-8")
    shell.run("sync", "--force")
    second = links()
    assert second["KR1"] == first["KR1"], "a person's own link stays"
    assert {key for key in first if first[key] != second[key]}
    rels = len(re.findall("hyperlink", _part("xl/worksheets/_rels/sheet1.xml.rels")))
    config.write_text(config.read_text("utf-8").replace("project = CORE AND project = CORE", "project = CORE"), "utf-8")
    shell.run("sync", "--force")
    assert links() != second
    assert len(re.findall("hyperlink", _part("xl/worksheets/_rels/sheet1.xml.rels"))) == rels


def _part(name: str) -> str:
    import zipfile

    with zipfile.ZipFile("okrs.xlsx") as archive:
        return archive.read(name).decode()


def test_in_google_people_s_source_is_a_link_by_formula_and_what_they_typed_stays(
    shell: Shell, sandbox: Sandbox
) -> None:
    tab = tab_of(sandbox)
    source = next(column for (row, column), cell in tab.cells.items() if cell.entered.get("stringValue") == "Source")
    enter(tab, 2, source, "bugs_resolved_share")
    assert shell.run("init", "--sheet", "--yes").code == 0
    assert shell.run("sync").code in (0, 4)
    assert tab_of(sandbox).cells[2, source].entered == {"stringValue": "bugs_resolved_share"}
    formula = tab_of(sandbox).cells[3, source].entered["formulaValue"]
    assert "HYPERLINK(INDEX('okrsync 2026-Q4'!" in formula
    own = entered_by_id(sandbox, "okrsync 2026-Q4")
    assert any("/issues/?jql=" in row.get("Source link", "") for row in own.values())
    assert shown_by_id(sandbox)["KR2"]["Source"] == "points_done"
    assert NOTHING_TO_WRITE in shell.run("sync").out


@pytest.mark.usefixtures("sandbox")
def test_a_link_that_moves_with_the_day_is_not_worth_a_write_of_its_own(shell: Shell) -> None:
    on("okrs.xlsx")
    filled("okrs.xlsx")
    config = Path("okrsync.yaml")
    text = config.read_text("utf-8").replace("type = Story", "type = Story AND created < {today}")
    config.write_text(text, "utf-8")
    shell.run("sync")
    first = links()
    assert "created" in first["KR2"]
    shell.at("2026-11-17T09:30:00+08:00")
    assert NOTHING_TO_WRITE in shell.run("sync").out
    assert links() == first


def deals(link: str, asked: str = "'Deals'!A:F") -> Mapping[str, Reading]:
    return {"m": Reading(Read("m", "rows", {}), 3, NOW, asked=asked, link=link)}


SALES = f"{DOCS}1XyZ"
OF_GOOGLE = """\
connections: {google: {type: google_sheets}}
measures: {m: {from: google.rows, spreadsheet: 1XyZ, range: 'Deals!A:F', value: count(*)}}
objectives: {O1: {title: More, key_results: {KR1: {title: Sign, target: 5, measure: m}}}}
"""


@pytest.mark.parametrize(
    ("stated", "asked", "address"),
    [
        ("1XyZ", "'Deals'!A:F", SALES),
        (f"{SALES}/edit?gid=12#gid=12", "'Deals'!$A$2:F", f"{SALES}/edit#gid=12&range=A2:F"),
        (f"{SALES}/edit#gid=0", "B2", f"{SALES}/edit#gid=0&range=B2"),
        (f"{SALES}/edit#gid=7", "'Deals'", f"{SALES}/edit#gid=7"),
    ],
)
def test_a_pasted_address_says_which_tab(stated: str, asked: str, address: str) -> None:
    assert range_link("1XyZ", stated, asked) == address


@pytest.mark.parametrize(
    ("spreadsheet", "asked", "address"),
    [
        ("1XyZ", "'Deals'!A:F", f"{SALES}/edit#gid=5&range=A:F"),
        ("1XyZ", "'Gone'!A:F", SALES),
        ("1XyZ2", "'Deals'!A:F", SALES),
    ],
)
def test_a_range_of_the_okr_sheet_s_own_spreadsheet(tmp_path: Path, spreadsheet: str, asked: str, address: str) -> None:
    config = load(tmp_path, HEAD + OF_GOOGLE)
    definitions = [from_config(config, entry, None) for entry in config.key_results]
    sheet = {"properties": {"sheetId": 5, "title": "Deals"}}
    found = {"spreadsheetUrl": f"{DOCS}{spreadsheet}/edit?ouid=1", "sheets": [sheet]}
    image = make_image(found, [], NOW)
    assert image.tab_links == {"Deals": f"{DOCS}{spreadsheet}/edit#gid=5"}
    made = source_links(config, definitions, deals(SALES, asked), image.tab_links)
    assert made["KR1"].address == address
