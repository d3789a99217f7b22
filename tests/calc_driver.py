"""LibreOffice Calc over UNO: `/usr/bin/python3 calc_driver.py FOLDER`, with the system's Python, which has `uno`.

Each line of input is a step as JSON, `["sort", {"tab": "OKRs", ...}]`; each line of output what it gives or why
it was refused. Calc keeps its profile in the folder and ends when the input does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uno

START_SECONDS, END_SECONDS = 60, 10
_EXCEL_A1 = 1
"""FormulaConvention of formulas as lookups are written: `'tab'!$F:$F`, parted by semicolons."""


def struct(kind: str, **values: Any) -> Any:
    made = uno.createUnoStruct(f"com.sun.star.{kind}")
    for name, value in values.items():
        setattr(made, name, value)
    return made


def properties(**values: Any) -> tuple[Any, ...]:
    return tuple(struct("beans.PropertyValue", Name=name, Value=value) for name, value in values.items())


class Book:
    """The workbook at hand. Each public method is a step; rows count from 1, columns are letters."""

    def __init__(self, desktop: Any, folder: Path) -> None:
        self._desktop, self._folder = desktop, folder
        self._document: Any = None

    def open(self, path: str) -> None:
        self.close()
        self._document = self._desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(Hidden=True))

    def close(self) -> None:
        if self._document is not None:
            self._document.close(True)
        self._document = None

    def sort(self, tab: str, area: str, column: int, *, descending: bool = False) -> None:
        field = struct("table.TableSortField", Field=column, IsAscending=not descending)
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        self._area(tab, area).sort(properties(SortFields=fields, ContainsHeader=True))

    def insert_rows(self, tab: str, at: int, count: int = 1) -> None:
        self._tab(tab).Rows.insertByIndex(at - 1, count)

    def delete_rows(self, tab: str, at: int, count: int = 1) -> None:
        self._tab(tab).Rows.removeByIndex(at - 1, count)

    def insert_columns(self, tab: str, at: str, count: int = 1) -> None:
        self._tab(tab).Columns.insertByIndex(self._column(tab, at), count)

    def delete_columns(self, tab: str, at: str, count: int = 1) -> None:
        self._tab(tab).Columns.removeByIndex(self._column(tab, at), count)

    def cut(self, tab: str, area: str, to: str, to_tab: str = "") -> None:
        """Cut and paste, which is also what dragging a selection does."""
        self._tab(tab).moveRange(self._cell(to_tab or tab, to).CellAddress, self._area(tab, area).RangeAddress)

    def copy(self, tab: str, area: str, to: str, to_tab: str = "") -> None:
        self._tab(tab).copyRange(self._cell(to_tab or tab, to).CellAddress, self._area(tab, area).RangeAddress)

    def fill_down(self, tab: str, area: str) -> None:
        """Drag the first cell's corner down over the others."""
        self._area(tab, area).fillAuto(uno.Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), 1)

    def type(self, tab: str, cell: str, text: str) -> None:
        """What somebody types: digits become a number, after an apostrophe they stay text."""
        self._cell(tab, cell).setFormula(text)

    def enter(self, tab: str, cell: str, formula: str) -> None:
        """A formula as lookups are written."""
        to = self._cell(tab, cell)
        to.setTokens(self._parser().parseFormula(formula.removeprefix("="), to.CellAddress))

    def recalculate(self) -> None:
        """Recalculate every formula; by itself, Calc recalculates those whose references it saw changing."""
        self._document.calculateAll()

    def rename_tab(self, tab: str, title: str) -> None:
        self._tab(tab).Name = title

    def copy_tab(self, tab: str, title: str) -> None:
        self._document.Sheets.copyByName(tab, title, self._document.Sheets.Count)

    def delete_tab(self, tab: str) -> None:
        self._document.Sheets.removeByName(tab)

    def shown(self, tab: str) -> list[list[Any]]:
        """The cells in use: numbers, texts, and errors as they show."""
        area = self._used(tab)
        return [
            [area.getCellByPosition(column, row).String if cell is None else cell for column, cell in enumerate(cells)]
            for row, cells in enumerate(area.getDataArray())
        ]

    def formulas(self, tab: str, area: str) -> list[list[str]]:
        cells, parser = self._area(tab, area), self._parser()
        rows, columns = range(cells.Rows.Count), range(cells.Columns.Count)
        lines = [[cells.getCellByPosition(column, row) for column in columns] for row in rows]
        return [["=" + parser.printFormula(cell.getTokens(), cell.CellAddress) for cell in line] for line in lines]

    def links(self) -> list[str]:
        """Where the workbook's links go: Calc tells it of a formula only in a page that it saves."""
        page = self._folder / "links.html"
        self._document.storeToURL(page.as_uri(), properties(FilterName="HTML (StarCalc)"))
        return re.findall(r'<a href="(?!#)([^"]*)"', page.read_text("utf-8"), re.IGNORECASE)

    def _parser(self) -> Any:
        parser = self._document.createInstance("com.sun.star.sheet.FormulaParser")
        parser.CompileEnglish, parser.FormulaConvention = True, _EXCEL_A1
        return parser

    def _tab(self, tab: str) -> Any:
        return self._document.Sheets.getByName(tab)

    def _area(self, tab: str, area: str) -> Any:
        return self._tab(tab).getCellRangeByName(area)

    def _cell(self, tab: str, cell: str) -> Any:
        return self._area(tab, cell).getCellByPosition(0, 0)

    def _column(self, tab: str, letter: str) -> int:
        return int(self._cell(tab, f"{letter}1").CellAddress.Column)

    def _used(self, tab: str) -> Any:
        sheet = self._tab(tab)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)


@contextmanager
def desktop(folder: Path) -> Iterator[Any]:
    """Start Calc, wait until it answers, and end it."""
    office = shutil.which("soffice")
    assert office
    pipe = f"pipe,name=okrsync{os.getpid()}"
    command = [office, "--headless", "--norestore", "--nologo", "--nodefault", f"--accept={pipe};urp;"]
    command.append(f"-env:UserInstallation={(folder / 'profile').as_uri()}")
    english = {**os.environ, "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=english) as process:
        try:
            running = connect(f"uno:{pipe};urp;StarOffice.ComponentContext", process)
            try:
                yield running
            finally:
                running.terminate()
                process.wait(END_SECONDS)
        finally:
            process.kill()


def connect(address: str, process: "subprocess.Popen[bytes]") -> Any:
    services = uno.getComponentContext().ServiceManager
    resolver = services.createInstance("com.sun.star.bridge.UnoUrlResolver")
    not_yet: type[Exception] = uno.getClass("com.sun.star.connection.NoConnectException")
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return resolver.resolve(address).ServiceManager.createInstance("com.sun.star.frame.Desktop")
        except not_yet:
            pass
        try:
            ended = process.wait(0.05)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                raise TimeoutError("soffice does not answer") from None
        else:
            raise ChildProcessError(f"soffice ended with {ended}")


def answer(book: Book, step: str, values: dict[str, Any]) -> dict[str, Any]:
    refused: type[Exception] = uno.getClass("com.sun.star.uno.Exception")
    try:
        return {"gives": getattr(book, step)(**values)}
    except refused as error:
        return {"refused": f"{type(error).__name__} {error}"}


def main() -> None:
    folder = Path(sys.argv[1])
    with desktop(folder) as running:
        book = Book(running, folder)
        for line in sys.stdin:
            sys.stdout.write(json.dumps(answer(book, *json.loads(line))) + "\n")
            sys.stdout.flush()
        book.close()


if __name__ == "__main__":
    main()
