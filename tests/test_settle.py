"""`settle`: figures that are complete only days later are read as of then, and scored when they have settled."""

import json
from pathlib import Path

import pytest

from command_kit import Shell
from config.errors import ConfigError
from config.scalars import parse_days
from past_kit import CONFIG, sheet, write_sheet
from refusal_kit import refusal
from workspace_kit import load

SETTLED = CONFIG.replace("path: days/{as_of}.csv\n", "path: days/{as_of}.csv\n    settle: 5d\n")


@pytest.fixture
def workspace(shell: Shell) -> Shell:
    """Sources of some days: as many things are done as the day of the month says, and one more on the last day."""
    Path("okrsync.yaml").write_text(SETTLED, "utf-8")
    write_sheet(shell.folder, [{"KR id": key} for key in ("KR1", "KR2", "KR3")])
    Path("days").mkdir()
    for day, done in (("10-01", 0), ("10-05", 1), ("11-10", 10), ("12-29", 14), ("12-31", 16)):
        states = "".join(f"T{number},{'done' if number <= done else 'open'}\n" for number in range(1, 31))
        Path(f"days/2026-{day}.csv").write_text(f"key,state\n{states}", "utf-8")
    Path("now.csv").write_text("key\nT1\nT2\n", "utf-8")
    return shell


def on(workspace: Shell, day: str) -> Shell:
    workspace.at(f"{day}T09:30:00+08:00")
    return workspace


def test_it_is_read_as_of_the_last_day_that_has_settled_and_the_plan_says_so_once(workspace: Shell) -> None:
    out = on(workspace, "2026-11-15").run("sync").out
    assert out.count("done: figures are complete 5 days later, so they are read as of 2026-11-10") == 1
    assert sheet(workspace.folder)["KR1"]["Current value"] == "10"
    explained = workspace.run("explain", "KR1").out
    assert "days/2026-11-10" in explained
    assert "(41 of 92 days, 2026-10-01 to 2026-12-31)" in explained
    assert "(45 of 92 days, 2026-10-01 to 2026-12-31)" in workspace.run("explain", "KR2").out
    data = workspace.run("explain", "KR1", "--format", "json").out
    assert '"passed": 41,' in data


def test_before_the_first_day_has_settled_it_is_read_as_of_the_start(workspace: Shell) -> None:
    done = on(workspace, "2026-10-03").run("dry-run")
    assert "done: figures are complete 5 days later, and those of no day of the cycle are yet" in done.out
    plan = json.loads(workspace.run("dry-run", "--format", "json").out)
    assert [note["code"] for note in plan["notes"] if "figures" in note["text"]] == ["settling"]
    assert next(line for line in plan["lines"] if line["id"] == "KR1")["after"]["current"] == 0


def test_a_past_day_is_what_a_run_on_it_would_have_read(workspace: Shell) -> None:
    on(workspace, "2026-11-20").run("sync")
    done = workspace.run("backfill", "KR1", "--from", "2026-11-15", "--to", "2026-11-15")
    assert done.code == 0, done.err
    assert "2026-11-15      50%" in done.out


def test_a_baseline_at_the_start_is_read_as_of_the_start_itself(workspace: Shell) -> None:
    config = Path("okrsync.yaml")
    config.write_text(
        SETTLED.replace("        target: 20\n", "        target: 20\n        baseline: {at: cycle.start}\n"), "utf-8"
    )
    on(workspace, "2026-10-10").run("sync")
    assert "(1 - 0) / (20 - 0)" in workspace.run("explain", "KR1").out


def closed(workspace: Shell, day: str) -> tuple[dict[str, object], str]:
    """KR1 in the JSON of `close` on that day, and the page."""
    page = on(workspace, day).run("close").out
    data = json.loads(workspace.run("close", "--format", "json").out)
    return next(one for one in data["key_results"] if one["id"] == "KR1"), page


def test_the_score_is_provisional_until_the_figures_have_settled(workspace: Shell) -> None:
    on(workspace, "2026-12-31").run("sync")
    one, page = closed(workspace, "2027-01-03")
    assert (one["value"], one["settles_on"], one["read_on"]) == (14, "2027-01-05", "2027-01-03")
    assert "- KR1: settles on 2027-01-05; until then its score is provisional" in page
    assert "KR2: settles" not in page


@pytest.mark.parametrize("recorded", [True, False])
def test_the_score_is_that_of_the_day_on_which_the_figures_settled(workspace: Shell, *, recorded: bool) -> None:
    on(workspace, "2027-01-03").run("sync")
    if recorded:
        on(workspace, "2027-01-05").run("sync")
        on(workspace, "2027-01-08").run("sync")
    one, page = closed(workspace, "2027-01-09")
    read_on = "2027-01-05" if recorded else "2027-01-09"
    assert (one["value"], one["score"], one["settles_on"], one["read_on"]) == (16, 0.8, None, read_on)
    assert "settles on" not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("days", "'days' is not a number of days; write 5d or 2w, up to 366d"),
        ("0d", "'0d' is not a number of days; write 5d or 2w, up to 366d"),
        ("5", "'5' is not a number of days; write 5d or 2w, up to 366d"),
        ("53w", "'53w' is not a number of days; write 5d or 2w, up to 366d"),
    ],
)
def test_other_lengths_are_refused(text: str, message: str) -> None:
    assert refusal(parse_days, text) == message


@pytest.mark.parametrize(("text", "days"), [("5d", 5), ("2w", 14), ("366d", 366)])
def test_lengths(text: str, days: int) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("name", ["{as_of}", "{today}", "{cycle.end}", "{as_of-30d}"])
def test_the_query_or_the_value_names_the_end(tmp_path: Path, name: str) -> None:
    text = SETTLED.replace("days/{as_of}.csv", "now.csv")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert "needs {as_of}, {today} or {cycle.end} in its query or value" in str(caught.value)
    bounded = text.replace("(state = 'done')", f"(state = 'done' and day < {name})")
    assert load(tmp_path, bounded).measures["done"].settle == 5


def test_measures_that_settle_differently_are_read_apart(workspace: Shell) -> None:
    more = "  at_once:\n    from: files.rows\n    path: days/{as_of}.csv\n    value: count(*) filter (state = 'done')\n"
    text = SETTLED.replace("objectives:\n", f"{more}objectives:\n", 1).replace("measure: total", "measure: at_once")
    Path("okrsync.yaml").write_text(text, "utf-8")
    Path("days/2026-11-15.csv").write_text("key,state\nT1,done\n", "utf-8")
    on(workspace, "2026-11-15").run("sync")
    assert [sheet(workspace.folder)[key]["Current value"] for key in ("KR1", "KR2")] == ["10", "1"]


def test_figures_without_a_day_of_their_own_are_read_as_they_are_and_scored_later(workspace: Shell) -> None:
    Path("now.csv").write_text("key,state,day\nT1,done,2026-11-14\nT2,done,2027-01-02\n", "utf-8")
    text = SETTLED.replace("days/{as_of}.csv", "now.csv")
    text = text.replace("(state = 'done')", "(state = 'done' and day < {cycle.end})")
    Path("okrsync.yaml").write_text(text, "utf-8")
    out = on(workspace, "2026-11-15").run("sync").out
    assert "done: figures are complete 5 days later; the score uses the reading of 2027-01-05" in out
    one, _ = closed(workspace, "2027-01-09")
    assert (one["value"], one["read_on"]) == (1, "2027-01-09")


def test_a_row_of_the_sheet_alone_is_read_as_of_the_day_that_has_settled(workspace: Shell) -> None:
    heads = ["KR id", "Key result", "Source", "Baseline", "Target", "Current value", "Progress", "Expected"]
    rows = [
        ["KR9", "From the sheet alone", "done", "0", "20", "", "", ""],
        ["KR8", "At once", "total", "0", "20", "", "", ""],
    ]
    Path("okrs.csv").write_text("\n".join(",".join(row) for row in (heads, *rows)), "utf-8")
    on(workspace, "2026-11-15").run("sync", "--adopt")
    assert [sheet(workspace.folder)[key]["Current value"] for key in ("KR9", "KR8")] == ["10", "2"]
    assert "(41 of 92 days, 2026-10-01 to 2026-12-31)" in workspace.run("explain", "KR9").out
    assert "(45 of 92 days, 2026-10-01 to 2026-12-31)" in workspace.run("explain", "KR8").out
    on(workspace, "2026-12-31").run("sync")
    page = on(workspace, "2027-01-03").run("close").out
    assert "- KR9: settles on 2027-01-05" in page
    assert "KR8: settles" not in page


def test_parts_settle_when_the_last_of_their_measures_has(workspace: Shell) -> None:
    goal = "parts: [{measure: done, target: 20}, {measure: total, target: 8}]"
    text = SETTLED.replace("        target: 20\n        measure: done\n", f"        {goal}\n")
    Path("okrsync.yaml").write_text(text, "utf-8")
    on(workspace, "2026-11-15").run("sync")
    assert sheet(workspace.folder)["KR1"]["Progress"] == "37.5%"
    assert "(41 of 92 days, 2026-10-01 to 2026-12-31)" in workspace.run("explain", "KR1").out
    on(workspace, "2026-12-31").run("sync")
    one, page = closed(workspace, "2027-01-03")
    assert one["settles_on"] == "2027-01-05"
    assert "- KR1: settles on 2027-01-05; until then its score is provisional" in page
    on(workspace, "2027-01-05").run("sync")
    one, _ = closed(workspace, "2027-01-09")
    assert (one["score"], one["read_on"]) == (0.5, "2027-01-05")


def test_a_period_has_the_figures_of_its_own_days(workspace: Shell) -> None:
    """Runs of the 7th, 9th and 15th read as of the 2nd and 4th, which are in one week, and of the 10th."""
    goal = "kind: at_least\n        over: {each: week, take: mean}\n        target: 2"
    Path("okrsync.yaml").write_text(SETTLED.replace("target: 20", goal), "utf-8")
    for day, done in (("11-02", 1), ("11-04", 2), ("11-10", 10)):
        states = "".join(f"T{number},done\n" for number in range(done))
        Path(f"days/2026-{day}.csv").write_text(f"key,state\n{states}", "utf-8")
    shown = []
    for day in ("2026-11-07", "2026-11-09", "2026-11-15"):
        on(workspace, day).run("sync", "--force")
        shown.append(sheet(workspace.folder)["KR1"]["Progress"])
    assert shown == ["0%", "100%", "100%"]
