"""Who stands above whom: the levels of objectives, from those of their teams and from their cycles. Pure."""

from config.loading.loader import Config
from config.models import Objective


def is_top(config: Config, objective: Objective) -> bool:
    """Whether nothing stands above it: its team has no parent and no level below the first, or it has no team."""
    team = config.workspace.teams.get(objective.team or "")
    if team is None:
        return True
    return team.parent is None and (team.level is None or team.level == config.workspace.levels[0])


def not_above(config: Config, key: str) -> tuple[str, ...]:
    """What an objective aligns to, where none of that stands above it; empty where one does, or where it is not known.

    Above is a higher level, or the same level in a longer cycle: a year stands over its quarters.
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
    """How far from the top a team stands: by its level, or else one below its parent; no team stands over all."""
    levels, teams = config.workspace.levels, config.workspace.teams
    below = 0
    while team is not None and (stated := teams.get(team)) is not None:
        if stated.level in levels:
            return levels.index(stated.level) + below
        team, below = stated.parent, below + 1
    return below - 1
