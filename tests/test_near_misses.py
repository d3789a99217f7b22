"""Texts that a value asks for and rows have in another case: named in the plan, `check --online` and `explain`."""

import json

from command_kit import Shell

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet:
  file: okrs.csv
measures:
  lost:
    from: files.rows
    path: deals.csv
    value: count(*) filter (stage = 'Lost')
  won:
    from: files.rows
    path: deals.csv
    value: count(*) filter (stage = 'Won')
key_results:
  KR1: {{title: Sign, target: 5, measure: won}}
  KR2: {{title: Lose few, kind: at_most, target: 2, measure: lost}}
"""


def workspace(shell: Shell, language: str) -> Shell:
    (shell.folder / "okrsync.yaml").write_text(CONFIG.format(language=language), "utf-8")
    (shell.folder / "deals.csv").write_text("no,stage\n1,Won\n2,won\n3,won\n4,Lost\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    return shell


def test_rows_left_out_for_their_case_are_named(shell: Shell) -> None:
    text = "2 rows have 'won' in stage, not 'Won' as in `value`: case and spaces matter"
    workspace(shell, "en")
    plan = shell.run("dry-run").out
    assert plan.count(text) == 1
    assert "measure won (okrsync.yaml:11)" in plan
    assert "measure lost" not in plan
    assert text in shell.run("explain", "KR1").out
    assert "case and spaces" not in shell.run("explain", "KR2").out
    measures = json.loads(shell.run("check", "--online", "--format", "json").out)["online"]["measures"]
    assert {one["name"]: [each["text"] for each in one["warnings"]] for one in measures} == {"lost": [], "won": [text]}


def test_in_chinese(shell: Shell) -> None:
    plan = workspace(shell, "zh-TW").run("dry-run").out
    assert "stage 有 2 列是「won」，不是要找的「Won」：大小寫與空白都算數" in plan
