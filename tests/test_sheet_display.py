"""How a workbook of `init --sheet` shows what okrsync writes: bars, units, several numbers, unknown."""

import re
import warnings
import zipfile
from pathlib import Path

from openpyxl import load_workbook

from command_kit import NOTHING_TO_WRITE, Shell
from connectors.local_sheet.okr_sheet import open_reader
from test_new_sheet import KINDS, column
from workspace_kit import HEAD

NEW_ROW = """\
      KR10: {title: Deals, baseline: 0, target: 7, unit: deals, measure: deals}
"""


def test_data_bars_are_solid_and_stay_so_where_okrsync_writes_and_inserts_rows(shell: Shell) -> None:
    config = Path("okrsync.yaml")
    config.write_text(HEAD + KINDS, "utf-8")
    Path("a.csv").write_text("hours\n13.1001111\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    made_bars = _bars("okrs.xlsx")
    assert [(bar["gradient"], bar["maxLength"], area) for bar, area in made_bars] == [
        ("0", "100", "I2:I211"),
        ("0", "100", "C2:C3"),
    ]
    assert shell.run("sync").code in (0, 4)
    assert _bars("okrs.xlsx") == made_bars
    config.write_text(HEAD + KINDS + NEW_ROW, "utf-8")
    assert shell.run("sync").code in (0, 4)
    assert [area for _, area in _bars("okrs.xlsx")] == ["I2:I212", "C2:C3"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "OKRs" in open_reader(Path("okrs.xlsx")).read().tabs


def test_a_row_that_okrsync_inserts_shows_no_unit_of_the_row_above(shell: Shell) -> None:
    config = Path("okrsync.yaml")
    config.write_text(HEAD + KINDS, "utf-8")
    Path("a.csv").write_text("hours\n13.1001111\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    config.write_text(HEAD + KINDS + NEW_ROW, "utf-8")
    assert shell.run("sync").code in (0, 4)
    tab = load_workbook("okrs.xlsx")["OKRs"]
    rows = {tab.cell(row, 1).value: row for row in range(2, 13)}
    for name in ("target", "current", "forecast"):
        assert "元" in tab.cell(rows["KR7"], column(tab, name)).number_format
        assert tab.cell(rows["KR10"], column(tab, name)).number_format == "General"
    assert tab.cell(rows["KR10"], column(tab, "target")).value == 7


def test_several_numbers_stand_with_their_units_and_unknown_says_so(shell: Shell) -> None:
    parts = "[{measure: deals, target: 10, unit: deals}, {measure: hours, baseline: 0, target: 9000, unit: NT$}]"
    config = KINDS.replace("[{measure: deals, target: 10}, {measure: hours, baseline: 9, target: 2}]", parts)
    Path("okrsync.yaml").write_text(
        HEAD + config.replace("KR8:", "KR8: {title: Later, target: 3}\n      KR10:"), "utf-8"
    )
    Path("a.csv").write_text("hours\n13.1001111\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    assert shell.run("sync").code == 4
    tab = load_workbook("okrs.xlsx")["OKRs"]
    rows = {tab.cell(row, 1).value: row for row in range(2, 13)}
    shown = {name: tab.cell(rows["KR3"], column(tab, name)).value for name in ("target", "current")}
    assert shown == {"target": "10 deals; NT$9,000", "current": "1 deals; NT$13.1"}
    unknown = [tab.cell(rows["KR8"], column(tab, name)).value for name in ("current", "progress", "status")]
    assert unknown == [None, None, "unknown"]
    assert NOTHING_TO_WRITE in shell.run("sync").out


def _bars(workbook: str) -> list[tuple[dict[str, str], str]]:
    """Return attributes and areas of the data bars that Excel 2010 and later show."""
    found = []
    with zipfile.ZipFile(workbook) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode("utf-8")
                for bar, area in re.findall(r"<x14:dataBar ([^>]*)>.*?<xm:sqref>([^<]*)<", text):
                    found.append((dict(re.findall(r'(\w+)="([^"]*)"', bar)), area))
    return found
