"""Create the OKR sheet of a workspace as a local workbook or CSV file, with the config's key results."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from config.dataclass import dataclass
from config.errors import SheetError
from config.loading.loader import Config
from config.message import Message
from config.scalars import Amount
from connectors.local_sheet.csv_sheet import harmless
from connectors.registry import Context
from syncer.compute.definitions import Definition, from_config
from syncer.model.cells import as_text
from syncer.sheet.columns import header_of

if TYPE_CHECKING:
    from config.microsoft_connection import MicrosoftConnection
    from connectors.microsoft.okr_sheet import OnlineWriter

SHEET_COLUMNS = (
    "id", "objective", "title", "team", "owner", "baseline", "target", "current", "progress", "expected", "status",
    "confidence", "note", "blocker", "help", "helper", "forecast", "source", "updated", "override", "override_owner",
    "override_reason", "override_expiry", "judgement", "computed_score", "self_score", "decision", "decided_by",
    "reason",
)  # fmt: skip
"""Columns of a new sheet in groups: figures, weekly check-in, further figures, exceptions, end of the cycle."""
FOLDED_COLUMNS = ("override", "reason")
"""First and last of the columns that are seldom needed, which a workbook shows folded."""


PERCENT_COLUMNS = frozenset({"progress", "expected"})

DEFAULT_TAB = "OKRs"
"""Title of the tab for people where the config names none."""


FONT, SIZE = "Calibri", 11
"""Default font of a workbook, set explicitly because some programs use another default."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row of a new sheet: an objective, or a key result with its definition.

    Attributes:
        typed: cells of the definition that people keep in the sheet, by column.
        tab: the title of its tab; empty for the first one.
    """

    id: str
    objective: str
    definition: Definition | None = None
    typed: Mapping[str, str | Amount] = field(default_factory=dict)
    tab: str = ""

    def text(self, name: str) -> str:
        """Return the text of a cell that is filled from the start; empty for any other."""
        typed = self.typed.get(name)
        if isinstance(typed, Amount):
            return f"{as_text(typed.value * 100)}%" if typed.percent else as_text(typed.value)
        title = as_text(self.definition.stated.get("title")) if self.definition else ""
        known = {"id": self.id, "objective": self.objective, "title": title}
        return typed or known.get(name, "")


def new_rows(config: Config) -> tuple[NewRow, ...]:
    """Return each objective of the config followed by its key results."""
    definitions = [from_config(config, entry, None) for entry in config.key_results]
    rows: list[NewRow] = []
    for key, objective in config.workspace.objectives.items():
        title = objective.title or key
        people = {"team": objective.team, "owner": objective.owner}
        rows.append(NewRow(key, title, typed={name: text for name, text in people.items() if text}))
        rows += [NewRow(each.id, title, each) for each in definitions if each.objective == key]
    return tuple(rows)


def columns_of(config: Config, rows: Sequence[NewRow]) -> tuple[str, ...]:
    """Return the columns of a new sheet: the usual ones, then those that the config names or a row fills."""
    further = (*config.workspace.okr_sheet.columns, *(name for row in rows for name in row.typed))
    return tuple(dict.fromkeys((*SHEET_COLUMNS, *further)))


def headers(config: Config, columns: Sequence[str]) -> list[str]:
    """Return the header row, in the workspace's language or with names from the config."""
    stated = config.workspace.okr_sheet.columns
    return [stated.get(name) or header_of(name, config.workspace.language) for name in columns]


def rows_by_tab(rows: Sequence[NewRow], titles: Sequence[str]) -> dict[str, list[NewRow]]:
    """Return the rows of each of these tabs; those without a tab are in the first."""
    return {title: [row for row in rows if (row.tab or titles[0]) == title] for title in titles}


def make_local_sheet(config: Config, rows: Sequence[NewRow] | None = None) -> Path:
    """Create the workbook or CSV file named in the config; return its path. Raises SheetError if the file exists.

    `rows`: those of the config, if left out.
    """
    sheet = config.workspace.okr_sheet
    path = config.base_dir / (sheet.file or "")
    doing = Message("making the OKR sheet {path}", path=path)
    if path.exists():
        raise SheetError(
            doing, "a file with that name already exists", effect="It was left unchanged.", advice="Move it away."
        )
    rows = new_rows(config) if rows is None else rows
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.suffix.lower() == ".csv":
            _write_csv(config, path, rows)
        else:
            from syncer.make_sheet.new_workbook import new_workbook

            path.write_bytes(new_workbook(config, rows))
    except OSError as exc:
        raise SheetError(doing, f"{type(exc).__name__}: {exc}", advice="Check the folder and its free space.") from exc
    return path


def make_online_sheet(config: Config, context: Context, rows: Sequence[NewRow]) -> str:
    """Make the workbook in OneDrive or SharePoint that the config names; return its name. Raises SheetError."""
    from connectors.microsoft.okr_sheet import create
    from syncer.make_sheet.new_workbook import new_workbook

    sheet = config.workspace.okr_sheet
    connection = cast("MicrosoftConnection", config.workspace.connections[sheet.connection or ""])
    return create(sheet.connection or "", connection, sheet.link or "", new_workbook(config, rows), context)


def fill_online_workbook(config: Config, writer: "OnlineWriter") -> str:
    """Put a new workbook in place of an empty one in OneDrive or SharePoint; return its name. Raises SheetError."""
    from syncer.make_sheet.new_workbook import new_workbook
    from syncer.sheet.layout import has_content

    image = writer.read_all()
    if filled := [title for title, tab in image.tabs.items() if has_content(tab)]:
        raise SheetError(
            Message("making the OKR sheet {path}", path=image.title),
            Message("the tab '{tab}' has content", tab=filled[0]),
            effect="It was left unchanged.",
            advice="Name the tab that holds the key results in `okr_sheet.tabs`, or start with an empty workbook.",
        )
    return writer.replace_whole(new_workbook(config, new_rows(config))).title


def _write_csv(config: Config, path: Path, rows: Sequence[NewRow]) -> None:
    columns = columns_of(config, rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers(config, columns))
        for row in rows:
            writer.writerow([harmless(row.text(name)) for name in columns])
