"""Bad answers of GitHub in a whole run: a message with four parts that names measure and line; other sources untouched.

One golden file holds the messages of all cases.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from command_kit import Shell
from fault_cases import HTML
from github_kit import TOKEN, World, open_world
from golden_files import check_golden
from sandbox_kit import Fault

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet: {{file: okrs.xlsx}}
connections:
  github:
    type: github
    url: {url}
    token: $GITHUB_TOKEN
    lanes: 1
    fields:
      points: {field}
measures:
  points_done:
    from: github.project_items
    project: {project}
    value: sum({column}) filter (status = 'Done')
  epic:
    from: github.sub_issues
    parent: {parent}
    value: share(state = 'closed')
  deployed:
    from: github.deployments
    repository: {repository}
    environment: {environment}
    created: |
      {created}
    value: count(*) filter (conclusion = 'success')
  visits:
    from: files.rows
    path: visits.csv
    value: sum(n)
objectives:
  O1:
    title: Ship
    key_results:
      KR1: {{title: Points, baseline: 0, target: 100, measure: points_done}}
      KR2: {{title: Epic, baseline: 0, target: 1, measure: epic}}
      KR3: {{title: Deployments, baseline: 0, target: 40, measure: deployed}}
      KR4: {{title: Visits, baseline: 0, target: 100, measure: visits}}
"""
GOOD = {
    "field": "Estimate",
    "project": "acme/7",
    "column": "points",
    "parent": "acme/app#20",
    "repository": "acme/app",
    "environment": "production",
    "created": ">={cycle.start}",
    "language": "en",
}
POINTS, EPIC, DEPLOYED = 14, 18, 22
"""The lines of the measures."""


def fault(match: str = "", status: int = 200, body: Any = None, **given: Any) -> Callable[[World], object]:
    return lambda world: world.sandbox.faults.append(Fault("github", match, status, body, times=1000, **given))


def instead(name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[World], object]:
    """Change the answers that hold `name`: what is under it."""

    def spoil(world: World) -> None:
        real = world.service.handle

        def handle(request: Any) -> Any:
            response = real(request)
            data = response.body.get("data") if isinstance(response.body, dict) else None
            for found in below(data, name):
                change(found)
            return response

        world.service.handle = handle  # type: ignore[method-assign]

    return spoil


def below(data: Any, name: str) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        if isinstance(data.get(name), dict):
            yield data[name]
        for value in data.values():
            yield from below(value, name)


def repeat(connection: dict[str, Any]) -> None:
    connection["pageInfo"] = {"hasNextPage": True, "endCursor": "Y3Vyc29yOjQw"}


CASES: dict[str, tuple[Callable[[World], object], dict[str, str], tuple[int, ...]]] = {
    "a token without the scope": (
        lambda world: setattr(world.service.state, "scopes", ("repo",)), {}, (POINTS,)
    ),
    "a wrong token": (fault(status=401, body={"message": "Bad credentials"}), {}, (POINTS, EPIC, DEPLOYED)),
    "a project that is not there": (lambda _: None, {"project": "acme/70"}, (POINTS,)),
    "an owner who is not there": (lambda _: None, {"project": "acne/7"}, (POINTS,)),
    "a field that is not there": (lambda _: None, {"field": "Estimat"}, (POINTS,)),
    "a field of another type": (lambda _: None, {"field": "Team"}, (POINTS,)),
    "an issue that is not there": (lambda _: None, {"parent": "acme/app#9999"}, (EPIC,)),
    "a repository that is not there": (lambda _: None, {"repository": "acme/ap"}, (DEPLOYED,)),
    "a date filter that is none": (lambda _: None, {"created": "since {cycle.start}"}, (DEPLOYED,)),
    "a total that does not match": (
        instead("items", lambda items: items.update(totalCount=65)), {}, (POINTS,)
    ),
    "a cursor that repeats": (instead("deployments", repeat), {}, (DEPLOYED,)),
    "a page that breaks off": (
        fault(body=b'{"data": {"repository": {"depl'), {}, (POINTS, EPIC, DEPLOYED)
    ),
    "HTML where JSON is due": (fault(body=b"<html>Sign in</html>", headers=HTML), {}, (POINTS, EPIC, DEPLOYED)),
    "502": (fault(status=502, body=b"<html>", headers=HTML), {}, (POINTS, EPIC, DEPLOYED)),
    "a secondary limit": (
        fault(status=403, body={"message": "You have exceeded a secondary rate limit"}, headers={"Retry-After": "600"}),
        {}, (POINTS, EPIC, DEPLOYED),
    ),
    "a limit": (
        fault(body={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
              headers={"Retry-After": "600"}),
        {}, (POINTS, EPIC, DEPLOYED),
    ),
}  # fmt: skip


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("OKRSYNC_TEST_TOKEN", TOKEN)
    with open_world() as made:
        yield made


def state(world: World, **keys: str) -> None:
    text = CONFIG.format(**{**GOOD, **keys, "url": world.sandbox.service_url("github")})
    Path("okrsync.yaml").write_text(text, "utf-8")


def current() -> list[object]:
    """The current values of the sheet, by row."""
    sheet = load_workbook("okrs.xlsx")["OKRs"]
    column = [cell.value for cell in sheet[1]].index("Current value") + 1
    found: list[object] = [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)]
    return found[-4:]


def prepare(shell: Shell, world: World) -> None:
    """A sheet with good numbers, of which that of the file has changed since."""
    state(world)
    Path("visits.csv").write_text("id,n\na,40\n", "utf-8")
    assert shell.run("init", ".", "--sheet", "--yes").code == 0
    done = shell.run("sync")
    assert done.code == 0, done.err
    assert current() == [75, 0.625, 21, 40]
    Path("visits.csv").write_text("id,n\na,60\n", "utf-8")


def messages(said: str) -> str:
    """The messages after the plan, in an order that does not depend on which answer came first."""
    told, _, code = said[said.index("\nmeasure") :].strip().rpartition("\n")

    def in_order(match: re.Match[str]) -> str:
        return f"measures {', '.join(sorted(match[1].split(', ')))}: github"

    blocks = sorted(re.sub(r"^measures (.*?): github", in_order, block) for block in told.split("\n\n"))
    return "\n\n".join([*blocks, code])


def test_bad_input(shell: Shell, world: World) -> None:
    prepare(shell, world)
    told = []
    for case, (spoil, keys, lines) in CASES.items():
        real, faults = world.service.handle, len(world.sandbox.faults)
        spoil(world)
        state(world, **keys)
        said = shell.output_of(("dry-run",))
        world.service.handle = real  # type: ignore[method-assign]
        del world.sandbox.faults[faults:]
        world.service.state.scopes = None
        assert re.search(r"Visits +40 -> 60", said), f"{case}: the other source is read"
        found = {line for line in (POINTS, EPIC, DEPLOYED) if f"(okrsync.yaml:{line}" in said}
        assert found == set(lines), case
        assert TOKEN not in said
        told.append(f"# {case}\n{messages(said)}\n")
    check_golden("github_bad_input.txt", "\n".join(told))


def test_unknown_keeps_its_number(shell: Shell, world: World) -> None:
    prepare(shell, world)
    state(world, field="Estimat", parent="acme/app#9999")
    assert shell.run("sync").code == 4
    assert current() == [75, 0.625, 21, 60]


def test_the_plan_names_a_misspelt_environment(shell: Shell, world: World) -> None:
    prepare(shell, world)
    state(world, environment="prod")
    said = shell.run("dry-run").out
    assert "there is no deployment to prod; the latest ones went to production, staging" in said


def test_in_chinese(shell: Shell, world: World) -> None:
    prepare(shell, world)
    state(world, field="Estimat", language="zh-TW")
    said = shell.output_of(("dry-run",))
    assert "專案沒有欄位「Estimat」；是不是要寫「Estimate」？" in said
    assert "請修正 connections.github.fields.points 中的名稱。" in said


def test_check_online_tries_each_and_lists_the_columns(shell: Shell, world: World) -> None:
    prepare(shell, world)
    done = shell.run("check", "--online")
    assert done.code == 0, done.out + done.err
    state(world, field="Team", project="acme/7")
    done = shell.run("check", "--online")
    assert done.code == 4
    assert "the field 'Team' is a text, not a number" in done.out + done.err
    listed = shell.run("sources", "github.project_items", "-c", "okrsync.yaml").out
    assert re.search(r"^ +points +number +the project's field Team$", listed, re.MULTILINE)


def test_an_unknown_column_is_found_before_anything_is_sent(shell: Shell, world: World) -> None:
    prepare(shell, world)
    sent = len(world.sandbox.requests())
    state(world, column="point")
    done = shell.run("dry-run")
    assert done.code == 1
    assert "unknown column 'point'" in done.err
    assert "'points'" in done.err
    assert len(world.sandbox.requests()) == sent


def test_requests_are_counted(shell: Shell, world: World) -> None:
    prepare(shell, world)
    done = shell.run("dry-run", "--requests", "--format", "json")
    made = json.loads(done.out)["requests"]
    assert [(one["kind"], one["requests"]) for one in made if one["connection"] == "github"] == [("rows", 3)]
