"""`fleet status`: what failed, what is late and what is paused, known from the ledgers; `fleet pause` and `resume`."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from command_kit import Shell
from config.errors import ConfigError, Problem, UnsafePlanError
from config.loading.card import read_card
from fleet_kit import CONFIG, MANIFEST, Teams, current_value
from golden_files import check_golden
from json_kit import faults
from syncer.fleet import status
from syncer.ledger.store import Place, open_store


@pytest.fixture
def teams(shell: Shell) -> Teams:
    return Teams(shell)


def states(teams: Teams) -> dict[str, tuple[str, str | None]]:
    """The condition and the reason of each workspace."""
    data = json.loads(teams.shell.run("fleet", "status", "--format", "json").out)
    return {one["id"] or one["file"]: (one["condition"], one["why"]) for one in data["workspaces"]}


def in_trouble(teams: Teams) -> None:
    """Workspaces of which each is in another state, as of 2026-11-16 and two days later."""
    for name in ("ads", "broken", "core", "deals", "east", "north", "west"):
        teams.add(name)
    place = teams.shell.folder / "teams"
    assert teams.shell.run("fleet", "sync", "ads-2222", "broken-2222", "deals-2222", "east-2222").code == 0
    teams.shell.at("2026-11-18T10:30:00+08:00")
    (place / "broken/okrsync.yaml").write_text(
        (place / "broken/okrsync.yaml").read_text("utf-8") + "objectivs: {}\n", "utf-8"
    )
    (place / "core/deals.csv").unlink()
    (place / "deals/deals.csv").write_text("amount\n", "utf-8")
    (place / "north/okrsync.yaml").write_text("cycle: 2026-Q4\n", "utf-8")
    teams.shell.run("fleet", "sync", "ads-2222", "broken-2222", "core-2222", "deals-2222")
    assert teams.shell.run("fleet", "pause", "east-2222").code == 0


def test_those_in_trouble_come_first_with_the_reason(teams: Teams) -> None:
    in_trouble(teams)
    check_golden("fleet_status.txt", teams.shell.output_of(("fleet", "status")))
    data = json.loads(teams.shell.run("fleet", "status", "--format", "json").out)
    assert faults("fleet-status", data) == []
    assert [condition for condition, _ in states(teams).values()] == [
        "unreadable", "failed", "refused", "never", "incomplete", "paused", "synced",
    ]  # fmt: skip
    (teams.shell.folder / "fleet.yaml").write_text(f"{MANIFEST}language: zh-TW\n", "utf-8")
    check_golden("fleet_status.zh-TW.txt", teams.shell.output_of(("fleet", "status")))


def test_a_sync_by_hand_is_known_too_and_a_good_one_ends_the_failure(teams: Teams) -> None:
    folder = teams.add("ads")
    assert states(teams) == {"ads-2222": ("never", None)}
    (folder / "okrs.xlsx").rename(folder / "other.xlsx")
    config = str(folder / "okrsync.yaml")
    assert teams.shell.run("sync", "-c", config).code == 1
    condition, why = states(teams)["ads-2222"]
    assert condition == "failed"
    assert "okrs.xlsx" in (why or "")
    assert teams.shell.run("fleet", "status").code == 1
    (folder / "other.xlsx").rename(folder / "okrs.xlsx")
    assert teams.shell.run("sync", "-c", config).code == 0
    assert states(teams) == {"ads-2222": ("synced", None)}
    assert teams.shell.run("fleet", "status").code == 0


def test_unknown_key_results_are_counted_and_named_by_the_exit_code(teams: Teams) -> None:
    folder = teams.add("ads")
    (folder / "deals.csv").unlink()
    teams.shell.run("fleet", "sync")
    done = teams.shell.run("fleet", "status", "--format", "json")
    [one] = json.loads(done.out)["workspaces"]
    assert (done.code, one["condition"], one["unknown"]) == (4, "incomplete", 1)
    assert "deals.csv" in one["why"]
    assert teams.shell.run("fleet", "status", "--fail-on", "error").code == 0


def test_a_workspace_without_a_good_run_for_long_is_late(teams: Teams) -> None:
    teams.add("ads")
    manifest = teams.shell.folder / "fleet.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "late_after: 26h\n", "utf-8")
    teams.shell.run("fleet", "sync")
    teams.shell.at("2026-11-17T11:29:00+08:00")
    assert states(teams) == {"ads-2222": ("synced", None)}
    teams.shell.at("2026-11-17T11:31:00+08:00")
    assert states(teams) == {"ads-2222": ("late", None)}
    assert teams.shell.run("fleet", "status").code == 1


def test_a_run_that_another_run_keeps_out_is_no_failure(teams: Teams) -> None:
    folder = teams.add("ads")
    teams.shell.run("fleet", "sync")
    from syncer.run.workspace import open_workspace

    with open_workspace(folder / "okrsync.yaml").alone():
        assert teams.shell.run("sync", "-c", str(folder / "okrsync.yaml")).code == 1
    assert states(teams) == {"ads-2222": ("synced", None)}


def test_paused_workspaces_are_left_out_unless_named(teams: Teams) -> None:
    ads, core = teams.add("ads"), teams.add("core")
    run = teams.shell.run
    assert "until `okrsync fleet resume ads-2222`" in run("fleet", "pause", "ads-2222").out
    assert "until 2026-11-18 00:00 UTC" in run("fleet", "pause", "core-2222", "--until", "2026-11-18").out
    done = run("fleet", "sync")
    assert "Paused, not synced: Ads, Core." in done.err
    assert (current_value(ads), current_value(core)) == (None, None)
    teams.shell.at("2026-11-18T08:00:00+08:00")
    assert run("fleet", "sync").code == 0
    assert (current_value(ads), current_value(core)) == (None, 60)
    assert run("fleet", "sync", "ads-2222").code == 0
    assert current_value(ads) == 60
    assert states(teams)["ads-2222"][0] == "paused"
    assert "Ads is synced again." in run("fleet", "resume", "ads-2222").out
    assert "Ads was not paused." in run("fleet", "resume", "ads-2222").out
    assert "did you mean 'ads-2222'?" in run("fleet", "pause", "adds-2222").err


def test_workspaces_with_one_id_are_not_taken_for_each_other(teams: Teams) -> None:
    teams.add("ads")
    other = teams.add("core") / "okrsync.yaml"
    other.write_text(other.read_text("utf-8").replace("core-2222", "ads-2222"), "utf-8")
    data = json.loads(teams.shell.run("fleet", "status", "--format", "json").out)
    assert [one["condition"] for one in data["workspaces"]] == ["unreadable"] * 2


def test_no_secret_is_stored_with_a_reason(teams: Teams) -> None:
    from config.masking import keep_secret
    from syncer.ledger.ledger import open_ledger
    from syncer.ledger.records import LastRun, SyncOutcome
    from syncer.run.workspace import open_workspace

    folder = teams.add("ads")
    now = open_workspace(folder / "okrsync.yaml").now
    keep_secret("hush-hush-token")
    with open_ledger(".okrsync/ledger.db", folder) as ledger:
        ledger.last_runs.record(LastRun("w", "c", SyncOutcome.FAILED, now, why="refused hush-hush-token"))
    assert b"hush-hush-token" not in (folder / ".okrsync/ledger.db").read_bytes()


def test_an_error_in_one_line() -> None:
    first, second = Problem("a.yaml", 3, "measures.x", "is odd"), Problem("a.yaml", 0, "", "cannot be read")
    assert ConfigError([first]).summary == "a.yaml, line 3: measures.x  is odd"
    assert ConfigError([second]).summary == "a.yaml: cannot be read"
    assert ConfigError([first, second]).summary == "a.yaml: cannot be read (and 1 more problem)"
    assert UnsafePlanError(["one", "two"], head="", end="").summary == "one; two"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("workspace: {id: a-1, name: Ads}\ncycle: 2026-Q4\n", ("a-1", "Ads", "2026-Q4", ".okrsync/ledger.db")),
        ("# x\nworkspace:\n  # y\n\n  id: a-1\nledger: $L\ncycle: 2026 q4\n", ("a-1", "a-1", "2026-Q4", "$L")),
        ("cycle:\r\n  name: FY27\r\n  start: 2026-10-01\r\nworkspace: {id: a-1}\r\n", ("a-1", "a-1", "FY27", "")),
        ("workspace: {id: a-1}\ncycle: FY27-1\nobjectives: [broken\n", ("a-1", "a-1", "FY27-1", "")),
        ("other:\n  workspace: {id: b-1}\n  cycle: 2025\n", None),
        ("workspace: {id: a-1}\n", None),
    ],
)
def test_the_head_of_a_config(tmp_path: Path, text: str, found: tuple[str, str, str, str] | None) -> None:
    file = tmp_path / "okrsync.yaml"
    file.write_bytes(text.encode())
    if found is None:
        with pytest.raises(ConfigError, match="has no workspace id, or no cycle"):
            read_card(file)
        return
    card = read_card(file)
    assert (card.id, card.name, card.cycle, card.ledger) == (*found[:3], found[3] or ".okrsync/ledger.db")


def test_a_ledger_that_workspaces_share_is_asked_once(teams: Teams, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = CONFIG.replace("cycle:", f"ledger: sqlite:///{teams.shell.folder}/shared.db\ncycle:")
    for name in ("ads", "core", "deals"):
        teams.add(name, shared)
    teams.shell.run("fleet", "sync")
    opened: list[str] = []

    def counted(place: Place, *, readonly: bool) -> Engine:
        opened.append(place.shown)
        return open_store(place, readonly=readonly)

    monkeypatch.setattr(status, "open_store", counted)
    assert [condition for condition, _ in states(teams).values()] == ["synced"] * 3
    assert len(opened) == 1
