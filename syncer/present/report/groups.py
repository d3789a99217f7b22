"""The objectives of a workspace as the report's page shows them: the alignment tree with its key results."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.states import ObjectiveState
from syncer.i18n import localize, translatable, translate
from syncer.present.report.item import Item, objective_item, team_title
from syncer.present.report.tree import Node, alignment_tree, level_of

LEVELS = (translatable("company"), translatable("department"), translatable("team"), translatable("individual"))
"""The usual names of levels; a company's own stay as they are."""


@dataclass(frozen=True, slots=True)
class Group:
    """An objective with its key results and the objectives below it; `head` is None for those without one.

    `about` says whose it is and what else is known of it; `above` are the ids it aligns to.
    """

    head: Item | None
    items: tuple[Item, ...]
    about: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple["Group", ...] = ()


def groups_of(assessment: Assessment, items: Mapping[str, Item]) -> tuple[Group, ...]:
    """The tree, and those of no objective last."""
    states = {objective.id: objective for objective in assessment.objectives}
    own: dict[str, list[Item]] = {}
    for state in assessment.key_results:
        home = state.definition.objective if state.definition.objective in states else ""
        own.setdefault(home, []).append(items[state.definition.id])

    def group(node: Node) -> Group:
        objective = states[node.id]
        return Group(
            objective_item(assessment, objective),
            tuple(own.get(node.id, ())),
            tuple(_about(assessment, objective)),
            assessment.config.workspace.objectives[node.id].aligns_to,
            tuple(group(child) for child in node.below),
        )

    tree = tuple(group(node) for node in alignment_tree(assessment.config))
    return (*tree, Group(None, tuple(own[""]))) if "" in own else tree


def _about(assessment: Assessment, state: ObjectiveState) -> Iterator[str]:
    workspace, rollup = assessment.config.workspace, state.rollup
    language, stated, cycle = workspace.language, workspace.objectives[state.id], workspace.cycle_of(state.id)
    level = one_line(level_of(assessment.config, state.id))
    if level:
        yield localize(language, level)
    if state.team and team_title(assessment, state.team) != level:
        yield team_title(assessment, state.team)
    if stated.owner:
        yield one_line(stated.owner)
    if cycle.name != workspace.cycle.name:
        yield cycle.name
    if stated.type == "committed":
        yield translate(language, "committed")
    if stated.theme:
        yield one_line(stated.theme)
    yield translate(language, "{known} of {total} known", known=rollup.known, total=rollup.total)
