"""The draft of a config: objectives and key results as read from a sheet, and what was unclear."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from config.dataclass import dataclass
from config.languages import Language
from config.models import Kind
from config.scalars import Amount

Tracker = Literal["jira", "github", "rows"]
"""Where the number of a key result may come from."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that was guessed or could not be read.

    Attributes:
        place: the cell, such as `OKRs!C5`.
        seen: the text in it.
        assumed: what the draft says instead, as a Message.
        key: path of the config's key to change, such as `objectives.O1.key_results.KR2.kind`; empty where only the
            sheet can be.
    """

    place: str
    seen: str
    assumed: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class DraftedGoal:
    """Kind, numbers and unit of a key result; `kind` is None where baseline and target decide."""

    kind: Kind | None = None
    baseline: Amount | None = None
    target: Amount | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class DraftedKeyResult:
    """One key result. `tracker` is a guess at the source of its number by its title."""

    id: str
    title: str
    owner: str
    team: str
    goal: DraftedGoal
    tracker: Tracker | None
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftedObjective:
    """One objective with its key results; `id` is empty for key results without an objective."""

    id: str
    title: str
    team: str
    key_results: tuple[DraftedKeyResult, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a sheet says.

    `columns` are headers that are not known names; `left_out` are rows that hold no OKRs, such as `OKRs!11`.
    """

    tabs: tuple[str, ...]
    language: Language
    objectives: tuple[DraftedObjective, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    current_header: str = ""
    """Header of the column in which people type; empty if there is none yet."""
    questions: tuple[Question, ...] = ()
    """Questions about headers and rows; those about a key result are its own."""
    left_out: tuple[str, ...] = ()

    @property
    def key_results(self) -> tuple[DraftedKeyResult, ...]:
        """All key results, from top to bottom."""
        return tuple(one for objective in self.objectives for one in objective.key_results)

    def all_questions(self) -> Iterator[Question]:
        """Yield all questions: those about the sheet, then those about key results."""
        yield from self.questions
        for one in self.key_results:
            yield from one.questions
