"""Models of the OKRs in a config: key results, objectives, teams, the company and its KPIs."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from config.fields import Change, Day, Hold, Id, Model, Number, Texts
from config.measure_models import MeasureText, Work
from config.message import Message
from config.scalars import Amount
from config.time_models import AtStart, Baseline, Dropped, OverText, PaceText, Revision

Kind = Literal["increase", "decrease", "at_least", "at_most", "between", "milestone", "parts"]
Ambition = Literal["committed", "aspirational"]


class Step(Model):
    """One step of a milestone."""

    title: str = Field(description="What is done then.")
    done: bool = Field(False, description="Whether it is.")
    weight: Number = Field(default_factory=lambda: Amount(Decimal(1)), description="Its share of the whole.")


class _Goal(Model):
    measure: MeasureText | None = Field(
        None, description="A measure's name, arithmetic over names, or a measure. Default: typed in the sheet."
    )
    kind: Kind | None = Field(None, description="Default: increase or decrease, parts or milestone, by what is given.")
    baseline: Baseline | None = Field(None, description="Where it starts; {at: cycle.start}: its first value.")
    target: Number | None = Field(None, description="The finish line, absolute.")
    change: Change | None = Field(None, description="A relative finish line: +30%, -2pp, +2000. Needs a baseline.")
    min: Number | None = Field(None, description="The lower end of `between`.")
    max: Number | None = Field(None, description="The upper end of `between`.")
    unit: str | None = Field(None, description="What the number counts: hours, percent, TWD ...")
    partial: bool = Field(False, description="Score at_least and at_most by distance.")
    over: OverText = Field(None, description="latest (default), or a threshold over each week or month.")
    weight: Number | None = Field(None, description="Weight in the objective (or in the parts); default 1.")

    @property
    def stated_baseline(self) -> Amount | None:
        """The baseline where it is a number; None where it is left out or `{at: cycle.start}`."""
        return self.baseline if isinstance(self.baseline, Amount) else None

    @property
    def starts_with_the_cycle(self) -> bool:
        """Whether the baseline is the first value of the cycle: `{at: cycle.start}`."""
        return isinstance(self.baseline, AtStart)


class Part(_Goal):
    """One part of a key result of several numbers."""

    title: str | None = Field(None, description="What this part is.")


def _filled(value: object) -> object:
    if value == []:
        raise ValueError(Message("is empty: write at least one entry, with '- ' before it, or remove it"))
    return value


class KeyResult(_Goal):
    """A key result. What is left out here is read from its row in the sheet."""

    title: str | None = Field(None, description="The sentence people read.")
    objective: Id | None = Field(None, description="The objective it belongs to, where it is not nested in it.")
    was: Id | None = Field(None, description="Its former id: the row keeps its history.")
    owner: str | None = Field(None, description="The one person who answers for it.")
    team: str | None = Field(None, description="Default: the objective's.")
    kpi: str | None = Field(None, description="A KPI that it moves, instead of a measure of its own.")
    steps: Annotated[tuple[Step, ...], BeforeValidator(_filled)] = Field((), description="The steps of a milestone.")
    parts: Annotated[tuple[Part, ...], BeforeValidator(_filled)] = Field(
        (), description="Several numbers that make one key result."
    )
    combine: Literal["mean", "all"] = Field("mean", description="How parts become one progress.")
    type: Ambition | None = Field(None, description="committed: meant to end at 1.0; default: the objective's.")
    theme: str | None = Field(None, description="Focus area: new value, debt ...; default: the objective's.")
    start: Day | None = Field(None, description="Its own first day; default the cycle's.")
    due: Day | None = Field(None, description="Its own last day; default the cycle's.")
    pace: PaceText | None = Field(None, description="How its progress is expected to come; default the workspace's.")
    work: Work | None = Field(None, description="Its actions: shown as done of all, never counted as progress.")
    revisions: tuple[Revision, ...] = Field((), description="What was changed in mid-cycle, when and why.")
    dropped: Dropped | None = Field(None, description="Given up in mid-cycle: since when and why.")
    allow_empty: bool = Field(False, description="Zero rows after some rows is right for this one.")


class Objective(Model):
    """An objective and its key results."""

    title: str | None = Field(None, description="Qualitative: what is better at the end.")
    team: str | None = Field(None, description="Whose it is.")
    owner: str | None = Field(None, description="The one person who answers for it.")
    cycle: str | None = Field(None, description="Its cycle, one of `cycles`; default the workspace's.")
    aligns_to: Texts = Field((), description="Objectives or key results above it, in whatever department.")
    supports: Texts = Field((), description="Strategies of the company that it serves.")
    type: Ambition = Field("aspirational", description="committed: its key results are meant to end at 1.0.")
    theme: str | None = Field(None, description="Focus area: new value, debt, keep the lights on ...")
    weight: Number | None = Field(None, description="Weight where objectives are rolled up; default 1.")
    rollup: Literal["include"] | None = Field(None, description="`include`: counts in what it aligns to.")
    status: Literal["progress", "worst"] = Field(
        "progress",
        description="progress: its own progress against what is expected; worst: the worst of its key results'.",
    )
    key_results: dict[Id, KeyResult] = Field(default_factory=dict, description="By id.")


class Team(Model):
    """A team."""

    title: str | None = Field(None, description="Its name as people say it.")
    parent: str | None = Field(None, description="The team above it.")
    level: str | None = Field(None, description="One of `levels`.")
    lead: str | None = Field(None, description="Who leads it.")
    coach: str | None = Field(None, description="Its OKR coach.")
    members: Texts = Field((), description="Who belongs to it.")
    pilot: bool = Field(False, description="Whether it tries OKRs before the rest.")


class Company(Model):
    """What the company is for; objectives support its strategies."""

    mission: str | None = Field(None, description="Why it exists.")
    vision: str | None = Field(None, description="Where it wants to be.")
    strategies: dict[Id, str] = Field(default_factory=dict, description="How it gets there, by id.")


class Kpi(Model):
    """A measure that the company watches. With `hold` it is a health metric: shown apart, never averaged in."""

    title: str | None = Field(None, description="Its name as people say it.")
    measure: MeasureText = Field(description="A measure's name, arithmetic over names, or a measure.")
    hold: Hold | None = Field(None, description="What has to hold: at_least 90%, at_most 2, between 3 and 5.")
    unit: str | None = Field(None, description="What the number counts.")
    owner: str | None = Field(None, description="Who watches it.")

    @property
    def held(self) -> KeyResult | None:
        """A key result with the threshold of `hold`; None for a KPI without `hold`."""
        hold = self.hold
        if hold is None:
            return None
        if hold.low and hold.high:
            return KeyResult(min=hold.low, max=hold.high, unit=self.unit)
        return KeyResult(kind=hold.kind, target=hold.low or hold.high, unit=self.unit)
