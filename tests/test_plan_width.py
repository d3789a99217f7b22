"""In a terminal, a line of the plan that does not fit is folded; elsewhere nothing depends on the width."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from memory_sheet import MemorySheet
from syncer.present.number_text import wrapped
from syncer.present.plan_text import plan_text
from workspace_kit import HEAD, load, plan_of

TITLE = "完成 3 場產品展示會，並吸引 200 名潛在客戶"
CONFIG = f"""\
measures:
  demos:
    from: files.rows
    path: demos.csv
    value: count(*)
objectives:
  O1:
    title: t
    key_results:
      KR1:
        title: {TITLE}
        target: 10
        measure: demos
"""


def test_long_lines_fold_in_a_terminal_only(tmp_path: Path) -> None:
    config = load(tmp_path, HEAD + CONFIG, {"demos.csv": "a\n1\n"})
    plan = plan_of(config, MemorySheet({"OKRs": [["KR id", "Key result", "Current value", "Progress"], ["KR1"]]}))
    wide = plan_text(plan, "en", "end")
    assert plan_text(plan, "en", "end", 300) == wide
    narrow = plan_text(plan, "en", "end", 100)
    assert max(map(cell_len, narrow.splitlines())) <= 100 < max(map(cell_len, wide.splitlines()))
    assert "\n      files.rows demos  1 row\n" in narrow
    assert "".join(narrow.split()) == "".join(wide.split())


ROWS = [
    ["KR id", "Key result", "Current value", "Progress"],
    ["KR1", "完成 5 場產品展示會，並吸引 300 名潛在客戶"],
]


def test_titles_are_cut_where_the_status_would_not_fit_and_what_was_kept_breaks_at_spaces(tmp_path: Path) -> None:
    config = load(tmp_path, HEAD + CONFIG, {"demos.csv": "a\n1\n"})
    narrow = plan_text(plan_of(config, MemorySheet({"OKRs": ROWS})), "en", "end", 80).splitlines()
    assert max(map(cell_len, narrow)) <= 80
    assert next(line for line in narrow if "KR1" in line).endswith("  off track")
    kept = narrow.index(next(line for line in narrow if "kept Key result" in line))
    assert all(line.startswith("      ") for line in narrow[kept : kept + 3])
    assert "takes it over" in " ".join(line.strip() for line in narrow[kept : kept + 4])
    assert any("nothing else is written in this row before that is decided" in line for line in narrow)


@pytest.mark.parametrize(
    ("line", "width", "parts"),
    [
        ("    one  two three", 12, ["    one  two", "    three"]),
        ("  字字字字字字", 8, ["  字字字", "  字字字"]),
        ("  abcdefgh", 5, ["  abc", "  def", "  gh"]),
        ("short", 0, ["short"]),
        ("", 5, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("設備下週到", 4, ["設備", "下週", "到"]),
        ("a 設備下週到 b", 5, ["a 設", "備下", "週到", "b"]),
    ],
)
def test_lines_break_at_spaces_and_keep_their_indent(line: str, width: int, parts: list[str]) -> None:
    assert wrapped([line], width) == parts
