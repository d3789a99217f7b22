"""One key result in the next cycle's config: its numbers re-based, what belongs to the old cycle set aside."""

from dataclasses import dataclass, field

from config.loading.loader import Config, KeyResultEntry
from config.models import KeyResult
from syncer.closing.close import ClosedKeyResult
from syncer.closing.rebase import Rebased, begins_anew, rebase
from syncer.closing.yaml_edit import YamlText
from syncer.words import say

_DATED = ("start", "due", "revisions")


@dataclass(slots=True)
class Carrier:
    """Carries key results of `cycle` into the next one. `to_do` is what a person has to fill in or look at."""

    config: Config
    cycle: str
    to_do: list[str] = field(default_factory=list)

    def say(self, en: str, zh: str) -> str:
        """In the workspace's language."""
        return say(self.config.workspace.language, en, zh)

    def ask(self, en: str, zh: str) -> None:
        """One more thing to do."""
        self.to_do.append(self.say(en, zh))

    def carry(self, text: YamlText, entry: KeyResultEntry, one: ClosedKeyResult) -> None:
        """Edit its text."""
        path, stated, goal = entry.path, entry.definition, one.state.definition.goal
        if one.decision is None:
            self.ask(f"{one.id}: nobody has decided on it; it was carried over", f"{one.id}：尚未決定，先延續")
        self._undate(text, entry)
        if goal is None:
            reason = one.state.definition.problem or one.state.reason
            self.ask(f"{one.id}: {reason}", f"{one.id}：{reason}")
        elif goal.kind == "milestone":
            self._steps(text, path, stated, one)
        elif goal.kind == "parts":
            for index, (part, (part_goal, _)) in enumerate(zip(stated.parts, goal.parts, strict=True)):
                value = one.state.values[index] if index < len(one.state.values) else None
                new = rebase(part, part_goal, value, anew=begins_anew(self.config, entry, index))
                self._part(text, f"{path}.parts.{index + 1}", f"{one.id} ({index + 1})", new)
        else:
            new = rebase(stated, goal, one.value, anew=begins_anew(self.config, entry))
            self._number(text, path, one, new)

    def _undate(self, text: YamlText, entry: KeyResultEntry) -> None:
        """Days of the old cycle lie outside the new one."""
        dated = [name for name in _DATED if text.has(f"{entry.path}.{name}")]
        if entry.definition.pace is not None and entry.definition.pace.points:
            dated.append("pace")
        for name in dated:
            text.comment_out(f"{entry.path}.{name}", self.say(f"of {self.cycle}:", f"{self.cycle} 的設定："))
            if name != "revisions":
                self.ask(
                    f"{entry.id}: `{name}` was of {self.cycle}; write a new one if needed",
                    f"{entry.id}：`{name}` 屬於 {self.cycle}，需要時請重新填寫",
                )

    def _number(self, text: YamlText, path: str, one: ClosedKeyResult, new: Rebased) -> None:
        added = []
        if new.kind is not None and not text.has(f"{path}.kind"):
            added.append(f"kind: {new.kind}")
        if new.baseline is not None:
            line = f"baseline: {new.baseline}  # {self._started(new)}"
            if text.has(f"{path}.baseline"):
                text.replace(f"{path}.baseline", line)
            elif one.baseline_in_sheet:
                self.ask(
                    f"{one.id}: its baseline stands in the sheet; write {new.baseline} there",
                    f"{one.id}：起始值寫在試算表中，請改為 {new.baseline}",
                )
            else:
                added.append(line)
        elif new.unknown:
            self._ask_for_baseline(one.id)
        self._target(text, path, one.id, new)
        if added and text.has(f"{path}.title"):
            text.add_below(f"{path}.title", added, text.inner_column(path))
        elif added:
            text.add_inside(path, added, text.inner_column(path))

    def _target(self, text: YamlText, path: str, key: str, new: Rebased) -> None:
        name = next((name for name in ("target", "change") if text.has(f"{path}.{name}")), None)
        if new.reached:
            self.ask(f"{key}: it was reached; it needs a new target", f"{key}：已達成，需要新的目標值")
            if name is not None:
                note = self.say("reached; write a new target:", "已達成，請填寫新的目標值：")
                text.comment_out(f"{path}.{name}", note)
        elif new.target is not None and name == "change":
            self._absolute(text, path, new.target)

    def _absolute(self, text: YamlText, path: str, target: str) -> None:
        was = self.say(f"was a change in {self.cycle}", f"{self.cycle} 為相對目標")
        text.replace(f"{path}.change", f"target: {target}  # {was}")

    def _part(self, text: YamlText, path: str, name: str, new: Rebased) -> None:
        if new.reached:
            note = self.say("reached; take it in again with a new target:", "已達成，要延續請填寫新的目標值：")
            text.comment_out(path, note)
            self.ask(f"{name}: this part was reached; it needs a new target", f"{name}：此部分已達成，需要新的目標值")
            return
        if new.unknown:
            self._ask_for_baseline(name)
        added = []
        if new.kind is not None and not text.has(f"{path}.kind"):
            added.append(f"kind: {new.kind}")
        if new.baseline is not None:
            line = f"baseline: {new.baseline}  # {self._started(new)}"
            if text.has(f"{path}.baseline"):
                text.replace(f"{path}.baseline", line)
            else:
                added.append(line)
        if new.target is not None:
            self._absolute(text, path, new.target)
        text.add_below(path, added, text.inner_column(path))

    def _steps(self, text: YamlText, path: str, stated: KeyResult, one: ClosedKeyResult) -> None:
        for number, step in enumerate(stated.steps, 1):
            if step.done:
                text.comment_out(f"{path}.steps.{number}", self.say(f"done in {self.cycle}:", f"{self.cycle} 已完成："))
        if one.reached:
            self.ask(f"{one.id}: every step is done; it needs new ones", f"{one.id}：步驟都已完成，需要新的步驟")

    def _ask_for_baseline(self, name: str) -> None:
        self.ask(f"{name}: its value is unknown; write its baseline", f"{name}：沒有數值，請填寫起始值")

    def _started(self, new: Rebased) -> str:
        if new.anew:
            return self.say("counted anew from the start of the cycle", "自週期開始重新計算")
        return self.say(f"where {self.cycle} ended", f"{self.cycle} 結束時的數值")
