"""Carry a key result over to the next cycle's config: rebase its numbers, drop dates of the old cycle."""

from dataclasses import dataclass, field
from decimal import Decimal

from config.loading.loader import Config, KeyResultEntry
from config.message import Message
from config.models import KeyResult, Kind, Part
from syncer.cycle_end.close import ClosedKeyResult
from syncer.cycle_end.yaml_edit import YamlText
from syncer.i18n import translate
from syncer.method.goal import Goal
from syncer.method.progress import rounded


@dataclass(frozen=True, slots=True)
class Rebased:
    """Numbers of one key result, or of one part, in the next cycle, as texts for the config.

    Attributes:
        baseline: the new baseline; None keeps the current one.
        target: the absolute value of a relative target; None keeps the current one.
        kind: written to the config, so that the new numbers cannot change its direction.
        reached: the goal was reached and needs a new target.
        from_zero: the measure counts from the start of the cycle, so its baseline is 0.
        unknown: there is no value to start from.
    """

    baseline: str | None = None
    target: str | None = None
    kind: Kind | None = None
    reached: bool = False
    from_zero: bool = False
    unknown: bool = False


def rebase(stated: KeyResult | Part, goal: Goal, value: Decimal | None, *, from_zero: bool) -> Rebased:
    """Compute the numbers for the next cycle from the last `value`; `from_zero`: its measure then counts from 0."""
    target = _written(goal.target, goal) if stated.change is not None and goal.target is not None else None
    reached = goal.progress([value]).progress == 1
    if not goal.is_distance:
        return Rebased(target=target, reached=reached)
    if stated.starts_with_the_cycle:
        return Rebased(target=target, kind=goal.kind, reached=reached)
    start = Decimal(0) if from_zero else value
    if start is None:
        return Rebased(target=target, kind=goal.kind, unknown=True)
    return Rebased(_written(start, goal), target, goal.kind, reached, from_zero)


def _written(number: Decimal, goal: Goal) -> str:
    plain = format(rounded(number * 100 if goal.percent else number), "f")
    return f"{plain}%" if goal.percent else plain


def restarts_at_zero(config: Config, entry: KeyResultEntry, part: int | None = None) -> bool:
    """Whether the number is a count or a sum since the start of the cycle, which is 0 on the next one's first day."""
    measure = entry.measure if part is None else entry.parts[part]
    if measure is None:
        return False
    queries = [" ".join(config.measures[name].query_keys().values()) for name in measure.names]
    additive = all(config.expressions[name].additive for name in measure.names)
    return additive and all("{cycle.start}" in query for query in queries)


_DATED = ("start", "due", "revisions")


@dataclass(slots=True)
class Carrier:
    """Carries key results of `cycle` over to the next one. `to_do` lists what a person has to complete or check."""

    config: Config
    cycle: str
    to_do: list[Message] = field(default_factory=list)

    def translate(self, message: str, /, **values: object) -> str:
        """Translate a text to the workspace's language."""
        return translate(self.config.workspace.language, message, **values)

    def ask(self, message: str, /, **values: object) -> None:
        """Add an item to `to_do`."""
        self.to_do.append(Message(message, **values))

    def carry(self, text: YamlText, entry: KeyResultEntry, one: ClosedKeyResult) -> None:
        """Edit the config text of one key result."""
        path, stated, goal = entry.path, entry.definition, one.state.definition.goal
        if one.decision is None:
            self.ask("{id}: nobody has decided on it; it was carried over", id=one.id)
        self._undate(text, entry)
        if goal is None:
            self.ask("{id}: {reason}", id=one.id, reason=one.state.definition.problem or one.state.reason)
        elif stated.steps:
            self._steps(text, path, stated, one)
        elif stated.parts:
            for index, (part, (part_goal, _)) in enumerate(zip(stated.parts, goal.parts, strict=True)):
                value = one.state.values[index] if index < len(one.state.values) else None
                new = rebase(part, part_goal, value, from_zero=restarts_at_zero(self.config, entry, index))
                self._part(text, f"{path}.parts.{index + 1}", f"{one.id} ({index + 1})", new)
        else:
            new = rebase(stated, goal, one.value, from_zero=restarts_at_zero(self.config, entry))
            self._number(text, path, one, new)

    def _undate(self, text: YamlText, entry: KeyResultEntry) -> None:
        """Comment out dates of the old cycle, which are outside the new one."""
        dated = [name for name in _DATED if text.has(f"{entry.path}.{name}")]
        if entry.definition.pace is not None and entry.definition.pace.points:
            dated.append("pace")
        for name in dated:
            text.comment_out(f"{entry.path}.{name}", self.translate("of {cycle}:", cycle=self.cycle))
            if name != "revisions":
                self.ask(
                    "{id}: `{name}` was of {cycle}; write a new one if needed", id=entry.id, name=name, cycle=self.cycle
                )

    def _number(self, text: YamlText, path: str, one: ClosedKeyResult, new: Rebased) -> None:
        added = self._begin(text, path, one.id, new, in_sheet=one.baseline_in_sheet)
        self._target(text, path, one.id, new)
        if added:
            text.add(path, added, below="title")

    def _begin(self, text: YamlText, path: str, name: str, new: Rebased, *, in_sheet: bool = False) -> list[str]:
        """Write the new baseline in place of the old one; return lines to add for missing keys."""
        added = []
        if new.unknown:
            self.ask("{name}: its value is unknown; write its baseline", name=name)
        if new.kind is not None and not text.has(f"{path}.kind"):
            added.append(f"kind: {new.kind}")
        if new.baseline is not None:
            line = f"baseline: {new.baseline}  # {self._started(new)}"
            if text.has(f"{path}.baseline"):
                text.replace(f"{path}.baseline", line)
            elif in_sheet:
                self.ask(
                    "{id}: its baseline stands in the sheet; write {baseline} there", id=name, baseline=new.baseline
                )
            else:
                added.append(line)
        return added

    def _target(self, text: YamlText, path: str, key: str, new: Rebased) -> None:
        name = next((name for name in ("target", "change") if text.has(f"{path}.{name}")), None)
        if new.reached:
            self.ask("{key}: it was reached; it needs a new target", key=key)
            if name is not None:
                note = self.translate("reached; write a new target:")
                text.comment_out(f"{path}.{name}", note)
        elif new.target is not None and name == "change":
            self._absolute(text, path, new.target)

    def _absolute(self, text: YamlText, path: str, target: str) -> None:
        was = self.translate("was a change in {cycle}", cycle=self.cycle)
        text.replace(f"{path}.change", f"target: {target}  # {was}")

    def _part(self, text: YamlText, path: str, name: str, new: Rebased) -> None:
        if new.reached:
            note = self.translate("reached; take it in again with a new target:")
            text.comment_out(path, note)
            self.ask("{name}: this part was reached; it needs a new target", name=name)
            return
        added = self._begin(text, path, name, new)
        if new.target is not None:
            self._absolute(text, path, new.target)
        text.add(path, added)

    def _steps(self, text: YamlText, path: str, stated: KeyResult, one: ClosedKeyResult) -> None:
        for number, step in enumerate(stated.steps, 1):
            if step.done:
                text.comment_out(f"{path}.steps.{number}", self.translate("done in {cycle}:", cycle=self.cycle))
        if one.reached:
            self.ask("{id}: every step is done; it needs new ones", id=one.id)

    def _started(self, new: Rebased) -> str:
        if new.from_zero:
            return self.translate("counted anew from the start of the cycle")
        return self.translate("where {cycle} ended", cycle=self.cycle)
