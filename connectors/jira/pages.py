"""Pagination of Jira's search: complete results or an error, never a partial result."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import chain, islice
from typing import Any, TypeVar

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors.jira.client import JiraClient
from connectors.jira.faults import EFFECT, ODD_ANSWER
from connectors.jira.fields import issue_id
from connectors.jira.ids import Ids
from connectors.jira.queries import without_order
from connectors.jira.values import OddFieldError
from connectors.lanes import START, in_order

LARGEST_PAGE = 5000
"""Maximum `maxResults` of search/jql on Cloud; pages with more fields are shorter.

Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-search/
"""
LARGEST_BULK = 100
"""Maximum number of issues per request of issue/bulkfetch on Cloud.

Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/
"""
LARGEST_SERVER_PAGE = 1000
"""Default maximum page size of Data Center installations; a smaller limit shortens the page."""
SERVER_PAGE_WITH_HISTORY = 200
"""Page size with history on Data Center, where each issue comes with the changes of all its fields."""
MOST_PAGES = 10_000

LONG_WALK = 20_000
"""Number of issues from which the count is compared with Cloud's estimate, since long lists may end early silently."""

_FEW_PAGES = 3
_LEAST_SHARE = 0.95
_CHANGED = Message("Issues changed while they were read; run again.")

T = TypeVar("T")
Item = TypeVar("Item")
Keep = Callable[[Sequence[Any]], None]
"""Function that takes one page of issues."""


@dataclass(frozen=True, slots=True)
class PagePool:
    """Threads for independent requests, of which at most `count` are under way at once."""

    threads: ThreadPoolExecutor
    count: int

    def in_order(self, work: Callable[[Item], T], items: Iterable[Item]) -> Iterator[T]:
        """Return results in the order of the items; at most 2 x `count` are in progress, to bound memory."""
        return in_order(self.threads, work, items, 2 * self.count)


@dataclass(frozen=True, slots=True)
class _Page:
    issues: Sequence[Any]
    more: bool


def cloud_keys(client: JiraClient, jql: str) -> dict[str, str]:
    """List the keys of all issues of a query by id, 5000 per request, for an exact count. Raises SourceError.

    Issues are identified by id, since an issue that moves to another project gets another key. Pages of keys are as
    large as pages of ids (Atlassian's REST reference). An issue without a key is listed with its id as the key.
    """
    keys: dict[str, str] = {}
    for page in _key_pages(client, jql):
        keys |= page
    return keys


def _key_pages(client: JiraClient, jql: str) -> Iterator[dict[str, str]]:
    for page in _cloud_pages(client, jql, ("key",), "id walk"):
        ids = [_id(client, "search/jql", issue) for issue in page.issues]
        keys = [issue.get("key") for issue in page.issues]
        yield {id_: key if isinstance(key, str) and key else id_ for id_, key in zip(ids, keys, strict=True)}


def cloud_rows(client: JiraClient, pool: PagePool, jql: str, fields: Sequence[str], keep: Keep) -> None:
    """Pass every page to `keep`, each issue at least once. Raises SourceError.

    Pages are read one after the other. If the site shortens them and there are more than a few, ids are listed instead
    (5000 per request) and the issues fetched by id in parallel, where that takes fewer round trips. Otherwise the
    issues of the pages are compared with a list of ids.
    """
    pages = _cloud_pages(client, jql, fields, "rows")
    first = next(pages)
    if not first.more or len(first.issues) >= LARGEST_PAGE:
        for page in chain([first], pages):
            keep(page.issues)
        return
    held = [first, *islice(pages, _FEW_PAGES - 1)]
    turns_by_id = 1 / (LARGEST_BULK * min(pool.count, START)) + 1 / LARGEST_PAGE
    if not held[-1].more:
        for page in held:
            keep(page.issues)
    elif turns_by_id < 1 / max(len(first.issues), 1):
        _fetch_by_id(client, pool, jql, fields, held, keep)
    else:
        _page_on(client, pool, jql, chain(held, pages), keep)


def _fetch_by_id(
    client: JiraClient, pool: PagePool, jql: str, fields: Sequence[str], held: Sequence[_Page], keep: Keep
) -> None:
    """List ids and fetch the issues by id, except those already in `held`. Raises SourceError.

    The list of ids is read only as fast as the issues are fetched.
    """
    known = {_id(client, "search/jql", issue): issue for page in held for issue in page.issues}

    def batches() -> Iterator[list[str]]:
        for ids in _key_pages(client, jql):
            keep([known[id_] for id_ in ids if id_ in known])
            missing = [id_ for id_ in ids if id_ not in known]
            yield from (missing[at : at + LARGEST_BULK] for at in range(0, len(missing), LARGEST_BULK))

    for issues in pool.in_order(lambda batch: _bulk(client, fields, batch), batches()):
        keep(issues)


def _page_on(client: JiraClient, pool: PagePool, jql: str, pages: Iterable[_Page], keep: Keep) -> None:
    """Read page after page, and list the ids in parallel. Raises SourceError where the two differ."""

    def walked() -> Ids:
        ids = Ids()
        for page in _key_pages(client, jql):
            for id_ in page:
                ids.add(id_)
        return ids

    walk, came = pool.threads.submit(walked), Ids()
    for page in pages:
        for issue in page.issues:
            came.add(_id(client, "search/jql", issue))
        keep(page.issues)
    if differing := walk.result().differing(came):
        saw = Message(
            "{count} issues were received in pages, {count2} ids one by one; {differing} differ",
            count=len(came),
            count2=len(walk.result()),
            differing=differing,
        )
        raise SourceError(client.doing("POST", "search/jql"), saw, effect=EFFECT, advice=_CHANGED)


def _bulk(client: JiraClient, fields: Sequence[str], ids: Sequence[str]) -> Sequence[Any]:
    path = "issue/bulkfetch"
    answer = client.post(path, {"issueIdsOrKeys": list(ids), "fields": list(fields)}, "rows")
    issues = _issues(client, path, answer)
    came = {_id(client, path, issue) for issue in issues}
    if came != set(ids):
        saw = Message("{count} of {count2} issues were not returned", count=len(set(ids) - came), count2=len(ids))
        raise SourceError(client.doing("POST", path), saw, effect=EFFECT, advice=_CHANGED)
    return issues


def server_count(client: JiraClient, jql: str) -> int:
    """Count the issues of a query on Data Center, with one request without rows. Raises SourceError."""
    answer = client.post("search", {"jql": jql, "startAt": 0, "maxResults": 0, "fields": ["id"]}, "count")
    return _total(client, answer)


def server_rows(
    client: JiraClient, pool: PagePool, jql: str, fields: Sequence[str], keep: Keep, *, history: bool = False
) -> int:
    """Pass every page to `keep`; return Jira's total, which has to be the same for all pages. Raises SourceError.

    The caller compares the number of distinct issues with the total, since an order that is not total repeats some
    issues and drops others. With `history`, issues come with all their changes, and pages are smaller.
    """

    def page(start: int, size: int) -> tuple[Sequence[Any], int]:
        body: dict[str, Any] = {"jql": jql, "startAt": start, "maxResults": size, "fields": list(fields)}
        if history:
            body["expand"] = ["changelog"]
        answer = client.post("search", body, "rows")
        return _issues(client, "search", answer), _total(client, answer)

    issues, total = page(0, LARGEST_SERVER_PAGE if not history else SERVER_PAGE_WITH_HISTORY)
    keep(issues)
    step = len(issues)
    if 0 < step < total:
        starts = range(step, total, step)
        for more, now_total in pool.in_order(lambda start: page(start, step), starts):
            if now_total != total:
                saw = Message("{total} issues became {now_total}", total=total, now_total=now_total)
                raise SourceError(client.doing("POST", "search"), saw, effect=EFFECT, advice=_CHANGED)
            keep(more)
    return total


def _cloud_pages(client: JiraClient, jql: str, fields: Sequence[str], kind: str) -> Iterator[_Page]:
    """Yield the pages of search/jql to the one without `nextPageToken`; `isLast` may be wrong (JRACLOUD-95477)."""
    path = "search/jql"
    doing = client.doing("POST", path)
    body: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": LARGEST_PAGE}
    tokens: set[str] = set()
    walked = 0
    for _ in range(MOST_PAGES):
        answer = _next_page(client, path, body, kind)
        token = answer.get("nextPageToken")
        issues = _issues(client, path, answer)
        walked += len(issues)
        if token is None and walked >= LONG_WALK:
            _hold_against_estimate(client, jql, walked)
        yield _Page(issues, more=token is not None)
        if token is None:
            return
        if not isinstance(token, str) or token in tokens:
            saw = (
                Message("the same page token came twice") if token in tokens else Message("a page token is not a text")
            )
            raise SourceError(doing, saw, effect=EFFECT, advice="Run again; Jira did not return all pages.")
        tokens.add(token)
        body["nextPageToken"] = token
    saw = Message("more than {most_pages} pages", most_pages=MOST_PAGES)
    raise SourceError(doing, saw, effect=EFFECT, advice="Narrow the measure's jql.")


def _next_page(client: JiraClient, path: str, body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    try:
        return client.post(path, body, kind)
    except SourceError as exc:
        if "nextPageToken" in body and exc.status == HTTPStatus.BAD_REQUEST:
            exc.advice = Message("Run again; Jira no longer knew the page that it had named.")
        raise


def _hold_against_estimate(client: JiraClient, jql: str, walked: int) -> None:
    """Check that a list is not shorter than 95 % of Jira's own estimate. Raises SourceError."""
    path = "search/approximate-count"
    count = client.post(path, {"jql": without_order(jql)}, "count").get("count")
    doing = client.doing("POST", path)
    if isinstance(count, bool) or not isinstance(count, int):
        raise SourceError(doing, "the answer has no count", effect=EFFECT, advice=ODD_ANSWER)
    if walked < count * _LEAST_SHARE:
        saw = Message("{walked} issues were received, but Jira estimates {count}", walked=walked, count=count)
        advice = "Leave ORDER BY out of the measure's jql, or split it by date."
        raise SourceError(doing, saw, effect=EFFECT, advice=advice)


def _issues(client: JiraClient, path: str, answer: Mapping[str, Any]) -> Sequence[Any]:
    issues = answer.get("issues")
    if not isinstance(issues, list):
        raise SourceError(
            client.doing("POST", path), "the answer has no list of issues", effect=EFFECT, advice=ODD_ANSWER
        )
    return issues


def _total(client: JiraClient, answer: Mapping[str, Any]) -> int:
    total = answer.get("total")
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise SourceError(client.doing("POST", "search"), "the answer has no total", effect=EFFECT, advice=ODD_ANSWER)
    return total


def _id(client: JiraClient, path: str, issue: Any) -> str:
    try:
        return issue_id(issue)
    except OddFieldError as exc:
        raise SourceError(client.doing("POST", path), str(exc), effect=EFFECT, advice=ODD_ANSWER) from None
