"""The summary of a new OKR sheet as a table: how many key results of each team have which status, by formulas. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.loading.loader import Config
from connectors.grids.a1 import letters, quoted
from syncer.i18n import status_label, translatable, translate
from syncer.make_sheet.sheet_rows import NewRow
from syncer.method.status import SEVERITY, Status
from syncer.plan.stamp import LAST_SYNCED
from syncer.sheet.own_tab import OWN_COLUMNS, STAMP_ID

STATUSES = tuple(sorted(SEVERITY, key=lambda status: SEVERITY[status]))
MEAN_PROGRESS, MEAN_EXPECTED, FIRST_COUNT = 2, 3, 4
"""Columns, from 0, behind the team and the number of its key results; the last is that of the first status."""
MOST_TEAM_CHARTS = 24
"""Further teams stand in the table and in the chart of all of them."""
CHART_COLUMNS = (0, 3, 7, 11)
"""The columns, from 0, at which the charts of a row of them begin."""
MEANS = {MEAN_PROGRESS: "5B8BD0", MEAN_EXPECTED: "C9CFD6"}
"""The bars of a team's chart, by column."""
BARS = {
    Status.OFF_TRACK: "C0392B", Status.NOT_MET: "E07A6E", Status.AT_RISK: "E5A11B", Status.STALE: "F2CF87",
    Status.UNKNOWN: "9AA3AE", Status.JUST_STARTED: "8FB4E8", Status.ON_TRACK: "2E8B57", Status.MET: "6DBE8B",
    Status.NOT_STARTED: "C9CFD6", Status.DONE: "14532D", Status.DROPPED: "E7E9EC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """The tab that is counted: its title, its columns from left to right, and its last row that counts.

    `separator` stands between the arguments of formulas: in Google `;`, right in every locale, in a workbook `,`.
    """

    title: str
    columns: Sequence[str]
    last: int
    separator: str = ","

    def call(self, function: str, *arguments: str) -> str:
        """A call as a formula writes it."""
        return f"{function}({self.separator.join(arguments)})"

    def column(self, name: str) -> str:
        """A column of it, as formulas name it."""
        letter = letters(self.columns.index(name))
        return f"{quoted(self.title)}!${letter}$2:${letter}${self.last}"


def summary_title(config: Config, okrs: str) -> str:
    """The tab's title; empty where people's tab has it already."""
    title = translate(config.workspace.language, "Summary")
    return "" if title.casefold() in (okrs.casefold(), config.workspace.okr_sheet.own_tab.casefold()) else title


def teams_of(rows: Sequence[NewRow]) -> list[str]:
    """The teams of the key results, in their order; empty for those without one."""
    return list(dict.fromkeys(row.definition.team for row in rows if row.definition))


def summary_head(language: str) -> list[str]:
    """Its headers."""
    heads = (
        translatable("Team"),
        translatable("Key results"),
        translatable("Mean progress"),
        translatable("Mean expected"),
    )
    return [
        *(translate(language, text) for text in heads),
        *(status_label(status.value, language) for status in STATUSES),
    ]


def summary_rows(language: str, tab: Counted, teams: Sequence[str]) -> Iterator[list[str]]:
    """A row per team and one for all of them; the first cell is a text, the others are formulas."""
    named = (tab.column("id"), '"?*"', tab.column("title"), '"?*"')  # objectives have no key result's title
    for number, team in enumerate([*teams, None], 2):
        mine = named if team is None else (*named, tab.column("team"), '""' if team == "" else f"$A{number}")
        label = translate(language, "All") if team is None else team or translate(language, "(no team)")
        means = (
            "=" + tab.call("IFERROR", tab.call("AVERAGEIFS", tab.column(name), *mine), '""')
            for name in ("progress", "expected")
        )
        counts = [_count(tab, mine, status, index) for index, status in enumerate(STATUSES, FIRST_COUNT)]
        yield [label, "=" + tab.call("COUNTIFS", *mine), *means, *counts]


def chart_places(teams: int, first: int, down: int) -> list[tuple[int, int]]:
    """Row and column, from 0, of each team's chart. They begin at row `first`, each row of them `down` rows below."""
    return [
        (first + down * (number // len(CHART_COLUMNS)), CHART_COLUMNS[number % len(CHART_COLUMNS)])
        for number in range(min(teams, MOST_TEAM_CHARTS))
    ]


def _count(tab: Counted, mine: Sequence[str], status: Status, index: int) -> str:
    counted = tab.call("COUNTIFS", *mine, tab.column("status"), f"{letters(index)}$1")
    blank = tab.call("COUNTIFS", *mine, tab.column("status"), '""')
    return f"={counted}+{blank}" if status is Status.UNKNOWN else f"={counted}"


def last_synced(config: Config) -> tuple[str, str] | None:
    """The label and the formula that tell when okrsync last wrote; None where no tab of its own says so."""
    sheet = config.workspace.okr_sheet
    if not sheet.has_own_tab:
        return None
    place, updated = quoted(sheet.own_tab), letters(OWN_COLUMNS.index("updated"))
    found = f'INDEX({place}!${updated}:${updated};MATCH("{STAMP_ID}";{place}!$A:$A;0))'
    return translate(config.workspace.language, LAST_SYNCED), f'=IFERROR({found};"")'
