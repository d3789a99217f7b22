"""`okrsync report --adoption`: the three rates by team, pilots against the rest, nobody ranked."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from command_kit import Shell
from golden_files import check_golden
from syncer.present.adoption import Adoption, Figures, Rate, Team, of_workspaces

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet:
  file: okrs.csv
check_in: {{every: week, due: friday}}
teams:
  company: {{title: Acme}}
  sales: {{title: Sales, parent: company}}
  core: {{title: Core, parent: company, pilot: true}}
measures:
  rows:
    from: files.rows
    path: missing.csv
    value: count(*)
objectives:
  C1:
    title: Companies choose us
    team: company
  O1:
    title: Sellers are trusted
    team: sales
    aligns_to: C1
    key_results:
      KR1: {{title: Visits, target: 10, baseline: 0}}
      KR2: {{title: Calls, target: 10, measure: rows, owner: Amy}}
  O2:
    title: People stay
    team: sales
  O3:
    title: Nothing breaks
    team: core
    aligns_to: C1
    key_results:
      KR3: {{title: Incidents, target: 2, baseline: 10, measure: rows, owner: Bob}}
      KR4:
        title: Given up
        target: 3
        baseline: 0
        dropped: {{date: 2026-10-20, reason: no longer needed}}
"""
FRIDAYS = ["2026-10-02", "2026-10-09", "2026-10-16", "2026-10-23"]


def written(shell: Shell, notes: dict[str, tuple[str, str]]) -> None:
    keys = {"KR1": ",", "KR2": ",", "KR3": ",", "KR4": ",", "KR9": "rows,5"}
    rows = "".join(f"{key},,,,{','.join(notes.get(key, ('', '')))},{rest}\n" for key, rest in keys.items())
    head = "KR id,Current value,Progress,Status,Note,Check-in date,Source,Target\n"
    if (shell.folder / "okrs.csv").exists():
        lines = (shell.folder / "okrs.csv").read_text("utf-8-sig").splitlines()
        kept = [line.split(",") for line in lines[1:]]
        rows = "".join(
            ",".join([*cells[:4], *notes.get(cells[0], (cells[4], cells[5])), *cells[6:]]) + "\n" for cells in kept
        )
    (shell.folder / "okrs.csv").write_text(head + rows, "utf-8")


@pytest.fixture
def workspace(shell: Shell) -> Shell:
    (shell.folder / "okrsync.yaml").write_text(CONFIG.format(language="en"), "utf-8")
    for friday in FRIDAYS[:3]:
        written(shell, {"KR3": (f"on {friday}", friday), **({"KR1": ("once", friday)} if friday == FRIDAYS[0] else {})})
        shell.at(f"{friday}T18:00:00+08:00")
        assert shell.run("sync").code == 4
    shell.at("2026-10-26T09:00:00+08:00")
    return shell


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_teams_stand_as_in_the_config_and_pilots_apart(workspace: Shell, language: str) -> None:
    Path("okrsync.yaml").write_text(CONFIG.format(language=language), "utf-8")
    check_golden(f"adoption.{language}.txt", workspace.output_of(["report", "--adoption", "--format", "text"]))


def test_the_rates_are_counts_that_can_be_added_up(workspace: Shell) -> None:
    data = json.loads(workspace.run("report", "--adoption", "--format", "json").out)
    assert [team["id"] for team in data["teams"]] == ["company", "sales", "core", None]
    company, sales, core, nobody = data["teams"]
    assert company["aligned"] == company["automatic"] == {"part": 0, "whole": 0}
    assert sales["updated"] == {"part": 1, "whole": 8}
    assert sales["aligned"] == {"part": 1, "whole": 2}
    assert sales["automatic"] == {"part": 1, "whole": 2}
    assert core["updated"] == {"part": 3, "whole": 4}
    assert core["automatic"] == {"part": 1, "whole": 1}
    assert nobody["automatic"] == {"part": 1, "whole": 1}
    assert data["pilots"] == {name: core[name] for name in ("updated", "aligned", "automatic")}
    assert data["all"]["updated"] == {"part": 4, "whole": 16}
    assert data["rest"]["updated"] == {"part": 1, "whole": 12}


def test_no_person_is_named(workspace: Shell) -> None:
    for kind in ("text", "markdown", "json"):
        out = workspace.run("report", "--adoption", "--format", kind).out
        assert "Sales" in out
        assert "Amy" not in out
        assert "Bob" not in out


def test_a_check_in_that_no_run_has_seen_counts_too(workspace: Shell) -> None:
    written(workspace, {"KR2": ("just typed", "2026-10-23")})
    data = json.loads(workspace.run("report", "--adoption", "--format", "json").out)
    assert data["teams"][1]["updated"] == {"part": 2, "whole": 8}


def test_a_typed_value_counts_as_a_check_in(workspace: Shell) -> None:
    path = workspace.folder / "okrs.csv"
    path.write_text(path.read_text("utf-8-sig").replace("KR1,,", "KR1,3,"), "utf-8")
    workspace.at("2026-10-22T09:00:00+08:00")
    assert workspace.run("sync").code == 4
    workspace.at("2026-10-26T09:00:00+08:00")
    data = json.loads(workspace.run("report", "--adoption", "--format", "json").out)
    assert data["teams"][1]["updated"] == {"part": 2, "whole": 8}


def test_weeks_before_the_first_run_count_against_nobody(shell: Shell) -> None:
    (shell.folder / "okrsync.yaml").write_text(CONFIG.format(language="en"), "utf-8")
    written(shell, {"KR3": ("on it", "2026-10-05")})
    shell.at("2026-10-14T09:00:00+08:00")
    assert shell.run("sync").code == 4
    shell.at("2026-10-24T09:00:00+08:00")
    data = json.loads(shell.run("report", "--adoption", "--format", "json").out)
    assert data["all"]["updated"] == {"part": 0, "whole": 8}  # the Fridays 16 and 23, of four key results


def test_what_is_not_asked_for_is_no_zero(workspace: Shell) -> None:
    text = CONFIG.format(language="en").replace("check_in: {every: week, due: friday}\n", "")
    Path("okrsync.yaml").write_text(text, "utf-8")
    done = workspace.run("report", "--adoption")
    assert "| Sales | – | 50% (1 of 2) | 50% (1 of 2) |" in done.out
    assert "No check-ins are configured" in done.out


def test_teams_that_only_okrs_name_stand_for_themselves(workspace: Shell) -> None:
    text = re.sub(r"teams:\n(?:  .*\n)+", "", CONFIG.format(language="en")).replace("team: core", "team: 核心")
    Path("okrsync.yaml").write_text(text, "utf-8")
    data = json.loads(workspace.run("report", "--adoption", "--format", "json").out)
    found = {team["title"]: team["automatic"] for team in data["teams"]}
    assert list(found) == ["sales", "核心", None]
    assert found["sales"] == {"part": 1, "whole": 2}
    assert found["核心"] == {"part": 1, "whole": 1}
    assert len(found) == len(data["teams"])


def test_it_is_a_web_page_and_no_table_of_csv(workspace: Shell) -> None:
    page = workspace.run("report", "--adoption", "--format", "html").out
    assert '<td class="num">' in page
    assert workspace.run("report", "--adoption", "--format", "csv").code == 2


def test_a_company_has_one_table() -> None:
    def workspace(title: str, *teams: str) -> Adoption:
        figures = Figures(updated=Rate(1, 2), automatic=Rate(1, 4))
        named = tuple(Team(team, team, pilot=False, figures=figures) for team in teams)
        return Adoption(title, "2026-Q4", date(2026, 11, 16), named, cadence=title == "Sales")

    core, sales = workspace("Core", "Core", "platform"), workspace("Sales", "platform", "")
    assert of_workspaces([core]) is core
    joined = of_workspaces([core, sales])
    assert [team.title for team in joined.teams] == ["Core", "Core · platform", "Sales · platform", "Sales"]
    assert joined.together() == Figures(updated=Rate(4, 8), automatic=Rate(4, 16))
    assert joined.cadence
