"""A key result of several numbers: its cell holds plain text, people see each number as they read it."""

from pathlib import Path

import pytest

from command_kit import Shell
from memory_sheet import MemorySheet
from syncer.model.number_style import PLAIN_NUMBERS, NumberStyle
from syncer.model.plan import Mark
from syncer.present.plan_json import plan_markdown
from syncer.present.plan_text import plan_text
from syncer.present.status_text import status_markdown, status_text
from syncer.sheet.number_text import show_quantity
from workspace_kit import HEAD, load, look, plan_of

CONFIG = (
    HEAD
    + """\
language: {language}
measures:
  customers: {{from: files.rows, path: deals.csv, value: count(*)}}
  revenue: {{from: files.rows, path: deals.csv, value: sum(amount)}}
  won: {{from: files.rows, path: deals.csv, value: share(stage = 'won')}}
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1:
        title: Customers, revenue, deals
        parts:
          - {{measure: customers, target: 10}}
          - {{measure: revenue, target: 500000}}
          - {{measure: won, target: 80%, kind: at_least}}
"""
)


@pytest.mark.parametrize(
    ("language", "before", "shown", "heading"),
    [
        ("en", "1; 9; 100%", "2; 400,000; 50%", "(1 key result, 0 unknown)"),
        ("zh-TW", "1；9；100%", "2；400,000；50%", "（1 項關鍵成果，0 項無資料）"),
    ],
)
def test_plan_and_status_show_each_part(tmp_path: Path, language: str, before: str, shown: str, heading: str) -> None:
    deals = {"deals.csv": "stage,amount\nwon,150000\nopen,250000\n"}
    config = load(tmp_path, CONFIG.format(language=language), deals)
    sheet = MemorySheet({"OKRs": [("KR id", "Key result", "Current value"), ("KR1", None, "1; 9; 1")]})
    plan = plan_of(config, sheet)
    text, seen = plan_text(plan, language, ""), look(config, sheet)
    assert plan.lines[1].mark is Mark.ADOPT
    assert f"{before} -> {shown}" in text
    assert heading in text
    assert f"{before} → {shown}" in plan_markdown(plan, language, "")
    assert shown in status_text(seen)
    assert shown in status_markdown(seen)


def in_folder(shell: Shell, language: str = "en") -> None:
    text = CONFIG.format(language=language).replace(
        HEAD, "cycle: 2026-Q4\ntimezone: Asia/Taipei\nokr_sheet: {file: okrs.csv}\n"
    )
    (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
    (shell.folder / "okrs.csv").write_text("KR id,Current value\nKR1,\n", "utf-8")
    (shell.folder / "deals.csv").write_text("stage,amount\nwon,150000\nopen,250000\n", "utf-8")
    shell.at("2026-11-16T09:30:00+08:00")


def test_explain_shows_each_part_with_its_measure_query_value_and_progress(shell: Shell) -> None:
    in_folder(shell)
    output = shell.run("explain", "KR1").out
    blocks = output.split("\n\n")
    places = [blocks.index(f"part {number}") for number in (1, 2, 3)]
    for place, name, value in zip(places, ("customers", "revenue", "won"), ("2", "400,000", "0.5"), strict=True):
        block = blocks[place + 1]
        assert block.startswith(f"measure  {name} (files.rows, okrsync.yaml:")
        assert ")\n  query  " in block
        assert block.endswith(f"= {value}")
    assert "current value  2; 400,000; 50%\n" in output
    assert "  1. customers: increase: (2 - 0) / (10 - 0) = 20%  × 1\n" in output
    assert "  2. revenue: increase: (400,000 - 0) / (500,000 - 0) = 80%  × 1\n" in output
    assert "  3. won: at least: 50% >= 80% = 0%  × 1\n" in output


def test_the_parts_of_a_past_day_come_from_the_ledger(shell: Shell) -> None:
    in_folder(shell)
    assert shell.run("sync", "--adopt").code == 0
    (shell.folder / "deals.csv").write_text("stage,amount\nwon,1\n", "utf-8")
    past = shell.run("explain", "KR1", "--at", "2026-11-16").out
    assert "current value  2; 400,000; 50%\n" in past
    assert "  1. customers: 2 = 20%\n  2. revenue: 400,000 = 80%\n  3. won: 50% = 0%\n" in past
    assert "2; 400,000; 50%      33%  " in shell.run("history", "KR1").out


def test_what_is_not_the_text_of_the_parts_is_shown_as_it_is() -> None:
    two = NumberStyle(parts=(PLAIN_NUMBERS, NumberStyle(percent=True)))
    assert show_quantity("7; about 4000", two, "en") == "7; about 4000"
    assert show_quantity("7; 4000; 1", two, "en") == "7; 4000; 1"
    assert show_quantity("7; ", two, "en") == "7; –"
    assert show_quantity("3/4", PLAIN_NUMBERS, "en") == "3/4"
