"""The config language as strict models. Every scalar arrives as text; the models parse it.

The models hold what the file says and nothing else; what a schema cannot see is in `checks.py`.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from config.connections import (
    Connection,
    GitHubConnection,
    GoogleSheetsConnection,
    JiraConnection,
    JiraField,
    MetricsConnection,
)
from config.cycles import Cycle, parse_cycle
from config.fields import ID_PATTERN, NAME_PATTERN, Change, Day, Id, Model, Name, Number, Share, Texts, Zone
from config.scalars import Amount

__all__ = [
    "ID_PATTERN",
    "KNOWN_OPTIONS",
    "MEASURE_QUERY_KEYS",
    "NAME_PATTERN",
    "Connection",
    "GitHubConnection",
    "GoogleSheetsConnection",
    "JiraConnection",
    "JiraField",
    "KeyResult",
    "Kind",
    "Measure",
    "MetricsConnection",
    "Objective",
    "OkrSheet",
    "Part",
    "Safety",
    "StatusRule",
    "Step",
    "Team",
    "Workspace",
]


class Measure(Model):
    """A named number: a read and an expression over its rows.

    Which query keys a measure needs is the table's to say (`okrsync sources`).
    """

    from_: str = Field(alias="from", pattern=r"^[A-Za-z_][\w-]*\.[a-z_]+$", description="<connection>.<table>")
    value: str = Field(description="One SQL aggregate expression over the rows, such as count(*).")
    unit: str | None = Field(None, description="What the number counts; `percent` divides a value such as 90 by 100.")
    trace: Literal["rows"] | None = Field(None, description="`rows`: read rows even where a count would do.")
    jql: str | None = Field(None, description="Jira's query.")
    search: str | None = Field(None, description="GitHub's search query.")
    repository: str | None = Field(None, description="owner/name; several separated by white space.")
    created: str | None = Field(None, description="GitHub's date filter for workflow runs, such as >={cycle.start}.")
    workflow: str | None = Field(None, description="A workflow's file name.")
    spreadsheet: str | None = Field(None, description="A spreadsheet's id.")
    range: str | None = Field(None, description="A1 range with a header row, such as Deals!A:F.")
    cell: str | None = Field(None, description="One cell, such as Summary!B2.")
    path: str | None = Field(None, description="A file, relative to the config.")
    tab: str | None = Field(None, description="A workbook's tab; left out: its first.")
    encoding: str | None = Field(None, description="A text file's encoding; left out: found out.")
    header_row: int | None = Field(None, ge=1, description="The row of the headers, counted from 1.")
    url: str | None = Field(None, description="A path below the connection's url.")
    rows: str | None = Field(None, description="JMESPath to the list of rows.")
    query: str | None = Field(None, description="A PromQL query.")

    @property
    def connection(self) -> str:
        """The connection's name."""
        return self.from_.partition(".")[0]

    @property
    def table(self) -> str:
        """The table's name."""
        return self.from_.partition(".")[2]

    def query_keys(self) -> dict[str, str]:
        """The query keys that are stated, by name, as text."""
        return {name: str(value) for name in MEASURE_QUERY_KEYS if (value := getattr(self, name)) is not None}


MEASURE_QUERY_KEYS = tuple(name for name in Measure.model_fields if name not in ("from_", "value", "unit", "trace"))


class Step(Model):
    """One step of a milestone."""

    title: str = Field(description="What is done then.")
    done: bool = Field(False, description="Whether it is.")
    weight: Number = Field(default_factory=lambda: Amount(Decimal(1)), description="Its share of the whole.")


Kind = Literal["increase", "decrease", "at_least", "at_most", "between", "milestone", "parts"]


_MEASURE_OPTIONS = "<measure>"
MeasureText = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[Measure, Tag(_MEASURE_OPTIONS)],
    Discriminator(lambda value: _MEASURE_OPTIONS if isinstance(value, (dict, Measure)) else "<text>"),
]


class _Goal(Model):
    measure: MeasureText | None = Field(
        None, description="A measure's name, arithmetic over names, or a measure. Left out: typed in the sheet."
    )
    kind: Kind | None = Field(None, description="Left out: increase or decrease, parts or milestone, by what is given.")
    baseline: Number | None = Field(None, description="Where it starts.")
    target: Number | None = Field(None, description="The finish line, absolute.")
    change: Change | None = Field(None, description="A relative finish line: +30%, -2pp, +2000. Needs a baseline.")
    min: Number | None = Field(None, description="The lower end of `between`.")
    max: Number | None = Field(None, description="The upper end of `between`.")
    unit: str | None = Field(None, description="What the number counts: hours, percent, TWD ...")
    partial: bool = Field(False, description="Score at_least and at_most by distance.")
    weight: Number | None = Field(None, description="Weight in the objective (or in the parts); default 1.")


class Part(_Goal):
    """One part of a key result of several numbers."""

    title: str | None = Field(None, description="What this part is.")


class KeyResult(_Goal):
    """A key result. What is left out here is read from its row in the sheet."""

    title: str | None = Field(None, description="The sentence people read.")
    objective: Id | None = Field(None, description="The objective it belongs to, where it is not nested in it.")
    was: Id | None = Field(None, description="Its former id: the row keeps its history.")
    owner: str | None = Field(None, description="The one person who answers for it.")
    team: str | None = Field(None, description="Left out: the objective's.")
    steps: tuple[Step, ...] = Field((), description="The steps of a milestone.")
    parts: tuple[Part, ...] = Field((), description="Several numbers that make one key result.")
    combine: Literal["mean", "all"] = Field("mean", description="How parts become one progress.")
    start: Day | None = Field(None, description="Its own first day; default the cycle's.")
    due: Day | None = Field(None, description="Its own last day; default the cycle's.")
    allow_empty: bool = Field(False, description="Zero rows after some rows is right for this one.")


class Objective(Model):
    """An objective and its key results."""

    title: str | None = Field(None, description="Qualitative: what is better at the end.")
    team: str | None = Field(None, description="Whose it is.")
    owner: str | None = Field(None, description="The one person who answers for it.")
    aligns_to: Texts = Field((), description="Objectives or key results above it.")
    weight: Number | None = Field(None, description="Weight where objectives are rolled up; default 1.")
    rollup: Literal["include"] | None = Field(None, description="`include`: counts in what it aligns to.")
    status: Literal["worst", "mean"] = Field("worst", description="How its status is made of its key results'.")
    key_results: dict[Id, KeyResult] = Field(default_factory=dict, description="By id.")


class Team(Model):
    """A team."""

    title: str | None = Field(None, description="Its name as people say it.")
    parent: str | None = Field(None, description="The team above it.")
    lead: str | None = Field(None, description="Who leads it.")
    coach: str | None = Field(None, description="Its OKR coach.")


class OkrSheet(Model):
    """Where the OKRs stand: a Google spreadsheet, or a local XLSX or CSV file."""

    connection: str | None = Field(None, description="A google_sheets connection.")
    spreadsheet: str | None = Field(None, description="The spreadsheet's id: what stands after /d/ in its address.")
    file: str | None = Field(None, description="A local .xlsx or .csv, relative to the config.")
    tabs: Texts = Field((), description="The tabs that hold key results; left out: the first visible one.")
    layout: Literal["in_place", "data_tab"] = Field(
        "in_place", description="in_place: computed cells beside people's; data_tab: a tab of okrsync's own."
    )
    data_tab: str = Field("okrsync", description="The name of okrsync's own tab.")
    header_row: int | None = Field(None, ge=1, description="The row of the headers; left out: found.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Headers that are not known names: `id: Our KR number`."
    )

    @model_validator(mode="after")
    def _one_place(self) -> "OkrSheet":
        if (self.file is None) == (self.spreadsheet is None):
            raise ValueError("state either `file` (a local workbook) or `connection` and `spreadsheet`")
        if self.spreadsheet is not None and self.connection is None:
            raise ValueError("`spreadsheet` needs `connection`: the name of a google_sheets connection")
        return self


class Safety(Model):
    """The guards' limits."""

    max_falling: Share = Field(Decimal("0.30"), description="Share of key results that may fall in one run.")
    min_rows: int = Field(10, ge=1, description="Below so many key results, `max_falling` does not apply.")
    max_drop: Share = Field(Decimal("0.25"), description="How far one key result's progress may fall at once.")
    max_rise: Share = Field(Decimal("0.50"), description="How far one key result's progress may rise at once.")


class StatusRule(Model):
    """When a key result is on track."""

    rule: Literal["ratio", "gap"] = Field("ratio", description="ratio: progress over expected; gap: points behind.")
    on_track: Share | None = Field(None, description="ratio: at least this (0.9); gap: at most this far behind (10pp).")
    at_risk: Share | None = Field(None, description="ratio: at least this (0.7); gap: at most this far behind (25pp).")


_CYCLE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("name", "start", "end")},
            "required": ["name", "start", "end"],
            "additionalProperties": False,
        },
    ]
}


class Workspace(Model):
    """One config file and its OKR sheet."""

    cycle: Annotated[Cycle, BeforeValidator(parse_cycle), WithJsonSchema(_CYCLE_SCHEMA)] = Field(
        description="2026-Q4, 2026-H2, 2026, or name, start and end (the last day)."
    )
    timezone: Zone = Field(description="Where days begin, such as Asia/Taipei.")
    language: Literal["en", "zh-TW"] = Field("en", description="Of headers, statuses, reports and messages.")
    connections: dict[Name, Connection] = Field(default_factory=dict, description="Credentials and addresses by name.")
    okr_sheet: OkrSheet = Field(description="Where the OKRs stand.")
    measures: dict[Name, Measure] = Field(default_factory=dict, description="Named numbers.")
    objectives: dict[Id, Objective] = Field(default_factory=dict, description="Objectives by id.")
    key_results: dict[Id, KeyResult] = Field(default_factory=dict, description="Key results beside the objectives.")
    teams: dict[str, Team] = Field(default_factory=dict, description="Teams by name.")
    safety: Safety = Field(default_factory=Safety, description="The guards' limits.")
    status: StatusRule = Field(default_factory=StatusRule, description="When a key result is on track.")
    ledger: str = Field(".okrsync/ledger.db", description="A path, or a database URL.")
    include: Texts = Field((), description="Files with objectives, key results and measures, such as teams/*.yaml.")


def _options(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


KNOWN_OPTIONS = frozenset().union(
    *(
        _options(model)
        for model in (Workspace, Objective, KeyResult, Measure, Team, OkrSheet, Safety, StatusRule, Step, JiraField)
    ),
    *(_options(model) for model in (JiraConnection, GitHubConnection, GoogleSheetsConnection, MetricsConnection)),
)
"""Every option of the language, wherever it may stand."""
