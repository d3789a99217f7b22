"""The alignment tree of a workspace's objectives, with their key results, for the HTML report."""

from collections.abc import Callable, Iterator, Mapping

from config.dataclass import dataclass
from config.loading.loader import Config
from config.plain_text import one_line
from syncer.compute.assess import Assessment
from syncer.compute.states import ObjectiveState
from syncer.i18n import localize, translatable, translate
from syncer.present.report.item import Item, objective_item, team_title


@dataclass(frozen=True, slots=True)
class Node:
    """An objective's id, and the objectives that align to it or to one of its key results."""

    id: str
    below: tuple["Node", ...] = ()


def alignment_tree(config: Config) -> tuple[Node, ...]:
    """Return the alignment tree: each objective once, under the first one it aligns to, higher levels first.

    There are no cycles: the config's checks refuse them.
    """
    objectives, rank = config.workspace.objectives, level_rank(config)
    home = {entry.id: entry.objective_id for entry in config.key_results}
    children: dict[str | None, list[str]] = {}
    for key, objective in objectives.items():
        above = (home.get(target) or target for target in objective.aligns_to)
        parent = next((target for target in above if target in objectives and target != key), None)
        children.setdefault(parent, []).append(key)

    def grow(parent: str | None) -> tuple[Node, ...]:
        return tuple(Node(key, grow(key)) for key in sorted(children.get(parent, ()), key=rank))

    return grow(None)


def level_rank(config: Config) -> Callable[[str], int]:
    """Return a sort key for objectives by the level of their team, from the top; no level comes last."""
    levels = {level: number for number, level in enumerate(config.workspace.levels)}

    def rank(key: str) -> int:
        return levels.get(level_of(config, key), len(levels))

    return rank


def level_of(config: Config, key: str) -> str:
    """Return the level of an objective's team, as the config names it; empty when it has none."""
    team = config.workspace.teams.get(config.workspace.objectives[key].team or "")
    return (team.level if team else None) or ""


LEVELS = (translatable("company"), translatable("department"), translatable("team"), translatable("individual"))
"""Common level names, which are translated; other names are shown as they are."""


@dataclass(frozen=True, slots=True)
class Group:
    """An objective with its key results and the objectives below it.

    Attributes:
        head: the objective; None for key results without one.
        items: the key results.
        about: short texts such as level, team, cycle and theme.
        above: the ids that the objective aligns to.
    """

    head: Item | None
    items: tuple[Item, ...]
    about: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple["Group", ...] = ()


def groups_of(assessment: Assessment, items: Mapping[str, Item]) -> tuple[Group, ...]:
    """Build the alignment tree with its key results; those without an objective come last.

    `items` are the key results' items by id.
    """
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
    workspace = assessment.config.workspace
    language, stated, cycle = workspace.language, workspace.objectives[state.id], workspace.cycle_of(state.id)
    level = one_line(level_of(assessment.config, state.id))
    if state.team:
        yield team_title(assessment, state.team)
    elif level:
        yield localize(language, level)
    if cycle.name != workspace.cycle.name:
        yield cycle.name
    if stated.type == "committed":
        yield translate(language, "committed")
    if stated.theme:
        yield one_line(stated.theme)
