"""In a terminal, a line of the plan that does not fit is folded; elsewhere nothing depends on the width."""

from pathlib import Path

from rich.cells import cell_len

from memory_sheet import MemorySheet
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
