"""Fields of Jira whose form depends on the deployment, the version or the site: sprints, epics, cascading selects."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.sprints import SprintName, sprint_of
from connectors.sandbox.jira.issue_json import SPRINT_ORDERS
from connectors.sandbox.jira.issues import Issue, Sprint
from jira_kit import NOW, Bench, open_bench
from sandbox_kit import Fault

PLACE = "customfield_10050"
TAIWAN = {"value": "APAC", "id": "1", "child": {"value": "Taiwan", "id": "2"}}
JAPAN = {"value": "APAC", "id": "1", "child": {"value": "Japan", "id": "3"}}
EUROPE = {"value": "EMEA", "id": "4"}
LEVELS = {
    "place": {"id": PLACE, "type": "text", "level": "both"},
    "region": {"id": PLACE, "type": "text", "level": "parent"},
    "country": {"id": PLACE, "type": "text", "level": "child"},
}
BOTH = pytest.mark.parametrize("name", ["jira", "jira-dc"])


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        yield made


def sprint_text(fields: Mapping[str, str]) -> str:
    inner = ",".join(f"{name}={value}" for name, value in fields.items())
    return f"com.atlassian.greenhopper.service.sprint.Sprint@6a1f[{inner}]"


@pytest.mark.parametrize("order", SPRINT_ORDERS)
@pytest.mark.parametrize("name", ["Sprint 7", "Core, again", "A [beta]", "p90=8, at last", "第 7 個衝刺", "x,y=z", ""])
def test_sprints_of_data_center_in_every_order(bench: Bench, order: str, name: str) -> None:
    site = bench.site("jira-dc")
    site.sprint_order = order
    later = Sprint(35, name, "active")
    site.replace(
        [
            Issue(1, "A-1", "x", NOW, sprints=(later, Sprint(9, "before", "closed"))),
            Issue(2, "A-2", "x", NOW, sprints=(Sprint(9, "before", "closed"),)),
            Issue(3, "A-3", "x", NOW),
        ]
    )
    bench.rows("project = A", "sprint", name="jira-dc")
    assert [row["sprint"] for row in bench.store.rows] == [name, "before", None]


LEGACY = {"id": "7", "rapidViewId": "4", "state": "ACTIVE", "name": "Sprint 7", "startDate": "<null>", "goal": "ship"}
SORTED = dict(sorted(LEGACY.items()))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (LEGACY, "Sprint 7"),
        (SORTED, "Sprint 7"),
        ({**SORTED, "goal": "a, b=c [d]\nand more"}, "Sprint 7"),
        ({**SORTED, "name": "x,color=red"}, "x,color=red"),
        ({**LEGACY, "name": "x,newField=red"}, "x,newField=red"),
        ({**SORTED, "name": "Sprint 7,newField=1"}, None),
        ({**SORTED, "name": "Sprint 7,state=1"}, None),
        ({**LEGACY, "name": "Sprint 7,synced=1"}, None),
        ({**LEGACY, "goal": "a,id=8"}, None),
        ({**LEGACY, "id": "<null>"}, None),
        ({"id": "7", "state": "ACTIVE"}, None),
        ({"name": "Sprint 7", "state": "ACTIVE"}, None),
    ],
)
def test_a_sprint_text_is_read_where_it_is_certain(fields: Mapping[str, str], name: str | None) -> None:
    assert sprint_of(sprint_text(fields)) == (None if name is None else SprintName(7, name))


@pytest.mark.parametrize(
    "value", [None, 7, [], "Sprint 7", {"id": "7", "name": "x"}, {"id": 7}, "Sprint@1[id=7,name=x]"]
)
def test_what_is_no_sprint_is_none(value: object) -> None:
    assert sprint_of(value) is None


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(sorted(SPRINT_ORDERS)))
def test_a_name_comes_out_whole_or_not_at_all(name: str, order: str) -> None:
    values = {"id": "7", "name": name, "state": "ACTIVE"}
    text = sprint_text({field: values.get(field, "<null>") for field in SPRINT_ORDERS[order]})
    assert sprint_of(text) in (SprintName(7, name), None)
    if "=" not in name:
        assert sprint_of(text) == SprintName(7, name)


@BOTH
def test_a_sprint_field_may_be_a_list_of_names(bench: Bench, name: str) -> None:
    sprints = (Sprint(9, "late, again", "closed"), Sprint(8, "early", "active"))
    bench.site(name).replace([Issue(1, "A-1", "x", NOW, sprints=sprints), Issue(2, "A-2", "x", NOW)])
    bench.rows("project = A", "sprint", name=name, fields={"sprint": {"id": "customfield_10020", "type": "list"}})
    assert [row["sprint"] for row in bench.store.rows] == [["late, again", "early"], None]
    assert bench.meter.count(kind="fields") == 0


@BOTH
def test_a_cascading_select_gives_both_levels_and_each(bench: Bench, name: str) -> None:
    places = [TAIWAN, JAPAN, EUROPE, None]
    bench.site(name).replace(
        Issue(at, f"A-{at}", "x", NOW, custom={PLACE: place}) for at, place in enumerate(places, 1)
    )
    bench.rows("project = A", *LEVELS, name=name, fields=LEVELS)
    assert [tuple(row.values()) for row in bench.store.rows] == [
        ("APAC > Taiwan", "APAC", "Taiwan"),
        ("APAC > Japan", "APAC", "Japan"),
        ("EMEA", "EMEA", None),
        (None, None, None),
    ]


@pytest.mark.parametrize("stated", ["number", "list", None])
def test_a_level_is_text(bench: Bench, stated: str | None) -> None:
    field = {"id": PLACE, "level": "child", **({"type": stated} if stated else {})}
    with pytest.raises(ValueError, match="write `type: text` with it"):
        bench.connection(fields={"country": field})


@BOTH
def test_a_parent_is_an_epic_or_the_issue_of_a_sub_task(bench: Bench, name: str) -> None:
    bench.site(name).replace(
        [
            Issue(1, "A-1", "x", NOW, type="Epic"),
            Issue(2, "A-2", "x", NOW, type="Story", parent="A-1"),
            Issue(3, "A-3", "x", NOW, type="Sub-task", parent="A-2"),
        ]
    )
    bench.rows("project = A", "parent", name=name)
    assert [row["parent"] for row in bench.store.rows] == [None, "A-1", "A-2"]
    assert bench.meter.count(kind="fields") == (name == "jira-dc")


def test_a_site_without_jira_software_has_parents_of_sub_tasks_only(bench: Bench) -> None:
    site = bench.site("jira-dc")
    site.software = False
    site.replace([Issue(1, "A-1", "x", NOW), Issue(2, "A-2", "x", NOW, type="Sub-task", parent="A-1")])
    bench.rows("project = A", "parent", name="jira-dc")
    assert [row["parent"] for row in bench.store.rows] == [None, "A-1"]


def test_data_center_keeps_epics_apart_from_parents(bench: Bench) -> None:
    for name, by_parent in (("jira", 12), ("jira-dc", 0)):
        assert bench.count("parent = CORE-1", name=name).count == by_parent
        assert bench.count('"Epic Link" = CORE-1', name=name).count == 12


def test_a_cascading_select_without_a_level_fails(bench: Bench) -> None:
    bench.site().replace(Issue(at, f"A-{at}", "x", NOW, custom={PLACE: TAIWAN}) for at in (1, 2))
    error = bench.column_fails("project = A", "place", fields={"place": {"id": PLACE, "type": "text"}})
    assert "place is a cascading select, and which of its levels to use is not set" in str(error)
    assert "Set `level: both` (`Parent > Child`), `parent` or `child`" in error.advice


def test_one_level_alone_needs_no_level(bench: Bench) -> None:
    bench.site().replace([Issue(1, "A-1", "x", NOW, custom={PLACE: EUROPE})])
    assert bench.rows("project = A", "place", fields={"place": {"id": PLACE, "type": "text"}}).failed == {}
    assert bench.store.rows == [{"place": "EMEA"}]


@BOTH
def test_a_site_without_sprints_costs_the_sprint_alone(bench: Bench, name: str) -> None:
    bench.site(name).software = False
    reading = bench.rows("project = CORE", "key", "sprint", "story_points", "parent", name=name)
    assert set(reading.failed) == {"sprint"}
    assert "the site has no sprint field" in str(reading.failed["sprint"])
    assert len(bench.store.rows) == reading.count == 60
    assert sum(row["story_points"] or 0 for row in bench.store.rows) == 80  # type: ignore[misc] # numbers or None


@BOTH
def test_fields_that_cannot_be_listed_cost_what_needs_the_list(bench: Bench, name: str) -> None:
    bench.box.faults.append(Fault(name, "/field", 404, {}))
    reading = bench.rows("project = CORE", "key", "sprint", "status", "parent", name=name)
    assert set(reading.failed) == ({"sprint"} if name == "jira" else {"sprint", "parent"})
    assert {row["status"] for row in bench.store.rows} == {"To Do", "In Progress", "In Review", "Done"}


@BOTH
def test_odd_and_missing_fields_cost_their_columns_alone(bench: Bench, name: str) -> None:
    fields = {"odd": {"id": "customfield_1"}, "gone": {"id": "customfield_2"}, "good": {"id": "customfield_3"}}
    bench.site(name).replace(
        Issue(at, f"A-{at}", "x", NOW, custom={"customfield_1": "x" if at == 2 else 1, "customfield_3": at})
        for at in (1, 2, 3)
    )
    reading = bench.rows("project = A", "key", *fields, name=name, fields=fields)
    assert {column: error.saw for column, error in reading.failed.items()} == {
        "odd": "the field customfield_1 is text, not a number (issue A-2)",
        "gone": "none of 3 issues has the field customfield_2 (gone)",
    }
    assert [(row["key"], row["good"]) for row in bench.store.rows] == [("A-1", 1), ("A-2", 2), ("A-3", 3)]


@BOTH
def test_time_tracking_is_in_hours(bench: Bench, name: str) -> None:
    tracked = Issue(1, "A-1", "x", NOW, estimate=28_800, spent=5400, remaining=0)
    bench.site(name).replace([tracked, Issue(2, "A-2", "x", NOW)])
    bench.rows("project = A", "estimate_hours", "spent_hours", "remaining_hours", name=name)
    assert [tuple(row.values()) for row in bench.store.rows] == [(8, 1.5, 0), (None, None, None)]


@pytest.mark.parametrize(("name", "levels"), [("jira", [-1, 0, 1, 2]), ("jira-dc", [-1, None, None, None])])
def test_levels_of_issue_types(bench: Bench, name: str, levels: list[int | None]) -> None:
    kinds = ("Sub-task", "Bug", "Epic", "Initiative")
    bench.site(name).replace([Issue(n, f"A-{n}", "x", NOW, type=kind) for n, kind in enumerate(kinds, 1)])
    bench.rows("project = A", "key", "type_level", name=name)
    assert [row["type_level"] for row in sorted(bench.store.rows, key=lambda row: str(row["key"]))] == levels


@BOTH
def test_affected_versions(bench: Bench, name: str) -> None:
    bench.site(name).replace([Issue(1, "A-1", "x", NOW, affects_versions=("1.9", "2.0"))])
    bench.rows("project = A", "affects_versions", name=name)
    assert bench.store.rows == [{"affects_versions": ["1.9", "2.0"]}]


@BOTH
@pytest.mark.parametrize("stated", ["Story Points", "story points"])
def test_a_custom_field_by_its_name(bench: Bench, name: str, stated: str) -> None:
    bench.site(name).replace([Issue(1, "A-1", "x", NOW, points=5)])
    bench.rows("project = A", "size", "key", name=name, fields={"size": stated})
    assert bench.store.rows == [{"size": 5, "key": "A-1"}]
    assert [path for path, _ in bench.sent(name)].count("field") == 1


def test_a_custom_field_by_its_id_asks_for_no_names(bench: Bench) -> None:
    bench.rows("project = CORE", "story_points")
    assert "field" not in [path for path, _ in bench.sent()]


@BOTH
def test_a_name_that_no_field_has(bench: Bench, name: str) -> None:
    error = bench.column_fails("project = CORE", "size", name=name, fields={"size": "Story Pints"})
    assert error.doing == "jira 'tracker': GET /rest/api/2/field, for connections.tracker.fields.size"
    assert error.saw == "no field is named 'Story Pints'; did you mean 'Story Points'?"
    assert error.advice == (
        "Correct connections.tracker.fields.size, or write the field's id, such as customfield_10016."
    )


def test_a_name_that_two_fields_have(bench: Bench) -> None:
    fields = [{"id": f"customfield_{n}", "name": "Points", "schema": {"custom": "x"}} for n in (1, 2)]
    bench.box.faults.append(Fault("jira", "/rest/api/2/field", status=200, body=fields, times=9))
    error = bench.column_fails("project = CORE", "size", fields={"size": "Points"})
    assert error.saw == "several fields are named 'Points': customfield_1, customfield_2"
    assert error.advice == "Write the id of the right one as connections.tracker.fields.size."


def test_a_name_in_another_language_of_the_account(bench: Bench) -> None:
    fields = [{"id": "customfield_10016", "name": "故事點數", "untranslatedName": "Story Points"}]
    bench.box.faults.append(Fault("jira", "/rest/api/2/field", status=200, body=fields, times=9))
    for stated in ("故事點數", "Story Points"):
        reading = bench.rows("project = CORE", "size", fields={"size": stated})
        assert reading.failed == {}
