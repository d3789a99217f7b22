"""The report as CSV, XLSX, SVG, JSON and as pages of the method's views, and several workspaces in one of them."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from command_kit import Shell
from config.masking import keep_secret
from test_report_html import CONFIG, HEADS, ROWS, page_after_weeks, read

HOSTILE = "=HYPERLINK(1)"


@pytest.fixture
def weeks(shell: Shell) -> Shell:
    """A workspace after four weeks, in which a title and an owner want to be formulas."""
    config = CONFIG.replace("Finish 20 things", HOSTILE).replace("owner: Kim", "owner: '@Kim <b>'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("test_report_html.CONFIG", config)
        page_after_weeks(shell)
    return shell


def neighbour(folder: Path, name: str, *, title: str = "Another key result", language: str = "zh-TW") -> str:
    """A workspace beside the first one, with the same ids."""
    home = folder / name
    home.mkdir()
    config = (
        CONFIG.replace("LANGUAGE", language).replace("Finish 20 things", title).replace("Asia/Taipei", "Asia/Tokyo")
    )
    (home / "okrsync.yaml").write_text(config, "utf-8")
    (home / "okrs.csv").write_text("\n".join(",".join(row) for row in [HEADS, *ROWS]) + "\n", "utf-8")
    (home / "rows.csv").write_text("key,state\nD-1,done\nD-2,open\n", "utf-8")
    return str(home / "okrsync.yaml")


def table(text: str) -> dict[str, dict[str, str]]:
    return {row["Id"]: row for row in csv.DictReader(StringIO(text.removeprefix("\ufeff")))}


def test_a_csv_has_a_row_for_each_and_no_formula(weeks: Shell) -> None:
    rows = table(weeks.run("report", "--format", "csv").out)
    assert list(rows) == ["W1", "KR1", "KR2", "C1", "KR0"]
    assert (rows["KR1"]["Title"], rows["KR1"]["Owner"]) == (f"'{HOSTILE}", "'@Kim <b>")
    assert (rows["KR1"]["Progress"], rows["KR1"]["Target"], rows["KR1"]["Objective"]) == ("50%", "20", "W1")
    assert (rows["KR2"]["Note"], rows["KR2"]["Last check-in"]) == ("two signed", "2026-10-25")
    assert rows["W1"]["Kind"] == "objective"


def test_only_a_file_of_csv_says_that_it_is_utf_8(weeks: Shell) -> None:
    weeks.run("report", "--out", "okr.csv")
    assert Path("okr.csv").read_bytes().startswith(b"\xef\xbb\xbfKind,")
    assert weeks.run("report", "--format", "csv").out.startswith("Kind,")


def test_a_workbook_keeps_texts_and_draws_its_charts(weeks: Shell) -> None:
    weeks.run("report", "--out", "okr.xlsx")
    book = load_workbook(BytesIO(Path("okr.xlsx").read_bytes()))
    okrs = book["OKRs"]
    heads = [cell.value for cell in okrs[1]]
    (row,) = [cells for cells in okrs.iter_rows(min_row=2) if cells[1].value == "KR1"]
    output = dict(zip(heads, row, strict=True))
    assert (output["Title"].value, output["Title"].data_type) == (HOSTILE, "s")
    assert (output["Progress"].value, output["Progress"].number_format) == (0.5, "0.0%")
    assert okrs.freeze_panes == "D2"
    assert not [cell for tab in book for line in tab.iter_rows() for cell in line if cell.data_type == "f"]
    days = [line for line in book["Values over time"].iter_rows(min_row=2, values_only=True) if line[0] == "KR1"]
    assert [(str(line[2])[:10], line[3], line[4]) for line in days[1:3]] == [
        ("2026-10-26", 1, 0.05),
        ("2026-11-02", 4, 0.2),
    ]
    teams = list(book["Teams"].iter_rows(min_row=2, values_only=True))
    assert [line[:2] for line in teams] == [("Web team", 2), ("Board", 1)]
    assert sum(name.startswith("xl/charts/chart") for name in ZipFile("okr.xlsx").namelist()) == 1 + 3


def test_a_workbook_needs_a_file(weeks: Shell) -> None:
    assert weeks.run("report", "--format", "xlsx").code == 2


def test_a_picture_stands_alone_and_escapes_texts(weeks: Shell) -> None:
    weeks.run("report", "--out", "okr.svg")
    text = Path("okr.svg").read_text("utf-8")
    drawn = ET.fromstring(text)  # noqa: S314 - we made it
    words = [element.text or "" for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert [word.split()[0] for word in words if word.split()[0] in ("C1", "KR0", "W1", "KR1", "KR2")] == [
        *("C1", "KR0", "W1", "KR1", "KR2")
    ]
    assert "prefers-color-scheme:dark" in text
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "50%" in words


def test_json_tells_days_check_ins_and_when_it_was_read(weeks: Shell) -> None:
    data = json.loads(weeks.run("report", "--format", "json").out)
    found = {each["id"]: each for each in data["key_results"]}
    assert data["version"] == 1
    assert [(day["day"], day["progress"]) for day in found["KR1"]["days"]] == [
        ("2026-10-26", 0.05),
        ("2026-11-02", 0.2),
        ("2026-11-09", 0.35),
        ("2026-11-16", 0.5),
    ]
    assert found["KR2"]["check_in"] == {
        "day": "2026-10-25",
        "value": 2,
        "confidence": None,
        "cells": {"note": "two signed", "blocker": "no time", "helper": "Ann"},
    }
    assert found["KR1"]["read_at"].endswith("+08:00")
    assert found["KR2"]["read_at"] is None
    assert data["overview"]["last_sync"] == "2026-11-16T09:30:00+08:00"


def test_an_objective_shows_its_own_check_in(shell: Shell) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("test_report_html.ROWS", [*ROWS, ["W1", *[""] * 3, "we doubt it", "", "", "2026-10-20"]])
        text = " ".join(" ".join(read(page_after_weeks(shell)).text).split())
    assert "Last check-in 2026-10-20 Note we doubt it" in text


def test_meetings_are_pages_too(weeks: Shell) -> None:
    page = weeks.run("report", "--meeting", "--team", "web", "--format", "html").out
    text = " ".join(" ".join(read(page).text).split())
    for words in ("Check-in meeting: web", "Where are we against expected?", "Blocker: no time", HOSTILE):
        assert words in text
    assert "<svg" in page
    page = weeks.run("report", "--one-on-one", "--owner", "@Kim <b>", "--format", "html").out
    assert "One-on-one: @Kim <b>" in " ".join(read(page).text)


def test_rows_lead_to_their_issues_and_only_there(shell: Shell) -> None:
    from demo_kit import demo_workspace

    with demo_workspace(shell.folder) as sandbox:
        shell.run("sync")
        shell.run("report", "--out", "okr.html")
        parsed = read(Path("okr.html").read_text("utf-8"))
        assert f"{sandbox.url}/jira/browse/CORE-27" in parsed.addresses
        assert any("/acme/app/pull/" in address for address in parsed.addresses)
        assert "url=http://127.0.0.1" not in "".join(parsed.text).partition("KR3")[0]


def test_several_workspaces_make_one_report(weeks: Shell) -> None:
    other = neighbour(weeks.folder, "b")
    assert weeks.run("report", "okrsync.yaml", other, "--out", "all.html").code == 0
    page = Path("all.html").read_text("utf-8")
    parsed = read(page)
    text = " ".join(" ".join(parsed.text).split())
    assert 'lang="en"' in page
    assert "Company OKRs 2026-Q4" in text
    assert "2 workspaces" in text
    assert "目標" not in text
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert {"1/KR1", "2/KR1", "1/W1", "2/W1"} <= set(ids)
    assert {address[1:] for address in parsed.addresses if address.startswith("#")} <= set(ids)
    assert "Another key result" in text


@pytest.mark.parametrize("suffix", ["csv", "json", "md", "txt", "svg", "xlsx"])
def test_several_workspaces_in_every_format(weeks: Shell, suffix: str) -> None:
    other = neighbour(weeks.folder, "b")
    assert weeks.run("report", "okrsync.yaml", other, "--out", f"all.{suffix}").code == 0
    if suffix == "xlsx":
        book = load_workbook("all.xlsx")
        assert book.sheetnames == ["Overview", "OKRs", "Values over time", "Teams", "Charts"]
        assert [row[3].value for row in book["Overview"].iter_rows(min_row=2, max_row=3)] == [3, 3]
        return
    text = Path(f"all.{suffix}").read_text("utf-8")
    if suffix == "csv":
        assert text.count(",KR1,") == 2
        assert text.startswith("\ufeffWorkspace,Kind,")
    elif suffix == "json":
        output = json.loads(text)
        assert [one["config"] for one in output["workspaces"]] == ["okrsync.yaml", other]
        assert output["missing"] == []
    else:
        assert "Another key result" in text


@pytest.mark.parametrize("suffix", ["html", "json", "md", "txt", "svg", "xlsx", "csv"])
def test_one_that_cannot_be_read_is_named_and_takes_no_other_away(weeks: Shell, suffix: str) -> None:
    keep_secret("a-very-secret-word")
    broken = neighbour(weeks.folder, "broken")
    text = Path(broken).read_text("utf-8").replace("path: rows.csv", "path: rows.csv\n    nonsense: a-very-secret-word")
    Path(broken).write_text(text, "utf-8")
    done = weeks.run("report", broken, "okrsync.yaml", "--out", f"all.{suffix}")
    assert done.code == 4
    assert "nonsense" in done.err
    data = Path(f"all.{suffix}").read_bytes()
    assert b"a-very-secret-word" not in data + done.err.encode()
    if suffix not in ("xlsx", "csv"):
        printed = data.decode().replace("\\", "")
        assert Path(broken).parent.name in printed
        assert "Visit 6 partners" in printed
    if suffix == "xlsx":
        (output,) = [row[0].value for row in load_workbook("all.xlsx")["Overview"].iter_rows(min_row=4) if row[0].value]
        assert "could not be read" in str(output)


def test_none_that_can_be_read_is_no_report(shell: Shell) -> None:
    done = shell.run("report", "a.yaml", "b.yaml", "--out", "all.html")
    assert done.code == 1
    assert "a.yaml" in done.err
    assert not Path("all.html").exists()


def test_a_view_is_of_one_workspace(shell: Shell) -> None:
    assert shell.run("report", "a.yaml", "b.yaml", "--meeting").code == 2


def test_a_workbook_prints_with_its_headers_and_no_chart_in_two(weeks: Shell) -> None:
    weeks.run("report", "--out", "okr.xlsx")
    book = load_workbook("okr.xlsx")
    okrs, charts = book["OKRs"], book["Charts"]
    assert (okrs.page_setup.orientation, okrs.page_setup.fitToWidth, okrs.page_setup.fitToHeight) == ("landscape", 2, 0)
    fit = okrs.sheet_properties.pageSetUpPr
    assert fit
    assert fit.fitToPage
    assert (okrs.print_title_rows, okrs.print_title_cols) == ("$1:$1", "$A:$C")
    assert [rule.type for rules in okrs.conditional_formatting for rule in rules.rules] == ["dataBar"]
    assert charts.page_setup.orientation == "landscape"
    with ZipFile("okr.xlsx") as parts:
        drawn = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
        places = parts.read("xl/drawings/drawing1.xml").decode()
    assert all("Progress</a:t>" in chart for chart in drawn)
    assert sum("Day</a:t>" in chart for chart in drawn) == 3
    rows = [int(row) for row in re.findall(r"<(?:xdr:)?row>(\d+)<", places)]
    assert rows == [1, 18, 18, 35]


def test_workspaces_of_one_title_get_distinct_names(weeks: Shell) -> None:
    other = neighbour(weeks.folder, "b")
    weeks.run("report", "okrsync.yaml", other, "--out", "all.html")
    assert f"<option>okrs.csv ({other})</option>" in Path("all.html").read_text("utf-8")
