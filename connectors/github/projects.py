"""Read the items of projects (Projects v2) with the projects' own fields. Only GraphQL has both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import tzinfo

from config.dataclass import dataclass
from config.errors import AuthError, SourceError
from config.message import Message
from config.tables import Column
from connectors.github.client import GitHubClient
from connectors.github.errors import EFFECT, MissingError, NullError, ScopeError, UnknownFieldError
from connectors.github.graphql import Question, ask
from connectors.github.pages import KIND, PAGE, Listed, Paged, read_all, unexpected
from connectors.github.project_fields import FieldColumn, OddValueError, ProjectFields, field_columns
from connectors.github.queries import Numbered
from connectors.github.rows import Node, columns_in, row_of, selection, whole
from connectors.protocol import Row, Value

_CONTENT = {"Issue": "issues", "PullRequest": "project_pull_requests", "DraftIssue": "drafts"}
"""What an item is, as a GraphQL type, and the table whose fields it has."""

_ITEM = "project_items"
_ARCHIVED = "archivedStates"
_ALSO_ARCHIVED = f"{_ARCHIVED}:[ARCHIVED,NOT_ARCHIVED]"
"""Without this argument, only items that are not archived are listed."""

_FIELDS = f"fields(first:{PAGE}){{totalCount nodes{{...on ProjectV2FieldCommon{{name dataType}}}}}}"
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(slots=True)
class Board:
    """The items of one project: their number, rows, the error of each column that failed, warnings, its address."""

    count: int
    rows: list[Row] = field(default_factory=list)
    failed: dict[str, SourceError] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    url: str = ""


class ProjectReader:
    """Reader of one project."""

    def __init__(self, client: GitHubClient, project: Numbered, columns: Sequence[Column], zone: tzinfo) -> None:
        """Take the columns wanted; a date of the project's own fields is midnight in `zone`."""
        self._client = client
        self._project = project
        self._about = Message("project {project}", project=f"{project.place}/{project.number}")
        self._fields = field_columns(columns, client.connection.fields)
        own = {one.column.name for one in self._fields}
        self._columns = [column for column in columns if column.name not in own]
        self._zone = zone

    def count(self) -> Board:
        """Count the items. Raises SourceError."""
        return self._answered(self._count)

    def read(self) -> Board:
        """Read the items. Raises SourceError."""
        return self._answered(self._read)

    def _answered(self, read: Callable[[str], Board]) -> Board:
        """Read without what the server is too old for: archived items, and types of fields, whose columns fail."""
        archived, failed = _ALSO_ARCHIVED, dict[str, SourceError]()
        while True:
            try:
                board = read(archived)
                break
            except UnknownFieldError as exc:
                unknown = [one for one in self._fields if one.alias in exc.path]
                if not unknown and not (archived and _ARCHIVED in exc.saw):
                    raise
                archived = archived if unknown else ""
                failed |= {one.column.name: exc for one in unknown}
                self._fields = [one for one in self._fields if one not in unknown]
            except (AuthError, MissingError, NullError) as exc:
                raise self._explained(exc) from exc
        board.failed |= failed
        if not archived:
            board.warnings.append(Message("this server cannot be asked for archived items, which may be missing"))
        return board

    def _count(self, archived: str) -> Board:
        items = f"items({archived}){{totalCount}}" if archived else "items{totalCount}"
        project = f"projectV2(number:{self._project.number}){{url {items}}}"
        field = f"repositoryOwner(login:$login){{...on ProjectV2Owner{{{project}}}}}"
        [answer] = ask(self._client, [Question(field, {"login": self._project.place}, self._about)], KIND)
        if isinstance(answer, SourceError):
            raise answer
        try:
            found = answer["projectV2"]
            return Board(whole(found["items"]["totalCount"]), url=str(found["url"]))
        except _MALFORMED as exc:
            raise unexpected(self._client, self._about, exc) from exc

    def _read(self, archived: str) -> Board:
        names, issue_fields = {one.alias: one.field.name for one in self._fields}, False
        try:
            while True:
                listed = self._listed(names, archived, issue_fields=issue_fields)
                known = self._known(listed.around)
                # GitHub does not say whether it finds a field by a name of other case.
                spelled = {alias: known.name_of(name) for alias, name in names.items()}
                if spelled == names and not listed.enough:
                    return self._board(listed, known)
                names, issue_fields = spelled, issue_fields or listed.enough
        except _MALFORMED as exc:
            raise unexpected(self._client, self._about, exc) from exc

    def _listed(self, names: Mapping[str, str], archived: str, *, issue_fields: bool) -> Listed:
        """List the items; as far as the first with a value of an issue field, where those are not asked for."""
        stated = "".join(f",${alias}:String!" for alias in names)
        more = f",{archived}" if archived else ""
        selection = self._selection(issue_fields=issue_fields)
        document = (
            f"query($login:String!,$number:Int!,$first:Int!,$after:String{stated})"
            f"{{repositoryOwner(login:$login){{...on ProjectV2Owner{{projectV2(number:$number){{url "
            f"{_FIELDS if names else ''} items(first:$first,after:$after{more})"
            f"{{totalCount pageInfo{{hasNextPage endCursor}} nodes{{{selection}}}}}}}}}}}}}"
        )
        variables = {"login": self._project.place, "number": self._project.number, **names}
        path = ("repositoryOwner", "projectV2", "items")
        enough = None if issue_fields else self._has_issue_field
        paged = Paged(document, variables, path, "totalCount", self._about, key="id", enough=enough)
        return read_all(self._client, paged)

    def _has_issue_field(self, item: Node) -> bool:
        return any(one.is_issue_field(item) for one in self._fields)

    def _selection(self, *, issue_fields: bool) -> str:
        own = selection(_ITEM, columns_in(_ITEM, self._columns), "id", "type")
        content = " ".join(
            f"...on {kind}{{{fields}}}"
            for kind, table in _CONTENT.items()
            if (fields := selection(table, columns_in(table, self._columns)))
        )
        return " ".join(
            [
                own,
                f"content{{__typename {content}}}",
                *(one.selection(issue_fields=issue_fields) for one in self._fields),
            ]
        )

    def _known(self, project: Node) -> ProjectFields:
        """Return the fields of the project. Raises KeyError, TypeError or ValueError."""
        fields: Node = project["fields"] if self._fields else {"totalCount": 0, "nodes": []}
        if whole(fields["totalCount"]) > len(fields["nodes"]):
            raise ValueError(Message("not all fields of the project came"))
        return ProjectFields(self._client, self._about, fields["nodes"])

    def _board(self, listed: Listed, known: ProjectFields) -> Board:
        nodes = list(listed.nodes.values())
        board = Board(len(nodes), url=str(listed.around["url"]))
        board.failed |= {one.column.name: error for one in self._fields if (error := known.error_of(one))}
        board.rows += (self._row(node, known, board) for node in nodes)
        if hidden := sum(node["content"] is None for node in nodes):
            board.warnings.append(
                Message(
                    "{count} item of {about} is hidden from the token: only its place in it is known",
                    "{count} items of {about} are hidden from the token: only their places in it are known",
                    count=hidden,
                    about=self._about,
                )
            )
        return board

    def _row(self, node: Node, known: ProjectFields, board: Board) -> Row:
        """Return the row of an item; a field with a value of another type fails. Raises KeyError, TypeError ..."""
        row: dict[str, Value] = dict.fromkeys(column.name for column in self._columns)
        row |= row_of(_ITEM, self._columns, node)
        if (content := node["content"]) is not None:
            row |= row_of(_CONTENT[content["__typename"]], self._columns, content)
        for one in self._fields:
            row[one.column.name] = self._value(one, node, known, board)
        return row

    def _value(self, one: FieldColumn, node: Node, known: ProjectFields, board: Board) -> Value:
        name = one.column.name
        try:
            return None if name in board.failed else one.value(node, self._zone)
        except OddValueError as exc:
            board.failed[name] = known.odd_value(one, str(exc))
            return None

    def _explained(self, error: SourceError) -> SourceError:
        """Say what a token needs to read projects, where GitHub does not give the project to it.

        An error of the whole request, such as a refused token, is not about the project, unless it names a scope.
        """
        doing, saw, advice = self._client.faults.doing(self._about), error.saw, error.advice
        if isinstance(error, ScopeError):
            return ScopeError(doing, saw, effect=EFFECT, advice=advice)
        if error.doing != doing:
            return error
        if isinstance(error, NullError):
            saw = Message("GitHub shows no such project: it is not there, or hidden from the token")
        advice = Message(
            "Check owner and number against the project's address, and what {token} may read: a classic token needs "
            "the scope read:project, a fine-grained one or an App the organisation's permission Projects.",
            token=self._client.connection.secret,
        )
        kind = AuthError if isinstance(error, AuthError) else SourceError
        return kind(doing, saw, effect=EFFECT, advice=advice)
