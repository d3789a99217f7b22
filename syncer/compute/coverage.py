"""Coverage gaps of objectives, from the latest check-ins."""

from syncer.compute.assess import Assessment
from syncer.compute.check_ins import confidence_of
from syncer.compute.states import ObjectiveState
from syncer.method.coverage import Gap, coverage_gap


def gap_of(assessment: Assessment, objective: ObjectiveState) -> Gap | None:
    """Return the coverage gap of an objective, given the latest check-in in its row."""
    workspace = assessment.config.workspace
    live = [s for s in assessment.key_results if s.definition.objective == objective.id and not s.dropped]
    ids = {objective.id, *(state.definition.id for state in live)}
    end = workspace.cycle_of(objective.id).last
    below = [
        (other.id, other.rollup.progress)
        for other in assessment.objectives
        if ids & set(workspace.objectives[other.id].aligns_to)
    ]
    to_the_end = all(
        workspace.cycle_of(name).last >= end for name, _ in below
    )  # a year goes on after its first quarter
    said = assessment.recall.check_ins.get(objective.id, ())
    newest = said[-1] if said else None
    return coverage_gap(
        [state.progress.progress for state in live],
        confidence_of(newest, workspace.confidence.scale) if newest else None,
        newest.said.get("judgement", "") if newest else "",
        objective.rollup.progress,
        below if to_the_end else (),
    )
