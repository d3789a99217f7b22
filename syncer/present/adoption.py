"""OKR adoption rates per team, for pilot teams, for all other teams and in total.

Teams keep the order of the config and are not ranked; no figure is about a single person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from config.dataclass import dataclass
from config.loading.loader import Config
from config.plain_text import one_line
from syncer.compute.basis import definitions
from syncer.compute.check_ins import rows_of, with_check_ins
from syncer.compute.definitions import Definition
from syncer.i18n import bracketed, translatable, translate
from syncer.ledger.recall import Recall, recall_read_only
from syncer.method.check_in_days import Expected, made_on_time
from syncer.present.advice import is_top
from syncer.present.json_values import json_document
from syncer.present.plan_json import cell
from syncer.present.text_width import fit, widest
from syncer.run.same_sheet import scope_of
from syncer.run.workspace import Opened
from syncer.sheet.number_text import NOTHING, show_percent
from syncer.sheet.open_sheet import open_reader
from syncer.sheet.view import view_sheet


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as two counts, `part` of `whole`; undefined when `whole` is 0."""

    part: int = 0
    whole: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        """Add the counts of two rates."""
        return Rate(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class Figures:
    """The three adoption rates of one or more teams.

    Attributes:
        updated: check-ins made on time, of those that were due before today, from the first run in the cycle on.
        aligned: objectives with `aligns_to`, of those below the top level.
        automatic: key results whose values all come from measures, of those not dropped.
    """

    updated: Rate = field(default_factory=Rate)
    aligned: Rate = field(default_factory=Rate)
    automatic: Rate = field(default_factory=Rate)

    def __add__(self, other: "Figures") -> "Figures":
        """Add the rates of two teams."""
        return Figures(self.updated + other.updated, self.aligned + other.aligned, self.automatic + other.automatic)


@dataclass(frozen=True, slots=True)
class Team:
    """Adoption of one team; `id` is empty for OKRs without a team."""

    id: str
    title: str
    pilot: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class Adoption:
    """Adoption of all teams: those of the config in its order, then those that only OKRs name, then no team.

    `cadence` is False when the config states no `check_in`.
    """

    title: str
    cycle: str
    today: date
    teams: tuple[Team, ...]
    cadence: bool

    def together(self, *, pilot: bool | None = None) -> Figures:
        """Add up the figures of pilot teams (True), of all other teams (False) or of all teams (None)."""
        return sum((team.figures for team in self.teams if pilot in (None, team.pilot)), Figures())


def adoption_of(config: Config, title: str, definitions: Sequence[Definition], recall: Recall, today: date) -> Adoption:
    """Compute the adoption of the cycle up to `today`; `recall` has the ledger's check-ins and the sheet's."""
    workspace = config.workspace
    dropped = {entry.id for entry in config.key_results if entry.definition.dropped is not None}
    found: dict[str, Figures] = dict.fromkeys(workspace.teams, Figures())
    titles = {team.title: key for key, team in workspace.teams.items() if team.title}
    for definition in definitions:
        if definition.id in dropped:
            continue
        team = titles.get(definition.team, definition.team)
        fed = bool(definition.measures) and None not in definition.measures
        updated = _updated(config, definition, recall, today)
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


def _updated(config: Config, definition: Definition, recall: Recall, today: date) -> Rate:
    cadence = config.workspace.check_in
    if cadence is None:
        return Rate()
    made = {one.day for one in recall.check_ins.get(definition.id, ()) if one.texts}
    counted_from = recall.past.first_run or today
    return Rate(*made_on_time(Expected(cadence, definition.start, definition.due, counted_from), made, today))


def of_workspaces(found: Sequence[Adoption]) -> Adoption:
    """Join the adoption of several workspaces, each team named with its workspace where that is called otherwise."""
    if len(found) == 1:
        return found[0]
    teams = [
        replace(team, title=" · ".join(dict.fromkeys(name for name in (one.title, team.title) if name)))
        for one in found
        for team in one.teams
    ]
    return replace(found[0], teams=tuple(teams), cadence=any(one.cadence for one in found))


def look_at_adoption(opened: Opened) -> Adoption:
    """Read the sheet and the ledger and compute today's adoption. Raises SheetError, LedgerError.

    Check-ins in the sheet that no run has recorded yet are counted too.
    """
    config = opened.config
    reader = open_reader(config, opened.context)
    try:
        image = reader.read()
    finally:
        reader.close()
    view = view_sheet(image, config.workspace.okr_sheet)
    known = recall_read_only(config, scope_of(config), opened.now)
    if known.problem:
        raise known.problem
    found = definitions(config, view, known.past)
    known = with_check_ins(known, rows_of(view, found, ()), opened.now)
    return adoption_of(config, config.workspace.title or image.title, found, known, opened.now.date())


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning."""

_HEADS = (translatable("team"), translatable("updated"), translatable("aligned"), translatable("automatic"))


@dataclass(frozen=True, slots=True)
class AdoptionTable:
    """Adoption as a table for an HTML page: title, column headers, rows and explanatory notes."""

    title: str
    heads: list[str]
    rows: list[list[str]]
    notes: list[str]


def adoption_table(adoption: Adoption, language: str) -> AdoptionTable:
    """Build the adoption table; its texts are not escaped."""
    heads = [translate(language, head) for head in _HEADS]
    return AdoptionTable(_heading(adoption, language), heads, _rows(adoption, language), _notes(adoption, language))


def adoption_text(adoption: Adoption, language: str) -> str:
    """Format adoption as an aligned table for a terminal."""
    table = [[translate(language, head) for head in _HEADS], *_rows(adoption, language)]
    widths = [widest([row[column] for row in table], 40) for column in range(len(_HEADS))]
    lines = ["  ".join(fit(one_line(text), width) for text, width in zip(row, widths, strict=True)) for row in table]
    head = one_line(_heading(adoption, language))
    return "\n".join(line.rstrip() for line in [head, "", *lines, "", *_notes(adoption, language)]) + "\n"


def adoption_markdown(adoption: Adoption, language: str) -> str:
    """Format adoption as a markdown table."""
    heads = "| " + " | ".join(translate(language, head) for head in _HEADS) + " |"
    rows = [f"| {' | '.join(cell(text) for text in row)} |" for row in _rows(adoption, language)]
    head = f"### {cell(_heading(adoption, language))}"
    return "\n".join([head, "", heads, f"|{'---|' * 4}", *rows, "", *_notes(adoption, language)]) + "\n"


def adoption_json(adoption: Adoption) -> str:
    """Format adoption as JSON, with counts (`part`, `whole`) instead of percentages, so that they can be added up."""
    data = {
        "version": VERSION,
        "cycle": adoption.cycle,
        "as_of": adoption.today.isoformat(),
        "teams": [
            {"id": team.id or None, "title": team.title or None, "pilot": team.pilot, **_data(team.figures)}
            for team in adoption.teams
        ],
        "pilots": _data(adoption.together(pilot=True)),
        "rest": _data(adoption.together(pilot=False)),
        "all": _data(adoption.together()),
    }
    return json_document(data)


def _data(figures: Figures) -> dict[str, Any]:
    rates = {"updated": figures.updated, "aligned": figures.aligned, "automatic": figures.automatic}
    return {name: {"part": rate.part, "whole": rate.whole} for name, rate in rates.items()}


def _heading(adoption: Adoption, language: str) -> str:
    return translate(
        language,
        'OKR adoption in "{title}", {cycle}, as of {today}',
        title=adoption.title,
        cycle=adoption.cycle,
        today=adoption.today,
    )


def _rows(adoption: Adoption, language: str) -> list[list[str]]:
    pilot = translate(language, " (pilot)")
    no_team = translate(language, "no team")
    rows = [
        [(team.title or no_team) + (pilot if team.pilot else ""), *_shown(team.figures, language)]
        for team in adoption.teams
    ]
    if any(team.pilot for team in adoption.teams):
        rows.append([translate(language, "all pilots"), *_shown(adoption.together(pilot=True), language)])
        rows.append([translate(language, "all others"), *_shown(adoption.together(pilot=False), language)])
    return [*rows, [translate(language, "all"), *_shown(adoption.together(), language)]]


def _shown(figures: Figures, language: str) -> list[str]:
    return [_rate(rate, language) for rate in (figures.updated, figures.aligned, figures.automatic)]


def _rate(rate: Rate, language: str) -> str:
    if not rate.whole:
        return NOTHING
    share = show_percent(Decimal(rate.part) / rate.whole)
    return share + bracketed(language, translate(language, "{part} of {whole}", part=rate.part, whole=rate.whole))


def _notes(adoption: Adoption, language: str) -> list[str]:
    notes = [
        translate(
            language,
            "updated: check-ins made by their due day; aligned: objectives below the top that align "
            "to one above; automatic: key results fed by a measure.",
        )
    ]
    if not adoption.cadence:
        notes.append(
            translate(
                language, "No check-ins are configured: set how often they are due with `check_in` in the config."
            )
        )
    return notes
