"""Tables of GitLab connections."""

from collections.abc import Mapping, Sequence

from config.tables import Column, QueryKey, Table

PROJECT = "project"
GROUP = "group"
FILTER = "filter"

_PROJECT = QueryKey(PROJECT, "group/project; several separated by white space", required=False)
_GROUP = QueryKey(GROUP, "a group, in place of a project; several separated by white space", required=False)
_FILTER = QueryKey(
    FILTER, "GitLab's own parameters, such as `state=closed&labels=bug&created_after={cycle.start}`", required=False
)
_HOURS = "hours"

_KEY = Column("key", "text", "its reference, such as acme/app#7 or acme/app!7")
_NUMBER = Column("number", "integer", "its number within the project")
_OF_PROJECT = Column("project", "text", "group/project")
_READ_FROM = Column("project", "text", "the project or group that it was read from")
_TITLE = Column("title", "text", "its title")
_URL = Column("url", "text", "its page")
_CREATED = Column("created", "timestamp", "when it was created")
_UPDATED = Column("updated", "timestamp", "when it last changed")
_AUTHOR = Column("author", "text", "the user name of who made it")
_ITEM = (
    _KEY,
    _NUMBER,
    _OF_PROJECT,
    _TITLE,
    Column(
        "status_category", "text", "open is new; closed and merged are done", values=("new", "indeterminate", "done")
    ),
    _AUTHOR,
    Column("assignees", "list", "the user names of who works on it"),
    Column("labels", "list", "the names of its labels"),
    Column("milestone", "text", "the title of its milestone"),
    _CREATED,
    _UPDATED,
    Column("comments", "integer", "how many comments it has"),
    _URL,
)
_TIMES = (
    Column("estimate_hours", "number", "its estimate; unknown where none is set", unit=_HOURS),
    Column("spent_hours", "number", "the time spent on it", unit=_HOURS),
)
_ANYWHERE = (_PROJECT, _GROUP, _FILTER)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "issues",
            "Issues of projects, or of all projects of groups.",
            _ANYWHERE,
            (
                *_ITEM,
                Column("state", "text", "whether it is open", values=("opened", "closed")),
                Column("type", "text", "what it is, such as issue, incident or task"),
                Column("closed", "timestamp", "when it was closed; unknown while it is open"),
                Column("due", "timestamp", "the day when it is due"),
                Column("weight", "number", "its weight (Premium and Ultimate)"),
                Column("lead_time_hours", "number", "from created to closed", unit=_HOURS),
                *_TIMES,
            ),
            key="key",
            link="url",
        ),
        Table(
            "merge_requests",
            "Merge requests of projects, or of all projects of groups.",
            _ANYWHERE,
            (
                *_ITEM,
                Column(
                    "state",
                    "text",
                    "open, merged, closed without a merge, or locked while it is merged",
                    values=("opened", "closed", "locked", "merged"),
                ),
                Column("draft", "boolean", "whether it is a draft"),
                Column("merged", "timestamp", "when it was merged; unknown when it was not"),
                Column("closed", "timestamp", "when it was closed without a merge"),
                Column("reviewers", "list", "the user names of its reviewers"),
                Column("base_branch", "text", "the branch it goes into"),
                Column("head_branch", "text", "the branch it comes from"),
                Column("lead_time_hours", "number", "from created to merged", unit=_HOURS),
                *_TIMES,
            ),
            key="key",
            link="url",
        ),
        Table(
            "milestones",
            "Milestones of projects, or of groups themselves.",
            _ANYWHERE,
            (
                Column("id", "integer", "its id"),
                _NUMBER,
                _READ_FROM,
                _TITLE,
                Column("state", "text", "whether it is open", values=("active", "closed")),
                Column("start", "timestamp", "the day when it begins"),
                Column("due", "timestamp", "the day when it is due"),
                Column("expired", "boolean", "whether it is past due"),
                _CREATED,
                _UPDATED,
                _URL,
            ),
            key="id",
            link="url",
        ),
        Table(
            "pipelines",
            "Pipelines of projects; child pipelines only with `source=parent_pipeline`.",
            (QueryKey(PROJECT, "group/project; several separated by white space"), _FILTER),
            (
                Column("id", "integer", "its id"),
                _READ_FROM,
                Column("name", "text", "its name"),
                Column("status", "text", "its state, such as success, failed, canceled or running"),
                Column("source", "text", "what set it off, such as push or schedule"),
                Column("branch", "text", "the branch or tag it ran for"),
                _CREATED,
                _UPDATED,
                _URL,
            ),
            key="id",
            link="url",
        ),
        Table(
            "releases",
            "Releases of projects, or of all projects of groups.",
            _ANYWHERE,
            (
                _READ_FROM,
                Column("tag", "text", "its tag"),
                Column("name", "text", "its name"),
                Column("upcoming", "boolean", "whether its day is still to come"),
                _CREATED,
                Column("published", "timestamp", "when it was released"),
                _AUTHOR,
                _URL,
            ),
            key="url",
            link="url",
        ),
    )
}


def columns_of(table: Table, names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of these names, ignoring case; without names, the table's `key` and `link`."""
    wanted = {name.lower() for name in names or (table.key, table.link)}
    return tuple(column for column in table.columns if column.name.lower() in wanted)
