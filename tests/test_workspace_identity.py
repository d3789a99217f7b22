"""Each workspace of a shared ledger has a history of its own, and a copied config is refused before it writes."""

import json
import re
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

import sheet_people as people
from command_kit import Shell
from config import identity
from config.identity import Identity, has_own_ledger, new_workspace_id
from connectors.okr_sheet import MEMORY_TAB
from demo_kit import sheets_of
from golden_files import check_golden
from lean_kit import OWN, lean_workspace
from sheet_people import entered_by_id, tab_of
from team_kit import OWN_LEDGER, SHARED, Team, a_team


@pytest.fixture
def teams(shell: Shell) -> tuple[Team, Team]:
    """Two teams with an `okrs.xlsx` each, and one ledger."""
    sales, support = a_team(shell, "sales"), a_team(shell, "support")
    for number in (5, 6):
        sales.sync(number)
        support.sync(number + 3)
    return sales, support


def test_each_workspace_sees_its_own_runs_and_values(teams: tuple[Team, Team]) -> None:
    for team, number in zip(teams, (6, 9), strict=True):
        assert team.run("history").out.count(" sync ") == 2
        values = json.loads(team.run("history", "KR1", "--format", "json").out)["values"]
        assert [value["current"] for value in values] == [number]


def test_an_undo_puts_back_the_values_of_its_own_workspace(teams: tuple[Team, Team]) -> None:
    sales, support = teams
    other = re.findall(r"\d{8}T\d{6}-[0-9a-f]{6}", support.run("history").out)[0]
    assert "no such run" in sales.run("undo", other).err
    assert sales.run("undo").code == 0
    assert (sales.current, support.current) == (5, 9)


def test_each_workspace_has_a_lock_of_its_own(shell: Shell) -> None:
    team = a_team(shell, "sales", OWN_LEDGER)
    team.sync(5)
    team.state("support", OWN_LEDGER)
    team.sync(6)
    assert len(list((team.folder / ".okrsync").glob("*.lock"))) == 2


def test_a_ledger_of_several_workspaces_asks_for_an_id(shell: Shell) -> None:
    team = a_team(shell, "sales")
    team.state()
    done = team.run("sync")
    line = re.search(r"add the line: (workspace: \{id: sales-[0-9a-z]{4}\})\n", done.err)
    assert line, done.err
    assert (done.code, team.current) == (1, None)
    config = team.folder / "okrsync.yaml"
    config.write_text(f"{line[1]}\n{config.read_text('utf-8')}", "utf-8")
    team.sync(5)


@pytest.mark.parametrize(
    ("ledger", "own"),
    [
        (".okrsync/ledger.db", True),
        ("history/ledger.db", True),
        ("../ledger.db", False),
        ("/var/lib/okr/ledger.db", False),
        ("~no-such-user-here/ledger.db", False),
        ("postgresql://db/okr", False),
        ("sqlite:///okr.db", False),
        ("$OKR_LEDGER", False),
    ],
)
def test_a_ledger_is_a_workspaces_own_when_it_lies_in_its_folder(tmp_path: Path, *, ledger: str, own: bool) -> None:
    assert has_own_ledger(ledger, tmp_path) is own


@pytest.mark.parametrize(
    ("folder", "words"),
    [("Acme OKRs 2026", "acme-okrs-2026"), ("客服團隊", "okrs"), ("", "okrs"), ("Café_", "cafe"), ("x" * 99, "x" * 40)],
)
def test_a_new_id_is_made_of_the_folders_name_and_a_random_part(folder: str, words: str) -> None:
    made = {new_workspace_id(folder) for _ in range(20)}
    assert len(made) > 1
    assert all(re.fullmatch(rf"{words}-[2-9a-z]{{4}}", one) for one in made)
    assert all(Identity(id=one).id == one for one in made)


@pytest.mark.parametrize("folder", ["okrs", "客服團隊 2026", 'a "b": #c'])
def test_init_names_the_workspace_after_its_folder(shell: Shell, folder: str) -> None:
    assert shell.run("init", folder).code == 0
    status = json.loads(shell.run("status", "--format", "json", "-c", f"{folder}/okrsync.yaml").out)
    assert status["title"] == folder


@pytest.mark.parametrize("ledger", [SHARED, OWN_LEDGER])
def test_a_renamed_folder_goes_on_with_its_history(shell: Shell, ledger: str) -> None:
    team = a_team(shell, "sales", ledger)
    team.sync(5)
    team.folder.rename(shell.folder / "sales-2026")
    moved = Team(shell, shell.folder / "sales-2026")
    moved.sync(6)
    moved.sync(7)
    assert moved.run("history").out.count(" sync ") == 3


@pytest.mark.parametrize("ledger", [SHARED, OWN_LEDGER])
@pytest.mark.parametrize(
    "command", [("sync",), ("dry-run",), ("undo",), ("status",), ("close", "--write-scores", "--yes")]
)
def test_a_copied_folder_is_refused_until_it_has_an_id_of_its_own(
    shell: Shell, ledger: str, command: tuple[str, ...]
) -> None:
    team = a_team(shell, "sales", ledger)
    team.sync(5)
    copy = team.copy("support")
    before = (copy.folder / "okrs.xlsx").read_bytes()
    copy.count(8)
    done = copy.run(*command)
    assert done.code == 1
    assert "Copied config? New id: workspace: {id: support-" in done.err
    assert (copy.folder / "okrs.xlsx").read_bytes() == before
    copy.state("support", ledger)
    copy.sync(8)
    assert copy.run("history").out.count(" sync ") == 1
    team.sync(6)
    assert (team.current, copy.current) == (6, 8)


def test_a_copied_config_with_a_sheet_of_its_own_is_refused(shell: Shell) -> None:
    a_team(shell, "sales").sync(5)
    other = a_team(shell, "support")
    other.state("sales")
    done = other.run("sync")
    assert "Copied config?" in done.err
    assert (done.code, other.current) == (1, None)


def test_a_new_sheet_at_the_same_path_needs_no_word_unless_the_ledger_is_shared(shell: Shell) -> None:
    alone, shared = a_team(shell, "sales", OWN_LEDGER), a_team(shell, "support")
    for team in (alone, shared):
        team.sync(5)
        team.new_sheet()
    alone.sync(6)
    alone.sync(7)
    assert "is another file than the one that the ledger knows by that path" in shared.run("sync").err
    assert shared.run("dry-run", "--moved").code == 0
    assert shared.current is None
    assert shared.run("sync", "--moved").code == 0
    shared.sync(6)


def test_a_workspace_that_moved_to_another_file_keeps_its_history(shell: Shell) -> None:
    team = a_team(shell, "sales", OWN_LEDGER)
    team.sync(5)
    shutil.copy(team.folder / "okrs.xlsx", team.folder / "okrs-old.xlsx")
    team.sync(6)
    config = team.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8").replace("okrs.xlsx", "okrs-old.xlsx"), "utf-8")
    assert "Copied config?" in team.run("sync").err
    assert team.run("sync", "--moved").code == 0
    assert team.run("sync").code == 0
    assert team.run("history").out.count(" sync ") == 4


def test_a_file_without_its_memory_at_another_path_is_another_file(shell: Shell) -> None:
    team = a_team(shell, "sales", OWN_LEDGER)
    team.sync(5)
    (team.folder / "okrs.xlsx").rename(team.folder / "renamed.xlsx")
    config = team.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8").replace("okrs.xlsx", "renamed.xlsx"), "utf-8")
    assert team.run("sync").code == 0
    (team.folder / "renamed.xlsx").unlink()
    team.new_sheet()
    config.write_text(config.read_text("utf-8").replace("renamed.xlsx", "okrs.xlsx"), "utf-8")
    assert "Copied config?" in team.run("sync").err


def test_two_configs_of_one_folder_need_ids(shell: Shell) -> None:
    team = a_team(shell, "sales", OWN_LEDGER)
    team.state(ledger=OWN_LEDGER)
    team.sync(5)
    shutil.copy(team.folder / "okrs.xlsx", team.folder / "second.xlsx")
    config = team.folder / "second.yaml"
    config.write_text((team.folder / "okrsync.yaml").read_text("utf-8").replace("okrs.xlsx", "second.xlsx"), "utf-8")
    refused = shell.run("sync", "-c", str(config))
    line = re.search(r"New id: (workspace: .*?\})\.", refused.err)
    assert line, refused.err
    config.write_text(f"{line[1]}\n{config.read_text('utf-8')}", "utf-8")
    assert shell.run("sync", "-c", str(config)).code == 0
    assert shell.run("history", "-c", str(config)).out.count(" sync ") == 1


def test_the_id_of_a_file_is_the_run_that_first_wrote_it(shell: Shell) -> None:
    team = a_team(shell, "sales")
    team.sync(5)
    team.sync(6)
    runs = re.findall(r"\d{8}T\d{6}-[0-9a-f]{6}", team.run("history").out)
    memory = load_workbook(team.folder / "okrs.xlsx")[MEMORY_TAB]
    rows = {(row[0], row[1]): row[3] for row in memory.values}
    assert rows["*", "workspace sales-7f3k"] == runs[-1]


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_what_a_copied_config_is_refused_with(shell: Shell, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(identity, "random_part", lambda: "7f3k")
    team = a_team(shell, "sales")
    team.sync(5)
    copy, bare = team.copy("support"), team.copy("marketing")
    config = (copy.folder / "okrsync.yaml").read_text("utf-8")
    (copy.folder / "okrsync.yaml").write_text(f"{config}language: {language}\n", "utf-8")
    bare.state()
    stated = (bare.folder / "okrsync.yaml").read_text("utf-8")
    (bare.folder / "okrsync.yaml").write_text(f"{stated}language: {language}\n", "utf-8")
    texts = [shell.output_of(["sync", "-c", f"{one}/okrsync.yaml"]) for one in ("support", "marketing")]
    check_golden(f"workspace_identity.{language}.txt", "\n".join(texts))


def test_google_s_own_tab_names_its_workspace(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        config = shell.folder / "okrsync.yaml"
        text = config.read_text("utf-8")
        config.write_text(f"workspace: {{id: sales-7f3k}}\n{text}", "utf-8")
        assert shell.run("sync").code == 0
        stamp = json.loads(str(entered_by_id(sandbox, OWN)["(okrsync)"]["Source"]))
        assert stamp["workspace"] == "sales-7f3k"
        config.write_text(f"workspace: {{id: support-4m2x}}\n{text}", "utf-8")
        before = {place: cell.entered for place, cell in tab_of(sandbox, OWN).cells.items()}
        done = shell.run("sync")
        assert done.code == 1
        assert "another workspace wrote it: sales-7f3k, spreadsheet demo-okrs" in done.err
        assert {place: cell.entered for place, cell in tab_of(sandbox, OWN).cells.items()} == before


def test_a_config_copied_for_another_spreadsheet_is_refused(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        assert shell.run("sync").code == 0
        twin = people.book_of(sandbox)
        sheets_of(sandbox).books["other-okrs"] = twin
        config = shell.folder / "okrsync.yaml"
        config.write_text(config.read_text("utf-8").replace("demo-okrs", "other-okrs"), "utf-8")
        done = shell.run("sync")
        assert done.code == 1
        assert "the ledger knows it with the sheet demo-okrs" in done.err
        assert "Copied config? New id: workspace: {id: " in done.err


def test_a_config_drafted_from_a_sheet_has_an_id_made_of_its_folder(shell: Shell) -> None:
    team = a_team(shell, "sales")
    done = shell.run("init", "drafted", "--from-sheet", str(team.folder / "okrs.xlsx"), "--yes")
    assert done.code == 0, done.err
    config = (shell.folder / "drafted" / "okrsync.yaml").read_text("utf-8")
    assert re.search(r"^workspace:\n  id: drafted-[0-9a-z]{4}\n  name: drafted\n", config, re.MULTILINE)
