"""Models of config options about time: pace, periods, cycles, check-ins, changes in mid-cycle, retention, limits."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from config.cycles import Phase
from config.fields import OPTIONS, TEXT, Day, Model, Number, Seconds, Share
from config.message import Message

PaceKind = Literal["linear", "workdays", "points"]
_PACES = ("linear", "workdays", "points")


class Pace(Model):
    """How progress is expected to come: evenly over the days, over the workdays, or in phases."""

    kind: PaceKind = Field("linear", description="linear: every day counts; workdays; points: phased targets.")
    country: str | None = Field(None, description="workdays: whose public holidays do not count, such as TW.")
    extra_holidays: tuple[Day, ...] = Field((), description="workdays: further days off.")
    extra_workdays: tuple[Day, ...] = Field((), description="workdays: days that count all the same (make-up days).")
    points: dict[Day, Share] = Field(
        default_factory=dict, description="points: the share expected by the end of a day, such as 2026-10-31: 20%."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "Pace":
        if self.points and self.kind != "points":
            raise ValueError(Message("`points` do not go with `kind: {kind}`: keep one of them", kind=self.kind))
        if self.kind == "points" and not self.points:
            raise ValueError(Message("`kind: points` needs `points`: dates with the share expected by then"))
        workdays = ("country", "extra_holidays", "extra_workdays")
        if self.kind != "workdays" and (stated := [name for name in workdays if getattr(self, name)]):
            raise ValueError(
                Message("`{stated}` is about workdays: write `kind: workdays`, or remove it", stated=stated[0])
            )
        return self


def _pace(value: object) -> object:
    """Accept `linear` or `workdays` as text, and infer the kind of a mapping: `points` if stated, else `workdays`."""
    if isinstance(value, str):
        if value not in _PACES[:2]:
            raise ValueError(
                Message(
                    "'{value}' is not a pace; write linear, workdays, or `points` with dates and shares",
                    value=value[:60],
                )
            )
        return {"kind": value}
    if isinstance(value, Mapping) and "kind" not in value:
        kind = "points" if "points" in value else "workdays" if value else "linear"
        return {**value, "kind": kind}
    return value


PaceText = Annotated[Pace, BeforeValidator(_pace)]


class Over(Model):
    """A threshold over several periods: one reading per period, so that it does not matter how often sync runs."""

    each: Literal["week", "month"] = Field(description="A week begins on Monday, a month on its first.")
    take: Literal["mean", "worst"] = Field("mean", description="mean: the share of periods that held; worst: all must.")


def _over(value: object) -> object:
    if value == "latest":
        return None
    if isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - a validator reports ValueError
            Message(
                "'{value}' cannot be used here; write `latest`, or `each` (week, month) and `take`", value=value[:60]
            )
        )
    return value


OverText = Annotated[Over | None, BeforeValidator(_over)]


class AtStart(Model):
    """A baseline that okrsync takes from the ledger."""

    at: Literal["cycle.start"] = Field(description="`cycle.start`: its first value of the cycle.")


Baseline = Annotated[
    Annotated[Number, Tag(TEXT)] | Annotated[AtStart, Tag(OPTIONS)],
    Discriminator(lambda value: OPTIONS if isinstance(value, (dict, AtStart)) else TEXT),
]


class CycleOptions(Model):
    """A cycle next to the workspace's own, or more about that one."""

    start: Day | None = Field(None, description="Its first day; left out where its name says it, such as 2026-Q4.")
    end: Day | None = Field(None, description="Its last day.")
    phase: Phase = Field("running", description="draft, running, closing, or closed: never written again.")


class Revision(Model):
    """A change of a key result in mid-cycle, kept for the record."""

    date: Day = Field(description="When it was agreed.")
    reason: str = Field(description="Why.")
    what: str | None = Field(None, description="What changed, such as: target 80% to 90%.")


class Dropped(Model):
    """A key result that was given up in mid-cycle: it leaves the roll-up, not the report."""

    date: Day = Field(description="Since when it no longer counts.")
    reason: str = Field(description="Why.")


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_EVERY: Mapping[str, int] = {"week": 7, "2 weeks": 14, "month": 31}


class CheckIn(Model):
    """How often people say how it goes."""

    every: Literal["week", "2 weeks", "month"] = Field("week", description="The cadence.")
    due: Weekday = Field("friday", description="The day of the week on which a check-in is due.")

    @property
    def days(self) -> int:
        """Days between two check-ins: 7, 14 or 31."""
        return _EVERY[self.every]


class Confidence(Model):
    """The scale of the confidence that people state."""

    scale: int = Field(10, ge=2, le=100, description="Its highest number; the lowest is 1.")


class Retention(Model):
    """How long the ledger keeps what counts and values can do without."""

    ids: int = Field(400, ge=0, description="Days for which the ids of rows are kept: which issues came and went.")
    rows: int = Field(0, ge=0, description="Days for which rows themselves are kept; 0: none.")


class Limits(Model):
    """The deadlines of a run; a connection's `timeout` is that of one request."""

    connection: Seconds = Field(
        900.0, gt=0, le=86_400, description="How long one connection's requests and waits may take in a run: 5m."
    )
    run: Seconds = Field(1800.0, gt=0, le=86_400, description="From a run's beginning on until it sends nothing: 15m.")
    wait: Seconds = Field(
        60.0, ge=0, le=86_400, description="What the waits of one connection may add up to in a run: 60s."
    )
