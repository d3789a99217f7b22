"""Compute objectives: the roll-up of their key results and of the objectives included in them. Pure."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from config.dataclass import dataclass
from config.loading.loader import Config
from syncer.compute.own_titles import own_title
from syncer.compute.states import KeyResultState, ObjectiveState, Overrides
from syncer.method.pace import expected
from syncer.method.status import Member, RollUp, Status, roll_up


def compute_objectives(
    config: Config, states: Sequence[KeyResultState], today: date, overrides: Overrides | None = None
) -> tuple[ObjectiveState, ...]:
    """Compute the objectives in config order, each from its key results and the objectives included in it.

    A person's status override of a key result counts here; that of an objective counts in the objectives that include
    it.
    """
    overrides = overrides or {}
    workspace = config.workspace
    members: dict[str, list[Member]] = {key: [] for key in workspace.objectives}
    for state in states:
        definition = state.definition
        if definition.objective in members:
            members[definition.objective].append(
                Member(definition.id, state.progress.progress, definition.weight, state.expected, state.effective)
            )
    counted = included(config)
    rolled: dict[str, RollUp] = {}

    def rollup_of(key: str) -> RollUp:
        if key not in rolled:
            below = [included_member(child) for child in counted[key]]
            rolled[key] = roll_up([*members[key], *below], workspace.objectives[key].status, workspace.status)
        return rolled[key]

    def included_member(key: str) -> Member:
        rollup, (override, _) = rollup_of(key), overrides.get(key, (None, ""))
        status = override.status if override else rollup.status
        return Member(key, rollup.progress, _weight(config, key), expected_of(key), status)

    def expected_of(key: str) -> Decimal:
        due = rollup_of(key).expected
        return _expected_of(config, key, today) if due is None else due

    return tuple(
        ObjectiveState(
            key,
            own_title(key, objective.title or key),
            objective.team or "",
            rollup_of(key),
            expected_of(key),
            *overrides.get(key, (None, "")),
        )
        for key, objective in workspace.objectives.items()
    )


def included(config: Config) -> dict[str, list[str]]:
    """Return the included objectives by objective: `rollup: include`, aligned to it or to one of its key results."""
    home = {entry.id: entry.objective_id for entry in config.key_results}
    found: dict[str, list[str]] = {key: [] for key in config.workspace.objectives}
    for child, objective in config.workspace.objectives.items():
        above = dict.fromkeys(home.get(target) or target for target in objective.aligns_to)
        for key in above if objective.rollup == "include" else ():
            found[key].append(child)
    return found


@dataclass(frozen=True, slots=True)
class Term:
    """A key result or an included objective in the weighted mean of an objective.

    `status` is the effective one; a dropped term does not count.
    """

    id: str
    title: str
    progress: Decimal | None
    weight: Decimal
    status: Status
    is_objective: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is part of the mean."""
        return self.status is not Status.DROPPED


def terms_of(
    config: Config,
    key_results: Sequence[KeyResultState],
    objectives: Sequence[ObjectiveState],
    objective: ObjectiveState,
) -> tuple[Term, ...]:
    """Return the terms of an objective's weighted mean: its key results, then the objectives included in it."""
    below = included(config)[objective.id]
    own = (
        Term(one.definition.id, one.definition.title, one.progress.progress, one.definition.weight, one.effective)
        for one in key_results
        if one.definition.objective == objective.id
    )
    others = (
        Term(one.id, one.title, one.rollup.progress, _weight(config, one.id), one.effective, is_objective=True)
        for one in objectives
        if one.id in below
    )
    return (*own, *others)


def _expected_of(config: Config, key: str, today: date) -> Decimal:
    cycle = config.workspace.cycle_of(key)
    return expected(cycle.first, cycle.last, today, config.workspace.pace)


def _weight(config: Config, key: str) -> Decimal:
    weight = config.workspace.objectives[key].weight
    return weight.value if weight else Decimal(1)
