"""Ids for rows of the OKR sheet that have none: those of the config by title, else the next free ones. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from config.dataclass import dataclass
from config.loading.loader import Config
from connectors.okr_sheet import Cell
from syncer.sheet.columns import column_of, normal_header
from syncer.sheet.layout import Layout, cell_id
from syncer.sheet.remarks import is_remark


@dataclass(frozen=True, slots=True)
class NewId:
    """New id of one row; `title` is the row's text, used to recognise the row after the write."""

    row: int
    id: str
    title: str
    is_objective: bool = False
    may_be_objective: bool = False
    """Whether only the absence of figures hints at an objective."""


class Ids:
    """Assigns ids: the config's id for the same title, in its order, else the next free one across all tabs."""

    def __init__(
        self,
        taken: Iterable[str] = (),
        objectives: Iterable[tuple[str, str]] = (),
        key_results: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Start with the ids that are taken, and (title, id) of what has no row with its id yet."""
        self._known: dict[bool, dict[str, deque[str]]] = {True: defaultdict(deque), False: defaultdict(deque)}
        for is_objective, entries in ((True, objectives), (False, key_results)):
            for title, key in entries:
                self._known[is_objective][normal_header(title)].append(key)
        self._taken = {key.casefold() for key in taken}

    def names_objective(self, title: str) -> bool:
        """Whether the config states an objective, and no key result, with this title that has no row yet."""
        objective, key_result = (self._known[is_objective].get(normal_header(title)) for is_objective in (True, False))
        return bool(objective) and not key_result

    def of(self, title: str, *, is_objective: bool) -> str:
        """Return the id for a row."""
        if waiting := self._known[is_objective].get(normal_header(title)):
            return waiting.popleft()
        letter = "O" if is_objective else "KR"
        number = next(n for n in range(1, 1_000_000) if f"{letter}{n}".casefold() not in self._taken)
        self._taken.add(f"{letter}{number}".casefold())
        return f"{letter}{number}"


def ids_for(config: Config, present: Iterable[str]) -> Ids:
    """Return ids for the rows of a config's sheet; `present` are the ids in its rows."""
    there = {key.casefold() for key in present}
    objectives = config.workspace.objectives.items()
    return Ids(
        {*there, *config.workspace.objectives, *(entry.id for entry in config.key_results)},
        [(one.title, key) for key, one in objectives if one.title and key.casefold() not in there],
        [
            (entry.definition.title, entry.id)
            for entry in config.key_results
            if entry.definition.title and entry.id.casefold() not in there
        ],
    )


def new_ids(layout: Layout, ids: Ids) -> Iterator[NewId]:
    """Assign ids to rows with a key result's title, and to rows with only an objective."""
    for row in rows_without_id(layout):
        title, objective = own_text(layout, row, "title"), own_text(layout, row, "objective")
        if title and "objective" not in layout.columns and ids.names_objective(title):
            yield NewId(row, ids.of(title, is_objective=True), title, is_objective=True)
        elif title:
            yield NewId(row, ids.of(title, is_objective=False), title)
        elif objective and is_heading(layout, row):
            yield NewId(row, ids.of(objective, is_objective=True), objective, is_objective=True)


def rows_without_id(layout: Layout) -> Iterator[int]:
    """Yield the rows below the headers that can get an id: no remarks, totals or repeated headers."""
    for row in range(layout.header_row + 1, len(layout.tab.rows)):
        there = layout.cell(row, "id")
        if there is not None and (cell_id(there) or there.locked or there.formula):
            continue
        if not is_left_out(layout, row):
            yield row


def is_left_out(layout: Layout, row: int) -> bool:
    """Whether a row is a remark, a total or a repeated header."""
    texts = [text for name in ("objective", "title") if (text := own_text(layout, row, name))]
    first = next((text for cell in _cells(layout, row) if (text := cell_id(cell))), "")
    if any(map(is_remark, (*texts, first))):
        return True
    heads = [column_of(text) for text in texts]
    return bool(texts) and all(head is not None and head.name in ("objective", "title") for head in heads)


def own_text(layout: Layout, row: int, name: str) -> str:
    """Return the text typed into a row's own cell of a column; empty for a number or a formula.

    In a row of `objective_rows`, the text in the column of titles is that of the objective, and there is no title.
    """
    if row in layout.objective_rows:
        name = {"objective": "title", "title": ""}.get(name, name)
    cell = layout.cell(row, name)
    return cell.value.strip() if cell is not None and isinstance(cell.value, str) and cell.formula is None else ""


def is_heading(layout: Layout, row: int) -> bool:
    """Whether a row with only an objective is one of its own: not the top of a merge, and key results are below it."""
    return not _inside_a_merge(layout, row) and _leads(layout, row)


def _leads(layout: Layout, row: int) -> bool:
    for below in range(row + 1, len(layout.tab.rows)):
        if own_text(layout, below, "title") and not is_left_out(layout, below):
            return not own_text(layout, below, "objective")
        if own_text(layout, below, "objective"):
            return False
    return False


def _inside_a_merge(layout: Layout, row: int) -> bool:
    """Whether the objective's cell spans several rows, and so is the heading of key results instead of a row."""
    merge = layout.merge(row, "objective")
    return merge is not None and merge.bottom - merge.top > 1


def _cells(layout: Layout, row: int) -> tuple[Cell, ...]:
    return layout.tab.rows[row] if row < len(layout.tab.rows) else ()
