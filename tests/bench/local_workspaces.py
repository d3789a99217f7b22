"""Workspaces without any tracker: a CSV file and a workbook."""

from pathlib import Path

from workspaces import objectives

_ROWS = 2000


def write_local(folder: Path, size: int) -> Path:
    """`size` key results over one file, each with an expression of its own; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["cycle: {name: 2026-H1, start: 2026-01-01, end: 2026-06-30}", "timezone: UTC", "okr_sheet:"]
    lines += ["  file: okrs.xlsx", "measures:"]
    for number in range(size):
        counted, summed = f"count(*) filter (place = {number})", f"sum(amount) filter (place >= {number})"
        lines += [f"  m{number}:", "    from: files.rows", "    path: rows.csv"]
        lines.append(f"    value: {summed if number % 2 else counted}")
    lines += objectives([{"id": f"KR{number}"} for number in range(size)])
    (folder / "okrsync.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    rows = [f"{place},{'Won' if place % 3 else 'Lost'},{place * 3}" for place in range(_ROWS)]
    (folder / "rows.csv").write_text("\n".join(["place,stage,amount", *rows]) + "\n", "utf-8")
    return folder
