"""Draft a config from the tabs of a sheet. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from config.fields import ID_LENGTH, ID_PATTERN
from config.languages import Language
from config.message import Message
from config.models import HISTORY_TITLES, OkrSheet
from connectors.grids.a1 import cell_name
from connectors.okr_sheet import MEMORY_TAB, Cell, SheetImage, Tab
from syncer.compute.row_definitions import text_in, typed_value
from syncer.draft.draft import Draft, DraftedKeyResult, DraftedObjective, Question
from syncer.draft.goals import GoalCells, read_goal
from syncer.draft.trackers import tracker_of
from syncer.model.cells import as_text
from syncer.sheet.columns import COLUMNS, normal_header
from syncer.sheet.headings import Heading, heading_of, may_be_objective, team_of_tab
from syncer.sheet.layout import Layout, SheetRow, cell_id, layout_with
from syncer.sheet.new_ids import Ids, is_heading, is_left_out, own_text
from syncer.sheet.own_tab import is_own_tab
from syncer.sheet.unknown_headers import guess_columns, stated_headers, unknown_headers

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ID = re.compile(ID_PATTERN)
_READ = ("objective", "title", "owner", "team", "target", "baseline", "unit", "kind", "weight", "id", "current")
"""Columns whose header the draft states where it is not a known one."""

_MAY_BE_OBJECTIVE = Message(
    "read as a key result, but may be an objective: it has no target, owner or current value, and the next row has; "
    "if it is one, begin its title in the sheet with `Objective: ` and draft again"
)


def draft_config(image: SheetImage, language: Language | None = None) -> Draft | None:
    """Draft a config from all tabs that hold OKRs; None if there are none. Raises SheetError: two alike headers."""
    tabs = [tab for tab in image.tabs.values() if _is_of_people(tab)]
    layouts = [layout for tab in tabs if (layout := guess_columns(tab, OkrSheet(file="any.xlsx")))]
    layouts = [layout for layout in layouts if "title" in layout.columns]
    if not layouts:
        return None
    columns, questions = _stated_columns(layouts)
    layouts = [_without(layout, columns) for layout in layouts]
    drafting = _Drafting(layouts)
    for layout in layouts:
        drafting.read(layout)
    return Draft(
        tuple(layout.tab.title for layout in layouts),
        language or _language(layouts),
        drafting.objectives(),
        columns,
        next((header for layout in layouts if (header := _header(layout, "current"))), ""),
        (*questions, *drafting.questions),
        tuple(drafting.left_out),
    )


def _header(layout: Layout, name: str) -> str:
    cell = layout.cell(layout.header_row, name)
    return cell_id(cell) if cell else ""


def _is_of_people(tab: Tab) -> bool:
    titles = (MEMORY_TAB, *HISTORY_TITLES.values())
    return not tab.hidden and tab.title not in titles and not is_own_tab(tab)


def _stated_columns(layouts: Sequence[Layout]) -> tuple[Mapping[str, str], list[Question]]:
    """Return the headers to state in the config, and questions about them and about headers that mean nothing.

    A header is stated only if it is in every tab, since the config's headers are those of all tabs.
    """
    found = [dict(stated_headers(layout)) for layout in layouts]
    wanted = {(name, header) for each in found for name, header in each.items() if name in _READ}
    stated = {name: header for name, header in sorted(wanted) if all(each.get(name) == header for each in found)}
    questions = []
    for layout in layouts:
        for name, header in stated_headers(layout):
            place = _cell(layout, layout.header_row, layout.columns[name])
            means = Message("the column {column}", column=COLUMNS[name].en)
            if stated.get(name) != header:
                means = Message("not read; rename it to {column} in the sheet if it is that", column=COLUMNS[name].en)
            if layout is layouts[0] or stated.get(name) != header:
                questions.append(Question(place, header, means, f"okr_sheet.columns.{name}"))
        questions += [
            Question(
                _cell(layout, one.row, one.index),
                one.header,
                Message("not read; set it in `okr_sheet.columns` if okrsync knows such a column"),
                "okr_sheet.columns",
            )
            for one in unknown_headers(layout)
            if one.header not in {question.seen for question in questions}
        ]
    return stated, questions


def _without(layout: Layout, stated: Mapping[str, str]) -> Layout:
    """Return the layout without guessed columns that the config does not state."""
    guessed = {name for name, header in stated_headers(layout) if stated.get(name) != header}
    columns = {name: index for name, index in layout.columns.items() if name not in guessed}
    return layout_with(layout.tab, layout.header_row, columns)


def _language(layouts: Iterable[Layout]) -> Language:
    headers = [
        cell_id(layout.tab.cell(layout.header_row, index)) for layout in layouts for index in layout.columns.values()
    ]
    chinese = sum(_CHINESE.search(header) is not None for header in headers)
    return "zh-TW" if chinese * 2 > len(headers) else "en"


def _cell(layout: Layout, row: int, column: int) -> str:
    return f"{layout.tab.title}!{cell_name(row, column)}"


class _Drafting:
    """Collects the rows of the tabs, then makes objectives of them."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.questions: list[Question] = []
        self.left_out: list[str] = []
        self._rows: list[SheetRow] = []
        self._tabs = len(layouts)
        self._ids_seen = Counter(key.casefold() for layout in layouts for key in _present(layout))
        self._ids = Ids(self._ids_seen)

    def read(self, layout: Layout) -> None:
        """Read the rows of a tab."""
        for row in range(layout.header_row + 1, len(layout.tab.rows)):
            title, objective = own_text(layout, row, "title"), own_text(layout, row, "objective")
            if is_left_out(layout, row):
                self.left_out.append(f"{layout.tab.title}!{row + 1}")
                continue
            if title:
                self._rows.append(SheetRow(layout, row, ""))
            elif objective and not is_heading(layout, row):
                self._not_read(layout, row, "objective", objective)
            elif cell := _strange_title(layout, row):
                self._not_read(layout, row, "title", as_text(cell.value))

    def _not_read(self, layout: Layout, row: int, column: str, seen: str) -> None:
        message = Message("no objective, as no key result belongs to it")
        if column == "title":
            message = Message("no key result, as it is not a text")
        index = layout.columns["title" if row in layout.objective_rows else column]
        self.questions.append(Question(_cell(layout, row, index), seen, message, "objectives"))

    def objectives(self) -> tuple[DraftedObjective, ...]:
        """Return the objectives from top to bottom, ids included; rows without an objective come together."""
        groups: dict[Heading | None, list[SheetRow]] = {}
        for row in self._rows:
            heading = self._same_objective(groups, heading_of(row.layout, row.row))
            groups.setdefault(heading, []).append(row)
        return tuple(self._objective(heading, rows) for heading, rows in groups.items())

    @staticmethod
    def _same_objective(known: Iterable[Heading | None], heading: Heading | None) -> Heading | None:
        """Return the first heading of the same tab and title: people repeat the objective in each of its rows."""
        if heading is None:
            return None
        title = normal_header(heading.title)
        alike = (one for one in known if one and one.tab == heading.tab and normal_header(one.title) == title)
        return next(alike, heading)

    def _objective(self, heading: Heading | None, rows: Sequence[SheetRow]) -> DraftedObjective:
        key, title, teams = "", "", {self._team(row) for row in rows}
        team = next(iter(teams)) if len(teams) == 1 else ""
        if heading is not None:
            row, title = heading.row, heading.title
            key = self._own_id(rows[0].layout, row) if not own_text(rows[0].layout, row, "title") else ""
            if not key:
                key = self._ids.of(title, is_objective=True)
                self.questions += _of_id(rows[0].layout, row, key) if row in rows[0].layout.objective_rows else ()
        inherited = team if key else ""
        key_results = tuple(self._key_result(row, key, inherited) for row in rows)
        return DraftedObjective(key, " ".join(title.split()), inherited, key_results)

    def _team(self, row: SheetRow) -> str:
        return text_in(row, "team") or team_of_tab(row.layout, self._tabs)

    def _key_result(self, row: SheetRow, objective: str, inherited: str) -> DraftedKeyResult:
        title = " ".join(own_text(row.layout, row.row, "title").split())
        questions: tuple[Question, ...] = ()
        key = self._own_id(row.layout, row.row)
        if not key:
            key = self._ids.of(title, is_objective=False)
            questions = tuple(_of_id(row.layout, row.row, key))
        path = f"objectives.{objective}.key_results.{key}" if objective else f"key_results.{key}"
        cells = GoalCells(title, row.cell("target"), row.cell("baseline"), text_in(row, "unit"), text_in(row, "kind"))
        goal, unclear = read_goal(cells, _asking(row, path))
        if may_be_objective(row.layout, row.row):
            place = _cell(row.layout, row.row, row.layout.columns["title"])
            unclear = (Question(place, title, _MAY_BE_OBJECTIVE), *unclear)
        team = self._team(row)
        return DraftedKeyResult(
            key, title, text_in(row, "owner"), "" if team == inherited else team, goal, tracker_of(title),
            (*questions, *unclear, *_of_current(row, goal.unit)),
        )  # fmt: skip

    def _own_id(self, layout: Layout, row: int) -> str:
        """Return the id that a row has, if the config can use it; else empty."""
        cell = layout.cell(row, "id")
        key = cell_id(cell) if cell else ""
        is_id = _ID.fullmatch(key) and len(key) <= ID_LENGTH
        return key if is_id and self._ids_seen[key.casefold()] == 1 else ""


def _of_id(layout: Layout, row: int, key: str) -> Iterator[Question]:
    """Ask about the id of a row that the config cannot use; `key` is the one that the draft gives it."""
    if written := cell_id(layout.cell(row, "id") or Cell()):
        message = Message(
            "the id {key}, to be written there too: an id is unique, and of letters, digits, '.', '_' and '-'", key=key
        )
        yield Question(_cell(layout, row, layout.columns["id"]), written, message, key)


def _asking(row: SheetRow, path: str) -> Callable[[str, str, str], Question]:
    def ask(column: str, assumed: str, key: str) -> Question:
        index = row.layout.columns[column]
        cell = row.layout.tab.cell(row.row, index)
        return Question(_cell(row.layout, row.row, index), cell.error or as_text(cell.value), assumed, f"{path}.{key}")

    return ask


def _of_current(row: SheetRow, unit: str) -> Iterator[Question]:
    """Ask about a current value that cannot be read."""
    typed = typed_value(row, unit)
    if isinstance(typed, str):
        cell = row.cell("current") or Cell()
        place = _cell(row.layout, row.row, row.layout.columns["current"])
        yield Question(place, cell.error or as_text(cell.value), Message("unknown, not 0; enter a number there"))


def _present(layout: Layout) -> Iterator[str]:
    for row in range(layout.header_row + 1, len(layout.tab.rows)):
        if (cell := layout.cell(row, "id")) and (key := cell_id(cell)):
            yield key


def _strange_title(layout: Layout, row: int) -> Cell | None:
    cell = layout.cell(row, "title")
    return cell if cell and cell.value is not None and not isinstance(cell.value, str) else None
