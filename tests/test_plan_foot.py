"""The foot of a plan: what to do first where most is unknown, the meaning of its marks, and rows left alone."""

import json
import sys
from pathlib import Path

import pytest

from command_kit import Shell
from memory_sheet import MemorySheet
from syncer.present.plan_foot import ROWS_NAMED, first_steps, legend, note_texts
from syncer.present.plan_json import plan_data, plan_markdown
from syncer.present.plan_text import plan_text
from workspace_kit import HEAD, load, plan_of

CONFIG = """\
measures:
  gone:
    from: files.rows
    path: gone.csv
    value: count(*)
  deals:
    from: files.rows
    path: deals.csv
    value: count(*)
  least:
    from: files.rows
    path: deals.csv
    value: min(amount)
objectives:
  O1:
    title: Grow
    key_results:
"""
KINDS = {
    "gone": "      {id}: {{title: Read, target: 9, baseline: 0, measure: gone}}\n",
    "least": "      {id}: {{title: Least, target: 9, baseline: 0, measure: least}}\n",
    "typed": "      {id}: {{title: Typed, target: 9, baseline: 0}}\n",
    "deals": "      {id}: {{title: Known, target: 9, baseline: 0, measure: deals}}\n",
    "twice": "      {id}: {{title: Twice, target: 9, baseline: 0, measure: deals}}\n",
}
FILES = {"deals.csv": "amount\n"}
HEADERS = ["KR id", "Key result", "Target", "Current value", "Progress", "Status"]


def config_of(*kinds: str) -> str:
    return HEAD + CONFIG + "".join(KINDS[kind].format(id=f"KR{number}") for number, kind in enumerate(kinds, 1))


def sheet_of(*ids: str) -> MemorySheet:
    return MemorySheet({"OKRs": [HEADERS, *([one] for one in ids)]})


@pytest.mark.parametrize(
    ("kinds", "ids", "steps"),
    [
        (("gone", "deals"), ("KR1", "KR2"), []),
        (
            ("gone", "gone", "deals"),
            ("KR1", "KR2", "KR3"),
            [
                "Most key results are unknown (2 of 3). Do this first:",
                "  - correct the measures of KR1, KR2; `okrsync check --online` tries every measure",
            ],
        ),
        (
            ("typed", "least", "gone", "twice"),
            ("KR1", "KR2", "KR3", "KR4", "KR4"),
            [
                "Most key results are unknown (4 of 4). Do this first:",
                "  - give each row an id of its own: KR4",
                "  - correct the measures of KR3; `okrsync check --online` tries every measure",
                "  - look at what was read for KR2, as in `okrsync explain KR2`",
                "  - have the owners enter the values of KR1 in the sheet's column Current value",
            ],
        ),
    ],
)
def test_a_plan_of_mostly_unknown_key_results_says_what_to_do_first(
    tmp_path: Path, kinds: tuple[str, ...], ids: tuple[str, ...], steps: list[str]
) -> None:
    plan = plan_of(load(tmp_path, config_of(*kinds), FILES), sheet_of(*ids))
    assert first_steps(plan, "en") == steps
    text = plan_text(plan, "en", "Nothing was written (dry run).")
    assert text.endswith("\n".join([*steps, "Nothing was written (dry run).\n"]) if steps else "(dry run).\n")
    assert ("Safe: yes." in text) is (not steps)
    markdown = plan_markdown(plan, "en", "end")
    assert all(step.partition(";")[0].strip(" -").replace("`", "\\`") in markdown for step in steps)


def test_a_reason_names_the_measure_and_its_line(tmp_path: Path) -> None:
    plan = plan_of(load(tmp_path, config_of("gone", "least"), FILES), sheet_of("KR1", "KR2"))
    reasons = [line.reason for line in plan.lines if not line.is_objective]
    assert reasons == [
        "measure gone (okrsync.yaml:6): files: reading gone.csv: there is no such file",
        "measure least (okrsync.yaml:14): no rows",
    ]


def test_rows_left_alone_share_one_line(tmp_path: Path) -> None:
    config = load(tmp_path, config_of("deals"), FILES)
    ids = [f"X{number}" for number in range(1, ROWS_NAMED + 3)]
    one = plan_of(config, sheet_of("KR1", "X1"))
    assert note_texts(one, "en") == [
        "X1 (OKRs!3) is not in the config and has neither a source nor a target; left as is"
    ]
    two = plan_of(config, sheet_of("KR1", "X1", "X2"))
    start = "2 rows are not in the config and have neither a source nor a target; left as they are"
    assert note_texts(two, "en") == [f"{start}: X1 (OKRs!3), X2 (OKRs!4)"]
    many = plan_of(config, sheet_of("KR1", *ids))
    (text,) = note_texts(many, "en")
    assert text.startswith(f"{len(ids)} rows are not in the config")
    assert text.endswith(f"X{ROWS_NAMED} (OKRs!{ROWS_NAMED + 2}), and 2 more")
    assert [note["id"] for note in plan_data(many)["notes"]] == ids


def test_the_legend_explains_the_marks_that_are_used(tmp_path: Path) -> None:
    config = load(tmp_path, config_of("gone", "deals"), FILES)
    assert legend(plan_of(config, sheet_of("KR1", "KR2")), "en") == "~ will change   ? unknown, left as is"
    assert legend(plan_of(config, sheet_of("KR1")), "en") == "+ new row   ? unknown, left as is"


def test_the_legend_is_shown_in_a_terminal_or_when_asked_for(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    load(shell.folder, config_of("deals"), FILES)
    assert shell.run("init", "--sheet").code == 0
    meaning = "~ will change"
    assert meaning not in shell.run("dry-run").out
    assert meaning in shell.run("dry-run", "--legend").out
    assert f"`{meaning}`" in shell.run("dry-run", "--legend", "--format", "markdown").out
    assert "lines" in json.loads(shell.run("dry-run", "--legend", "--format", "json").out)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: stream is sys.stdout)
    monkeypatch.setenv("COLUMNS", "80")
    assert shell.run("dry-run").out.count(meaning) == 1


@pytest.mark.parametrize(
    ("language", "head"),
    [
        ("en", "\nmeasures KR2#1 (okrsync.yaml:28), gone (okrsync.yaml:7): files: reading gone.csv: "),
        ("zh-TW", "  指標 KR2#1（okrsync.yaml:28）、gone（okrsync.yaml:7）：files：讀取 gone.csv："),
    ],
)
def test_an_error_of_a_source_names_its_measures_once_wherever_it_is_shown(
    shell: Shell, language: str, head: str
) -> None:
    inline = "      KR2:\n        title: Inline\n        target: 9\n        baseline: 0\n        measure:\n"
    inline += "          from: files.rows\n          path: gone.csv\n          value: count(*) filter (a > 1)\n"
    load(shell.folder, f"language: {language}\n{config_of('gone')}{inline}", FILES)
    assert shell.run("init", "--sheet").code == 0
    done = shell.run("dry-run")
    assert done.err.count(head) == 1
    assert done.err.count("gone.csv") == 2, "once as what was read, once in the advice"
    checked = shell.run("check", "--online").out
    assert "  FAIL  KR2#1" in checked
    assert "okrsync.yaml:28" in checked
    found = json.loads(shell.run("check", "--online", "--format", "json").out)["online"]["measures"]
    assert {one["name"]: (one["file"], one["line"]) for one in found}["KR2#1"] == ("okrsync.yaml", 28)
    assert "okrsync.yaml:28" in shell.run("explain", "KR2").out
    assert json.loads(shell.run("explain", "KR2", "--format", "json").out)["measures"][0]["line"] == 28
