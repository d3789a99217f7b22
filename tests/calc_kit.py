"""LibreOffice Calc, and a workbook of people's tab full of lookups in okrsync's own tab."""

import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles.numbers import FORMAT_TEXT
from openpyxl.worksheet.worksheet import Worksheet

from services_needed import need
from syncer.sheet.lookups import OwnPlace, is_lookup, lookup, lookup_link, same_formula

Value = str | float
Formulas = Callable[[int], list[str]]

DRIVER = Path(__file__).parent / "calc_driver.py"
PYTHON = "/usr/bin/python3"
ANSWER_SECONDS, END_SECONDS = 120, 30

BOOK, NAIVE_BOOK = "okrs.xlsx", "naive.xlsx"
"""Workbooks of lookups: as okrsync writes them, and with a reference to the row's own id cell."""
PEOPLE, OWN = "OKRs", "okrsync 2026-Q4"
HEADERS = ["ID", "Title", "Current", "Progress", "Status", "Source"]
VALUES: dict[str, tuple[Value | None, ...]] = {
    "KR10": (1010, 0.1, "at risk", "ten"),
    "KR2": (0.75, 0.2, "on track", "two"),
    "1.10": (110, 0.11, "behind", "with a dot"),
    "KR4": (None, None, None, None),
    "7": (77, 0.7, "done", "seven"),
    "KR1": (41, 0.41, "on track", "one"),
    "0123": (123, 0.123, "behind", "with a zero"),
    "KR3": (0, 0, "not started", "three"),
    "Growth": ("12 of 30", 0.4, "on track", "no link"),
    "1.1": (11, 0.01, "at risk", "one and a tenth"),
}
"""The own tab by id: current, progress, status, source. Its order is not that of the people's tab."""
IDS = ["KR1", "KR2", "KR3", "KR4", "KR10", "Growth", "1.10", "0123", "7"]
"""The people's rows."""
LAST = len(IDS) + 1
"""The last of them in the sheet."""
UNLINKED = "Growth"
EMPTY: list[Value] = [""] * 4
"""What a row's lookups show where there is nothing to show."""


def title(key: str) -> str:
    return f"Title of {key}"


def link(key: str) -> str:
    return f"https://tracker.example/{key}"


def numbers_of(key: object) -> list[Value]:
    """What lookups must show beside an id, however it is written: nothing where the own tab lacks it."""
    folded = {own.casefold(): values for own, values in VALUES.items()}
    text = f"{key:g}" if isinstance(key, float) else str(key)
    return ["" if value is None else value for value in folded.get(text.strip(" ").casefold(), EMPTY)]


def row_of(key: Value) -> list[Value]:
    """A row as it must show."""
    return [key, title(str(key)), *numbers_of(key)]


def check_ids(shown: list[list[Value]]) -> None:
    """Each id of a tab stands beside its own numbers, wherever it is."""
    for key, _title, *numbers in shown[1:]:
        assert numbers == numbers_of(key), key


def table(ids: Iterable[Value]) -> list[list[Value]]:
    """The people's tab as it must show, with its headers."""
    return [[*HEADERS], *map(row_of, ids)]


def lookups(own_tab: str = OWN, id_column: str = "A") -> list[str]:
    """What a row holds to look up, the same in every row."""
    return [
        *(lookup(OwnPlace(own_tab, "A", column), id_column) for column in "FGH"),
        lookup_link(OwnPlace(own_tab, "A", "K"), "L", id_column),
    ]


def _naive_lookups(row: int) -> list[str]:
    return [formula.replace("INDEX($A:$A;ROW())", f"$A{row}") for formula in lookups()]


def make_workbook(path: Path, formulas: Formulas = lambda _row: lookups()) -> None:
    """Write the people's tab and the own tab; the own tab has a stamp row and columns that nothing looks up."""
    book = Workbook()
    people = book.active
    assert isinstance(people, Worksheet)
    people.title = PEOPLE
    own = book.create_sheet(OWN)
    own.append(["ID", "Title", "Owner", "Baseline", "Target", *HEADERS[2:5], "Expected", "Score", "Source", "Link"])
    own.append(["(okrsync)", "stamp"])
    for key, (*values, source) in VALUES.items():
        address = link(key) if source and key != UNLINKED else None
        own.append([key, title(key), "Ada", 1, 2, *values, 3, 4, source, address])
    people.append(HEADERS)
    for row, key in enumerate(IDS, 2):
        people.append([key, title(key), *map(_in_xlsx, formulas(row))])
    for sheet in (people, own):
        for cell in sheet["A"]:
            cell.number_format = FORMAT_TEXT
    book.save(path)


def _in_xlsx(formula: str) -> str:
    """A formula as an XLSX file holds it."""
    return formula.replace(";", ",").replace("IFNA(", "_xlfn.IFNA(")


@cache
def calc_is_here() -> bool:
    """Whether LibreOffice is installed and the system's Python can talk to it."""
    if not shutil.which("soffice") or not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode == 0


class Calc:
    """A running Calc with one workbook open."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._process, self._folder = process, folder

    def do(self, step: str, tab: str = PEOPLE, **values: Any) -> Any:
        """One step of `calc_driver.Book` in a tab, and what it gives."""
        return self._ask(step, tab=tab, **values)

    def open(self, name: str) -> None:
        """Open a workbook of the folder as it was made; what was done to it before is dropped."""
        self._ask("open", path=str(self._folder / name))

    def recalculate(self) -> None:
        """Recalculate every formula of the workbook."""
        self._ask("recalculate")

    def links(self) -> list[str]:
        """Where the links of the workbook go."""
        return list(self._ask("links"))

    def shown(self, tab: str = PEOPLE) -> list[list[Value]]:
        """What a tab shows, without empty rows at its end."""
        rows: list[list[Value]] = self.do("shown", tab)
        while not any(cell != "" for cell in rows[-1]):
            rows.pop()
        return rows

    def _ask(self, step: str, **values: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps([step, values]).encode() + b"\n")
            self._process.stdin.flush()
        heard, _, _ = select.select([self._process.stdout], [], [], ANSWER_SECONDS)
        line = self._process.stdout.readline() if heard else b""
        assert line, f"no answer to {step} {values}:\n{errors_of(self._folder).read_text('utf-8')}"
        answer = json.loads(line)
        assert "gives" in answer, f"{step} {values}: {answer}"
        return answer["gives"]


def check_lookups(calc: Calc, area: str = f"C2:F{LAST}", own_tab: str = OWN, id_column: str = "A") -> None:
    """Each row holds the same lookups, as okrsync writes and recognises them."""
    for row in calc.do("formulas", area=area):
        assert all(map(same_formula, row, lookups(own_tab, id_column))), row
        assert all(is_lookup(formula) for formula in row), row


def errors_of(folder: Path) -> Path:
    """What the driver says of its errors."""
    return folder / "errors.txt"


@contextmanager
def running_calc(folder: Path) -> Iterator[Calc]:
    """Start Calc with its profile and the workbooks in a folder; end it, and nothing else, at last."""
    need("libreoffice", calc_is_here())
    make_workbook(folder / BOOK)
    make_workbook(folder / NAIVE_BOOK, _naive_lookups)
    command = [PYTHON, str(DRIVER), str(folder)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with errors_of(folder).open("wb") as into, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=into, env=clean, start_new_session=True
    ) as process:  # fmt: skip
        try:
            yield Calc(process, folder)
        finally:
            try:
                process.communicate(timeout=END_SECONDS)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
