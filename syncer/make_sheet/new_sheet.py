"""Create the OKR sheet of a workspace as a local workbook or CSV file, with the config's key results."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from connectors.local_sheet.csv_sheet import harmless
from syncer.compute.definitions import Definition, from_config
from syncer.sheet.columns import header_of

SHEET_COLUMNS = (
    "id", "objective", "title", "team", "owner", "baseline", "target", "current", "progress", "expected", "status",
    "forecast", "source", "updated", "confidence", "note", "blocker", "help", "helper", "override", "override_owner",
    "override_reason", "override_expiry", "judgement", "computed_score", "self_score", "decision", "decided_by",
    "reason",
)  # fmt: skip
"""Columns of a new sheet in groups: okrsync's, weekly check-in, exceptions, end of the cycle."""


PERCENT_COLUMNS = frozenset({"progress", "expected"})


FONT, SIZE = "Calibri", 11
"""Default font of a workbook, set explicitly because some programs use another default."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row of a new sheet: an objective, or a key result with its definition."""

    id: str
    objective: str
    definition: Definition | None = None


def new_rows(config: Config) -> tuple[NewRow, ...]:
    """Return each objective of the config followed by its key results."""
    definitions = [from_config(config, entry, None) for entry in config.key_results]
    rows: list[NewRow] = []
    for key, objective in config.workspace.objectives.items():
        title = objective.title or key
        rows.append(NewRow(key, title))
        rows += [NewRow(each.id, title, each) for each in definitions if each.objective == key]
    return tuple(rows)


def headers(config: Config) -> list[str]:
    """Return the header row, in the workspace's language or with names from the config."""
    stated = config.workspace.okr_sheet.columns
    return [stated.get(name) or header_of(name, config.workspace.language) for name in SHEET_COLUMNS]


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
