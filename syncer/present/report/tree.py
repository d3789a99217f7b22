"""The alignment of objectives as a tree: from the company to its people."""

from collections.abc import Callable
from dataclasses import dataclass

from config.loading.loader import Config


@dataclass(frozen=True, slots=True)
class Node:
    """An objective by its id, and those that align to it or to one of its key results."""

    id: str
    below: tuple["Node", ...] = ()


def alignment_tree(config: Config) -> tuple[Node, ...]:
    """Every objective once, under the first that it aligns to; those of higher levels come first.

    The config's checks have refused circles.
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
    """How far from the top an objective's team stands; what has no level comes last."""
    levels = {level: number for number, level in enumerate(config.workspace.levels)}

    def rank(key: str) -> int:
        return levels.get(level_of(config, key), len(levels))

    return rank


def level_of(config: Config, key: str) -> str:
    """The level of an objective's team, as the config names it; empty where there is none."""
    team = config.workspace.teams.get(config.workspace.objectives[key].team or "")
    return (team.level if team else None) or ""
