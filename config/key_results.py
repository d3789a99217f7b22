"""The key results of a workspace in one row, wherever they stand, and every measure under a name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.models import KeyResult, Measure, Part, Workspace

if TYPE_CHECKING:
    from config.expressions import Arithmetic


@dataclass(frozen=True, slots=True)
class KeyResultEntry:
    """One key result of the config.

    `measure` is None where people type the value in the sheet; `parts` holds one entry for each part, empty without
    parts. `path` leads to it in the files.
    """

    id: str
    objective_id: str | None
    definition: KeyResult
    measure: "Arithmetic | None"
    parts: "tuple[Arithmetic | None, ...]"
    path: str


@dataclass(frozen=True, slots=True)
class MeasureUse:
    """Where a key result or a part takes its number from: `text` is arithmetic or a name, None when typed by hand."""

    text: str | None
    path: str
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A key result as the config states it, its inline measures named: `KR3#1` is the first."""

    id: str
    objective_id: str | None
    definition: KeyResult
    path: str
    measure: MeasureUse
    parts: tuple[MeasureUse, ...]
    inline: Mapping[str, tuple[Measure, str]]

    def numbers(self) -> Iterator[tuple[KeyResult | Part, MeasureUse, str]]:
        """What is computed on its own: the key result, or each of its parts; with where it stands."""
        if not self.parts:
            yield self.definition, self.measure, self.path
        for number, (part, use) in enumerate(zip(self.definition.parts, self.parts, strict=True), 1):
            yield part, use, f"{self.path}.parts.{number}"


def gather(workspace: Workspace) -> tuple[Stated, ...]:
    """All key results: those of the objectives first, in the order of the file."""
    found = []
    for objective_id, objective in workspace.objectives.items():
        around = f"objectives.{objective_id}.key_results"
        found += [_stated(name, objective_id, kr, f"{around}.{name}") for name, kr in objective.key_results.items()]
    for name, key_result in workspace.key_results.items():
        found.append(_stated(name, key_result.objective, key_result, f"key_results.{name}"))
    return tuple(found)


def _stated(name: str, objective_id: str | None, definition: KeyResult, path: str) -> Stated:
    inline: dict[str, tuple[Measure, str]] = {}

    def use(measure: str | Measure | None, place: str) -> MeasureUse:
        if not isinstance(measure, Measure):
            return MeasureUse(measure, place)
        generated = f"{name}#{len(inline) + 1}"
        inline[generated] = (measure, place)
        return MeasureUse(generated, place, inline=True)

    own = use(definition.measure, f"{path}.measure")
    parts = tuple(
        use(part.measure, f"{path}.parts.{number}.measure") for number, part in enumerate(definition.parts, 1)
    )
    return Stated(name, objective_id, definition, path, own, parts, inline)
