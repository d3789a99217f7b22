"""Compare the levels of objectives, by the levels of their teams and the lengths of their cycles. Pure."""

from config.loading.loader import Config
from config.models import Objective


def is_top(config: Config, objective: Objective) -> bool:
    """Return whether an objective is at the top level.

    It is when it has no team, or when its team has no parent and no level below the first.
    """
    team = config.workspace.teams.get(objective.team or "")
    if team is None:
        return True
    return team.parent is None and (team.level is None or team.level == config.workspace.levels[0])


def not_above(config: Config, key: str) -> tuple[str, ...]:
    """Return the ids an objective aligns to when none of them is above it; empty when one is, or may be.

    Above means a higher level, or the same level with a longer cycle, such as a year above its quarters.
    """
    objectives = config.workspace.objectives
    home = {entry.id: entry.objective_id for entry in config.key_results}
    aligned = objectives[key].aligns_to
    above = [_is_above(config, home.get(target) or target, key) for target in aligned]
    return aligned if above and all(one is False for one in above) else ()


def _is_above(config: Config, target: str, key: str) -> bool | None:
    objectives = config.workspace.objectives
    if target not in objectives:
        return None
    theirs, own = _rank(config, objectives[target].team), _rank(config, objectives[key].team)
    if theirs != own:
        return theirs < own
    if config.workspace.cycle_of(target).days > config.workspace.cycle_of(key).days:
        return True
    return None if objectives[key].team is None else False


def _rank(config: Config, team: str | None) -> int:
    """Return how far a team is from the top: its level's index, else one more than its parent; -1 without a team."""
    levels, teams = config.workspace.levels, config.workspace.teams
    below = 0
    while team is not None and (stated := teams.get(team)) is not None:
        if stated.level in levels:
            return levels.index(stated.level) + below
        team, below = stated.parent, below + 1
    return below - 1
