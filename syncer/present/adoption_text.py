"""OKR adoption as a table, text, markdown and JSON; teams keep the order of the config, not that of their rates."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from config.plain_text import one_line
from syncer.i18n import bracketed, translatable, translate
from syncer.present.adoption import Adoption, Figures, Rate
from syncer.present.number_text import NOTHING, fit, show_percent, widest
from syncer.present.plan_markdown import cell

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
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


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
    nobody = translate(language, "no team")
    rows = [
        [(team.title or nobody) + (pilot if team.pilot else ""), *_shown(team.figures, language)]
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
            translate(language, "No check-ins are asked for: `check_in` in the config says how often they are due.")
        )
    return notes
