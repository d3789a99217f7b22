"""JSON for machines: the same in every language, numbers as numbers, days as ISO dates."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from command_kit import Shell
from connectors.okr_sheet import CellValue
from syncer.present.json_values import json_value

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: LANGUAGE
okr_sheet: {file: okrs.csv}
measures:
  orders: {from: files.rows, path: orders.csv, value: count(*) filter (status = 'done')}
  gone: {from: files.rows, path: complaints.csv, value: count(*)}
objectives:
  O1:
    key_results:
      KR1: {title: Forty orders, baseline: 0, target: 40, measure: orders}
      KR2: {title: Few complaints, kind: at_most, target: 3, measure: gone}
      KR3: {title: Six visits, baseline: 0, target: 6}
      KR4: {title: Orders and more, parts: [{measure: orders, target: 10}, {measure: gone, target: 4}]}
"""
SHEET = """\
Id,Objective,Title,Baseline,Target,Current,Progress,Expected,Status,Status override,Self score
O1,Sell,,,,,,,,hopeless,
KR1,,,,,,,,,,
KR2,,,,,,,,,,
KR3,,,,,many,,,,,great
KR9,,Somebody's,,,,,,,,
"""
IN_THE_SHEET = ("cells", "held")
"""Texts of cells, which are in the sheet's language."""
OF_THE_FILE = ("config_hash", "fingerprint", "read_at")


def without(data: Any, *names: str) -> Any:
    if isinstance(data, dict):
        return {name: without(value, *names) for name, value in data.items() if name not in names}
    return [without(each, *names) for each in data] if isinstance(data, list) else data


@pytest.fixture
def shops(shell: Shell) -> Shell:
    """One workspace in two languages."""
    shell.at("2026-11-16T09:30:00+08:00")
    for language in ("en", "zh-TW"):
        folder = Path(language)
        folder.mkdir()
        (folder / "okrsync.yaml").write_text(CONFIG.replace("LANGUAGE", language), "utf-8")
        (folder / "okrs.csv").write_text(SHEET, "utf-8")
        (folder / "orders.csv").write_text("id,status\n1,done\n2,done\n3,open\n", "utf-8")
    return shell


@pytest.mark.parametrize("command", ["dry-run", "status", "report", "close", "lint"])
def test_it_is_the_same_in_every_language(shops: Shell, command: str) -> None:
    english, chinese = (
        json.loads(shops.run(command, "--format", "json", "-c", f"{language}/okrsync.yaml").out)
        for language in ("en", "zh-TW")
    )
    own = (*IN_THE_SHEET, *OF_THE_FILE)
    assert without(english, *own) == without(chinese, *own)
    lines = english.get("lines") or english.get("key_results")
    if lines is None:
        assert command == "lint"
        return
    found = {line["id"]: line for line in lines}
    assert found["KR2"]["reason"] == {
        "code": "read_failed",
        "text": "files: reading complaints.csv: there is no such file",
    }
    assert found["KR3"]["reason"] == {"code": "not_typed", "text": "the sheet holds 'many', not a number"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        ("", '""'),
        (True, "true"),
        (Decimal("120.0"), "120"),
        (Decimal("0.1"), "0.1"),
        (Decimal(1) / 3, "0.333333333333"),
        (date(2026, 11, 16), '"2026-11-16"'),
        (datetime(2026, 11, 16, 9, 30), '"2026-11-16T09:30:00"'),  # noqa: DTZ001 - a cell's moment has no zone
    ],
)
def test_values(value: CellValue, shown: str) -> None:
    assert json.dumps(json_value(value)) == shown


@pytest.mark.parametrize("command", ["dry-run", "sync", "status", "report", "lint", "close"])
def test_a_command_that_fails_prints_its_error(shops: Shell, command: str) -> None:
    Path("zh-TW/okrsync.yaml").write_text("cycl: 2026-Q4\nlanguage: zh-TW\n", "utf-8")
    done = shops.run(command, "--format", "json", "-c", "zh-TW/okrsync.yaml")
    error = json.loads(done.out)["error"]
    assert (done.code, error["code"]) == (1, "config")
    assert {
        "file": "zh-TW/okrsync.yaml",
        "line": 1,
        "path": "cycl",
        "text": "unknown option; did you mean 'cycle'?",
    } in error["problems"]
    assert "未知的選項" in done.err
    assert not shops.run(command, "-c", "zh-TW/okrsync.yaml").out
