"""The report as one self-contained HTML file, with light and dark themes, for phones, wall screens and print."""

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from config.dataclass import dataclass
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.i18n import translate
from syncer.method.status import SEVERITY, Status
from syncer.present.adoption import AdoptionTable, adoption_table, of_workspaces
from syncer.present.meeting import Agenda
from syncer.present.meeting_text import due_texts, meeting_title
from syncer.present.report.chapters import Report
from syncer.present.report.days import show_day
from syncer.present.report.glance import Count, Glance, counts_of, glance_of
from syncer.present.report.item import Item, key_result_item, objective_item, with_questions
from syncer.present.report.part import Part, part_of, severity

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


_WHOLE = re.compile(
    r"(?<![A-Za-z0-9_-])(?:\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|[A-Z][A-Z0-9_]{0,19}-\d{1,9})(?![A-Za-z0-9_-])"
)


def unbroken(text: str) -> "Markup":
    """Escape a text as HTML and keep its dates, times and issue keys from breaking across lines."""
    from markupsafe import Markup, escape

    parts, end = [], 0
    for match in _WHOLE.finditer(text):
        parts += [escape(text[end : match.start()]), Markup('<span class="nb">{}</span>').format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


@dataclass(frozen=True, slots=True)
class Cards:
    """The key results of the cards, each with its workspace, those first that matter most."""

    needs: list[tuple[Part, Item]]
    moved: list[tuple[Part, Item]]
    blocks: list[tuple[Part, Item]]
    waits: list[tuple[Part, Item]]


def cards_of(parts: list[Part]) -> Cards:
    """Merge what all workspaces have to show in cards."""
    return Cards(
        needs=sorted(((part, item) for part in parts for item in part.in_need), key=lambda pair: severity(pair[1])),
        moved=sorted(((part, item) for part in parts for item in part.changed), key=lambda pair: -abs(pair[1].moved)),
        blocks=[(part, item) for part in parts for item in part.blocked],
        waits=[(part, item) for part in parts for item in part.due],
    )


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One team of a workspace in the heat map, with its objectives."""

    part: Part
    team: str
    objectives: tuple[Item, ...]


def report_html(report: Report, title: str = "") -> str:
    """Render a report as HTML; chapters without an agenda are left out. `title` replaces the workspaces' own."""
    language = report.language
    parts = [
        part_of(chapter, chapter.agenda, f"{number}/" if report.several else "")
        for number, chapter in enumerate(report.chapters, 1)
        if chapter.agenda is not None
    ]
    every = [item for part in parts for item in part.items]
    counts = {count.key: count for count in counts_of(every, language)}
    return _render(
        "report.html.j2",
        language,
        parts=parts,
        missing=report.missing,
        several=report.several,
        title=title or _title(parts, language),
        glance=_glance(parts, every),
        cards=cards_of(parts),
        heat=heat_rows(parts) if report.several else [],
        adoption=adoption_table(of_workspaces([part.adoption for part in parts]), language),
        titles=list(dict.fromkeys(part.title for part in parts)),
        statuses=sorted(counts.values(), key=_severity),
        owners=sorted({item.owner for item in every} - {""}),
        teams=_teams(parts),
        theme_names=sorted({item.theme for item in every} - {""}),
        folded=report.several or len(every) > FOLDED_FROM,
    )


FOLDED_FROM = 60
"""Objectives are folded when the page opens from so many key results."""


def _title(parts: list[Part], language: str) -> str:
    if not parts[0].prefix:
        return one_line(parts[0].title)
    cycles = {part.cycle.name for part in parts}
    cycle = cycles.pop() if len(cycles) == 1 else ""
    return translate(language, "Company OKRs {cycle}", cycle=cycle).strip()


def _glance(parts: list[Part], every: list[Item]) -> Glance:
    if len(parts) == 1:
        return parts[0].glance
    return glance_of([part.assessment for part in parts], every, parts[0].since)


def heat_rows(parts: list[Part]) -> list[HeatRow]:
    """Return a row for each team of each workspace that has objectives."""
    rows = []
    for part in parts:
        found: dict[str, list[Item]] = {}
        for objective in part.objectives:
            found.setdefault(objective.team, []).append(objective)
        rows += [HeatRow(part, team, tuple(objectives)) for team, objectives in found.items()]
    return rows


def _teams(parts: list[Part]) -> dict[str, list[str]]:
    """Merge the teams of all parts by title."""
    found: dict[str, set[str]] = {}
    for part in parts:
        for team, below in part.teams.items():
            found.setdefault(team, set()).update(below)
    return {team: sorted(found[team]) for team in sorted(found)}


def _severity(count: Count) -> tuple[int, str]:
    return SEVERITY[Status(count.key)], count.key


def adoption_html(table: AdoptionTable, language: str) -> str:
    """Render an adoption table as an HTML page."""
    return _render("adoption.html.j2", language, title=one_line(table.title), table=table)


def meeting_html(assessment: Assessment, agenda: Agenda, *, one_on_one: bool) -> str:
    """Render a meeting's agenda as an HTML page: each key result's chart and the three questions."""
    language = assessment.config.workspace.language
    groups = [
        (
            objective_item(assessment, objective) if objective else None,
            [
                with_questions(key_result_item(assessment, topic.state, topic, {}), topic, agenda, language)
                for topic in topics
            ],
        )
        for objective, topics in agenda.groups
    ]
    due = due_texts(agenda, language)
    title = one_line(meeting_title(agenda, language, one_on_one=one_on_one))
    return _render("meeting.html.j2", language, title=title, groups=groups, due=due, one_on_one=one_on_one)


def document_html(body: str, title: str, language: str) -> str:
    """Render a page around a body that is HTML already."""
    from markupsafe import Markup

    return _render("document.html.j2", language, title=one_line(title), body=Markup(body))  # noqa: S704 - of our markdown


def _render(name: str, language: str, **values: Any) -> str:
    return _template(name).render(
        language=language,
        translate=partial(translate, language),
        day=partial(_day, language),
        **values,
    )


def _day(language: str, day: Any) -> str:
    return show_day(day, language)


@lru_cache(maxsize=3)
def _template(name: str) -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("syncer"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["unbroken"] = unbroken
    return environment.get_template(name)
