"""Alerts: one per fault, and one when it has ended; remembered in the ledger."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from answers_kit import Answers, answering
from command_kit import Shell
from connectors.sandbox.server import Request, Response
from golden_files import check_golden
from past_kit import make_workspace
from test_messages import strings

IDENTITY = "workspace: {id: core-okrs-1a2b, name: 核心團隊}\n"
NOTIFY = "notify:\n  room: {type: discord, url: $HOOK}\n"


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    with answering() as made:
        monkeypatch.setenv("HOOK", made.url + "/T0/SECRET")
        made.give()
        yield made


@pytest.fixture
def workspace(shell: Shell) -> Shell:
    make_workspace(shell.folder)
    write_config()
    return shell


def write_config(old: str = "", new: str = "", notify: str = NOTIFY) -> None:
    """The workspace's config, with one replacement."""
    make = Path("config.txt")
    if not make.exists():
        make.write_text(Path("okrsync.yaml").read_text("utf-8"), "utf-8")
    text = IDENTITY + make.read_text("utf-8") + notify
    assert not old or old in text
    Path("okrsync.yaml").write_text(text.replace(old, new) if old else text, "utf-8")


def text_of(request: Request) -> str:
    """The text of a message to Discord, without its escapes."""
    return str(request.json()["content"]).replace("\\", "")


def sync_on(workspace: Shell, day: int) -> int:
    workspace.at(f"2026-11-{day:02}T09:30:00+08:00")
    return workspace.run("sync", "--fail-on", "error").code


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_one_alert_per_fault_and_one_when_it_has_ended(workspace: Shell, room: Answers, language: str) -> None:
    notify = f"{NOTIFY}language: {language}\n"
    write_config("file: okrs.csv", "file: gone.csv", notify)
    for day in (3, 4, 5):
        assert sync_on(workspace, day) == 1
    assert len(room.seen) == 1
    write_config("path: now.csv", "path: missing.csv", notify)
    for day in (6, 7):
        assert sync_on(workspace, day) == 4
    assert len(room.seen) == 3  # the new fault, and the end of the first
    write_config(notify=notify)
    for day in (8, 9):
        assert sync_on(workspace, day) == 0
    assert len(room.seen) == 4
    text = "\n\n---\n\n".join(map(text_of, room.seen)) + "\n"
    check_golden(f"alerts.{language}.txt", text.replace(str(workspace.folder.resolve()), "FOLDER"))
    write_config("file: okrs.csv", "file: gone.csv", notify)
    assert sync_on(workspace, 10) == 1
    assert len(room.seen) == 5  # it came back


def test_a_refusal_and_its_end(workspace: Shell, room: Answers) -> None:
    assert sync_on(workspace, 20) == 0
    days = workspace.folder / "days"
    kept = (days / "2026-11-21.csv").read_text("utf-8")
    for day in (21, 22):
        (days / f"2026-11-{day}.csv").write_text("key,state\n", "utf-8")
        assert sync_on(workspace, day) == 1
    (refused,) = room.seen
    assert text_of(refused).startswith("**核心團隊: the OKR sheet was not updated**")
    (days / "2026-11-23.csv").write_text(kept, "utf-8")
    assert sync_on(workspace, 23) == 0
    assert text_of(room.seen[-1]).startswith("**核心團隊: resolved**")
    assert "since 2026-11-21 09:30" in text_of(room.seen[-1])
    assert len(room.seen) == 2


def test_each_recipient_is_alerted_once_and_a_lost_alert_is_sent_again(workspace: Shell, room: Answers) -> None:
    write_config("file: okrs.csv", "file: gone.csv")
    room.next[:] = [Response(403), Response(200)]
    workspace.at("2026-11-03T09:30:00+08:00")
    failed = workspace.run("sync")
    assert "notify 'room': the alert was not delivered (HTTP 403). The sheet is not affected." in failed.err
    assert "SECRET" not in failed.err + failed.out
    assert sync_on(workspace, 4) == 1
    assert sync_on(workspace, 5) == 1
    assert len(room.seen) == 2
    write_config("file: okrs.csv", "file: gone.csv", NOTIFY + "  other: {type: slack, url: $HOOK, when: alert}\n")
    assert sync_on(workspace, 6) == 1
    assert len(room.seen) == 3
    assert "blocks" in room.seen[-1].json()
    write_config(notify=NOTIFY + "  other: {type: slack, url: $HOOK, when: alert}\n")
    room.next[:] = [Response(404), Response(200)]
    assert sync_on(workspace, 7) == 0
    assert sync_on(workspace, 8) == 0
    resolved = [one for one in room.seen if "resolved" in json.dumps(strings(one.json()))]
    assert len(resolved) == 3  # one of them was refused, and sent again


def test_an_alert_whose_arrival_is_unknown_is_not_sent_twice(workspace: Shell, room: Answers) -> None:
    write_config("file: okrs.csv", "file: gone.csv")
    room.next[:] = [Response(502)]
    assert sync_on(workspace, 3) == 1
    assert sync_on(workspace, 4) == 1
    assert len(room.seen) == 1


def test_without_a_ledger_every_run_alerts(workspace: Shell, room: Answers) -> None:
    write_config("file: okrs.csv", "file: gone.csv")
    Path(".okrsync").mkdir()
    Path(".okrsync/ledger.db").write_text("no database", "utf-8")
    for day in (3, 4):
        assert sync_on(workspace, day) == 1
    assert len(room.seen) == 2


def test_identifiers_are_sent_as_they_are(workspace: Shell, room: Answers) -> None:
    rename = Path("config.txt").read_text("utf-8").replace("  total:", "  rows_in_total:")
    Path("config.txt").write_text(rename.replace("measure: total", "measure: rows_in_total"), "utf-8")
    write_config("path: now.csv", "path: missing.csv", "notify:\n  room: {type: slack, url: $HOOK}\n")
    assert sync_on(workspace, 3) == 4
    (sent,) = room.seen
    assert any("rows_in_total" in text for text in strings(sent.json()))


@pytest.fixture
def two_workspaces(workspace: Shell) -> Shell:
    """The workspace of the other tests and a second one in the same folder, with another sheet."""
    text = Path("okrsync.yaml").read_text("utf-8")
    text = text.replace("core-okrs-1a2b, name: 核心團隊", "sales-okrs-3c4d, name: Sales").replace(
        "okrs.csv", "sales.csv"
    )
    Path("sales.yaml").write_text(text, "utf-8")
    Path("sales.csv").write_text(Path("okrs.csv").read_text("utf-8"), "utf-8")
    Path("fleet.yaml").write_text("workspaces: [okrsync.yaml, sales.yaml]\n", "utf-8")
    return workspace


def sync_both(workspace: Shell, day: int) -> int:
    workspace.at(f"2026-11-{day:02}T09:30:00+08:00")
    return workspace.run("fleet", "sync", "--fail-on", "error").code


def test_workspaces_of_one_run_share_an_alert_and_its_end(two_workspaces: Shell, room: Answers) -> None:
    assert sync_both(two_workspaces, 3) == 0
    Path("now.csv").rename("away.csv")
    for day in (4, 5):
        assert sync_both(two_workspaces, day) == 4
    (shared,) = room.seen
    assert text_of(shared).startswith("**核心團隊, Sales: not everything could be read**")
    assert "**Workspaces**\n- 核心團隊\n- Sales" in text_of(shared)
    Path("away.csv").rename("now.csv")
    for day in (6, 7):
        assert sync_both(two_workspaces, day) == 0
    assert len(room.seen) == 2
    assert text_of(room.seen[-1]).startswith("**核心團隊, Sales: resolved**")


def test_a_fault_of_one_workspace_of_a_run(two_workspaces: Shell, room: Answers) -> None:
    text = Path("sales.yaml").read_text("utf-8")
    Path("sales.yaml").write_text(text.replace("sales.csv", "gone.csv"), "utf-8")
    assert sync_both(two_workspaces, 3) == 1
    (alone,) = room.seen
    assert text_of(alone).startswith("**Sales: the OKR sheet was not updated**")
    Path("sales.yaml").write_text(text, "utf-8")
    assert sync_both(two_workspaces, 4) == 0
    assert text_of(room.seen[-1]).startswith("**Sales: resolved**")


def test_a_shared_alert_that_is_refused_is_sent_again(two_workspaces: Shell, room: Answers) -> None:
    Path("now.csv").rename("away.csv")
    room.next[:] = [Response(404), Response(200)]
    sync_both(two_workspaces, 4)
    sync_both(two_workspaces, 5)
    sync_both(two_workspaces, 6)
    assert len(room.seen) == 2
