"""`fleet check` and `fleet sync`: many workspaces, of which the wrong ones keep none of the others from a sync."""

import json
import re
from pathlib import Path

import pytest

from command_kit import Shell
from config.fleet import find_fleet
from fleet_kit import MANIFEST, Teams, current_value
from golden_files import check_golden

PAGE = Path(__file__).resolve().parent.parent / "docs" / "fleet.md"


@pytest.fixture
def teams(shell: Shell) -> Teams:
    return Teams(shell)


def test_every_workspace_is_synced_and_what_one_meets_stops_no_other(teams: Teams) -> None:
    folders = [teams.add(name) for name in ("ads", "broken", "core", "deals")]
    (folders[1] / "okrsync.yaml").write_text("cycle: 2026-Q4\nobjectivs: {}\n", "utf-8")
    (folders[2] / "deals.csv").unlink()
    text = teams.shell.output_of(("fleet", "sync"))
    assert [current_value(folder) for folder in (folders[0], folders[2], folders[3])] == [60, None, 60]
    check_golden("fleet_sync.txt", text)
    again = teams.shell.run("fleet", "sync", "ads-2222", "teams/deals/okrsync.yaml")
    assert again.code == 0
    assert "2 synced" in again.out


def test_incomplete_workspaces_end_with_4_unless_errors_alone_count(teams: Teams) -> None:
    folder = teams.add("ads")
    teams.add("core")
    config = (folder / "okrsync.yaml").read_text("utf-8")
    (folder / "okrsync.yaml").write_text(config.replace("sum(amount)", "sum(amount) / (count(*) - 2)"), "utf-8")
    assert teams.shell.run("fleet", "sync").code == 4
    assert teams.shell.run("fleet", "sync", "--fail-on", "error").code == 0
    (folder / "deals.csv").unlink()
    assert teams.shell.run("fleet", "sync", "--fail-on", "error").code == 4
    assert teams.shell.run("fleet", "sync", "core-2222").code == 0


def test_a_guard_refuses_one_workspace(teams: Teams) -> None:
    ads, core = teams.add("ads"), teams.add("core")
    assert teams.shell.run("fleet", "sync").code == 0
    for folder in (ads, core):
        (folder / "deals.csv").write_text("amount\n61\n", "utf-8")
    (ads / "deals.csv").write_text("amount\n", "utf-8")
    done = teams.shell.run("fleet", "sync", "--format", "json")
    assert done.code == 1
    data = json.loads(done.out)
    assert [(one["outcome"], one["written"] > 0) for one in data["workspaces"]] == [
        ("refused", False),
        ("synced", True),
    ]
    assert data["workspaces"][0]["error"]["code"] == "unsafe_plan"
    assert (current_value(ads), current_value(core)) == (60, 61)


def test_a_cycle_that_is_over_is_no_failure(teams: Teams) -> None:
    folder = teams.add("ads")
    config = (folder / "okrsync.yaml").read_text("utf-8")
    (folder / "okrsync.yaml").write_text(config + "followed_by: next.yaml\n", "utf-8")
    teams.shell.at("2027-01-04T09:00:00+08:00")
    done = teams.shell.run("fleet", "sync", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["counts"] == {"synced": 0, "incomplete": 0, "refused": 0, "failed": 0, "ended": 1}


def test_workspaces_with_one_id_one_sheet_or_no_id(teams: Teams) -> None:
    for name in ("ads", "core", "deals", "east", "north"):
        teams.add(name)
    place = teams.shell.folder / "teams"
    for name, old, new in (
        ("core", "core-2222", "ads-2222"),
        ("deals", "okrs.xlsx", "../east/okrs.xlsx"),
        ("north", "workspace: {id: north-2222, name: North}\n", ""),
    ):
        file = place / name / "okrsync.yaml"
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    (teams.shell.folder / "fleet.yaml").write_text(
        "workspaces:\n  - teams/*/okrsync.yaml\n  - taems/*/x.yaml\n", "utf-8"
    )
    text = teams.shell.output_of(("fleet", "check"))
    done = teams.shell.run("fleet", "sync", "--format", "json")
    assert [one["outcome"] for one in json.loads(done.out)["workspaces"]] == ["failed"] * 5
    assert done.code == 1
    check_golden("fleet_check.txt", re.sub(r"-[2-9a-z]{4}\}", "-XXXX}", text))


def test_a_workspace_that_claims_the_id_of_another_makes_only_itself_unusable(teams: Teams) -> None:
    for name in ("ads", "core", "deals"):
        teams.add(name)
    core = teams.shell.folder / "teams/core/okrsync.yaml"
    core.write_text(core.read_text("utf-8").replace("core-2222", "ads-2222"), "utf-8")
    (teams.shell.folder / "fleet.yaml").write_text(
        "workspaces:\n  - teams/*/okrsync.yaml\n  - {path: teams/ads/okrsync.yaml, id: ads-2222}\n"
        "  - {path: teams/deals/okrsync.yaml, id: sales-2222}\n",
        "utf-8",
    )
    done = teams.shell.run("fleet", "sync", "--format", "json")
    found = json.loads(done.out)["workspaces"]
    assert {one["file"]: one["outcome"] for one in found} == {
        "teams/ads/okrsync.yaml": "synced",
        "teams/core/okrsync.yaml": "failed",
        "teams/deals/okrsync.yaml": "failed",
    }
    texts = " ".join(str(one["error"]) for one in found)
    assert "the manifest states its id 'ads-2222' for teams/ads/okrsync.yaml" in texts
    assert "its id is 'deals-2222', but the manifest states 'sales-2222'" in texts
    status = json.loads(teams.shell.run("fleet", "status", "--format", "json").out)["workspaces"]
    assert {(one["file"], one["condition"]) for one in status} == {
        ("teams/ads/okrsync.yaml", "synced"),
        ("teams/core/okrsync.yaml", "unreadable"),
        ("teams/deals/okrsync.yaml", "unreadable"),
    }


@pytest.mark.parametrize(
    ("manifest", "saw"),
    [
        ("workspace: [a.yaml]\n", "unknown option; did you mean 'workspaces'?"),
        ("at_once: 2\n", "workspaces  is required: configs: paths or globs"),
        ("workspaces: []\n", "workspaces  is required: configs: paths or globs"),
        ("workspaces: [a.yaml]\nat_once: 0\n", "line 2    at_once  must be at least 1"),
        ("workspaces: [a.yaml]\nat_once: many\n", "line 2    at_once  must be a whole number"),
        ("workspaces: [a.yaml]\njitter: soon\n", "line 2    jitter  "),
        ("workspaces: [a.yaml]\n", "workspaces.1  no file matches 'a.yaml'"),
        ("workspaces: [a.yaml\n", "line "),
    ],
)
def test_a_manifest_that_is_wrong(shell: Shell, manifest: str, saw: str) -> None:
    (shell.folder / "fleet.yaml").write_text(manifest, "utf-8")
    done = shell.run("fleet", "sync")
    assert done.code == 1
    assert saw in done.err


def test_where_workspaces_are_found(shell: Shell) -> None:
    for name in ("a/okrsync.yaml", "b/c/okrsync.yaml", ".hidden/okrsync.yaml", "b/other.yaml"):
        (shell.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (shell.folder / name).write_text("", "utf-8")
    assert find_fleet(None).configs == (Path("a/okrsync.yaml"), Path("b/c/okrsync.yaml"))
    (shell.folder / "b/fleet.yaml").write_text(
        "workspaces: [../a/*.yaml, c/*.yaml, other.yaml, ./other.yaml]\n", "utf-8"
    )
    found = [path.resolve().relative_to(shell.folder.resolve()).as_posix() for path in find_fleet(Path("b")).configs]
    assert found == ["a/okrsync.yaml", "b/c/okrsync.yaml", "b/other.yaml"]
    assert shell.run("fleet", "check", "--fleet", "b/c/none.yaml").code == 1
    (shell.folder / "empty").mkdir()
    assert (
        "contains no fleet.yaml, and no okrsync.yaml in its subfolders"
        in shell.run("fleet", "check", "--fleet", "empty").err
    )


def test_the_manifest_of_the_page(shell: Shell) -> None:
    for name in ("here/teams/ads", "sales"):
        (shell.folder / name).mkdir(parents=True)
        (shell.folder / name / "okrsync.yaml").touch()
    manifest, sharing, scheduled = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (shell.folder / "here/fleet.yaml").write_text(manifest, "utf-8")
    found = find_fleet(Path("here"))
    assert (len(found.configs), found.manifest.at_once, found.manifest.jitter, found.problems) == (2, 4, 30.0, ())
    (shell.folder / "here/fleet.yaml").write_text(sharing.replace("ads/okrsync", "*/okrsync"), "utf-8")
    [terms] = find_fleet(Path("here")).terms.values()
    assert terms.connections.keys() == {"jira"}
    assert terms.grants
    assert [terms.grants.has_secret(one) for one in ("$TEAM_ADS_A", "$TEAM_B", "keyring:ads/a")] == [True, False, True]
    (shell.folder / "here/fleet.yaml").write_text(scheduled, "utf-8")
    found = find_fleet(Path("here"))
    assert (str(found.manifest.database), found.manifest.jitter, *found.manifest.schedules) == (
        "$OKRSYNC_DATABASE",
        600,
        "ads-7f3k",
    )


def test_an_unknown_workspace_is_named_before_anything_is_read(teams: Teams) -> None:
    teams.add("ads")
    done = teams.shell.run("fleet", "sync", "adds-2222")
    assert done.code == 1
    assert "there is no workspace 'adds-2222'; did you mean 'ads-2222'?" in done.err


def test_in_chinese(teams: Teams) -> None:
    teams.add("ads")
    (teams.shell.folder / "fleet.yaml").write_text(MANIFEST + "language: zh-TW\n", "utf-8")
    assert "已同步" in teams.shell.run("fleet", "sync").out
