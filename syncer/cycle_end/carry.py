"""Carry a key result over to the next cycle's config: rebase its numbers, drop dates of the old cycle."""

from dataclasses import field, replace
from decimal import Decimal

from config.dataclass import dataclass
from config.expressions import Arithmetic
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
    """Numbers of one key result, or of one part, in the next cycle.

    Attributes:
        baseline: the new baseline; None keeps the current one.
        target: the absolute value of a relative target; None keeps the current one.
        kind: written to the config, so that the new numbers cannot change its direction.
        reached: the goal was reached and needs a new target. A threshold that was met has to be met again.
        from_zero: the measure counts from the start of the cycle, so its baseline is 0.
        unknown: there is no value to start from.
        percent: the numbers are fractions to write as percentages.
    """

    baseline: Decimal | None = None
    target: Decimal | None = None
    kind: Kind | None = None
    reached: bool = False
    from_zero: bool = False
    unknown: bool = False
    percent: bool = False

    def text(self, number: Decimal) -> str:
        """Format a number for the config."""
        return f"{rounded(number * 100):f}%" if self.percent else f"{rounded(number):f}"


def rebase(stated: KeyResult | Part | None, goal: Goal, value: Decimal | None, *, from_zero: bool) -> Rebased:
    """Compute the numbers for the next cycle from the last `value`; `from_zero`: its measure then counts from 0.

    `stated`: as in the config; None for a key result that the sheet alone defines.
    """
    target = goal.target if stated is not None and stated.change is not None else None
    new = Rebased(target=target, percent=goal.percent)
    if not goal.is_distance:
        return new
    new = replace(new, kind=goal.kind, reached=goal.progress([value]).progress == 1)
    if stated is not None and stated.starts_with_the_cycle:
        return new
    start = Decimal(0) if from_zero else value
    if start is None:
        return replace(new, unknown=True)
    return replace(new, baseline=start, from_zero=from_zero)


def restarts_at_zero(config: Config, measure: Arithmetic | None) -> bool:
    """Whether the number is a count or a sum since the start of the cycle, which is 0 on the next one's first day."""
    if measure is None:
        return False
    queries = [" ".join(config.measures[name].query_keys.values()) for name in measure.names]
    additive = all(config.expressions[name].additive for name in measure.names)
    return additive and all("{cycle.start}" in query for query in queries)


_DATED = ("start", "due", "revisions")


@dataclass(slots=True)
class Carrier:
    """Carries key results of `cycle` over to the next one.

    `to_do` lists what a person has to complete or check; `rebased` are the numbers of key results with a single one.
    """

    config: Config
    cycle: str
    to_do: list[Message] = field(default_factory=list)
    rebased: dict[str, Rebased] = field(default_factory=dict)

    def translate(self, message: str, /, **values: object) -> str:
        """Translate a text to the workspace's language."""
        return translate(self.config.workspace.language, message, **values)

    def ask(self, message: str, /, **values: object) -> None:
        """Add an item to `to_do`."""
        self.to_do.append(Message(message, **values))

    def carry_row(self, one: ClosedKeyResult) -> None:
        """Compute the numbers of a key result that the sheet alone defines."""
        goal, measures = one.state.definition.goal, one.state.definition.measures
        if one.decision is None:
            self.ask("{id}: no decision yet; it was carried over", id=one.id)
        if goal is None:
            self.ask("{id}: {reason}", id=one.id, reason=one.state.definition.problem or one.state.reason)
            return
        new = rebase(None, goal, one.value, from_zero=restarts_at_zero(self.config, measures[0]))
        self.rebased[one.id] = new
        self._ask_about(one.id, new)

    def _ask_about(self, name: str, new: Rebased) -> None:
        if new.unknown:
            self.ask("{name}: its value is unknown; write its baseline", name=name)
        if new.reached:
            self.ask("{key}: it was reached; it needs a new target", key=name)

    def carry(self, text: YamlText, entry: KeyResultEntry, one: ClosedKeyResult) -> None:
        """Edit the config text of one key result."""
        path, stated, goal = entry.path, entry.definition, one.state.definition.goal
        if one.decision is None:
            self.ask("{id}: no decision yet; it was carried over", id=one.id)
        self._undate(text, entry)
        if goal is None:
            self.ask("{id}: {reason}", id=one.id, reason=one.state.definition.problem or one.state.reason)
        elif stated.steps:
            self._steps(text, path, stated, one)
        elif stated.parts:
            for index, (part, (part_goal, _)) in enumerate(zip(stated.parts, goal.parts, strict=True)):
                value = one.state.values[index] if index < len(one.state.values) else None
                new = rebase(part, part_goal, value, from_zero=restarts_at_zero(self.config, entry.parts[index]))
                self._part(text, f"{path}.parts.{index + 1}", f"{one.id} ({index + 1})", new)
        else:
            new = rebase(stated, goal, one.value, from_zero=restarts_at_zero(self.config, entry.measure))
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
                    "{id}: `{name}` was for {cycle}; write a new one if needed",
                    id=entry.id,
                    name=name,
                    cycle=self.cycle,
                )

    def _number(self, text: YamlText, path: str, one: ClosedKeyResult, new: Rebased) -> None:
        self.rebased[one.id] = new
        self._ask_about(one.id, new)
        added = self._begin(text, path, new, in_sheet=one.baseline_in_sheet)
        self._target(text, path, new)
        if added:
            text.add(path, added, below="title")

    def _begin(self, text: YamlText, path: str, new: Rebased, *, in_sheet: bool = False) -> list[str]:
        """Write the new baseline in place of the old one; return lines to add for missing keys.

        `in_sheet`: the sheet has the baseline, and the new one gets it.
        """
        added = []
        if new.kind is not None and not text.has(f"{path}.kind"):
            added.append(f"kind: {new.kind}")
        if new.baseline is not None:
            line = f"baseline: {new.text(new.baseline)}  # {self._started(new)}"
            if text.has(f"{path}.baseline"):
                text.replace(f"{path}.baseline", line)
            elif not in_sheet:
                added.append(line)
        return added

    def _target(self, text: YamlText, path: str, new: Rebased) -> None:
        name = next((name for name in ("target", "change") if text.has(f"{path}.{name}")), None)
        if new.reached and name is not None:
            text.comment_out(f"{path}.{name}", self.translate("reached; write a new target:"))
        elif not new.reached and new.target is not None and name == "change":
            self._absolute(text, path, new.text(new.target))

    def _absolute(self, text: YamlText, path: str, target: str) -> None:
        was = self.translate("was a change in {cycle}", cycle=self.cycle)
        text.replace(f"{path}.change", f"target: {target}  # {was}")

    def _part(self, text: YamlText, path: str, name: str, new: Rebased) -> None:
        if new.reached:
            note = self.translate("reached; to continue it, write a new target:")
            text.comment_out(path, note)
            self.ask("{name}: this part was reached; it needs a new target", name=name)
            return
        if new.unknown:
            self.ask("{name}: its value is unknown; write its baseline", name=name)
        added = self._begin(text, path, new)
        if new.target is not None:
            self._absolute(text, path, new.text(new.target))
        text.add(path, added)

    def _steps(self, text: YamlText, path: str, stated: KeyResult, one: ClosedKeyResult) -> None:
        for number, step in enumerate(stated.steps, 1):
            if step.done:
                text.comment_out(f"{path}.steps.{number}", self.translate("done in {cycle}:", cycle=self.cycle))
        if one.reached:
            self.ask("{id}: every step is done; it needs new ones", id=one.id)

    def _started(self, new: Rebased) -> str:
        if new.from_zero:
            return self.translate("counted again from the start of the cycle")
        return self.translate("where {cycle} ended", cycle=self.cycle)
