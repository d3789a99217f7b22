"""The draft of a config: what is read from cells and titles, what is asked, and that it always loads."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.loading.loader import Config
from config.yaml_scalar import yaml_scalar
from connectors.okr_sheet import SheetImage
from memory_sheet import MemorySheet
from syncer.draft.draft import Draft
from syncer.draft.read import draft_config
from syncer.draft.trackers import tracker_of
from syncer.present.draft_yaml import DraftSettings, draft_yaml, measure_stub
from workspace_kit import load

HEADS = ("Objective", "Key result", "Owner", "Baseline", "Target", "Current")


def drafted(rows: list[tuple[Any, ...]], heads: tuple[Any, ...] = HEADS, title: str = "OKRs") -> Draft:
    draft = draft_config(sheet({title: [heads, *rows]}))
    assert draft is not None
    return draft


def sheet(tabs: dict[str, list[tuple[Any, ...]]]) -> SheetImage:
    cells: dict[str, Any] = {
        title: [tuple(Decimal(one) if type(one) is int else one for one in row) for row in rows]
        for title, rows in tabs.items()
    }
    return MemorySheet(cells).read()


def text_of(draft: Draft) -> str:
    return draft_yaml(
        draft, DraftSettings(("id: acme-7f3k",), "2026-Q4", "Asia/Taipei", (), ("file: okrs.xlsx",), "okrs.xlsx")
    )


def loaded(folder: Path, draft: Draft) -> Config:
    return load(folder, text_of(draft))


def asked(draft: Draft) -> list[str]:
    return [f"{one.place} {one.assumed} {one.key}".strip() for one in draft.all_questions()]


KEY = "objectives.O1.key_results.KR1"


@pytest.mark.parametrize(
    ("title", "baseline", "target", "goal", "questions"),
    [
        ("Win deals", None, "10", (None, None, "10", ""), []),
        ("Win deals", "2 deals", "10 deals", (None, "2", "10", "deals"), []),
        ("Answer under 8h", None, Decimal(8), ("at_most", None, "8", "hours"), [
            f"OKRs!B2 `kind: at_most`: exactly 8 counts as met, too {KEY}.target"
        ]),
        ("Answer under 8h", "30", Decimal(8), (None, "30", "8", "hours"), []),
        ("Answer fast", "30 min", "< 0.25 h", ("at_most", "0.5", "0.25", "hours"), [
            f"OKRs!E2 `kind: at_most`: exactly 0.25 counts as met, too {KEY}.target"
        ]),
        ("Answer fast", None, "0.25 h or less", ("at_most", None, "0.25", "hours"), []),
        ("Win > 40 deals", None, "40", ("at_least", None, "40", "deals"), [
            f"OKRs!B2 `kind: at_least`: exactly 40 counts as met, too {KEY}.target"
        ]),
        ("NPS", None, ">= 40", ("at_least", None, "40", ""), []),
        ("Answer 95% in a day", None, Decimal(95), (None, None, "95", "%"), []),
        ("Uptime", "2 pts", "8 h", (None, None, "8", "hours"), [
            f"OKRs!D2 left out; the target is in hours {KEY}.baseline"
        ]),
        ("Zero outages", None, None, ("at_most", None, "0", ""), [
            f"OKRs!B2 `kind: at_most`: met while the value is at most 0 {KEY}.kind"
        ]),
        ("Cut costs", None, "80", (None, None, "80", ""), [
            f"OKRs!B2 no baseline: its progress is unknown until one is set; or write `kind: at_most` {KEY}.baseline"
        ]),
        ("回覆時間縮短到 4 小時以內", None, "4 小時", ("at_most", None, "4", "小時"), [
            f"OKRs!B2 `kind: at_most`, met or not; with a baseline it has progress {KEY}.baseline"
        ]),
        ("回覆時間縮短到 4 小時以內", "6 小時", "4 小時", (None, "6", "4", "小時"), []),
        ("Sell 50 boxes", None, None, (None, None, "50", ""), [
            f"OKRs!B2 target 50, taken from the title {KEY}.target"
        ]),
        ("Sell boxes", None, None, (None, None, None, ""), [
            f"OKRs!B2 no target; its progress is unknown until one is set {KEY}.target"
        ]),
        ("Sell boxes", None, "many", (None, None, None, ""), [
            f"OKRs!E2 ignored; supported are 80, 80 pts, 90%, 8 h, <8h, NT$500,000 or 50萬 {KEY}.target"
        ]),
        ("Sell boxes", None, "+30%", (None, None, None, ""), [
            f"OKRs!E2 ignored; supported are 80, 80 pts, 90%, 8 h, <8h, NT$500,000 or 50萬 {KEY}.target"
        ]),
        ("Sell boxes", "10", "10", (None, None, "10", ""), [
            f"OKRs!D2 left out, as the target is the same {KEY}.baseline"
        ]),
    ],
)  # fmt: skip
def test_the_goal_of_a_row(
    tmp_path: Path, title: str, baseline: Any, target: Any, goal: tuple[Any, ...], questions: list[str]
) -> None:
    draft = drafted([("Grow", title, "Ann", baseline, target)])
    (found,) = draft.key_results
    numbers = [
        None if one is None else format(one.value.normalize(), "f") for one in (found.goal.baseline, found.goal.target)
    ]
    assert (found.goal.kind, *numbers, found.goal.unit) == goal
    assert asked(draft) == questions
    assert loaded(tmp_path, draft).key_results[0].id == "KR1"


def test_ids_of_the_sheet_are_kept_and_unusable_ones_asked_about(tmp_path: Path) -> None:
    rows = [
        ("O7", "Grow", None, None, 1), ("R1", None, "Win ten", "Ann", 10), ("1.1", None, "Win two", "Ben", 2),
        ("a b", None, "Win one", "Cy", 1), ("X", None, "One", "Di", 1), ("x", None, "Two", "Di", 2),
    ]  # fmt: skip
    draft = drafted(rows, ("KR id", "Objective", "Key result", "Owner", "Target"))
    (objective,) = draft.objectives
    assert (objective.id, [one.id for one in objective.key_results]) == ("O7", ["R1", "1.1", "KR1", "KR2", "KR3"])
    assert [one.place for one in draft.all_questions()] == ["OKRs!A5", "OKRs!A6", "OKRs!A7"]
    assert loaded(tmp_path, draft).key_results[1].id == "1.1"


def test_rows_that_hold_no_okrs() -> None:
    rows = [
        ("Grow", "Win ten", "Ann", None, 10), ("Notes: talk to Bo",), ("Total", None, None, None, 10), HEADS,
        ("Lead", "Train two", "Ben", None, 2), ("Somebody wrote this",), (None, Decimal(3)),
    ]  # fmt: skip
    draft = drafted(rows)
    assert [(one.title, [each.title for each in one.key_results]) for one in draft.objectives] == [
        ("Grow", ["Win ten"]),
        ("Lead", ["Train two"]),
    ]
    assert draft.left_out == ("OKRs!3", "OKRs!4", "OKRs!5")
    assert asked(draft) == [
        "OKRs!A7 no objective, as no key result belongs to it objectives",
        "OKRs!B8 no key result, as it is not a text objectives",
    ]


def test_an_objective_repeated_in_each_row_is_one_and_teams_come_from_a_column() -> None:
    rows = [("Grow", "Win ten", "Sales", 10), ("Grow", "Win two", "Field", 2), ("Lead", "Train", "Field", 3)]
    draft = drafted(rows, ("Objective", "KR", "Team", "Target"))
    assert [(one.title, one.team, [each.team for each in one.key_results]) for one in draft.objectives] == [
        ("Grow", "", ["Sales", "Field"]),
        ("Lead", "Field", [""]),
    ]


def test_without_objectives_key_results_stand_alone(tmp_path: Path) -> None:
    draft = drafted([("Win ten", "Ann", 10), ("Win two", "Ben", 2)], ("KR", "DRI", "Target"))
    config = loaded(tmp_path, draft)
    assert [(entry.id, entry.objective_id) for entry in config.key_results] == [("KR1", None), ("KR2", None)]


def test_headers_that_may_mean_a_column_are_stated_and_asked_about(tmp_path: Path) -> None:
    draft = drafted(
        [("Grow", "Win ten", "Ann", 10, 4, "x")], ("Objective", "Key result", "Owner", "Goal", "Where we are", "Mood")
    )
    assert draft.columns == {"current": "Where we are", "target": "Goal"}
    assert [(one.seen, one.key) for one in draft.questions] == [
        ("Goal", "okr_sheet.columns.target"),
        ("Where we are", "okr_sheet.columns.current"),
        ("Mood", "okr_sheet.columns"),
    ]
    assert loaded(tmp_path, draft).workspace.okr_sheet.columns["target"] == "Goal"


def test_a_header_that_only_one_tab_has_cannot_be_stated_for_all() -> None:
    tabs = {
        "A": [("Objective", "Key result", "Owner", "Goal"), ("Grow", "Win 10", "Ann", 10)],
        "B": [("Objective", "Key result", "Owner", "Target"), ("Lead", "Train", "Ben", 2)],
    }
    draft = draft_config(sheet(tabs))
    assert draft is not None
    assert draft.columns == {}
    assert "A!D1 not read; rename it to Target in the sheet if it is that okr_sheet.columns.target" in asked(draft)
    assert draft.key_results[0].goal.target is not None, "the title says it"


def test_a_sheet_without_okrs_is_no_draft() -> None:
    assert draft_config(sheet({"Deals": [("Customer", "Amount"), ("Nimbus", 3)]})) is None


@pytest.mark.parametrize(
    ("title", "tracker"),
    [
        ("Resolve 90% of bugs", "jira"),
        ("臭蟲減少", "jira"),
        ("Ship 80 story points", "jira"),
        ("Merge 1,300 PRs", "github"),
        ("P90 of code review time", "github"),
        ("營收 50 萬", "rows"),
        ("Sign ten customers", "rows"),
        ("Train 20 people", None),
    ],
)
def test_a_guess_at_the_source(title: str, tracker: str | None) -> None:
    assert tracker_of(title) == tracker


@pytest.mark.parametrize(
    ("title", "target", "value"),
    [
        ("Sign ten customers", "10", "count(*)"),
        ("本季營收達 500 萬", "500萬", "sum(amount)"),
        ("Sell for NT$500k", "NT$500,000", "sum(amount)"),
        ("Ship 95% of orders in time", "95%", "share(status = 'done')"),
        ("CSAT of 90%", "90%", "avg(score)"),
    ],
)
def test_a_guess_at_the_value(title: str, target: str, value: str) -> None:
    (one,) = drafted([("Grow", title, "Ann", None, target)]).key_results
    assert measure_stub(one, "rows", "en")[-1].strip() == f"value: {value}"


CONNECTED = """\
connections:
  jira:
    type: jira
    url: http://127.0.0.1:1
    token: $TOKEN
    fields:
      story_points: customfield_1
  github:
    type: github
    token: $TOKEN
"""


def test_measure_stubs_load_once_they_are_no_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "any-token")
    titles = ["Fix 90% of bugs", "Ship 80 points", "Close bugs within 8h", "Fix bugs", "Merge 90% of PRs", "Merge PRs"]
    titles += ["Review within 8h", "Revenue NT$5", "CSAT 90%", "Sign customers", "Ship 90% of orders"]
    draft = drafted([("Grow", title, "Ann", None, None if any(map(str.isdigit, title)) else 7) for title in titles])
    text = text_of(draft).replace("        # ", "        ").replace("okr_sheet:", CONNECTED + "okr_sheet:")
    config = load(tmp_path, text, {"data/deals.csv": "amount,score,status\n1,0.5,done\n"})
    assert [entry.measure is not None for entry in config.key_results] == [True] * len(titles)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@given(TEXTS)
@example("Sales, Europe")
@example("No")
def test_any_text_is_the_same_in_yaml(text: str) -> None:
    written = yaml_scalar(text)
    assert yaml.load(f"a: {written}\nb: [{written}, 1]", Loader=yaml.BaseLoader) == {"a": text, "b": [text, "1"]}  # noqa: S506


NUMBERS = st.decimals(min_value=0, max_value=10**7, places=1, allow_nan=False)
FORMS = st.sampled_from(["{}", "{}%", "{} pts", "<{}h", ">= {}%", "NT${}", "{}萬", "{} 小時以內", "about {}"])
CELLS = st.one_of(st.none(), NUMBERS, st.builds(lambda form, number: form.format(number), FORMS, NUMBERS), TEXTS)
ROWS = st.lists(
    st.tuples(st.one_of(st.none(), TEXTS), TEXTS, st.one_of(st.none(), TEXTS), CELLS, CELLS, CELLS), max_size=6
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_every_draft_loads_and_states_the_numbers_that_were_read(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    draft = drafted(rows)
    config = loaded(tmp_path, draft)
    entries = sorted(config.key_results, key=lambda entry: int(entry.id[2:]))
    read = sorted(draft.key_results, key=lambda one: int(one.id[2:]))
    for entry, one in zip(entries, read, strict=True):
        assert (entry.id, entry.definition.title) == (one.id, one.title)
        assert (entry.definition.target, entry.definition.kind) == (one.goal.target, one.goal.kind)
        assert entry.definition.stated_baseline == one.goal.baseline
