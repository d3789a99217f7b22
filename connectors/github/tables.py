"""Tables of GitHub connections, defined without importing PyGithub."""

from collections.abc import Mapping
from dataclasses import replace

from config.models import GitHubField
from config.tables import Column, QueryKey, Table

_SEARCH = QueryKey("search", "GitHub's search, such as `repo:acme/app is:closed label:bug closed:>={cycle.start}`")
_REPOSITORY = QueryKey("repository", "owner/name; several separated by white space")
_HOURS = "hours"

_NUMBER = Column("number", "integer", "its number within the repository")
_TITLE = Column("title", "text", "its title")
_OF_REPOSITORY = Column("repository", "text", "owner/name")
_URL = Column("url", "text", "its page")
_CREATED = Column("created", "timestamp", "when it was created")
_AUTHOR = Column("author", "text", "the login of who made it; unknown when the account is gone")
_ITEM = (
    _NUMBER,
    _OF_REPOSITORY,
    _TITLE,
    _AUTHOR,
    Column("assignees", "list", "the logins of who works on it"),
    Column("labels", "list", "the names of its labels"),
    Column("milestone", "text", "the title of its milestone"),
    _CREATED,
    Column("closed", "timestamp", "when it was closed; unknown while it is open"),
    Column("updated", "timestamp", "when it last changed"),
    Column("comments", "integer", "how many comments it has"),
    _URL,
)

_STATE_REASON = Column(
    "state_reason", "text", "why it is in its state", values=("completed", "not_planned", "duplicate", "reopened")
)
_PARENT = Column("parent", "text", "the issue that it is a sub-issue of, such as acme/app#12; unknown where it is none")
_ISSUE = (
    *_ITEM,
    Column("state", "text", "whether it is open", values=("open", "closed")),
    _STATE_REASON,
    Column("lead_time_hours", "number", "from created to closed", unit=_HOURS),
    _PARENT,
    Column("sub_issues_total", "integer", "its sub-issues, as GitHub counts them"),
    Column("sub_issues_completed", "integer", "how many of them are done, as GitHub counts them"),
)

_ISSUES = Table(
    "issues",
    "Issues that a search finds; `is:issue` is added where the search states no type.",
    (_SEARCH,),
    _ISSUE,
    key="url",
    link="url",
)

_SUB_ISSUES = Table(
    "sub_issues",
    "All sub-issues of an issue, in whatever repository; not those of its sub-issues.",
    (QueryKey("parent", "an issue, such as acme/app#12, or its address; several separated by white space"),),
    _ISSUE,
    key="url",
    link="url",
)

_PULL_REQUESTS = Table(
    "pull_requests",
    "Pull requests that a search finds; `is:pr` is added where the search states no type.",
    (_SEARCH,),
    (
        *_ITEM,
        Column("state", "text", "open, merged, or closed without a merge", values=("open", "closed", "merged")),
        Column("merged", "timestamp", "when it was merged; unknown when it was not"),
        Column("draft", "boolean", "whether it is a draft"),
        Column("additions", "integer", "lines added"),
        Column("deletions", "integer", "lines deleted"),
        Column("changed_files", "integer", "files changed"),
        Column("reviews", "integer", "how many reviews it has"),
        Column("base_branch", "text", "the branch it goes into"),
        Column("head_branch", "text", "the branch it comes from"),
        Column("lead_time_hours", "number", "from created to merged", unit=_HOURS),
    ),
    key="url",
    link="url",
)

_MILESTONES = Table(
    "milestones",
    "All milestones of a repository, with their true counts of issues (pull requests left out).",
    (_REPOSITORY,),
    (
        _NUMBER,
        _OF_REPOSITORY,
        _TITLE,
        Column("state", "text", "whether it is open", values=("open", "closed")),
        Column("due", "timestamp", "when it is due"),
        Column("open_issues", "integer", "its open issues"),
        Column("closed_issues", "integer", "its closed issues"),
        Column("progress", "number", "closed issues over all its issues, 0 to 1; unknown for an empty one"),
        _CREATED,
        Column("closed", "timestamp", "when it was closed"),
        _URL,
    ),
    key="url",
    link="url",
)

_RELEASES = Table(
    "releases",
    "All releases of a repository.",
    (_REPOSITORY,),
    (
        _OF_REPOSITORY,
        Column("tag", "text", "its tag"),
        Column("name", "text", "its name"),
        Column("draft", "boolean", "whether it is a draft (seen only by who may write)"),
        Column("prerelease", "boolean", "whether it is a prerelease"),
        _CREATED,
        Column("published", "timestamp", "when it was published"),
        _AUTHOR,
        _URL,
    ),
    key="url",
    link="url",
)

_WORKFLOW_RUNS = Table(
    "workflow_runs",
    "Runs of GitHub Actions.",
    (
        _REPOSITORY,
        QueryKey("created", "a date filter, such as `>={cycle.start}`", required=False),
        QueryKey("workflow", "a workflow's file name, such as `deploy.yml`", required=False),
    ),
    (
        Column("id", "integer", "its id"),
        _OF_REPOSITORY,
        Column("workflow", "text", "the workflow's file name"),
        Column("event", "text", "what set it off, such as push"),
        Column("branch", "text", "the branch it ran for"),
        Column(
            "status",
            "text",
            "its state",
            values=("queued", "in_progress", "completed", "waiting", "requested", "pending"),
        ),
        Column(
            "conclusion",
            "text",
            "how it ended; unknown until it has",
            values=(
                "success",
                "failure",
                "cancelled",
                "skipped",
                "timed_out",
                "action_required",
                "neutral",
                "stale",
                "startup_failure",
            ),
        ),
        _CREATED,
        Column("started", "timestamp", "when its latest attempt began"),
        Column("updated", "timestamp", "when GitHub last changed it, which may be long after it ended"),
        Column("ended", "timestamp", "when its latest attempt ended; unknown until completed"),
        Column("duration_hours", "number", "from started to ended; unknown until completed", unit=_HOURS),
        Column("attempt", "integer", "how often it was started"),
        _URL,
    ),
    key="id",
    link="url",
)

_DEPLOYMENTS = Table(
    "deployments",
    "Deployments of a repository.",
    (
        _REPOSITORY,
        QueryKey("environment", "the name of one environment, such as production; default: all", required=False),
        QueryKey("created", "a date filter, such as `>={cycle.start}`", required=False),
    ),
    (
        Column("id", "text", "its id in GitHub's GraphQL API"),
        _OF_REPOSITORY,
        Column("environment", "text", "where it went to, such as production"),
        Column("ref", "text", "its branch or tag; unknown when that is gone, or only a commit was named"),
        Column("sha", "text", "its commit"),
        _AUTHOR,
        _CREATED,
        Column(
            "status",
            "text",
            "its latest status; inactive once another one took its place, unknown while it has none",
            values=("queued", "pending", "waiting", "in_progress", "success", "failure", "error", "inactive"),
        ),
        Column("updated", "timestamp", "when it got its latest status"),
        Column(
            "conclusion",
            "text",
            "how it ended, also of an inactive one; unknown until it has",
            values=("success", "failure", "error"),
        ),
        Column("ended", "timestamp", "when it ended; unknown until it has"),
        Column("duration_hours", "number", "from created to ended; unknown until it has", unit=_HOURS),
        Column("url", "text", "the log that its latest status names"),
    ),
    key="id",
    link="url",
)

_REPOSITORIES = Table(
    "repositories",
    "Repositories in their present state, one row each.",
    (_REPOSITORY,),
    (
        Column("name", "text", "owner/name"),
        Column("stars", "integer", "its stars"),
        Column("forks", "integer", "its forks"),
        Column("watchers", "integer", "who watches it"),
        Column("open_issues", "integer", "its open issues, pull requests left out"),
        Column("closed_issues", "integer", "its closed issues, pull requests left out"),
        Column("open_pull_requests", "integer", "its open pull requests"),
        Column("merged_pull_requests", "integer", "its merged pull requests"),
        Column("releases", "integer", "its releases"),
        Column("default_branch", "text", "its default branch"),
        Column("archived", "boolean", "whether it is archived: read-only from then on"),
        _CREATED,
        Column("pushed", "timestamp", "when something was last pushed"),
        _URL,
    ),
    key="name",
    link="url",
)

_PROJECT_ITEMS = Table(
    "project_items",
    "All items of a project (Projects v2): issues, pull requests and drafts, archived ones included.",
    (QueryKey("project", "owner/number, such as acme/7, or its address; several separated by white space"),),
    (
        Column("id", "text", "its id in GitHub's GraphQL API"),
        Column(
            "type",
            "text",
            "what it is; redacted where the token may not read it, so that only its place in the project is known",
            values=("issue", "pull_request", "draft_issue", "redacted"),
        ),
        Column("status", "text", "the option of the project's field Status; unknown where none is chosen"),
        Column("archived", "boolean", "whether it was archived in the project"),
        Column("added", "timestamp", "when it came into the project"),
        *(column for column in _ITEM if column.name != "comments"),
        Column("state", "text", "open, merged, or closed; unknown for a draft", values=("open", "closed", "merged")),
        _STATE_REASON,
        Column("lead_time_hours", "number", "from created to closed, of a pull request to merged", unit=_HOURS),
        _PARENT,
    ),
    key="id",
    link="url",
    notes=(
        "fields of the project are columns once the connection's `fields` name them, by the type stated there:",
        "  number     a number field",
        "  text       a text, the option of a single select, the title of an iteration",
        "  timestamp  a date (midnight in the workspace's time zone); an iteration's `part: start` or `part: end`",
        "  list       the options of a multi select",
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        _ISSUES,
        _SUB_ISSUES,
        _PULL_REQUESTS,
        _MILESTONES,
        _RELEASES,
        _WORKFLOW_RUNS,
        _DEPLOYMENTS,
        _REPOSITORIES,
        _PROJECT_ITEMS,
    )
}


def tables_with(fields: Mapping[str, GitHubField]) -> Mapping[str, Table]:
    """Return the tables with fields of projects as columns, which replace built-in columns of the same name."""
    own = [Column(name, field.type, _doc(field)) for name, field in fields.items()]
    built_in = [column for column in _PROJECT_ITEMS.columns if column.name not in fields]
    return {**TABLES, _PROJECT_ITEMS.name: replace(_PROJECT_ITEMS, columns=(*built_in, *own))}


def _doc(field: GitHubField) -> str:
    return (
        f"the {field.part} of the project's field {field.name}" if field.part else f"the project's field {field.name}"
    )
