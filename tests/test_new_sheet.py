"""The sheet that `init` makes: what people see in it, and that okrsync reads it as its own afterwards."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from connectors.google_sheets.tab_format import dressing
from connectors.grids.a1 import letters
from connectors.sandbox.google_sheets.book import Book, GridTab
from demo_kit import demo_workspace, sheets_of
from syncer.i18n import status_label, translate
from syncer.make_sheet.formats import COLOURS, PERCENT
from syncer.make_sheet.google_tab import GOOGLE_COLUMNS
from syncer.make_sheet.new_google_sheet import okrs_look
from syncer.make_sheet.new_sheet import SHEET_COLUMNS, make_local_sheet, new_rows
from syncer.make_sheet.summary_table import FIRST_COUNT, GROUPS
from syncer.method.status import Status
from syncer.sheet.columns import header_of
from test_google_okr_sheet import check_body, check_mask, discovery
from workspace_kit import HEAD, load

LANGUAGES = ["en", "zh-TW"]

TWO_TEAMS = """\
objectives:
  O1:
    title: =1+1
    team: core
    key_results:
      KR1: {title: '=HYPERLINK("x")', baseline: 0, target: 10}
      KR2: {title: 營收, baseline: 1000, target: 50萬}
  O2:
    title: 更快
    key_results:
      KR3: {title: 比率, kind: at_least, target: 90%}
"""


def made(folder: Path, more: str = "", text: str = TWO_TEAMS) -> Any:
    return load_workbook(make_local_sheet(load(folder, HEAD + more + text)))


def column(tab: Worksheet, name: str, language: str = "en") -> int:
    return [cell.value for cell in tab[1]].index(header_of(name, language)) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_stay_in_sight_and_filter(tmp_path: Path, language: str) -> None:
    tab = made(tmp_path, f"language: {language}\n")["OKRs"]
    assert [cell.value for cell in tab[1]] == [header_of(name, language) for name in SHEET_COLUMNS]
    assert tab.freeze_panes == "D2"
    assert tab.auto_filter.ref == "A1:AC6"
    assert {"forecast", "blocker", "help", "judgement", "computed_score"} <= set(SHEET_COLUMNS)
    widest = max(2 * len(header_of("help", "zh-TW")), len(header_of("help", "en")))
    assert tab.column_dimensions["R"].width > widest


def test_objectives_stand_above_their_key_results(tmp_path: Path) -> None:
    tab = made(tmp_path)["OKRs"]
    assert [row[0].value for row in tab.iter_rows(min_row=2)] == ["O1", "KR1", "KR2", "O2", "KR3"]
    assert [tab.cell(2, column(tab, name)).value for name in ("progress", "expected", "status")] == [None] * 3
    assert tab["A2"].font.bold
    assert tab["A2"].font.name == "Calibri"
    assert not tab["A3"].font.bold


def test_texts_that_begin_like_formulas_stay_texts(tmp_path: Path) -> None:
    tab = made(tmp_path, "")["OKRs"]
    for row, name, text in ((2, "objective", "=1+1"), (3, "title", '=HYPERLINK("x")')):
        cell = tab.cell(row, column(tab, name))
        assert (cell.value, cell.data_type) == (text, "s")


def test_numbers_have_the_format_of_their_goal(tmp_path: Path) -> None:
    tab = made(tmp_path)["OKRs"]
    formats = [tab.cell(row, column(tab, "current")).number_format for row in (3, 4, 6)]
    assert formats == ["General", "#,##0", PERCENT]  # the first one is typed by people
    assert tab.cell(3, column(tab, "progress")).number_format == PERCENT
    assert tab.cell(3, column(tab, "updated")).number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_may_choose(tmp_path: Path, language: str) -> None:
    tab = made(tmp_path, f"language: {language}\nconfidence: {{scale: 5}}\n")["OKRs"]
    rules = {str(rule.sqref): rule for rule in tab.data_validations.dataValidation}

    def rule_of(name: str) -> Any:
        letter = tab.cell(1, column(tab, name, language)).column_letter
        return rules[f"{letter}2:{letter}206"]

    assert rule_of("override").formula1 == f'"{",".join(status_label(status.value, language) for status in Status)}"'
    assert (rule_of("confidence").formula1, rule_of("confidence").formula2) == ("1", "5")
    decisions = {"en": '"continue,abandon,complete"', "zh-TW": '"繼續,放棄,標記為完成"'}
    assert rule_of("decision").formula1 == decisions[language]
    assert rule_of("self_score").formula2 == "1"


def test_every_status_has_its_colours_in_both_languages(tmp_path: Path) -> None:
    assert set(COLOURS) == set(Status)
    tab = made(tmp_path)["OKRs"]
    formulas = [rule.formula[0] for found in tab.conditional_formatting for rule in found.rules if rule.formula]
    for status in Status:
        both = f'="{status_label(status.value, "en")}",', f'="{status_label(status.value, "zh-TW")}")'
        assert sum(all(text in formula for text in both) for formula in formulas) == 2, status
    bars = [rule for found in tab.conditional_formatting for rule in found.rules if rule.type == "dataBar"]
    assert [[end.val for end in bar.dataBar.cfvo] for bar in bars] == [[0, 1]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_counts_by_team(tmp_path: Path, language: str) -> None:
    book = made(tmp_path, f"language: {language}\n")
    tab = book.worksheets[1]
    assert book.sheetnames == ["OKRs", translate(language, "Summary")]
    labels = ["core", translate(language, "(no team)"), translate(language, "All")]
    assert [row[0].value for row in tab.iter_rows(min_row=2, max_row=4)] == labels
    assert [cell.value for cell in tab[1]][FIRST_COUNT:] == [translate(language, name) for name, _, _ in GROUPS]
    assert all(str(cell.value).startswith("=") for cell in tab[2][1:])
    assert "$A2" in tab["E2"].value
    assert '$D$206,""' in tab["E3"].value
    assert tab["D2"].value.startswith("=IFERROR(AVERAGEIFS('OKRs'!$J$2:$J$206,")
    assert (tab["C2"].number_format, tab["D2"].number_format) == (PERCENT, PERCENT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_counts_each_status_once_and_rows_without_one_as_unknown(tmp_path: Path, language: str) -> None:
    grouped = [status for _, _, statuses in GROUPS for status in statuses]
    assert sorted(grouped) == sorted(Status)
    tab = made(tmp_path, f"language: {language}\n").worksheets[1]
    formulas = [str(tab.cell(4, FIRST_COUNT + 1 + index).value) for index in range(len(GROUPS))]
    for formula, (_, _, statuses) in zip(formulas, GROUPS, strict=True):
        words = [f'"{status_label(status.value, language)}")' for status in statuses]
        words += ['"")'] if Status.UNKNOWN in statuses else []
        assert formula.count("COUNTIFS") == len(words)
        assert all(word in formula for word in words)


def _fill_of(point: Any) -> str:
    fill = point.graphicalProperties.solidFill
    return str(fill if isinstance(fill, str) else fill.srgbClr if isinstance(fill.srgbClr, str) else fill.srgbClr.val)


def test_the_summary_has_one_chart_right_of_its_table(tmp_path: Path) -> None:
    (chart,) = made(tmp_path)["Summary"]._charts
    (bars,) = chart.series
    assert bars.val.numRef.f == "'Summary'!$E$4:$J$4"
    assert bars.cat.numRef.f == "'Summary'!$E$1:$J$1"
    assert [_fill_of(point) for point in bars.dPt] == [colour for _, colour, _ in GROUPS]
    assert (chart.anchor._from.row, chart.anchor._from.col) == (0, 11)


KINDS = """\
measures:
  hours: {from: files.rows, path: a.csv, value: avg(hours)}
  deals: {from: files.rows, path: a.csv, value: count(*)}
  points: {from: files.rows, path: a.csv, value: sum(hours)}
objectives:
  O1:
    title: Better
    key_results:
      KR1: {title: Faster, baseline: 30, target: 8, unit: hours, measure: hours}
      KR2: {title: More, target: 12, measure: deals}
      KR3: {title: Both, parts: [{measure: deals, target: 10}, {measure: hours, baseline: 9, target: 2}]}
      KR4: {title: Cheaper, baseline: 20, target: 12.5, unit: NT$, measure: hours}
      KR5: {title: Income, baseline: 0, target: 2000, unit: twd, measure: hours}
      KR6: {title: Share, baseline: 40%, target: 90%, measure: hours}
      KR8: {title: Points, baseline: 0, target: 80, measure: points}
      KR9: {title: Paid, baseline: 0, target: 80, unit: $, measure: points}
      KR7: {title: Rent, baseline: 900, target: 800, unit: 元, measure: hours}
"""
THREE_HOURS = '[>=100]#,##0" h";[>=10]0.0" h";0.00" h"'
THREE_YUAN = THREE_HOURS.replace(" h", " 元")
PATTERNS = {
    "KR1": ('#,##0" h"', '#,##0" h"', THREE_HOURS, THREE_HOURS),
    "KR2": ("#,##0", "#,##0", "#,##0", "[>=100]#,##0;[>=10]0.0;0.00"),
    "KR3": ("", "", "", PERCENT),
    "KR4": ('"NT$"#,##0.0', '"NT$"#,##0.0', '"NT$"#,##0.00', '"NT$"#,##0.00'),
    "KR5": ('"NT$"#,##0',) * 4,
    "KR6": (PERCENT,) * 4,
    "KR8": ("#,##0", "#,##0", "#,##0", "[>=100]#,##0;[>=10]0.0;0.00"),
    "KR9": ('"$"#,##0', '"$"#,##0', '"$"#,##0.00', '"$"#,##0.00'),
    "KR7": ('#,##0" 元"', '#,##0" 元"', THREE_YUAN, THREE_YUAN),
}
"""Baseline, target, current value, forecast; empty is the program's own format."""


def test_formats_follow_what_a_key_result_counts_in(tmp_path: Path) -> None:
    tab = made(tmp_path, text=KINDS)["OKRs"]
    names = ("baseline", "target", "current", "forecast")
    for row in range(3, 12):
        found = tuple(tab.cell(row, column(tab, name)).number_format for name in names)
        assert found == tuple(one or "General" for one in PATTERNS[str(tab.cell(row, 1).value)])


def test_formats_in_google_are_those_of_the_workbook(tmp_path: Path) -> None:
    config = load(tmp_path, HEAD + KINDS)
    look = okrs_look(config, "OKRs", new_rows(config))
    for place, name in enumerate(("baseline", "target", "current", "forecast")):
        shown = dict.fromkeys(range(1, 11), "")
        for index, top, bottom, pattern in look.formats:
            if index == GOOGLE_COLUMNS.index(name):
                shown |= dict.fromkeys(range(top, bottom), pattern)
        assert [shown[row] for row in range(2, 11)] == [patterns[place] for patterns in PATTERNS.values()]
    sent = [one["repeatCell"] for one in dressing(look, 7) if "repeatCell" in one]
    kinds = [one["cell"]["userEnteredFormat"].get("numberFormat", {}) for one in sent]
    assert {"type": "NUMBER", "pattern": '"NT$"#,##0.00'} in kinds
    assert {"type": "PERCENT", "pattern": PERCENT} in kinds


def test_it_prints_few_pages_wide_with_headers_on_each(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(HEAD + "  history_tab: true\n" + KINDS, "utf-8")
    Path("a.csv").write_text("hours\n13.1001111\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    shell.run("sync")
    book = load_workbook("okrs.xlsx")
    assert {"OKRs", "Summary", "History"} <= set(book.sheetnames)
    for tab in book.worksheets:
        assert getattr(tab.sheet_properties.pageSetUpPr, "fitToPage", False)
        assert tab.page_setup.fitToWidth in ((2,) if tab.title == "OKRs" else (None, 1))
        assert (tab.page_setup.fitToHeight, tab.page_setup.orientation, tab.page_setup.paperSize) == (0, "landscape", 9)
    assert [book[title].print_title_rows for title in ("OKRs", "Summary")] == ["$1:$1"] * 2
    assert book["OKRs"].print_title_cols == "$A:$C"
    folded = book["OKRs"].column_dimensions[get_column_letter(column(book["OKRs"], "override"))]
    assert (folded.outlineLevel, folded.hidden) == (1, True)
    current = column(book["OKRs"], "current")
    assert 13.1001111 in [cell.value for (cell,) in book["OKRs"].iter_rows(min_col=current, max_col=current)]


def test_a_tab_of_the_summary_s_name_is_left_alone(tmp_path: Path) -> None:
    assert made(tmp_path, "  tabs: [Summary]\n").sheetnames == ["Summary"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("file", ["okrs.xlsx", "okrs.csv"])
def test_okrsync_reads_what_it_made_and_a_second_sync_writes_nothing(shell: Shell, language: str, file: str) -> None:
    shell.run("init", "--template", "sales", "--language", language, "--cycle", "2026-Q4")
    Path("okrs.xlsx").unlink()
    config = Path("okrsync.yaml")
    config.write_text(config.read_text("utf-8").replace("okrs.xlsx", file), "utf-8")
    assert shell.run("init", "--sheet").code == 0
    first, before = shell.run("sync"), Path(file).read_bytes()
    assert first.code == 0, first.err + first.out
    assert "O1" in first.out
    second = shell.run("sync")
    assert second.code == 0
    assert Path(file).read_bytes() == before
    if file == "okrs.csv":
        with Path(file).open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert rows[0][header_of("id", language)] == "O1"
        assert rows[0][header_of("progress", language)]


@pytest.mark.parametrize("tabs", ["tabs: [Ours]", ""])
def test_an_empty_google_spreadsheet_becomes_an_okr_sheet(shell: Shell, tabs: str) -> None:
    with demo_workspace(shell.folder) as sandbox:
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "New", {"Sheet1": []})
        config = Path("okrsync.yaml")
        config.write_text(config.read_text("utf-8").replace("tabs: [OKRs]", tabs), "utf-8")
        done = shell.run("init", "--sheet")
        assert done.code == 0, done.err
        assert done.out.startswith("Ours\n" if tabs else "Sheet1\n")
        first = shell.run("sync")
        assert first.code in (0, 4), first.err + first.out
        assert VERIFIED in first.out
        assert NOTHING_TO_WRITE in shell.run("sync").out
        book = sheets_of(sandbox).books["demo-okrs"]
        assert [tab.title for tab in book.tabs if tab.title != "Sheet1"] == [
            *(["Ours"] if tabs else []),
            "Summary",
            "okrsync 2026-Q4",
        ]
        again = shell.run("init", "--sheet")
        assert again.code == 0
        assert again.out.startswith(
            "The OKR sheet has its ids, columns and lookups: nothing to add.\nNext: okrsync dry-run"
        )


def check_chart(summary: GridTab, language: str) -> None:
    """The summary's chart shows the row of all teams, a colour per group of statuses."""
    (chart,) = (chart["spec"]["basicChart"] for chart in summary.charts)
    (numbers,) = chart["series"]
    total = numbers["series"]["sourceRange"]["sources"][0]
    labels = [cell.entered.get("stringValue") for (row, at), cell in sorted(summary.cells.items()) if not at]
    assert labels[total["startRowIndex"]] == translate(language, "All")
    width = total["endColumnIndex"] - total["startColumnIndex"]
    assert (chart["chartType"], len(numbers["styleOverrides"]), width) == ("BAR", len(GROUPS), len(GROUPS))


@pytest.mark.parametrize("language", LANGUAGES)
def test_google_s_sheet_is_dressed_in_the_same_request(shell: Shell, language: str) -> None:
    with demo_workspace(shell.folder, "zh-TW" if language == "zh-TW" else "en") as sandbox:
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "New", {"OKRs": []})
        config = Path("okrsync.yaml")
        config.write_text(re.sub(r"  tabs: .*\n", "", config.read_text("utf-8")), "utf-8")
        assert shell.run("init", "--sheet").code == 0
        sent = [json.loads(one.body) for one in sandbox.requests() if ":batchUpdate" in one.target]
        book = sheets_of(sandbox).books["demo-okrs"]
    assert len(sent) == 1
    schemas = discovery()["schemas"]
    check_body(sent[0], {"$ref": "BatchUpdateSpreadsheetRequest"}, schemas, "body")
    for request in sent[0]["requests"]:
        if "repeatCell" in request:
            check_mask(request["repeatCell"]["fields"], schemas["CellData"], schemas)
        if "updateSheetProperties" in request:
            check_mask(request["updateSheetProperties"]["fields"], schemas["SheetProperties"], schemas)
    okrs, summary, own = book.tabs
    heads = [okrs.cells[0, column].entered["stringValue"] for column in range(len(GOOGLE_COLUMNS))]
    assert heads[GOOGLE_COLUMNS.index("progress") + 1] == {"en": "Progress bar", "zh-TW": "進度條"}[language]
    assert (okrs.frozen_rows, okrs.frozen_columns, okrs.protected[0]["warningOnly"]) == (1, 1, True)
    assert okrs.protected[0]["range"] == [0, 0, 1, len(GOOGLE_COLUMNS)]

    def rule(name: str) -> Any:
        return okrs.cells[5, GOOGLE_COLUMNS.index(name)].validation["condition"]

    listed = next(
        column
        for (row, column), cell in own.cells.items()
        if not row and cell.entered["stringValue"] in ("Measures", "指標清單")
    )
    assert rule("source") == {
        "type": "ONE_OF_RANGE",
        "values": [{"userEnteredValue": f"='okrsync 2026-Q4'!${letters(listed)}$2:${letters(listed)}"}],
    }
    offered = {cell.entered["stringValue"] for (row, column), cell in own.cells.items() if row and column == listed}
    assert {"bugs_resolved_share", "csat"} <= offered
    assert [value["userEnteredValue"] for value in rule("override")["values"]] == [
        status_label(s.value, language) for s in Status
    ]
    assert rule("confidence")["type"] == "NUMBER_BETWEEN"
    assert len(rule("decision")["values"]) == 3
    assert len(okrs.rules) == 2 * len(COLOURS) + 1
    (again,) = (rule for rule in okrs.rules if "SUBTOTAL" in str(rule))
    written = again["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
    assert written == "=AND(B2=B1;SUBTOTAL(103;B1)=1)"
    first, end = (GOOGLE_COLUMNS.index(name) for name in ("override", "reason"))
    folded = {"sheetId": okrs.sheet_id, "dimension": "COLUMNS", "startIndex": first, "endIndex": end + 1}
    assert okrs.groups == [{"range": folded, "depth": 1, "collapsed": True}]
    assert okrs.heights == [[0, 1, 40], [1, 11, 32]]
    assert okrs.cells[1, GOOGLE_COLUMNS.index("progress")].number_format == {"type": "PERCENT", "pattern": PERCENT}
    score = okrs.cells[1, GOOGLE_COLUMNS.index("computed_score")]
    assert score.number_format == {"type": "NUMBER", "pattern": "0.0"}
    assert "MATCH(" in score.entered["formulaValue"]
    assert "REPT(" in okrs.cells[1, GOOGLE_COLUMNS.index("bar")].entered["formulaValue"]
    assert okrs.cells[1, 0].look["textFormat"] == {"bold": True}
    assert own.protected
    check_chart(summary, language)
    last = [cell.entered.get("stringValue") for (_, column), cell in sorted(summary.cells.items()) if not column]
    assert {"en": "Last synced", "zh-TW": "最後同步"}[language] in last
    assert any("okrsync 2026-Q4'!$A:$A" in cell.entered.get("formulaValue", "") for cell in summary.cells.values())


def test_a_workbook_s_headers_are_protected_and_nothing_else(tmp_path: Path) -> None:
    tab = made(tmp_path)["OKRs"]
    assert tab.protection.sheet
    assert not tab.protection.password
    assert all(cell.protection.locked for cell in tab[1])
    assert not any(cell.protection.locked for row in tab.iter_rows(min_row=2) for cell in row)
    assert not tab.column_dimensions["A"].protection.locked


def test_many_measures_are_offered_too(tmp_path: Path) -> None:
    many = "".join(
        f"  a_measure_with_a_long_name_{n}: {{from: files.rows, path: a.csv, value: count(*)}}\n" for n in range(30)
    )
    book = made(tmp_path, text=TWO_TEAMS + ("measures:\n" + many if "measures:" not in TWO_TEAMS else ""))
    tab = book["OKRs"]
    letter = tab.cell(1, column(tab, "source")).column_letter
    rule = next(one for one in tab.data_validations.dataValidation if str(one.sqref).startswith(letter))
    assert rule.formula1 == "'Summary'!$AZ$1:$AZ$30"
    assert book["Summary"]["AZ30"].value == "a_measure_with_a_long_name_29"


def test_init_sheet_takes_a_config_by_name_or_variable(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (shell.folder / "team.yaml").write_text(HEAD + TWO_TEAMS, "utf-8")
    assert shell.run("init", "--sheet", "-c", "team.yaml").out.endswith("Next: okrsync dry-run -c team.yaml\n")
    assert shell.run("init", "-c", "team.yaml").code == 2
    monkeypatch.setenv("OKRSYNC_CONFIG", "team.yaml")
    assert "nothing to add" in shell.run("init", "--sheet").out
    missing = shell.run("init", "elsewhere", "--sheet")
    assert (missing.code, "elsewhere/okrsync.yaml" in missing.err) == (1, True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--sheet --from-sheet okrs.xlsx", "--from-sheet cannot be used with --sheet"),
        ("--sheet --template sales", "--template cannot be used with --sheet"),
        ("--sheet --language en", "--language cannot be used with --sheet"),
        ("--sheet --cycle 2026-Q4", "--cycle cannot be used with --sheet"),
        ("--sheet --timezone UTC", "--timezone cannot be used with --sheet"),
        ("--from-sheet okrs.xlsx --template sales", "--template cannot be used with --from-sheet"),
        ("--from-sheet okrs.xlsx -c okrsync.yaml", "-c needs --sheet"),
        ("--template sales -c okrsync.yaml", "-c needs --sheet"),
        ("--template sales --replace-typed", "--replace-typed needs --sheet or --from-sheet"),
    ],
)
def test_init_refuses_options_of_another_way(shell: Shell, options: str, sentence: str) -> None:
    shell.run("init")
    before = {path: path.read_bytes() for path in shell.folder.rglob("*") if path.is_file()}
    done = shell.run("init", *options.split())
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert {path: path.read_bytes() for path in shell.folder.rglob("*") if path.is_file()} == before
