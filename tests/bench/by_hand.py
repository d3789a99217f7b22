"""What people use today: one script with jira, PyGithub and gspread, plain or tuned.

`plain` is what the libraries' own documentation leads to. `tuned` is what somebody writes who has measured it: lanes of
threads, no hidden requests, raw totals, one batch for the cells. Reads a job (see `serve.py`), writes {id: value}.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import local
from typing import Any

import github
import gspread
import jira
from google.oauth2.service_account import Credentials

Job = Mapping[str, Any]
Asked = Mapping[str, Any]
Values = dict[str, float | None]

POINTS = "customfield_10016"
FIELDS = ["status", POINTS, "issuetype"]
LANES = 8
PAGE = 100
SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]


def of_kind(job: Job, kind: str) -> list[Asked]:
    """What is asked of that kind."""
    return [asked for asked in job["asked"] if asked["kind"] == kind]


def spread_client(job: Job) -> gspread.Client:
    """gspread at the sandbox, signed in once: its addresses are constants, so a session of ours turns them."""
    return _spread_client(json.dumps(job["sheets"]["account"]), job["urls"]["google"])


@cache
def _spread_client(account: str, base: str) -> gspread.Client:
    credentials = Credentials.from_service_account_info(json.loads(account), scopes=SCOPES)  # type: ignore[no-untyped-call]
    client = gspread.authorize(credentials)
    send = client.http_client.session.request

    def rebased(method: str, url: str, **more: Any) -> Any:
        return send(method, url.replace("https://sheets.googleapis.com", base), **more)

    client.http_client.session.request = rebased  # type: ignore[method-assign,assignment]  # no other way in
    return client


def plain(job: Job) -> Values:
    """One request after the other, with the libraries' defaults."""
    values: Values = {}
    if asked_of_jira := of_kind(job, "jira_count") + of_kind(job, "jira_sum"):
        site = jira.JIRA(job["urls"]["jira"], basic_auth=(job["jira"]["email"], job["jira"]["token"]))
        for asked in asked_of_jira:
            if asked["kind"] == "jira_count":
                values[asked["id"]] = site.approximate_issue_count(asked["query"])
            else:
                found = site.search_issues(asked["query"], maxResults=False, fields=list(FIELDS))
                done = [issue for issue in found if issue.fields.status.statusCategory.key == "done"]
                values[asked["id"]] = sum(getattr(issue.fields, POINTS) or 0 for issue in done)
    hub = github.Github(auth=github.Auth.Token(job["github"]["token"]), base_url=job["urls"]["github"])
    for asked in of_kind(job, "github_count"):
        values[asked["id"]] = hub.search_issues(asked["query"]).totalCount
    for asked in of_kind(job, "github_rows"):
        closed = hub.get_repo(job["github"]["repository"]).get_issues(state="closed")
        values[asked["id"]] = sum(issue.comments for issue in closed)
    client = spread_client(job)
    if cells := of_kind(job, "cell"):
        numbers = client.open_by_key(job["sheets"]["numbers"])
        for asked in cells:
            tab, _, cell = asked["query"].partition("!")
            values[asked["id"]] = number(numbers.worksheet(tab).acell(cell).value)
    client.open_by_key(job["sheets"]["okrs"]).worksheet("OKRs").get_all_records()
    return values


def tuned(job: Job) -> Values:
    """Three services side by side, lanes of threads in each, as few requests as the libraries let one make."""
    with ThreadPoolExecutor(4) as pool:
        parts = [pool.submit(read, job) for read in (_tuned_jira, _tuned_github, _tuned_sheets)]
        return {key: value for part in parts for key, value in part.result().items()}


def _tuned_jira(job: Job) -> Values:
    own = local()

    def site() -> jira.JIRA:
        if not hasattr(own, "site"):
            access = (job["jira"]["email"], job["jira"]["token"])
            own.site = jira.JIRA(job["urls"]["jira"], basic_auth=access, get_server_info=False, timeout=30)
            own.site.deploymentType = "Cloud"
            own.site._fields_cache_value = {"summary": "summary"}
        return own.site  # type: ignore[no-any-return]  # thread-local attributes have no type

    def count(asked: Asked) -> tuple[str, float]:
        return asked["id"], site().approximate_issue_count(asked["query"])

    def points(asked: Asked) -> tuple[str, float]:
        return asked["id"], sum(map(_points, _tuned_issues(site(), asked["query"])))

    return {**_lanes(count, of_kind(job, "jira_count")), **_lanes(points, of_kind(job, "jira_sum"))}


def _tuned_issues(site: jira.JIRA, jql: str) -> Iterable[Mapping[str, Any]]:
    token = None
    while True:
        asked = {"jql": jql, "fields": FIELDS, "maxResults": 1000, **({"nextPageToken": token} if token else {})}
        page = site._get_json("search/jql", params=asked, use_post=True)
        yield from page["issues"]
        token = page.get("nextPageToken")
        if not token:
            return


def _points(issue: Mapping[str, Any]) -> float:
    fields = issue["fields"]
    return float(fields[POINTS] or 0) if fields["status"]["statusCategory"]["key"] == "done" else 0.0


def _tuned_github(job: Job) -> Values:
    hub = github.Github(
        auth=github.Auth.Token(job["github"]["token"]),
        base_url=job["urls"]["github"],
        per_page=PAGE,
        seconds_between_requests=None,
        retry=None,
    )

    def count(asked: Asked) -> tuple[str, float]:
        _, data = hub.requester.requestJsonAndCheck("GET", "/search/issues", {"q": asked["query"], "per_page": 1})
        return asked["id"], data["total_count"]

    def comments(asked: Asked) -> tuple[str, float]:
        closed = hub.get_repo(job["github"]["repository"], lazy=True).get_issues(state="closed")
        pages = range((closed.totalCount + PAGE - 1) // PAGE)
        with ThreadPoolExecutor(LANES) as pool:
            found = [issue for page in pool.map(closed.get_page, pages) for issue in page]
        return asked["id"], sum(issue.comments for issue in found)

    return {**_lanes(count, of_kind(job, "github_count")), **_lanes(comments, of_kind(job, "github_rows"))}


def _tuned_sheets(job: Job) -> Values:
    client, cells = spread_client(job), of_kind(job, "cell")
    found: Sequence[Mapping[str, Any]] = []
    if cells:
        ranges = [asked["query"] for asked in cells]
        options: dict[str, Any] = {"valueRenderOption": "UNFORMATTED_VALUE"}
        found = client.http_client.values_batch_get(job["sheets"]["numbers"], ranges, options)["valueRanges"]
    client.http_client.values_batch_get(job["sheets"]["okrs"], ["OKRs"])
    return {asked["id"]: number(one["values"][0][0]) for asked, one in zip(cells, found, strict=True)}


def _lanes(read: Callable[[Asked], tuple[str, float]], asked: Sequence[Asked]) -> Values:
    with ThreadPoolExecutor(LANES) as pool:
        return dict(pool.map(read, asked))


def number(text: object) -> float | None:
    """What a cell shows, as a number."""
    return None if text is None else float(str(text).replace(",", ""))


def write(job: Job, values: Values) -> None:
    """Write the values with one request, beside the numbers: in the OKR sheet they would be edits of a person."""
    rows = [{"values": [{"userEnteredValue": {"numberValue": values[asked["id"]]}}]} for asked in job["asked"]]
    place = {"sheetId": 0, "rowIndex": 0, "columnIndex": 3}
    change = {"updateCells": {"start": place, "rows": rows, "fields": "userEnteredValue"}}
    spread_client(job).http_client.batch_update(job["sheets"]["numbers"], {"requests": [change]})


VARIANTS = {"plain": plain, "tuned": tuned}


def main() -> None:
    """Run one variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("job", type=Path)
    parser.add_argument("--write", action="store_true", help="write the values as well")
    stated = parser.parse_args()
    job = json.loads(stated.job.read_text("utf-8"))
    values = VARIANTS[stated.variant](job)
    if stated.write:
        write(job, values)
    sys.stdout.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    main()
