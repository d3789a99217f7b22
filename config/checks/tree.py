"""Checks of ids and references: objectives, alignment, strategies, KPIs, former ids, teams and their levels."""

from collections.abc import Iterator, Mapping, Sequence

from config.findings import Findings
from config.key_results import Stated
from config.message import Message
from config.models import Workspace
from config.suggest import did_you_mean


def check_tree(workspace: Workspace, stated: Sequence[Stated], findings: Findings) -> None:
    """Check that ids are unique, references exist, and alignment and teams have no loops."""
    paths = {name: f"objectives.{name}" for name in workspace.objectives}
    _check_ids(stated, paths, findings)
    _check_references(workspace, stated, set(paths), findings)
    _check_alignment_loops(workspace, stated, findings)
    _check_former_ids(stated, paths, findings)
    _check_named(workspace, stated, findings)
    if workspace.teams:
        _check_teams(workspace, stated, findings)


def _check_ids(stated: Sequence[Stated], paths: dict[str, str], findings: Findings) -> None:
    for one in stated:
        if one.id in paths:
            findings.add(
                one.path,
                Message(
                    "the id '{id}' is taken by {paths}; objectives and key results share ids",
                    id=one.id,
                    paths=paths[one.id],
                ),
            )
        else:
            paths[one.id] = one.path


def _check_references(workspace: Workspace, stated: Sequence[Stated], ids: set[str], findings: Findings) -> None:
    objectives = workspace.objectives
    for one in stated:
        named = one.definition.objective
        if named is not None and named not in objectives:
            findings.add(
                f"{one.path}.objective",
                Message("unknown objective '{named}'{meant}", named=named, meant=did_you_mean(named, objectives)),
            )
        elif named is not None and named != one.objective_id:
            findings.add(
                f"{one.path}.objective",
                Message(
                    "is '{named}', but it is listed in objective {objective_id}",
                    named=named,
                    objective_id=one.objective_id,
                ),
            )
    for name, objective in workspace.objectives.items():
        for above in objective.aligns_to:
            if above not in ids:
                message = Message(
                    "unknown objective or key result '{above}'{meant}", above=above, meant=did_you_mean(above, ids)
                )
                findings.add(f"objectives.{name}.aligns_to", message)
        if objective.weight is not None and objective.weight.value <= 0:
            findings.add(f"objectives.{name}.weight", Message("must be above 0: write such a number, or remove it"))


def _check_alignment_loops(workspace: Workspace, stated: Sequence[Stated], findings: Findings) -> None:
    """Check that `aligns_to` has no loops; aligning to a key result counts as aligning to its objective."""
    home = {one.id: one.objective_id for one in stated}
    above = {
        name: tuple(home.get(target) or target for target in objective.aligns_to)
        for name, objective in workspace.objectives.items()
    }
    for loop in loops(above):
        message = Message("is circular: {loop}; remove one of these from its `aligns_to`", loop=" -> ".join(loop))
        findings.add(f"objectives.{loop[0]}.aligns_to", message)


def loops(above: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the loops of a directed graph, each once, as a closed path such as ("A", "B", "A")."""
    done: set[str] = set()
    for start in above:
        trail: dict[str, Iterator[str]] = {start: iter(above[start])} if start not in done else {}
        while trail:
            name, rest = next(reversed(trail.items()))
            target = next(rest, None)
            if target is None:
                done.add(name)
                del trail[name]
            elif target in trail:
                names = list(trail)
                yield (*names[names.index(target) :], target)
            elif target in above and target not in done:
                trail[target] = iter(above[target])


def _check_former_ids(stated: Sequence[Stated], paths: Mapping[str, str], findings: Findings) -> None:
    taken: dict[str, str] = {}
    for one in stated:
        former = one.definition.was
        if former is None:
            continue
        if former in paths:
            findings.add(
                f"{one.path}.was",
                Message(
                    "'{former}' is an id in use ({paths}); a former id cannot be an id in use",
                    former=former,
                    paths=paths[former],
                ),
            )
        elif former in taken:
            findings.add(
                f"{one.path}.was",
                Message("'{former}' is the former id of {taken} already", former=former, taken=taken[former]),
            )
        taken[former] = one.id


def _check_named(workspace: Workspace, stated: Sequence[Stated], findings: Findings) -> None:
    """Check that the strategies of objectives and the KPIs of key results exist."""
    strategies, kpis = workspace.company.strategies, workspace.kpis
    for name, objective in workspace.objectives.items():
        for strategy in objective.supports:
            if strategy not in strategies:
                near = did_you_mean(strategy, strategies) or Message("; define it under `company.strategies`")
                findings.add(
                    f"objectives.{name}.supports",
                    Message("unknown strategy '{strategy}'{near}", strategy=strategy, near=near),
                )
    for one in stated:
        kpi = one.definition.kpi
        if kpi is not None and kpi not in kpis:
            near = did_you_mean(kpi, kpis) or Message("; define it under `kpis`")
            findings.add(f"{one.path}.kpi", Message("unknown KPI '{kpi}'{near}", kpi=kpi, near=near))


def _check_levels(workspace: Workspace, findings: Findings) -> None:
    """Check that the level of each team is known and below the level of its parent."""
    order = {level: place for place, level in enumerate(workspace.levels)}
    for name, team in workspace.teams.items():
        if team.level is None:
            continue
        if team.level not in order:
            near = did_you_mean(team.level, order) or Message("; levels: {order}", order=list(order))
            findings.add(f"teams.{name}.level", Message("unknown level '{level}'{near}", level=team.level, near=near))
            continue
        above = workspace.teams.get(team.parent or "")
        if above and above.level in order and order[above.level] >= order[team.level]:
            message = Message(
                "is '{level}', which is not below '{level2}' of its parent {parent}",
                level=team.level,
                level2=above.level,
                parent=team.parent,
            )
            findings.add(
                f"teams.{name}.level",
                Message("{message}; correct one of them, or the order of `levels`", message=message),
            )


def _check_teams(workspace: Workspace, stated: Sequence[Stated], findings: Findings) -> None:
    named = [(f"objectives.{name}.team", one.team) for name, one in workspace.objectives.items()]
    named += [(f"{one.path}.team", one.definition.team) for one in stated]
    named += [(f"teams.{name}.parent", team.parent) for name, team in workspace.teams.items()]
    for path, team in named:
        if team is not None and team not in workspace.teams:
            meant = did_you_mean(team, workspace.teams)
            findings.add(path, Message("unknown team '{team}'{meant}", team=team, meant=meant))
    _check_levels(workspace, findings)
    parents = {name: (team.parent,) if team.parent else () for name, team in workspace.teams.items()}
    for loop in loops(parents):
        findings.add(
            f"teams.{loop[0]}.parent",
            Message("is circular: {loop}; remove one `parent`", loop=" -> ".join(loop)),
        )
