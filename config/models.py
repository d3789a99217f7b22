"""Pydantic models of the config. Every scalar arrives as text and is parsed by the models.

The models hold what the file states and nothing else; checks across models are in `config/checks/`.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from config.connection_types import Connection
from config.connections import (
    SETTINGS,
    AnyConnection,
    GoogleSheetsConnection,
    HttpConnection,
    JiraConnection,
    JiraField,
    PrometheusConnection,
    SqlConnection,
)
from config.cycles import PHASES, Cycle, described_cycle, make_cycle, parse_cycle
from config.fields import NAME_PATTERN, CellName, Id, Model, Name, Share, Switch, Texts, Url, Zone
from config.github_connection import GitHubConnection, GitHubField
from config.identity import NO_ID, OWN_LEDGER, Identity
from config.languages import Language
from config.measure_models import MEASURE_QUERY_KEYS, Measure, Work
from config.message import Message
from config.notify import RECIPIENTS, Recipient, Report
from config.okr_models import Ambition, Company, KeyResult, Kind, Kpi, Objective, Part, Step, Team
from config.time_models import (
    AtStart,
    CheckIn,
    Confidence,
    CycleOptions,
    Dropped,
    Limits,
    Over,
    Pace,
    PaceText,
    Retention,
    Revision,
)

__all__ = [
    "KNOWN_OPTIONS",
    "MEASURE_QUERY_KEYS",
    "NAME_PATTERN",
    "Ambition",
    "AtStart",
    "CheckIn",
    "Company",
    "Confidence",
    "Connection",
    "CycleOptions",
    "Dropped",
    "GitHubConnection",
    "GitHubField",
    "GoogleSheetsConnection",
    "HttpConnection",
    "Identity",
    "JiraConnection",
    "JiraField",
    "KeyResult",
    "Kind",
    "Kpi",
    "Limits",
    "Measure",
    "Objective",
    "OkrSheet",
    "Over",
    "Pace",
    "Part",
    "PrometheusConnection",
    "Retention",
    "Revision",
    "Safety",
    "SqlConnection",
    "StatusRule",
    "Step",
    "Team",
    "Work",
    "Workspace",
]


HISTORY_TITLES = {"en": "History", "zh-TW": "歷史紀錄"}
"""Default names of the history tab by language."""


class OkrSheet(Model):
    """The sheet with the OKRs: a Google spreadsheet, an XLSX in OneDrive or SharePoint, or a local XLSX or CSV file."""

    connection: str | None = Field(None, description="A google_sheets or microsoft connection.")
    spreadsheet: str | None = Field(None, description="The spreadsheet's id: the part after /d/ in its address.")
    file: str | None = Field(None, description="A local .xlsx or .csv, relative to the config.")
    link: Url | None = Field(
        None, description="The address of an .xlsx in OneDrive or SharePoint, as Copy path or Copy link gives it."
    )
    tabs: Texts = Field((), description="The tabs that hold key results; default: the first visible one.")
    own_tab: str = Field(
        "okrsync",
        min_length=1,
        description="The name of okrsync's own tab in Google; the cycle's name is put behind it.",
    )
    header_row: int | None = Field(None, ge=1, description="The row of the headers; default: found.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Headers that are not known names: `id: Our KR number`."
    )
    history_tab: Switch | str = Field(
        False, description="true, or a tab's name: a tab that gets a line per key result and week."
    )
    last_synced: CellName | None = Field(
        None, description="The cell of a workbook or CSV that says when okrsync last wrote, such as OKRs!H1."
    )

    @property
    def has_own_tab(self) -> bool:
        """Whether okrsync writes a tab of its own: true for a Google spreadsheet; other sheets are written in place."""
        return self.spreadsheet is not None

    @property
    def history_titles(self) -> tuple[str, ...]:
        """Possible names of the history tab: the configured one, or the default in each language; empty for no tab."""
        if isinstance(self.history_tab, str):
            return (self.history_tab,)
        return tuple(HISTORY_TITLES.values()) if self.history_tab else ()

    @model_validator(mode="after")
    def _one_place(self) -> "OkrSheet":
        if sum(place is not None for place in (self.file, self.link, self.spreadsheet)) != 1:
            raise ValueError(
                Message(
                    "set one of `file` (a local workbook), `link` (OneDrive, SharePoint) and `spreadsheet` (Google)"
                )
            )
        if self.link is not None and self.connection is None:
            raise ValueError(Message("`link` needs `connection`: the name of a microsoft connection"))
        if self.spreadsheet is not None and self.connection is None:
            raise ValueError(Message("`spreadsheet` needs `connection`: the name of a google_sheets connection"))
        return self


class Safety(Model):
    """The guards' limits."""

    max_falling: Share = Field(Decimal("0.30"), description="Share of key results that may fall in one run.")
    min_rows: int = Field(10, ge=1, description="Below so many key results, `max_falling` does not apply.")
    max_drop: Share = Field(Decimal("0.25"), description="How far one key result's progress may fall at once.")
    max_rise: Share = Field(Decimal("0.50"), description="How far one key result's progress may rise at once.")
    max_rows_lost: Share = Field(
        Decimal("0.50"), description="Share of a key result's rows that may be gone at once; from 10 rows on."
    )


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
            "properties": {
                **{name: {"type": "string"} for name in ("name", "start", "end")},
                "phase": {"enum": list(PHASES)},
            },
            "required": ["name", "start", "end"],
            "additionalProperties": False,
        },
    ]
}


LargeNumbers = Literal["digits", "萬"]


class Numbers(Model):
    """How numbers are shown to people; what is compared and written has all its digits."""

    large: LargeNumbers = Field("digits", description="From 10,000 on: digits (500,000) or 萬 (50 萬).")


class Workspace(Model):
    """One config file and its OKR sheet."""

    workspace: Identity = Field(default_factory=Identity, description="Its id and name.")
    cycle: Annotated[Cycle, BeforeValidator(parse_cycle), WithJsonSchema(_CYCLE_SCHEMA)] = Field(
        description="2026-Q4, 2026-H2, 2026, or name, start and end (the last day)."
    )
    cycles: dict[str, CycleOptions] = Field(
        default_factory=dict, description="Cycles by name, such as a company's year over its teams' quarters."
    )
    followed_by: str = Field(
        "",
        description="The config of the next cycle, as `okrsync close --next 2027-Q1` writes it: once this cycle has "
        "ended, its sheet is not synced any more.",
    )
    timezone: Zone = Field(description="Time zone for dates, such as Asia/Taipei.")
    language: Language = Field("en", description="Of headers, statuses, reports and messages.")
    numbers: Numbers = Field(default_factory=Numbers, description="How numbers are shown.")
    connections: dict[Name, AnyConnection] = Field(
        default_factory=dict, description="Credentials and addresses by name."
    )
    okr_sheet: OkrSheet = Field(description="The sheet with the OKRs.")
    measures: dict[Name, Measure] = Field(default_factory=dict, description="Named numbers.")
    objectives: dict[Id, Objective] = Field(default_factory=dict, description="Objectives by id.")
    key_results: dict[Id, KeyResult] = Field(default_factory=dict, description="Key results outside the objectives.")
    teams: dict[str, Team] = Field(default_factory=dict, description="Teams by name.")
    levels: Texts = Field(
        ("company", "department", "team", "individual"), description="The levels of teams, top first: 公司, 處, 部, 課."
    )
    company: Company = Field(default_factory=Company, description="Mission, vision and strategies.")
    kpis: dict[Name, Kpi] = Field(default_factory=dict, description="Measures that the company watches, by name.")
    safety: Safety = Field(default_factory=Safety, description="The guards' limits.")
    limits: Limits = Field(default_factory=Limits, description="The deadlines of a run.")
    status: StatusRule = Field(default_factory=StatusRule, description="When a key result is on track.")
    pace: PaceText = Field(default_factory=Pace, description="How progress is expected to come.")
    check_in: CheckIn | None = Field(None, description="How often people say how it goes; default: no cadence.")
    confidence: Confidence = Field(default_factory=Confidence, description="The scale of people's confidence.")
    retention: Retention = Field(default_factory=Retention, description="How long the ledger keeps ids and rows.")
    report: Report = Field(default_factory=Report, description="Where people find the report.")
    notify: dict[Name, Recipient] = Field(
        default_factory=dict, description="Who gets the digest, alerts and reminders, by name."
    )
    ledger: str = Field(OWN_LEDGER, description="A path, or a database URL.")
    include: Texts = Field((), description="Files with objectives, key results and measures, such as teams/*.yaml.")

    @field_validator("okr_sheet")
    @classmethod
    def _own_tab_of_the_cycle(cls, sheet: OkrSheet, known: ValidationInfo) -> OkrSheet:
        """Append the cycle's name to the own tab's name, so that the tab of an earlier cycle is never written again."""
        cycle = known.data.get("cycle")
        title = f"{sheet.own_tab} {cycle.name}" if cycle else sheet.own_tab
        return sheet.model_copy(update={"own_tab": title})

    @model_validator(mode="before")
    @classmethod
    def _own_cycle(cls, stated: Any) -> Any:
        """Resolve a name such as `cycle: FY27-1` by the days and the phase that `cycles` states for it."""
        if isinstance(stated, dict) and isinstance(stated.get("cycle"), str) and isinstance(stated.get("cycles"), dict):
            options = stated["cycles"].get(stated["cycle"])
            if isinstance(options, dict):
                return {**stated, "cycle": described_cycle(stated["cycle"], options)}
        return stated

    @property
    def id(self) -> str:
        """The id of the workspace; `NO_ID` if none is stated."""
        return self.workspace.id or NO_ID

    @property
    def title(self) -> str:
        """The title of reports and messages: the name, else the id; empty if neither is stated."""
        return self.workspace.name or self.workspace.id or ""

    def cycle_named(self, name: str | None) -> Cycle | None:
        """Return the cycle of that name: for None the workspace's own; None if `cycles` gives no days for the name."""
        if name is None or name == self.cycle.name:
            return self.cycle
        options = self.cycles.get(name)
        try:
            return make_cycle(name, options.start, options.end, options.phase) if options else None
        except ValueError:
            return None

    def cycle_of(self, objective: str | None) -> Cycle:
        """Return the cycle of an objective by its id; the workspace's own where the objective names none."""
        stated = self.objectives.get(objective or "")
        return self.cycle_named(stated.cycle if stated else None) or self.cycle


_MODELS: tuple[type[BaseModel], ...] = (
    Workspace, Identity, Objective, KeyResult, Part, Step, Measure, Work, Team, Company, Kpi, OkrSheet, Safety,
    StatusRule, Numbers, Pace, Over, AtStart, CycleOptions, Revision, Dropped, CheckIn, Confidence, Retention,
    GitHubField, JiraField, *SETTINGS, Limits, Report, *RECIPIENTS,
)  # fmt: skip
KNOWN_OPTIONS: frozenset[str] = frozenset(
    field.alias or name for model in _MODELS for name, field in model.model_fields.items()
)
"""Names of all options of all models."""
