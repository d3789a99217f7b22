"""The same answers by a pipeline tool: dlt's rest_api source loads what is asked for into DuckDB, SQL does the rest.

One resource per query, as its documentation shows: cursors for Jira, links for GitHub, one batch for the cells. Reads a
job (see `serve.py`), writes {id: value}.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from by_hand import POINTS, SCOPES, Job, number, of_kind

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")

import dlt
from dlt.sources.rest_api import rest_api_source
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

Resources = list[Any]


def sources(job: Job) -> list[Any]:
    """One source per service that is asked anything."""
    found = [
        ("jira", _jira(job), _jira_resources(job)),
        ("github", _github(job), _github_resources(job)),
        ("sheets", _sheets(job), _sheets_resources(job)),
    ]
    return [_source(name, client, resources) for name, client, resources in found if resources]


def _source(name: str, client: Mapping[str, Any], resources: Resources) -> Any:
    config: Any = {"client": client, "resources": resources}
    return rest_api_source(config, name=name)


def _jira(job: Job) -> dict[str, Any]:
    access = {"type": "http_basic", "username": job["jira"]["email"], "password": job["jira"]["token"]}
    pages = {"type": "cursor", "cursor_path": "nextPageToken", "cursor_param": "nextPageToken"}
    return {"base_url": f"{job['urls']['jira']}/rest/api/3/", "auth": access, "paginator": pages}


def _jira_resources(job: Job) -> Resources:
    made = []
    for asked in of_kind(job, "jira_count") + of_kind(job, "jira_sum"):
        fields = "id" if asked["kind"] == "jira_count" else f"status,{POINTS},issuetype"
        params = {"jql": asked["query"], "fields": fields, "maxResults": 5000}
        endpoint = {"path": "search/jql", "params": params, "data_selector": "issues"}
        made.append({"name": table(asked), "endpoint": endpoint})
    return made


def _github(job: Job) -> dict[str, Any]:
    access = {"type": "bearer", "token": job["github"]["token"]}
    return {"base_url": f"{job['urls']['github']}/", "auth": access, "paginator": {"type": "header_link"}}


def _github_resources(job: Job) -> Resources:
    made = []
    for asked in of_kind(job, "github_rows"):
        path, params = f"repos/{job['github']['repository']}/issues", {"state": "closed", "per_page": 100}
        made.append({"name": table(asked), "endpoint": {"path": path, "params": params}})
    for asked in of_kind(job, "github_count"):
        params = {"q": asked["query"], "per_page": 100}
        endpoint = {"path": "search/issues", "params": params, "data_selector": "items"}
        made.append({"name": table(asked), "endpoint": endpoint})
    return made


def _sheets(job: Job) -> dict[str, Any]:
    account = job["sheets"]["account"]
    credentials = Credentials.from_service_account_info(account, scopes=SCOPES)  # type: ignore[no-untyped-call]
    credentials.refresh(Request())
    access = {"type": "bearer", "token": credentials.token}
    return {"base_url": f"{job['urls']['google']}/v4/spreadsheets/", "auth": access, "paginator": "single_page"}


def _sheets_resources(job: Job) -> Resources:
    cells = [asked["query"] for asked in of_kind(job, "cell")]
    made = [{"name": "okrs", "endpoint": {"path": f"{job['sheets']['okrs']}/values/OKRs", "data_selector": "values"}}]
    if cells:
        params = {"ranges": cells, "valueRenderOption": "UNFORMATTED_VALUE"}
        path = f"{job['sheets']['numbers']}/values:batchGet"
        made.append({"name": "cells", "endpoint": {"path": path, "params": params, "data_selector": "valueRanges"}})
    return made


def table(asked: Mapping[str, Any]) -> str:
    """The table that one key result's rows go to."""
    return str(asked["id"]).lower().replace("-", "_")


def values(job: Job, folder: str) -> dict[str, float | None]:
    """Load everything, then ask DuckDB."""
    place = dlt.destinations.duckdb(f"{folder}/loaded.duckdb")
    pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=place, dataset_name="bench")
    for source in sources(job):
        pipeline.run(source)
    found: dict[str, float | None] = {}
    with pipeline.sql_client() as client:
        for asked in job["asked"]:
            if asked["kind"] != "cell":
                rows = client.execute_sql(_sql(asked))
                found[asked["id"]] = float(rows[0][0]) if rows and rows[0][0] is not None else None
        cells = of_kind(job, "cell")
        if cells:
            shown = {row[0]: row[1] for row in client.execute_sql(_CELLS) or ()}
            found |= {asked["id"]: number(shown.get(asked["query"])) for asked in cells}
    return found


_CELLS = (
    "SELECT c.range, v.value FROM cells c JOIN cells__values r ON r._dlt_parent_id = c._dlt_id "
    "JOIN cells__values__list v ON v._dlt_parent_id = r._dlt_id"
)


def _sql(asked: Mapping[str, Any]) -> str:
    match asked["kind"]:
        case "jira_sum":
            done = "fields__status__status_category__key = 'done'"
            return f"SELECT sum(fields__{POINTS}) FILTER (WHERE {done}) FROM {table(asked)}"  # noqa: S608 - our own names
        case "github_rows":
            return f"SELECT sum(comments) FROM {table(asked)}"  # noqa: S608 - our own names
    return f"SELECT count(*) FROM {table(asked)}"  # noqa: S608 - our own names


def main() -> None:
    """Run it in a folder that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=Path)
    stated = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = values(json.loads(stated.job.read_text("utf-8")), folder)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
