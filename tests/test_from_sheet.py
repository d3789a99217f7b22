"""`init --from-sheet`: from a sheet that people keep to a correct sync, without a line of YAML."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from openpyxl import load_workbook

from command_kit import NOTHING_TO_WRITE, VERIFIED, Shell
from config.loading.loader import Config, load_config
from connectors import registry
from connectors.google_sheets.auth import READ_ONLY
from demo_kit import demo_workspace, sheets_of
from golden_files import check_golden
from people_sheets import CHINESE, CHINESE_MERGES, ENGLISH, MERGES, google_book, workbook
from sandbox_kit import Sandbox
from syncer.commands import from_sheet


@pytest.fixture(autouse=True)
def _an_id_of_the_same_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the random part of a new id and the name of the folder."""
    monkeypatch.setattr(from_sheet, "_workspace", lambda _folder: ["id: acme-okrs-7f3k", "name: Acme"])


def goals(config: Config) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in config.key_results:
        stated = entry.definition
        target = None if stated.target is None else format(stated.target.value.normalize(), "f")
        found[entry.id] = (stated.kind, target, stated.unit)
    return found


def load(folder: str = ".") -> Config:
    return load_config(Path(folder) / "okrsync.yaml", registry.tables)


def written() -> dict[str, Any]:
    """The progress in the workbook by id."""
    book = load_workbook("okrs.xlsx")
    rows: list[list[Any]] = [list(row) for title in ENGLISH for row in book[title].iter_rows(values_only=True)]
    return {row[6]: row[8] for row in rows if str(row[6]).startswith("KR") and row[6] != "KR id"}


def test_a_workbook_is_drafted_shown_and_left_as_it_is(shell: Shell) -> None:
    before = workbook(Path("okrs.xlsx"), ENGLISH, MERGES).read_bytes()
    check_golden("from_sheet.en.txt", shell.output_of(["init", "--from-sheet", "okrs.xlsx", "--cycle", "2026-Q4"]))
    assert Path("okrs.xlsx").read_bytes() == before
    assert not Path("okrsync.yaml").exists()


def test_one_init_one_dry_run_and_one_sync(shell: Shell) -> None:
    workbook(Path("okrs.xlsx"), ENGLISH, MERGES)
    assert shell.run("init", "--from-sheet", "okrs.xlsx", "--cycle", "2026-Q4", "--yes").code == 0
    config = load()
    assert [(key, one.title, one.team) for key, one in config.workspace.objectives.items()] == [
        ("O1", "People trust the app", "Apps"),
        ("O2", "We keep what we promise", "Apps"),
        ("O3", "Companies choose us", "Field"),
    ]
    assert goals(config) == {
        "KR1": (None, "0.8", None),
        "KR2": (None, "60", "points"),
        "KR3": ("at_most", "6", "hours"),
        "KR4": (None, "900", "PRs"),
        "KR5": ("at_most", "0", None),
        "KR6": (None, "12", "accounts"),
        "KR7": (None, "300000", "NT$"),
        "KR8": ("at_least", "0.85", None),
    }
    assert [entry.definition.owner for entry in config.key_results] == [
        "Ana",
        "Ben",
        "Cy",
        "Cy",
        "Ana",
        "Di",
        "Di",
        "Eli",
    ]
    assert shell.run("check").code == 0
    plan = shell.run("dry-run")
    check_golden("from_sheet_plan.en.txt", plan.out)
    done = shell.run("sync")
    assert VERIFIED in done.out, done.err
    assert written() == {
        "KR1": 0.5,
        "KR2": 0.5,
        "KR3": 1,
        "KR4": None,
        "KR5": 0,
        "KR6": 0.75,
        "KR7": 0.5,
        "KR8": None,
    }
    assert NOTHING_TO_WRITE in shell.run("sync").out


def test_the_same_in_chinese(shell: Shell) -> None:
    workbook(Path("公司OKR.xlsx"), CHINESE, CHINESE_MERGES)
    drafted = shell.output_of(["init", "--from-sheet", "公司OKR.xlsx", "--cycle", "2026-Q4", "--yes"])
    check_golden("from_sheet.zh-TW.txt", drafted)
    config = load()
    assert config.workspace.language == "zh-TW"
    assert goals(config) == {
        "KR1": (None, "0.8", None),
        "KR2": ("at_most", "6", "小時"),
        "KR3": ("at_most", "0", None),
        "KR4": (None, "12", "家"),
        "KR5": (None, "500000", None),
        "KR6": ("at_least", "0.85", None),
    }
    assert {one.team for one in config.workspace.objectives.values()} == {"研發處", "業務處"}
    check_golden("from_sheet_plan.zh-TW.txt", shell.run("dry-run").out)
    assert shell.run("sync").code == 4
    assert "共 0 格" in shell.run("sync").out


def test_a_csv_without_merged_cells(shell: Shell) -> None:
    Path("krs.csv").write_text(
        "Goal,KR,Assignee,Target,Actual\n"
        "Grow,Win 10 deals,Ann,10,4\n"
        ",Answer within 4 hours,Ben,4h,5 h\n"
        "Lead,,,,\n"
        ",Train 20 people,Cy,20,5 people\n",
        "utf-8",
    )
    assert shell.run("init", "team", "--from-sheet", "krs.csv", "--cycle", "2026-Q4", "--yes").code == 0
    config = load("team")
    assert config.workspace.okr_sheet.columns == {"objective": "Goal"}
    assert config.workspace.okr_sheet.file == "../krs.csv"
    titles = {key: one.title for key, one in config.workspace.objectives.items()}
    assert [(entry.id, titles[entry.objective_id or ""]) for entry in config.key_results] == [
        ("KR1", "Grow"),
        ("KR2", "Grow"),
        ("KR3", "Lead"),
    ]
    assert goals(config) == {
        "KR1": (None, "10", "deals"),
        "KR2": ("at_most", "4", "hours"),
        "KR3": (None, "20", "people"),
    }
    done = shell.run("sync", "-c", "team/okrsync.yaml")
    assert done.code == 0, done.err
    rows = [row.split(",") for row in Path("krs.csv").read_text("utf-8-sig").splitlines()]
    assert [row[7] for row in rows] == ["Progress", "40%", "0%", "25%", "25%"]


@pytest.fixture
def google(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> "Iterator[tuple[Shell, Sandbox, str]]":
    with demo_workspace(shell.folder) as sandbox:
        sheets_of(sandbox).books["team-okrs"] = google_book("team-okrs", ENGLISH, MERGES)
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(shell.folder / "secrets" / "service-account.json"))
        yield shell, sandbox, f"{sandbox.url}/_sandbox/sheets/spreadsheets/team-okrs"


def test_a_google_spreadsheet_over_the_wire(google: "tuple[Shell, Sandbox, str]") -> None:
    shell, sandbox, address = google
    shown = shell.run("init", "team", "--from-sheet", address, "--cycle", "2026-Q4")
    assert shown.code == 5, shown.err
    assert not [one for one in sandbox.requests("sheets") if "batchUpdate" in one.target]
    assert not Path("team").exists()

    assert shell.run("init", "team", "--from-sheet", address, "--cycle", "2026-Q4", "--yes").code == 0
    text = Path("team/okrsync.yaml").read_text("utf-8")
    assert f"url: {sandbox.url}/sheets\n" in text
    assert f"token_url: {sandbox.url}/sheets/token\n" in text
    config = load("team")
    assert goals(config)["KR3"] == ("at_most", "6", "hours")
    plan = shell.run("dry-run", "-c", "team/okrsync.yaml")
    assert plan.code == 4, plan.err
    assert "reads" not in plan.out, "what the sheet says is what the draft says"
    done = shell.run("sync", "-c", "team/okrsync.yaml")
    assert done.code == 4, done.err
    own = next(tab for tab in sheets_of(sandbox).books["team-okrs"].tabs if tab.title == "okrsync 2026-Q4")
    words = {str(cell.entered) for cell in own.cells.values()}
    assert {"{'numberValue': 0.5}", "{'numberValue': 0.75}"} <= words
    assert shell.run("sync", "-c", "team/okrsync.yaml").out.rstrip().endswith(f"{NOTHING_TO_WRITE}.")


def test_the_draft_asks_google_for_no_right_to_write(google: "tuple[Shell, Sandbox, str]") -> None:
    shell, sandbox, address = google
    assert shell.run("init", "team", "--from-sheet", address).code == 5
    asked = [
        parse_qs(one.body.decode())["assertion"][0] for one in sandbox.requests("sheets") if one.target == "/token"
    ]
    claims = [one.split(".")[1] for one in asked]
    scopes = [json.loads(urlsafe_b64decode(one + "=" * (-len(one) % 4)))["scope"] for one in claims]
    assert scopes == [READ_ONLY]
