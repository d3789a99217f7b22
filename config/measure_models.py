"""Models of measures: a table, a query in the source's own language, and an expression over the rows."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    Tag,
    ValidationInfo,
    model_validator,
)

from config.fields import OPTIONS, TEXT, CellTypeText, Days, MarksText, Model, OrderText, Url
from config.message import Message
from config.placeholders import InstantForm

PUSHED = "pushed"
"""Name of the built-in connection for values recorded with `okrsync record`, and of its one table."""

_LAST_PUSHED = "last(value order by time)"

QUERY_KEYS = "query_keys"
"""Key of the validation context that holds the names of query keys of other packages' tables."""


DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
"""Delimiters by name; names are needed for those that YAML or a message cannot show."""


def _delimiter(text: str) -> str:
    """Normalize a delimiter to its name, or to a character that has none. Raises ValueError."""
    names = {character: name for name, character in DELIMITERS.items()} | {r"\t": "tab"}
    stated = names.get(text, text.strip())
    if stated not in DELIMITERS and (len(stated) != 1 or stated in '"\r\n'):
        raise ValueError(Message("must be one character, or one of {names}", names=list(DELIMITERS)))
    return stated


def _stripped(text: object) -> object:
    return text.strip() if isinstance(text, str) else text


_Line = Annotated[str, AfterValidator(str.strip)]
"""A text without the line break that block style leaves at its end."""


class _Rows(Model):
    """A read of a table's rows. The table defines which query keys it takes (`okrsync sources`)."""

    from_: str = Field(
        alias="from",
        pattern=r"^(pushed|[A-Za-z_][\w-]*\.[a-z_]+)$",
        description="<connection>.<table>",
    )
    cycle: str | None = Field(
        None, description="Whose {cycle.start} and {cycle.end} its query means; default: the workspace's cycle."
    )
    jql: str | None = Field(None, description="Jira's query.")
    board: str | None = Field(None, description="The number of Jira's board; several separated by white space.")
    state: Literal["future", "active", "closed"] | None = Field(None, description="The state of sprints; default: any.")
    last: int | None = Field(None, ge=1, description="How many of a board's sprints: those closed last; default: all.")
    sprints: Literal["own", "all"] | None = Field(
        None, description="`own`: without sprints that were made on other boards; default: all."
    )
    points: str | None = Field(None, description="The field of the estimates by name or id; default: the board's.")
    search: str | None = Field(None, description="GitHub's search query.")
    repository: str | None = Field(None, description="owner/name; several separated by white space.")
    project: str | None = Field(
        None,
        description="GitLab's group/project, GitHub's owner/number; several separated by white space. For sprints, "
        "Jira's project key.",
    )
    group: str | None = Field(None, description="A group of GitLab, in place of a project; several likewise.")
    filter: str | None = Field(None, description="GitLab's parameters, such as state=closed&labels=bug.")
    created: str | None = Field(
        None, description="GitHub's date filter for workflow runs and deployments, such as >={cycle.start}."
    )
    workflow: str | None = Field(None, description="A workflow's file name.")
    environment: str | None = Field(None, description="Where deployments went to, such as production.")
    parent: str | None = Field(None, description="Whose sub-issues: an issue of GitHub, such as acme/app#12.")
    spreadsheet: str | None = Field(None, description="A spreadsheet's id.")
    range: str | None = Field(None, description="A1 range with a header row, such as Deals!A:F.")
    cell: str | None = Field(None, description="One cell, such as Summary!B2.")
    path: str | None = Field(None, description="A file, relative to the config.")
    link: Url | None = Field(
        None, description="A file's address in OneDrive or SharePoint, as Copy path or Copy link gives it."
    )
    tab: str | None = Field(None, description="A workbook's tab; default: its first.")
    encoding: str | None = Field(None, description="A text file's encoding; default: found out.")
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = Field(
        None, description="What separates the fields of a CSV: a character, or `tab`, `pipe`; default: found."
    )
    header_row: int | None = Field(None, ge=1, description="The row of the headers, counted from 1.")
    header: Literal["none"] | None = Field(None, description="`none`: the first row is data; `columns` names columns.")
    columns: tuple[str, ...] | None = Field(
        None, min_length=1, description="Names of the columns from the left, where there is no header row."
    )
    until: str | None = Field(
        None,
        description="Where the data ends: `blank`, or a cell's text such as Total; default: the last row.",
    )
    types: dict[str, CellTypeText] | None = Field(
        None,
        description=(
            "Types of columns (in Jira: of custom text fields): `text`, `number`, `boolean`, `date`, or `date DMY`; "
            "default: found (in Jira: `text`)."
        ),
    )
    numbers: MarksText | None = Field(
        None, description="A number that shows how numbers are written, such as `1.234,5`; default: found."
    )
    dates: OrderText | None = Field(
        None, description="The order of dates such as 1/10/2026: `DMY`, `MDY` or `YMD`; default: found."
    )
    url: _Line | None = Field(None, description="A path below the connection's url.")
    body: str | None = Field(None, description="JSON to POST to `url`, in block style.")
    graphql: str | None = Field(None, description="One GraphQL query.")
    variables: str | None = Field(None, description="The GraphQL query's variables as JSON, in block style.")
    instants: Annotated[InstantForm, BeforeValidator(_stripped)] | None = Field(
        None,
        description=(
            "How a request writes placeholders: `iso` (default), `utc` (`2026-09-30T16:00:00Z`), `date`, `seconds` or "
            "`milliseconds`."
        ),
    )
    rows: _Line | None = Field(None, description="JMESPath to the list of rows.")
    next: _Line | None = Field(
        None, description="Where an answer has the cursor or the address of the next page: JMESPath, or `link`."
    )
    first_page: int | None = Field(None, ge=0, le=1, description="What `{page}` begins with: 1 (default) or 0.")
    total: _Line | None = Field(
        None, description="JMESPath to the number of rows that an answer states, or `header X-Total-Count`."
    )
    query: str | None = Field(None, description="A PromQL query.")
    sql: str | None = Field(None, description="One SELECT statement in the database's own language.")
    _more: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def connection(self) -> str:
        """Name of the connection: `from` up to the dot."""
        return self.from_.partition(".")[0]

    @property
    def table(self) -> str:
        """Name of the table: `from` after the dot; of a connection with one table, the name of both."""
        return self.from_.partition(".")[2] or self.from_

    @cached_property
    def query_keys(self) -> Mapping[str, str]:
        """The stated query keys by name, each as text."""
        stated, named = vars(self), self.model_fields_set
        own = {name: stated[name] for name in MEASURE_QUERY_KEYS if name in named}
        return {name: _as_text(value) for name, value in own.items() if value is not None} | self._more

    @model_validator(mode="wrap")
    @classmethod
    def _take_more(cls, stated: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Accept the query keys of other packages' tables, which are listed in the validation context."""
        known = (info.context or {}).get(QUERY_KEYS)
        if not known or not isinstance(stated, dict):
            return handler(stated)
        names = known - {"from", *cls.model_fields}
        more = {name: text for name, text in stated.items() if name in names and isinstance(text, str)}
        made = handler({name: value for name, value in stated.items() if name not in more})
        made._more.update(more)  # noqa: SLF001 - its own
        return made


MEASURE_QUERY_KEYS = tuple(name for name in _Rows.model_fields if name not in ("from_", "cycle"))


def _as_text(value: object) -> str:
    """Format the value of a query key as text: a mapping or a list as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, tuple)) else str(value)


def _value_unless_pushed(schema: dict[str, Any]) -> None:
    """Let editors accept `from: pushed` without a `value`."""
    schema["required"] = ["from"]
    schema["if"] = {"properties": {"from": {"const": PUSHED}}}
    schema["else"] = {"required": ["value"]}


class Measure(_Rows):
    """A named number: a read and an expression over its rows."""

    model_config = ConfigDict(json_schema_extra=_value_unless_pushed)

    value: str = Field(description="One SQL aggregate expression over the rows, such as count(*).")
    unit: str | None = Field(None, description="What the number counts; `percent` divides a value such as 90 by 100.")
    settle: Days | None = Field(
        None,
        description="How long after a day its figures are complete, such as `5d` or `2w`: {as_of} and {today} are that "
        "much earlier, and the score uses the reading that long after the end of the cycle.",
    )
    trace: Literal["rows"] | None = Field(None, description="`rows`: read rows even where a count would do.")

    @model_validator(mode="before")
    @classmethod
    def _last_pushed(cls, stated: Any) -> Any:
        if isinstance(stated, dict) and stated.get("from") == PUSHED and "value" not in stated:
            return {**stated, "value": _LAST_PUSHED}
        return stated


class Work(_Rows):
    """The actions of a key result. They are shown as done of all and never count as progress."""

    done: str = Field(description="An SQL condition that picks the done ones, such as status_category = 'done'.")
    all: str | None = Field(
        None, description="An SQL condition that rows meet to be actions, done or not; default: all rows are."
    )

    def measures(self) -> tuple[Measure, Measure]:
        """Return two measures over the same rows: the number of done actions and the number of all."""
        stated = {**{name: getattr(self, name) for name in _Rows.model_fields}, **self._more}
        context = {QUERY_KEYS: frozenset(self._more)}
        done = f"({self.all}) and ({self.done})" if self.all else self.done
        values = f"count(*) filter ({done})", f"count(*) filter ({self.all})" if self.all else "count(*)"
        of_done, of_all = (Measure.model_validate({**stated, "value": value}, context=context) for value in values)
        return of_done, of_all


MeasureText = Annotated[
    Annotated[str, Tag(TEXT)] | Annotated[Measure, Tag(OPTIONS)],
    Discriminator(lambda value: OPTIONS if isinstance(value, (dict, Measure)) else TEXT),
]
