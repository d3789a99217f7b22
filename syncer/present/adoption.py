"""How far OKRs have taken hold, for the OKR master: per team and over all, pilots against the rest. Pure.

Teams stand in the order of the config; nothing is about single people, and nothing is ranked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from config.loading.loader import Config
from config.models import CheckIn as Cadence
from syncer.compute.assess import definitions
from syncer.compute.check_ins import new_check_ins
from syncer.compute.definitions import Definition
from syncer.ledger.records import CheckIn
from syncer.present.levels import is_top
from syncer.run.run_records import key_of
from syncer.run.workspace import Opened
from syncer.sheet.open_sheet import open_reader
from syncer.sheet.view import view_sheet

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`; nothing can be said of a whole of 0."""

    part: int = 0
    whole: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        """Both counted together."""
        return Rate(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class Figures:
    """The three rates, and how many key results they are about.

    Attributes:
        updated: check-ins made on time, of those that were due.
        aligned: objectives that align to one above, of those below the top.
        automatic: key results fed by a measure, of all that were not dropped.
    """

    updated: Rate = field(default_factory=Rate)
    aligned: Rate = field(default_factory=Rate)
    automatic: Rate = field(default_factory=Rate)

    def __add__(self, other: "Figures") -> "Figures":
        """Both teams together."""
        return Figures(self.updated + other.updated, self.aligned + other.aligned, self.automatic + other.automatic)


@dataclass(frozen=True, slots=True)
class Team:
    """One team; `id` is empty for what belongs to none."""

    id: str
    title: str
    pilot: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class Adoption:
    """All teams in the order of the config, then those that only OKRs name.

    `cadence` is False where no check-ins are asked for.
    """

    title: str
    cycle: str
    today: date
    teams: tuple[Team, ...]
    cadence: bool

    def together(self, *, pilot: bool | None = None) -> Figures:
        """The figures of the pilots, of the rest, or of all (None)."""
        return sum((team.figures for team in self.teams if pilot in (None, team.pilot)), Figures())


def adoption_of(
    config: Config, title: str, definitions: Sequence[Definition], check_ins: Sequence[CheckIn], today: date
) -> Adoption:
    """The adoption of the cycle so far. `check_ins` are the ledger's and the sheet's, in any order."""
    workspace = config.workspace
    days: dict[str, set[date]] = {}
    for one in check_ins:
        if one.said:
            days.setdefault(one.key_result, set()).add(one.day)
    dropped = {entry.id for entry in config.key_results if entry.definition.dropped is not None}
    found: dict[str, Figures] = dict.fromkeys(workspace.teams, Figures())
    titles = {team.title: key for key, team in workspace.teams.items() if team.title}
    for definition in definitions:
        if definition.id in dropped:
            continue
        team = titles.get(definition.team, definition.team)
        fed = bool(definition.measures) and None not in definition.measures
        updated = _updated(definition, days.get(definition.id, set()), workspace.check_in, today)
        found[team] = found.get(team, Figures()) + Figures(updated, automatic=Rate(int(fed), 1))
    for objective in workspace.objectives.values():
        if not is_top(config, objective):
            team = titles.get(objective.team or "", objective.team or "")
            found[team] = found.get(team, Figures()) + Figures(aligned=Rate(int(bool(objective.aligns_to)), 1))
    return Adoption(title, workspace.cycle.name, today, _teams(config, found), workspace.check_in is not None)


def _teams(config: Config, found: Mapping[str, Figures]) -> tuple[Team, ...]:
    stated = config.workspace.teams
    teams = [Team(key, stated[key].title or key, stated[key].pilot, found[key]) for key in stated]
    others = [Team(key, key, pilot=False, figures=found[key]) for key in found if key and key not in stated]
    rest = [Team("", "", pilot=False, figures=found[""])] if "" in found else []
    return (*teams, *others, *rest)


def _updated(definition: Definition, days: set[date], cadence: Cadence | None, today: date) -> Rate:
    if cadence is None:
        return Rate()
    made = due = 0
    after = definition.start - timedelta(days=1)
    for day in due_days(cadence, definition.start, definition.due):
        if day >= today:
            break
        due += 1
        made += any(after < one <= day for one in days)
        after = day
    return Rate(made, due)


def due_days(cadence: Cadence, first: date, last: date) -> list[date]:
    """The days on which a check-in is due: every due weekday, every other one, or the last one of each month."""
    weekday = WEEKDAYS.index(cadence.due)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    weekly = [day + timedelta(weeks=week) for week in range(max((last - day).days // 7 + 1, 0))]
    if cadence.every == "2 weeks":
        return weekly[1::2]
    if cadence.every == "month":
        return [day for day in weekly if (day + timedelta(weeks=1)).month != day.month]
    return weekly


def look_at_adoption(opened: Opened) -> Adoption:
    """The adoption today; check-ins that no run has recorded yet count as well. Raises SheetError, LedgerError."""
    config = opened.config
    reader = open_reader(config, opened.context)
    try:
        image = reader.read()
    finally:
        reader.close()
    view = view_sheet(image, config.workspace.okr_sheet)
    found = definitions(config, view)
    with opened.ledger(readonly=True) as ledger:
        recorded = ledger.check_ins(key_of(config))
    known: dict[str, list[CheckIn]] = {}
    for one in recorded:
        known.setdefault(one.key_result, []).append(one)
    fresh = new_check_ins(view, {definition.id for definition in found}, known, opened.now)
    return adoption_of(config, image.title, found, [*recorded, *fresh], opened.now.date())
