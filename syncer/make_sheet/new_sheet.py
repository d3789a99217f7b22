"""Create the OKR sheet of a workspace as a local workbook or CSV file, with the config's key results."""

import csv
from collections.abc import Sequence
from pathlib import Path

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from connectors.local_sheet.csv_sheet import harmless
from syncer.make_sheet.sheet_rows import SHEET_COLUMNS, NewRow, headers, new_rows


def make_local_sheet(config: Config) -> Path:
    """Create the workbook or CSV file named in the config; return its path. Raises SheetError if the file exists."""
    sheet = config.workspace.okr_sheet
    path = config.base_dir / (sheet.file or "")
    doing = Message("making the OKR sheet {path}", path=path)
    if path.exists():
        raise SheetError(doing, "a file of that name is there", effect="It was left as it is.", advice="Move it away.")
    rows = new_rows(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.suffix.lower() == ".csv":
            _write_csv(config, path, rows)
        else:
            from syncer.make_sheet.new_workbook import write_workbook

            write_workbook(config, path, rows)
    except OSError as exc:
        raise SheetError(doing, f"{type(exc).__name__}: {exc}", advice="Check the folder and its free space.") from exc
    return path


def _write_csv(config: Config, path: Path, rows: Sequence[NewRow]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers(config))
        for row in rows:
            known = {"id": row.id, "objective": row.objective, "title": row.definition.title if row.definition else ""}
            writer.writerow([harmless(known.get(name, "")) for name in SHEET_COLUMNS])
