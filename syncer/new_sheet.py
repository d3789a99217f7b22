"""Makes the OKR sheet of a workspace from nothing: a local workbook or CSV with the config's key results in it."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import SheetError
from config.loader import Config
from connectors.csv_sheet import harmless
from connectors.xlsx_sheet import clean_text
from syncer.columns import header_of
from syncer.definitions import Definition, from_config
from syncer.new_rows import DATA_COLUMNS

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

PEOPLE_COLUMNS = (
    "id", "objective", "title", "owner", "baseline", "target", "current", "progress", "expected", "status",
    "source", "updated", "confidence", "note",
)  # fmt: skip
PERCENT_COLUMNS = frozenset({"progress", "expected"})
WIDTHS = {"id": 10, "objective": 30, "title": 44, "note": 30}
DEFAULT_TAB = "OKRs"


def make_local_sheet(config: Config) -> Path:
    """Make the workbook or CSV that the config names; its path. Raises SheetError when something stands there."""
    sheet = config.workspace.okr_sheet
    path = config.base_dir / (sheet.file or "")
    doing = f"making the OKR sheet {path}"
    if path.exists():
        raise SheetError(doing, "a file of that name is there", effect="It was left as it is.", advice="Move it away.")
    definitions = [from_config(config, entry, None) for entry in config.key_results]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.suffix.lower() == ".csv":
            _write_csv(config, path, definitions)
        else:
            _write_workbook(config, path, definitions)
    except OSError as exc:
        raise SheetError(doing, f"{type(exc).__name__}: {exc}", advice="Check the folder and its free space.") from exc
    return path


def _objective_title(config: Config, definition: Definition) -> str:
    objective = config.workspace.objectives.get(definition.objective)
    return (objective.title if objective else None) or definition.objective


def _headers(config: Config) -> list[str]:
    stated = config.workspace.okr_sheet.columns
    return [stated.get(name) or header_of(name, config.workspace.language) for name in PEOPLE_COLUMNS]


def _write_csv(config: Config, path: Path, definitions: Sequence[Definition]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_headers(config))
        for definition in definitions:
            known = {"id": definition.id, "objective": _objective_title(config, definition), "title": definition.title}
            writer.writerow([harmless(known.get(name, "")) for name in PEOPLE_COLUMNS])


def _write_workbook(config: Config, path: Path, definitions: Sequence[Definition]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    tab: Worksheet = book.active  # type: ignore[assignment]
    tab.title = next(iter(config.workspace.okr_sheet.tabs), DEFAULT_TAB)
    tab.append(_headers(config))
    for index, name in enumerate(PEOPLE_COLUMNS, 1):
        head = tab.cell(1, index)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF7")
        tab.column_dimensions[get_column_letter(index)].width = WIDTHS.get(name, 14)
    for row, definition in enumerate(definitions, 2):
        for index, name in enumerate(PEOPLE_COLUMNS, 1):
            cell = tab.cell(row, index)
            assert isinstance(cell, Cell)  # noqa: S101 - a new sheet has no merges; this tells the type checker
            _fill(cell, name, config, definition)
    tab.freeze_panes = "A2"
    if config.workspace.measures:
        names = ",".join(config.workspace.measures)
        if len(names) <= 250:  # noqa: PLR2004 - Excel allows 255 characters in a list, quotes included
            choice = DataValidation("list", formula1=f'"{names}"', allow_blank=True)
            letter = get_column_letter(PEOPLE_COLUMNS.index("source") + 1)
            choice.add(f"{letter}2:{letter}{len(definitions) + 200}")
            tab.add_data_validation(choice)
    book.save(path)


def _fill(cell: "Cell", name: str, config: Config, definition: Definition) -> None:
    sheet = config.workspace.okr_sheet
    if name == "id":
        _put_text(cell, definition.id)
        return
    if name in PERCENT_COLUMNS or (definition.percent and name in ("baseline", "target", "current")):
        cell.number_format = "0.0%"
    looked_up = name not in ("confidence", "note") and not (name == "current" and definition.manual)
    if sheet.layout == "data_tab" and looked_up:
        cell.value = _look_up(sheet.data_tab, name, cell.row)
    elif name == "objective":
        _put_text(cell, _objective_title(config, definition))
    elif name == "title":
        _put_text(cell, definition.title)


def _put_text(cell: "Cell", text: str) -> None:
    """A text stays one, also where it begins with `=`."""
    cell.value = clean_text(text)
    cell.data_type = "s"


def _look_up(data_tab: str, name: str, row: int) -> str:
    from openpyxl.utils import get_column_letter, quote_sheetname

    place, letter = quote_sheetname(data_tab), get_column_letter(DATA_COLUMNS.index(name) + 1)
    found = f"INDEX({place}!${letter}:${letter},MATCH($A{row},{place}!$A:$A,0))"
    return f'=IFERROR(IF({found}="","",{found}),"")'
