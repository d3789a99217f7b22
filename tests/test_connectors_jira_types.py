"""Custom text fields of Jira that hold numbers or dates, read as the measure states."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from connectors.protocol import Read, Reading
from connectors.sandbox.jira.issues import Issue
from jira_kit import INSTANTS, NOW, Bench, open_bench
from workspace_kit import HEAD, load

BUDGET, DUE, SQUAD = "customfield_10070", "customfield_10071", "customfield_10072"
FIELDS = {
    name: {"id": id_, "type": "text"} for name, id_ in {"budget": BUDGET, "due_text": DUE, "squad": SQUAD}.items()
}
BOTH = pytest.mark.parametrize("name", ["jira", "jira-dc"])


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        yield made


def give(bench: Bench, name: str, field: str, *texts: Any) -> None:
    bench.site(name).replace(
        Issue(at, f"A-{at}", "x", NOW, custom={field: text, SQUAD: f"Squad {at}"}) for at, text in enumerate(texts, 1)
    )


def typed(
    bench: Bench, types: Mapping[str, str], *columns: str, name: str = "jira", fields: Any = FIELDS, **keys: str
) -> Reading:
    query = {"jql": "project = A", "types": json.dumps(types), **keys}
    [answer] = bench.read(Read("r", "issues", query, columns, instants=INSTANTS), name=name, fields=fields)
    assert isinstance(answer, Reading), answer
    return answer


def values(bench: Bench, column: str) -> list[Any]:
    return [row[column] for row in bench.store.rows]


@BOTH
@pytest.mark.parametrize(
    ("texts", "keys", "numbers", "note"),
    [
        (["1,200", " 12.5 ", None, "45%", ""], {}, [1200, 12.5, None, 0.45, None], "numbers, as configured"),
        (["50萬", "１２"], {}, [500_000, 12], "numbers, as configured"),
        (["1.234", "2.500"], {"numbers": "1.234,5"}, [1234, 2500], "numbers such as 1.234,5, as configured"),
        (["1.234", "2,5"], {}, [1234, 2.5], "numbers such as 1.234,5, as A-2 '2,5' shows"),
    ],
)
def test_texts_are_numbers(
    bench: Bench, name: str, texts: list[Any], keys: dict[str, str], numbers: list[Any], note: str
) -> None:
    give(bench, name, BUDGET, *texts)
    reading = typed(bench, {"budget": "number"}, "budget", name=name, **keys)
    assert (reading.count, reading.failed, reading.types) == (len(texts), {}, {"budget": note})
    assert values(bench, "budget") == numbers
    assert [(column.type, column.note) for column in bench.store.columns] == [("number", note)]


@BOTH
@pytest.mark.parametrize(
    ("stated", "keys", "texts"),
    [
        ("date DMY", {}, ["1/10/2026", "01.10.2026 00:00"]),
        ("date", {"dates": "MDY"}, ["10/1/2026"]),
        ("date", {}, ["115/10/01", "2026-10-01", "20261001", "1 Oct 2026"]),
    ],
)
def test_texts_are_dates_in_the_workspaces_zone(
    bench: Bench, name: str, stated: str, keys: dict[str, str], texts: list[str]
) -> None:
    give(bench, name, DUE, *texts)
    typed(bench, {"due_text": stated}, "due_text", "squad", name=name, **keys)
    assert values(bench, "due_text") == [datetime(2026, 9, 30, 16, tzinfo=UTC)] * len(texts)
    assert values(bench, "squad") == [f"Squad {at}" for at in range(1, len(texts) + 1)]


def test_texts_are_true_or_false(bench: Bench) -> None:
    give(bench, "jira", BUDGET, "Yes", "no", "是", None)
    typed(bench, {"Budget": "boolean"}, "budget")
    assert values(bench, "budget") == [True, False, True, None]


@BOTH
def test_a_text_that_does_not_fit_costs_its_column_and_names_the_issue(bench: Bench, name: str) -> None:
    give(bench, name, BUDGET, "1", "N/A", "2", "soon")
    reading = typed(bench, {"budget": "number"}, "budget", "squad", name=name)
    assert (reading.count, set(reading.failed)) == (4, {"budget"})
    error = reading.failed["budget"]
    assert error.saw == (
        "budget of A-2 is 'N/A' where a number is needed; budget of A-4 is 'soon' where a number is needed"
    )
    assert error.advice == "Correct the field in Jira, or clear it where the value is not known yet."
    assert values(bench, "squad") == ["Squad 1", "Squad 2", "Squad 3", "Squad 4"]


@pytest.mark.parametrize(
    ("stated", "texts", "saw", "advice"),
    [
        ("number", ["1.234", "2.500"], "'budget' holds A-1 '1.234', which may be 1.234 or 1234", "`numbers:"),
        (
            "date",
            ["1/10/2026", "2/10/2026"],
            "'budget' holds dates that no cell shows to be day first or month first: A-1 '1/10/2026'",
            "Set `types: {budget: date DMY}`",
        ),
    ],
)
def test_texts_with_two_meanings_are_never_guessed(
    bench: Bench, stated: str, texts: list[str], saw: str, advice: str
) -> None:
    give(bench, "jira", BUDGET, *texts)
    error = typed(bench, {"budget": stated}, "budget", "squad").failed["budget"]
    assert error.saw == saw
    assert advice in error.advice


def test_a_list_in_place_of_a_text_is_named_as_such(bench: Bench) -> None:
    give(bench, "jira", BUDGET, "1", ["2"], "N/A")
    reading = typed(bench, {"budget": "number"}, "budget", "squad")
    assert {name: error.saw for name, error in reading.failed.items()} == {
        "budget": f"the field {BUDGET} is a list, not text (issue A-2)"
    }
    assert values(bench, "budget") == [None, None, None]


def test_levels_of_a_cascading_select_may_be_numbers(bench: Bench) -> None:
    give(bench, "jira", BUDGET, {"value": "2026", "child": {"value": "4"}}, {"value": "2027"})
    levels = {"year": {"id": BUDGET, "type": "text", "level": "parent"}}
    typed(bench, {"year": "number"}, "year", fields=levels)
    assert values(bench, "year") == [2026, 2027]


def test_no_issue_has_typed_columns_all_the_same(bench: Bench) -> None:
    give(bench, "jira", BUDGET, "1")
    assert typed(bench, {"budget": "number"}, "budget", jql="project = A AND labels = x").count == 0
    assert [column.type for column in bench.store.columns] == ["number"]


def test_other_columns_and_other_reads_are_as_they_were(bench: Bench) -> None:
    give(bench, "jira", BUDGET, "1", "2")
    typed(bench, {"due_text": "date"}, "budget", "key")
    assert values(bench, "budget") == ["1", "2"]


def test_all_pages_decide_how_numbers_are_written(bench: Bench) -> None:
    """The one number that shows the decimal mark is on the last of many pages."""
    site = bench.site()
    site.replace(
        Issue(at, f"A-{at}", "x", NOW, custom={BUDGET: "1.500" if at < 12_000 else "0,5"}) for at in range(1, 12_001)
    )
    reading = typed(bench, {"budget": "number"}, "budget")
    assert reading.count == len(bench.store.rows) == 12_000
    assert sum(values(bench, "budget")) == 1500 * 11_999 + 0.5
    assert [len(page) for page in bench.store.pages] == [5000, 5000, 2000]


CONNECTION = """\
connections:
  jira:
    type: jira
    url: https://acme.atlassian.net
    token: $JIRA_TOKEN
    fields:
      story_points: customfield_10016
      budget: {id: customfield_10070, type: text}
      due_text: {id: customfield_10071, type: text}
measures:
  m:
    from: jira.issues
    jql: project = A
"""


LETTERS = "and texts are compared letter by letter; if its cells are"
TO_DATE = "dates, set `types: {due_text: date DMY}`, or MDY or YMD"
TO_NUMBER = "if its cells are numbers, set `types: {budget: number}`"


def config(value: str, *lines: str) -> str:
    return f"{HEAD}{CONNECTION}" + "".join(f"    {line}\n" for line in (*lines, f"value: {value}"))


@pytest.mark.parametrize(
    "value",
    [
        "sum(budget) filter (due_text >= '2026-10-01')",
        "avg(budget / 1000)",
        "max_by(budget, due_text)",
        "count(*) filter (budget > 5 and status_category = 'done')",
    ],
)
def test_stated_types_are_those_of_expressions(bench: Bench, value: str) -> None:
    types = "types: {budget: number, Due_Text: date DMY}"
    assert "m" in load(bench.base_dir, config(value, types, "numbers: 1.234,5")).expressions


@pytest.mark.parametrize(
    ("value", "lines", "message"),
    [
        (
            "sum(budget)",
            (),
            f"sum() takes numbers; budget is text, as set in `fields`; {TO_NUMBER}",
        ),
        (
            "avg(budget / 2)",
            (),
            f"'/' takes numbers; budget is text, as set in `fields`; {TO_NUMBER}",
        ),
        (
            "share(budget >= 10)",
            (),
            f"budget is text, as set in `fields`, {LETTERS} numbers, set `types: {{budget: number}}`",
        ),
        (
            "share(budget = 10)",
            (),
            f"budget is text, as set in `fields`; write '10' in quotes, or {TO_NUMBER}",
        ),
        (
            "share(due_text >= '2026-10-01')",
            (),
            f"due_text is text, as set in `fields`, {LETTERS} {TO_DATE}",
        ),
        (
            "share(due_text >= '2026-10-01')",
            ("types: {due_text: text}",),
            f"due_text is text, as configured, {LETTERS} {TO_DATE}",
        ),
        (
            "share(budget > '2026-10-01')",
            ("types: {budget: number}",),
            "budget is a number and '2026-10-01' is not; if it is a date, set `types: {budget: date}`",
        ),
    ],
)
def test_a_text_names_the_way_to_numbers_and_dates(
    bench: Bench, value: str, lines: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(bench.base_dir, config(value, *lines))
    assert [one.message for one in caught.value.problems] == [message]


TAKES = "; `types` is for fields that the connection's `fields` set to text: budget, due_text"


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("types: {bugdet: number}", "types.bugdet", "is not a column of issues; did you mean 'budget'?"),
        ("types: {x: number}", "types.x", f"is not a column of issues{TAKES}"),
        ("types: {story_points: text}", "types.story_points", f"is always a number{TAKES}"),
        ("types: {summary: number}", "types.summary", f"is always text{TAKES}"),
        (
            "types: {budget: money}",
            "types.budget",
            "'money' is not a type of cells; write text, number, boolean, date or",
        ),
        ("numbers: 1.234,5", "numbers", "needs `types`, which names the columns that it is about"),
        ("dates: DMY", "dates", "needs `types`, which names the columns that it is about"),
    ],
)
def test_types_that_nothing_can_have(bench: Bench, line: str, path: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(bench.base_dir, config("count(*)", line))
    [problem] = caught.value.problems
    assert problem.path == f"measures.m.{path}"
    assert problem.message.startswith(message)
    assert problem.line == 18
