"""What people write beside their key results: read at every run, kept with its date, never written."""

import json
from datetime import date
from pathlib import Path

import pytest

from command_kit import Shell
from config.identity import NO_ID
from golden_files import check_golden
from past_kit import make_workspace, sheet, type_in
from syncer.compute.check_ins import confidence_of
from syncer.ledger.ledger import open_ledger
from syncer.ledger.records import CheckIn, Scope


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path) -> Shell:
    make_workspace(tmp_path)
    return shell


def kept(workspace: Shell, key: str) -> list[CheckIn]:
    with open_ledger(".okrsync/ledger.db", workspace.folder, readonly=True) as ledger:
        return ledger.check_ins(Scope(NO_ID, "2026-Q4"), key)


def sync_on(workspace: Shell, day: str) -> str:
    workspace.at(f"{day}T09:30:00+08:00")
    return workspace.run("sync").out


def test_each_change_is_kept_once_with_its_date(workspace: Shell) -> None:
    type_in(workspace.folder, "KR1", {"Confidence": "8", "Note": "good start"})
    sync_on(workspace, "2026-11-03")
    sync_on(workspace, "2026-11-04")
    type_in(workspace.folder, "KR1", {"Confidence": "4", "Blocker": "no car", "Check-in date": "2026-11-09"})
    sync_on(workspace, "2026-11-10")
    type_in(workspace.folder, "KR1", {"Note": "better", "Check-in date": "2027-11-09"})
    sync_on(workspace, "2026-11-11")
    assert [(each.day, dict(each.texts)) for each in kept(workspace, "KR1")] == [
        (date(2026, 11, 3), {"confidence": "8", "note": "good start"}),
        (date(2026, 11, 9), {"blocker": "no car", "confidence": "4", "date": "2026-11-09", "note": "good start"}),
        (date(2026, 11, 11), {"blocker": "no car", "confidence": "4", "date": "2027-11-09", "note": "better"}),
    ]
    assert kept(workspace, "KR2") == []


def test_clearing_the_cells_is_kept_too_so_that_the_same_words_later_are_news(workspace: Shell) -> None:
    for day, note in (("2026-11-03", "waiting"), ("2026-11-04", ""), ("2026-11-05", "waiting")):
        type_in(workspace.folder, "KR1", {"Note": note})
        sync_on(workspace, day)
    assert [(each.day.day, dict(each.texts)) for each in kept(workspace, "KR1")] == [
        (3, {"note": "waiting"}),
        (4, {}),
        (5, {"note": "waiting"}),
    ]


def test_a_refused_run_keeps_what_people_wrote_and_no_number(workspace: Shell) -> None:
    sync_on(workspace, "2026-11-20")
    type_in(workspace.folder, "KR1", {"Confidence": "3", "Note": "the tracker was emptied"})
    before = sheet(workspace.folder)
    (workspace.folder / "days/2026-11-21.csv").write_text("key,state\n", "utf-8")
    workspace.at("2026-11-21T09:30:00+08:00")
    assert workspace.run("sync").code == 1
    assert sheet(workspace.folder) == before
    (printed,) = kept(workspace, "KR1")
    assert (printed.day, printed.texts["note"]) == (date(2026, 11, 21), "the tracker was emptied")
    assert workspace.run("history").out.splitlines()[0].split()[1:3] == ["sync", "refused"]
    history = workspace.run("history", "KR1").out
    assert "the tracker was emptied" in history
    assert "2026-11-21               –        –" in history
    assert workspace.run("sync").code == 1
    assert len(kept(workspace, "KR1")) == 1  # it is no news the second time


def test_nothing_people_wrote_is_written(workspace: Shell) -> None:
    printed = {
        "Confidence": "8",
        "Note": "=1+1",
        "Blocker": "x",
        "Help needed": "y",
        "Helper": "z",
        "Check-in date": "-",
    }
    type_in(workspace.folder, "KR1", printed)
    sync_on(workspace, "2026-11-03")
    row = sheet(workspace.folder)["KR1"]
    assert {name: row[name] for name in printed} == printed
    assert kept(workspace, "KR1")[0].day == date(2026, 11, 3)


def play(workspace: Shell) -> None:
    type_in(workspace.folder, "KR3", {"Current value": "1", "Confidence": "8", "Note": "good start"})
    sync_on(workspace, "2026-11-03")
    sync_on(workspace, "2026-11-04")
    type_in(workspace.folder, "KR3", {"Confidence": "4", "Note": "two visits fell through", "Blocker": "no car"})
    type_in(workspace.folder, "KR3", {"Check-in date": "2026-11-09"})
    sync_on(workspace, "2026-11-10")


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_meeting_asks_three_questions(workspace: Shell, language: str) -> None:
    config = workspace.folder / "okrsync.yaml"
    config.write_text(config.read_text("utf-8") + f"language: {language}\n", "utf-8")
    play(workspace)
    output = workspace.output_of(["report", "--meeting", "--team", "core"])
    output += workspace.output_of(["report", "--meeting", "--team", "web", "--format", "text"])
    output += workspace.output_of(["report", "--one-on-one", "--owner", "kim", "--format", "text"])
    output += workspace.output_of(["history", "KR3"])
    check_golden(f"meeting.{language}.txt", output)
    assert ("需要什麼協助？" if language == "zh-TW" else "What help is needed?") in output


def test_a_meeting_of_nobody_is_refused_with_the_names_there_are(workspace: Shell) -> None:
    done = workspace.run("report", "--meeting", "--team", "cor")
    assert done.code == 1
    assert "did you mean 'core'? (known: core, web)" in done.err
    assert "known: Kim, Lee" in workspace.run("report", "--one-on-one", "--owner", "Ken").err
    assert workspace.run("report", "--one-on-one").code == 2
    assert workspace.run("report", "--meeting", "--format", "json").code == 2


def test_a_typed_value_nobody_cared_for_grows_stale_until_somebody_checks_in(workspace: Shell) -> None:
    type_in(workspace.folder, "KR3", {"Current value": "1"})
    found = []
    for day in ("2026-11-03", "2026-11-13", "2026-11-14"):
        sync_on(workspace, day)
        found.append(sheet(workspace.folder)["KR3"]["Status"])
    type_in(workspace.folder, "KR3", {"Note": "still one"})
    sync_on(workspace, "2026-11-14")
    found.append(sheet(workspace.folder)["KR3"]["Status"])
    assert found == ["off track", "off track", "stale", "off track"]


def test_a_typed_value_is_a_check_in_once_on_the_day_a_run_first_saw_it(workspace: Shell) -> None:
    type_in(workspace.folder, "KR3", {"Current value": "1"})
    sync_on(workspace, "2026-11-03")
    sync_on(workspace, "2026-11-04")
    type_in(workspace.folder, "KR3", {"Current value": "1.0"})
    sync_on(workspace, "2026-11-05")
    type_in(workspace.folder, "KR3", {"Current value": "2", "Check-in date": "2026-11-06"})
    sync_on(workspace, "2026-11-09")
    type_in(workspace.folder, "KR3", {"Current value": "3"})
    sync_on(workspace, "2026-11-16")
    assert [(each.day.day, dict(each.texts)) for each in kept(workspace, "KR3")] == [
        (3, {"current": "1"}),
        (6, {"current": "2", "date": "2026-11-06"}),
        (16, {"current": "3", "date": "2026-11-06"}),  # an unchanged date cell says nothing of this change
    ]
    assert kept(workspace, "KR1") == []  # what okrsync wrote is no one's check-in
    data = json.loads(workspace.run("history", "KR3", "--format", "json").out)
    assert data["check_ins"][1] == {"day": "2026-11-06", "value": 2, "confidence": None, "cells": {}}


def test_a_value_that_cannot_be_read_is_kept_as_typed(workspace: Shell) -> None:
    for day, value in (("03", "1"), ("06", "soon"), ("07", "")):
        type_in(workspace.folder, "KR3", {"Current value": value})
        sync_on(workspace, f"2026-11-{day}")
    assert [(each.day.day, dict(each.texts)) for each in kept(workspace, "KR3")] == [
        (3, {"current": "1"}),
        (6, {"current": "soon"}),
        (7, {}),
    ]


def test_a_step_that_is_done_is_a_check_in(workspace: Shell) -> None:
    config = workspace.folder / "okrsync.yaml"
    steps = "steps: [{title: Draft, done: DONE}, {title: Print}]"
    text = config.read_text("utf-8").replace("baseline: 0\n        target: 6", steps)
    for day, done in (("03", "false"), ("04", "true"), ("05", "true")):
        config.write_text(text.replace("DONE", done), "utf-8")
        sync_on(workspace, f"2026-11-{day}")
    assert [(each.day.day, dict(each.texts)) for each in kept(workspace, "KR3")] == [(4, {"current": "1/2"})]


def test_a_note_keeps_its_day_when_the_value_changes_later(workspace: Shell) -> None:
    type_in(workspace.folder, "KR3", {"Current value": "1", "Note": "good start"})
    sync_on(workspace, "2026-11-03")
    type_in(workspace.folder, "KR3", {"Current value": "2"})
    sync_on(workspace, "2026-11-10")
    agenda = workspace.run("report", "--one-on-one", "--owner", "Kim", "--format", "text").out
    assert "2026-11-03 good start" in agenda
    assert "2026-11-03 Current value: 1; Note: good start" in agenda


def test_lists_of_what_is_due_say_since_when(workspace: Shell) -> None:
    sync_on(workspace, "2026-11-03")
    type_in(workspace.folder, "KR2", {"Note": "went well"})
    sync_on(workspace, "2026-11-10")
    workspace.at("2026-11-16T09:30:00+08:00")
    agenda = workspace.run("report", "--meeting").out
    assert "Check-in due since 2026-11-06: KR1, KR3" in agenda
    assert "a check-in is due since 2026-11-06 (the last one: –)" in agenda
    assert "KR2" not in next(line for line in agenda.splitlines() if line.startswith("Check-in due"))
    for view in ("--meeting", "--one-on-one"):
        page = workspace.run("report", view, "--owner", "Kim", "--format", "html").out
        assert "Check-in due since 2026-11-06: KR1, KR3" in page
    whole = workspace.run("report", "--format", "html").out
    assert '<div class="why soft small">Kim · since 6 Nov</div>' in whole
    assert "Check-in due since 2026-11-06</p>" in whole


def test_what_was_stale_before_the_first_run_is_not_stale_on_it(workspace: Shell) -> None:
    type_in(workspace.folder, "KR3", {"Current value": "1", "Check-in date": "2026-10-05"})
    found = []
    for day in ("10", "20", "21"):
        sync_on(workspace, f"2026-11-{day}")
        found.append(sheet(workspace.folder)["KR3"]["Status"])
    assert found == ["off track", "off track", "stale"]


@pytest.mark.parametrize(
    ("text", "share"), [("7", "0.7"), ("70%", "0.7"), ("11", None), ("-1", None), ("high", None), ("０", "0")]
)
def test_confidence_is_a_share_of_its_scale(text: str, share: str | None) -> None:
    check_in = CheckIn("r", "KR1", date(2026, 11, 3), None, {"confidence": text})  # type: ignore[arg-type] # not looked at
    found = confidence_of(check_in, 10)
    assert (None if found is None else str(found.normalize())) == share
