"""Summary table of a new OKR sheet: number of key results per team and status, by formulas. Pure."""

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
"""Columns, from 0, of mean progress, mean expected progress and the first status."""
MOST_TEAM_CHARTS = 24
"""Maximum number of team charts; further teams are in the table and in the chart of all teams."""
CHART_COLUMNS = (0, 3, 7, 11)
"""Columns, from 0, of the charts in a row."""
MEANS = {MEAN_PROGRESS: "5B8BD0", MEAN_EXPECTED: "C9CFD6"}
"""Colours of the bars in a team's chart, by column."""
BARS = {
    Status.OFF_TRACK: "C0392B", Status.NOT_MET: "E07A6E", Status.AT_RISK: "E5A11B", Status.STALE: "F2CF87",
    Status.UNKNOWN: "9AA3AE", Status.JUST_STARTED: "8FB4E8", Status.ON_TRACK: "2E8B57", Status.MET: "6DBE8B",
    Status.NOT_STARTED: "C9CFD6", Status.DONE: "14532D", Status.DROPPED: "E7E9EC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """Tab to count: its title, its columns from left to right, and the last row to count.

    `separator` separates the arguments of formulas: `;` in Google Sheets, valid in every locale, and `,` in a workbook.
    """

    title: str
    columns: Sequence[str]
    last: int
    separator: str = ","

    def call(self, function: str, *arguments: str) -> str:
        """Format a function call for a formula."""
        return f"{function}({self.separator.join(arguments)})"

    def column(self, name: str) -> str:
        """Return the range of a column for a formula."""
        letter = letters(self.columns.index(name))
        return f"{quoted(self.title)}!${letter}$2:${letter}${self.last}"


def summary_title(config: Config, okrs: str) -> str:
    """Return the summary tab's title; empty if another tab has that title."""
    title = translate(config.workspace.language, "Summary")
    return "" if title.casefold() in (okrs.casefold(), config.workspace.okr_sheet.own_tab.casefold()) else title


def teams_of(rows: Sequence[NewRow]) -> list[str]:
    """Return the teams of the key results in order; an empty name for key results without a team."""
    return list(dict.fromkeys(row.definition.team for row in rows if row.definition))


def summary_head(language: str) -> list[str]:
    """Return the headers of the summary."""
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
    """Return one row per team and one for all; the first cell is a text, the others are formulas."""
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
    """Return (row, column), from 0, of each team's chart, from row `first` on, each row of charts `down` rows high."""
    return [
        (first + down * (number // len(CHART_COLUMNS)), CHART_COLUMNS[number % len(CHART_COLUMNS)])
        for number in range(min(teams, MOST_TEAM_CHARTS))
    ]


def _count(tab: Counted, mine: Sequence[str], status: Status, index: int) -> str:
    counted = tab.call("COUNTIFS", *mine, tab.column("status"), f"{letters(index)}$1")
    blank = tab.call("COUNTIFS", *mine, tab.column("status"), '""')
    return f"={counted}+{blank}" if status is Status.UNKNOWN else f"={counted}"


def last_synced(config: Config) -> tuple[str, str] | None:
    """Return the label and formula for the time of the last write; None without an own tab."""
    sheet = config.workspace.okr_sheet
    if not sheet.has_own_tab:
        return None
    place, updated = quoted(sheet.own_tab), letters(OWN_COLUMNS.index("updated"))
    found = f'INDEX({place}!${updated}:${updated};MATCH("{STAMP_ID}";{place}!$A:$A;0))'
    return translate(config.workspace.language, LAST_SYNCED), f'=IFERROR({found};"")'
