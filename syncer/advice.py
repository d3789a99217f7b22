"""The config's OKRs as the lint rules see them."""

from config.loader import Config
from syncer.okr.lint import Advice, LintKeyResult, LintObjective, advise


def advice_on(config: Config) -> tuple[Advice, ...]:
    """All advice on the objectives of a config."""
    workspace = config.workspace
    objectives = []
    for key, objective in workspace.objectives.items():
        team = workspace.teams.get(objective.team or "")
        key_results = tuple(
            LintKeyResult(
                id=entry.id,
                title=entry.definition.title or "",
                owner=entry.definition.owner or "",
                has_target=bool(
                    entry.definition.target
                    or entry.definition.change
                    or entry.definition.parts
                    or entry.definition.steps
                    or entry.definition.max
                ),
                baseline=entry.definition.baseline.value if entry.definition.baseline else None,
                target=entry.definition.target.value if entry.definition.target else None,
            )
            for entry in config.key_results
            if entry.objective_id == key
        )
        objectives.append(
            LintObjective(
                id=key,
                title=objective.title or "",
                owner=objective.owner or objective.team or "",
                cycle=workspace.cycle.name,
                aligns_to=objective.aligns_to,
                top=not (team and team.parent),
                key_results=key_results,
            )
        )
    return advise(objectives)
