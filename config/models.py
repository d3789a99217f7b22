"""The config language as strict models. Every scalar arrives as text; the models parse it.

The models hold what the file says and nothing else; what a schema cannot see is in `checks.py`.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from config.cycles import Cycle, parse_cycle
from config.scalars import Amount, RelativeChange, parse_amount, parse_change, parse_date, parse_share
from config.secrets import Secret, parse_secret

ID_PATTERN = r"[A-Za-z0-9][\w.-]{0,63}"
NAME_PATTERN = r"[a-z_][a-z0-9_]*"


def _from_text(parse: Any, kind: type | tuple[type, ...]) -> BeforeValidator:
    """Parse a text with `parse`; let a value that already is of `kind` pass, so that models can be built in code."""

    def validate(value: object) -> object:
        if isinstance(value, kind):
            return value
        if value is None or isinstance(value, (dict, list)):
            raise ValueError("must be one value on one line")
        return parse(str(value))

    return BeforeValidator(validate)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError(f"{text!r} is not a time zone; write a name such as Asia/Taipei") from exc


def _url(text: str) -> str:
    """An address without its last slash. Messages never repeat it: people paste credentials into addresses."""
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise ValueError("an address never holds credentials; use the connection's secret fields")
    if not usable:
        raise ValueError("is not an address; write https://host/path")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("would send credentials in clear text; write https://")
    return text.strip().rstrip("/")


def _secret_or_text(text: str) -> Secret | str:
    return parse_secret(text) if text.startswith(("$", "file:", "keyring:")) else text


def _list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_TEXT_SCHEMA = {"type": ["string", "number"]}
Number = Annotated[Amount, _from_text(parse_amount, Amount), WithJsonSchema(_TEXT_SCHEMA)]
Change = Annotated[RelativeChange, _from_text(parse_change, RelativeChange), WithJsonSchema(_TEXT_SCHEMA)]
Share = Annotated[Decimal, _from_text(parse_share, Decimal), WithJsonSchema(_TEXT_SCHEMA)]
Day = Annotated[date, _from_text(parse_date, date), WithJsonSchema({"type": "string"})]
SecretText = Annotated[Secret, _from_text(parse_secret, Secret), WithJsonSchema({"type": "string"})]
Zone = Annotated[ZoneInfo, _from_text(_zone, ZoneInfo), WithJsonSchema({"type": "string"})]
Url = Annotated[str, AfterValidator(_url)]
Id = Annotated[str, Field(pattern=rf"^{ID_PATTERN}$")]
Name = Annotated[str, Field(pattern=rf"^{NAME_PATTERN}$")]
Texts = Annotated[tuple[str, ...], BeforeValidator(_list)]


class Model(BaseModel):
    """Strict about names, frozen once made."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


class _Connection(Model):
    timeout: float = Field(30.0, gt=0, le=600, description="Seconds to wait for one answer.")
    lanes: int = Field(8, ge=1, le=32, description="Requests under way at once.")
    ca_bundle: str | None = Field(None, description="A file of certificates to trust instead of the usual ones.")


class JiraField(Model):
    """A custom field of Jira as a column."""

    id: str = Field(description="Its id, such as customfield_10016.")
    type: Literal["text", "number", "timestamp", "list"] = Field("number", description="What it holds.")


class JiraConnection(_Connection):
    """Jira Cloud or Data Center."""

    type: Literal["jira"]
    url: Url = Field(description="The site, such as https://acme.atlassian.net.")
    deployment: Literal["cloud", "data_center"] | None = Field(
        None, description="Left out: cloud where an email is given, data_center otherwise."
    )
    email: Annotated[Secret | str, _from_text(_secret_or_text, Secret), WithJsonSchema({"type": "string"})] | None = (
        Field(None, description="The account of the API token (Cloud).")
    )
    token: SecretText = Field(description="API token (Cloud) or personal access token (Data Center), as a reference.")
    fields: dict[Name, Annotated[JiraField, BeforeValidator(lambda v: {"id": v} if isinstance(v, str) else v)]] = Field(
        default_factory=dict, description="Custom fields as columns: `story_points: customfield_10016`."
    )

    @property
    def is_cloud(self) -> bool:
        """Whether this is Jira Cloud."""
        return self.deployment == "cloud" if self.deployment else self.email is not None


class GitHubConnection(_Connection):
    """GitHub or GitHub Enterprise."""

    type: Literal["github"]
    url: Url = Field("https://api.github.com", description="GitHub Enterprise: https://host/api/v3.")
    token: SecretText = Field(description="A token that may read the repositories, as a reference.")


class GoogleSheetsConnection(_Connection):
    """Google Sheets."""

    type: Literal["google_sheets"]
    url: Url = Field("https://sheets.googleapis.com", description="The API's address; for tests and proxies.")
    token_url: Url | None = Field(None, description="Where tokens come from; for tests and proxies.")
    service_account: SecretText | None = Field(
        None, description="A reference to a key file's path or JSON; left out: application default credentials."
    )


class MetricsConnection(_Connection):
    """Any JSON endpoint (table `json`) or a Prometheus server (table `prometheus`)."""

    type: Literal["metrics"]
    url: Url = Field(description="The origin; a measure's `url` is a path below it.")
    token: SecretText | None = Field(None, description="Sent as a bearer token.")
    headers: dict[str, SecretText] = Field(default_factory=dict, description="Further headers, each a reference.")


Connection = Annotated[
    JiraConnection | GitHubConnection | GoogleSheetsConnection | MetricsConnection, Field(discriminator="type")
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


class Workspace(Model):
    """One config file and its OKR sheet."""

    cycle: Annotated[Cycle, BeforeValidator(parse_cycle), WithJsonSchema({"type": ["string", "object"]})] = Field(
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
        for model in (Workspace, Objective, KeyResult, Measure, Team, OkrSheet, Safety, StatusRule, Step)
    ),
    *(_options(model) for model in (JiraConnection, GitHubConnection, GoogleSheetsConnection, MetricsConnection)),
)
"""Every option of the language, wherever it may stand."""
