"""Sections of the markdown report before and after the key results."""

from collections.abc import Iterable, Sequence

from syncer.compute.assess import Assessment
from syncer.i18n import bracketed, join, translate
from syncer.present.notes_text import kpi_cells, notes, revision_texts, theme_cells, themes
from syncer.present.plan_markdown import cell


def company_section(assessment: Assessment, language: str) -> list[str]:
    """List the company's mission, vision, and strategies with the objectives that support them."""
    workspace = assessment.config.workspace
    company = workspace.company
    lines = []
    if company.mission:
        lines.append(f"- {translate(language, 'Mission')}: {cell(company.mission)}")
    if company.vision:
        lines.append(f"- {translate(language, 'Vision')}: {cell(company.vision)}")
    for key, strategy in company.strategies.items():
        served = [name for name, objective in workspace.objectives.items() if key in objective.supports]
        shown = join(language, served) or translate(language, "no objective yet")
        lines.append(
            f"- {translate(language, 'Strategy')} {cell(key)}: {cell(strategy)}{bracketed(language, cell(shown))}"
        )
    return ["", *lines] if lines else []


def health_section(assessment: Assessment, language: str) -> list[str]:
    """Format the KPIs as a markdown table."""
    heads = translate(language, "| KPI | value | has to hold | status |")
    rows = [kpi_cells(kpi, language) for kpi in assessment.kpis]
    return _table(translate(language, "## Health metrics"), heads, rows)


def theme_section(assessment: Assessment, language: str) -> list[str]:
    """Format the themes as a markdown table, with key results, progress and actions."""
    heads = translate(language, "| theme | key results | progress | actions |")
    rows = [theme_cells(theme, states) for theme, states in themes(assessment)]
    return _table(translate(language, "## Where effort goes"), heads, rows)


def note_section(assessment: Assessment, language: str) -> list[str]:
    """List notes on key results: overrides, actions, and what was dropped or revised."""
    lines = []
    for state in assessment.key_results:
        told = [*notes(state, language), *revision_texts(state.definition, language)]
        lines += [f"- {cell(state.definition.id)}: {cell(text)}" for text in told]
    return ["", translate(language, "## Notes"), "", *lines] if lines else []


def _table(title: str, heads: str, rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(cell(text) for text in row) + " |" for row in rows]
    return ["", title, "", heads, "|---|---|---|---|", *lines] if lines else []
